package explain

import (
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Line is a set of calls to which two filters give different actions, in words.
type Line struct {
	// ABIs are those that the calls are of, by name. Values of arch that are no ABI's on machines
	// of the filters' byte order stand behind them as "arch 0x7" and "arch 0x8..0xf", or as
	// [OtherABIs], if need be with "but" and those that are not meant. Numbers that are none of an
	// ABI's own, but come with its arch, have it as "arch 0x8" too.
	ABIs []string `json:"abis"`

	// NamedAs is the ABI by whose names a line speaks that says the same of every ABI's numbers.
	NamedAs string `json:"named_as,omitempty"`

	Calls  []string `json:"calls"`            // as [Calls] has them
	When   string   `json:"when,omitempty"`   // the condition; empty: always
	Opaque bool     `json:"opaque,omitempty"` // there is a condition, too long to write
	A      string   `json:"a"`                // the actions of the two
	B      string   `json:"b"`
	Call   string   `json:"call"` // one of them, as [Call] has it

	// Incomplete marks a line that stands for all calls that no other line tells of, and there are
	// some: Call is one of all the calls.
	Incomplete bool `json:"incomplete,omitempty"`

	whose string // ABIs, for people
}

// OtherABIs stands for the callers of ABIs that the tables do not hold.
const OtherABIs = "others"

// Differences returns the rows of [proof.Space.Diff], of filters for machines of the byte order, in
// words: one line for all calls of an ABI that have the condition and the actions in common, and
// for all ABIs of which the same can be said. A call of the rows is in exactly one line.
func Differences(rows []proof.Row, order binary.ByteOrder) []Line {
	type key struct{ named, when, a, b string }
	var groups [][]*cell
	places := map[key][]int{} // of groups
	for _, c := range cellsOf(rows, order) {
		c.said = c.line()
		k := key{c.said.NamedAs, c.said.Condition(), c.said.A, c.said.B}
		at := slices.IndexFunc(places[k], func(i int) bool {
			return !slices.ContainsFunc(groups[i],
				func(other *cell) bool { return !c.agrees(other) })
		})
		if at < 0 {
			at = len(places[k])
			places[k] = append(places[k], len(groups))
			groups = append(groups, nil)
		}
		i := places[k][at]
		groups[i] = append(groups[i], c)
	}
	var lines []Line
	for _, group := range groups {
		lines = append(lines, join(group))
	}
	return lines
}

// agrees reports whether one line can speak of both cells, which have actions and condition in
// common: whether it would name the same calls. Names that one ABI lacks it would claim of that
// ABI.
func (c *cell) agrees(other *cell) bool {
	return (c.kind == foreignNumbers) == (other.kind == foreignNumbers) &&
		slices.Equal(c.said.Calls, other.said.Calls)
}

// join writes cells that agree.
func join(cells []*cell) Line {
	line, all := cells[0].said, cells[0].callers
	for _, c := range cells[1:] {
		all = all.join(c.callers)
	}
	line.ABIs, line.whose = all.names(), all.String()
	return line
}

// intervals writes numbers that have no names.
func intervals(numbers []policy.Range) []string {
	if policy.Size(numbers) == 1<<32 {
		return []string{everyCall}
	}
	var out []string
	for _, r := range numbers {
		out = append(out, interval(r))
	}
	return out
}

// Condition returns the line's condition for people: "if ...", or that there is one.
func (l Line) Condition() string { return conditionText(l.Opaque, l.When) }
