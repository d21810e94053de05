package lint

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed relations.txt
var relationsText string

// relation is a newer call that programs make in place of older ones.
type relation struct {
	older     []string
	newer     string
	fallsBack bool   // callers make an older one where the newer answers ENOSYS
	rare      bool   // few callers make it
	same      bool   // it does what the older ones do
	harmless  bool   // and grants nothing more
	why       string // what calls it, and where that stands
}

// relations returns the lines of relations.txt, one for each newer call.
var relations = sync.OnceValue(func() []relation {
	out, err := readRelations(relationsText)
	if err != nil {
		panic("lint: relations.txt: " + err.Error())
	}
	return out
})

// signs are those between the calls of a line.
var signs = map[string]relation{
	"<=": {fallsBack: true, same: true},
	"<+": {fallsBack: true, same: true, harmless: true},
	"<~": {fallsBack: true},
	"<?": {fallsBack: true, rare: true},
	"<-": {same: true, harmless: true},
}

// readRelations reads every line of a table, or says which one it cannot read.
func readRelations(text string) ([]relation, error) {
	var out []relation
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		body, why, _ := strings.Cut(line, " # ")
		at := strings.Index(body, " <")
		if why == "" || at < 0 || len(body) < at+5 {
			return nil, fmt.Errorf("line %d: want OLDER SIGN NEWER # SOURCE: %s", n, line)
		}
		r, ok := signs[body[at+1:at+3]]
		if !ok {
			return nil, fmt.Errorf("line %d: no such sign: %s", n, line)
		}
		r.older, r.why = strings.Split(body[:at], ", "), why
		for newer := range strings.SplitSeq(body[at+4:], ", ") {
			r.newer = newer
			out = append(out, r)
		}
	}
	return out, nil
}

// isNewer reports whether callers of a call take an older one on ENOSYS.
func isNewer(name string) bool {
	return slices.ContainsFunc(relations(), func(r relation) bool {
		return r.fallsBack &&
			r.newer == name
	})
}
