package lint

import (
	_ "embed"
	"iter"
	"strings"
	"sync"
)

//go:embed bypass.txt
var bypassText string

// bypassLine is a line of the table: where a rule stops one of the calls of guarded, it should stop each of
// open too.
type bypassLine struct {
	guarded []string // calls in the policy language
	names   []string // theirs
	some    bool     // any rule on the call counts
	twin    bool     // the calls, the same on both sides, replace each other
	action  string   // of the rule, with a blank: "deny "
	open    []string
	why     string
}

// ways returns the ways round a rule on one of the guarded calls.
func (l *bypassLine) ways(guarded string) iter.Seq[wayRound] {
	return func(yield func(wayRound) bool) {
		for _, open := range l.open {
			if (!l.twin || open != guarded) && !yield(wayRound{l.action, open, l.why}) {
				return
			}
		}
	}
}

// bypassTable returns the lines of bypass.txt.
var bypassTable = sync.OnceValue(func() []*bypassLine {
	var out []*bypassLine
	for text := range strings.Lines(bypassText) {
		body, why, ok := strings.Cut(strings.TrimSpace(text), " # ")
		if !ok || strings.HasPrefix(text, "#") {
			continue
		}
		left, right, directed := strings.Cut(body, " => ")
		if !directed {
			calls := strings.Split(body, " = ")
			out = append(out, &bypassLine{guarded: calls, twin: true, action: "deny ", open: calls, why: why})
			continue
		}
		left, some := strings.CutPrefix(left, "some ")
		action, opens, _ := strings.Cut(right, " ")
		out = append(out, &bypassLine{
			guarded: strings.Split(left, ", "),
			some:    some,
			action:  action + " ",
			open:    strings.Split(opens, ", "),
			why:     why,
		})
	}
	for _, line := range out {
		for _, guarded := range line.guarded {
			line.names = append(line.names, nameIn(guarded))
		}
	}
	return out
})
