// Package report prints measurements as a table and draws them.
package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/measure"
)

// The yardsticks among the lines.
const (
	NoFilter       = "no filter"
	OneInstruction = "one instruction" // the smallest filter that the kernel cannot cache
)

// Line is one compiler's filter for one policy.
type Line struct {
	Row, Peer string
	Err       error // why there is no filter
	measure.Figures
	Took    Times
	Times   live.Times
	LiveErr error // why the filter could not be timed
	// Yardstick marks what is no compiler's: only Times is measured.
	Yardstick bool
}

// Report is all that was measured, the lines of a row together.
type Report struct {
	Titles map[string]string // of the rows
	Lines  []Line
	Growth []Growth
	Trees  []string // how far trees of tests are from the cheapest ones, a sentence each
	Bounds []Bound
	Kernel string   // release of the running kernel
	Peers  []string // in the order of the table, with versions
	Ours   string   // the peer that this project is
}

// Bound is how far our filter for a policy is from what no filter goes below, on one of its ABIs.
type Bound struct {
	Row, ABI    string
	Spans       int     // of numbers that are decided alike
	Cheapest    bool    // whether no tree of the tests tried is cheaper
	Len, Least  int     // instructions, and the least number that can do
	Mean, Below float64 // executed for calls that are checked or denied, and a bound below it
}

// Growth is what a compiler made of a policy of many rules, and how long it took.
type Growth struct {
	Peer  string
	Rules int
	Len   int
	Took  Times
}

// Times are the parts of a compilation: from the text to what it means, from there, or from another
// compiler's own input, to the instructions, and the proof. Only our compiler has the first and the
// last.
type Times struct{ Text, Code, Proof time.Duration }

// Sum returns what the user waits for.
func (t Times) Sum() time.Duration { return t.Text + t.Code + t.Proof }

// metric is one column: lower is better.
type metric struct {
	name  string
	value func(Line) (float64, bool) // false where it was not measured
	text  string                     // format of the value
	noise float64                    // what part of a value is no difference
}

// ranked are the metrics that are compared as they stand. Of the live times, only the ratios are.
var ranked = []metric{
	compiled("len", "%.0f", 0, func(l Line) float64 { return float64(l.Len) }),
	compiled("mean", "%.1f", 0, func(l Line) float64 { return l.Mean }),
	compiled("worst", "%.0f", 0, func(l Line) float64 { return float64(l.Worst) }),
	compiled("path", "%.0f", 0, func(l Line) float64 { return float64(l.Path) }),
	own("text µs", func(t Times) time.Duration { return t.Text }),
	compiled("code µs", "%.0f", 0.03, func(l Line) float64 { return float64(l.Took.Code) / 1e3 }),
	own("proof µs", func(t Times) time.Duration { return t.Proof }),
}

var metrics = append(slices.Clip(ranked), timed(0), timed(1), timed(2))

// compiled is a metric of every filter, but of no yardstick.
func compiled(name, text string, noise float64, value func(Line) float64) metric {
	return metric{name, func(l Line) (float64, bool) {
		return value(l), l.Err == nil && !l.Yardstick
	}, text, noise}
}

// own is a time that only our compiler takes.
func own(name string, of func(Times) time.Duration) metric {
	return metric{name, func(l Line) (float64, bool) {
		return float64(of(l.Took)) / 1e3, of(l.Took) > 0
	}, "%.0f", 0}
}

func timed(class int) metric {
	return metric{live.Classes[class] + " ns", func(l Line) (float64, bool) {
		return l.Times[class].Filtered().Median, len(l.Times[class]) > 0
	}, "%.0f", 0}
}

func (m metric) format(l Line) string {
	if v, ok := m.value(l); ok {
		return fmt.Sprintf(m.text, v)
	}
	return "–"
}

// decisions says how many of the calls a filter decides otherwise than the policy, and of what
// class.
func (l Line) decisions() string {
	if l.Err != nil {
		return "cannot express it: " + strings.ReplaceAll(l.Err.Error(), "\n", "; ")
	}
	if len(l.Wrong) == 0 {
		return "equal"
	}
	var classes []string
	for class, n := range l.Wrong {
		classes = append(classes, fmt.Sprintf("%s %d", class, n))
	}
	slices.Sort(classes)
	return fmt.Sprintf("**differs**: %s; %d looser", strings.Join(classes, ", "), l.Looser)
}

// rows groups the lines.
func (r Report) rows() [][]Line {
	var rows [][]Line
	for i, l := range r.Lines {
		if i == 0 || l.Row != r.Lines[i-1].Row {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], l)
	}
	return rows
}
