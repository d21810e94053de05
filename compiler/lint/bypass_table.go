package lint

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/seccompc/seccompc/linux"
)

//go:embed bypass.txt
var bypassText string

// bypassLine is a line of the table: where a rule stops one of the calls of guarded, it should stop
// each of open too.
type bypassLine struct {
	guarded []string // calls in the policy language
	names   []string // theirs
	unless  []string // calls: a rule that stops one of these, too, is about something else
	some    bool     // any rule on the call counts
	twin    bool     // the calls, the same on both sides, replace each other
	action  string   // of the rule, with a blank: "deny "
	open    []string
	why     string

	conditional bool // only rules with a condition count
}

// ways returns the ways round a rule on one of the guarded calls.
func (l *bypassLine) ways(guarded string) iter.Seq[wayRound] {
	return func(yield func(wayRound) bool) {
		for _, open := range l.open {
			way := wayRound{action: l.action, open: open, why: l.why}
			if (!l.twin || open != guarded) && !yield(way) {
				return
			}
		}
	}
}

// bypassTable returns the lines of bypass.txt.
var bypassTable = sync.OnceValue(func() []*bypassLine {
	out, err := readBypassTable(bypassText)
	if err != nil {
		panic("lint: bypass.txt: " + err.Error())
	}
	return out
})

// bypassLines returns the lines of the table, and behind them those of [relations] whose newer call
// does what the older ones do, as far as no line of the table says which of its calls do.
var bypassLines = sync.OnceValue(func() []*bypassLine {
	out := slices.Clone(bypassTable())
	for _, r := range relations() {
		if !r.same || slices.Contains(linux.Multiplexers(), r.older[0]) { // see throughNumbers
			continue
		}
		action, why := "deny ", "C libraries make it in place of the other"
		if r.fallsBack {
			action, why = "deny(ENOSYS) ", "it does the same, and callers fall back on ENOSYS"
		}
		older := slices.DeleteFunc(slices.Clone(r.older), func(name string) bool {
			return saysWhich(name, r.newer)
		})
		out = append(out, &bypassLine{
			guarded: older, names: older, action: action, open: []string{r.newer}, why: why,
		})
	}
	return out
})

// saysWhich reports whether the table names those calls of a name, and not all, that do what
// another call does.
func saysWhich(guarded, name string) bool {
	return slices.ContainsFunc(bypassTable(), func(l *bypassLine) bool {
		return slices.Contains(l.guarded, guarded) && !slices.Contains(l.open, name) &&
			slices.ContainsFunc(l.open, func(open string) bool { return nameIn(open) == name })
	})
}

// readBypassTable reads every line of a table, or says which one it cannot read.
func readBypassTable(text string) ([]*bypassLine, error) {
	var out []*bypassLine
	n := 0
	for text := range strings.Lines(text) {
		n++
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		line, err := readBypassLine(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, line)
	}
	return out, nil
}

func readBypassLine(text string) (*bypassLine, error) {
	body, why, _ := strings.Cut(text, " # ")
	if strings.TrimSpace(why) == "" {
		return nil, fmt.Errorf("no reason behind \" # \": %s", text)
	}
	line := &bypassLine{twin: true, action: "deny ", why: why}
	body, line.conditional = strings.CutPrefix(body, "if ")
	left, right, directed := strings.Cut(body, " => ")
	if directed {
		line.twin = false
		left, line.some = strings.CutPrefix(left, "some ")
		left, unless, excepted := strings.Cut(left, " unless ")
		if excepted {
			line.unless = strings.Split(unless, ", ")
		}
		action, opens, _ := strings.Cut(right, " ")
		line.guarded, line.open = strings.Split(left, ", "), strings.Split(opens, ", ")
		line.action = action + " "
	} else {
		line.guarded = strings.Split(body, " = ")
		line.open = line.guarded
	}
	if len(line.open) < 2 && line.twin || line.open[0] == "" {
		return nil, fmt.Errorf("no call that is a way round: %s", text)
	}
	for _, guarded := range line.guarded {
		line.names = append(line.names, nameIn(guarded))
	}
	return line, nil
}
