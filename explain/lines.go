package explain

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
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
// common: whether they speak of the same calls, those aside that the other ABI does not have.
func (c *cell) agrees(other *cell) bool {
	a, b := c.said, other.said
	switch {
	case (c.kind == foreignNumbers) != (other.kind == foreignNumbers):
		return false
	case slices.Equal(a.Calls, b.Calls):
		return true
	case strings.HasPrefix(a.Calls[0], "every "), strings.HasPrefix(b.Calls[0], "every "):
		return false
	}
	return slices.Equal(c.unnamed(), other.unnamed()) && c.within(other) && other.within(c)
}

// within reports whether all calls of the cell that the other's ABI has are in the other.
func (c *cell) within(other *cell) bool {
	if c.kind != ownNumbers || other.kind != ownNumbers {
		return false
	}
	return !slices.ContainsFunc(c.names(), func(name string) bool {
		nr, ok := other.abi.Number(name)
		return ok && !policy.Contains(other.numbers, uint64(nr))
	})
}

// names returns the system calls of the cell, unnamed its other numbers.
func (c *cell) names() []string { return namesOf(c.abi, c.numbers) }

func (c *cell) unnamed() []policy.Range { return policy.Subtract(c.numbers, knownOf(c.abi)) }

// join writes cells that agree.
func join(cells []*cell) Line {
	line := cells[0].said
	all := cells[0].callers
	var abis []*linux.ABI
	var names []string
	alike := true
	for _, c := range cells[1:] {
		all = all.join(c.callers)
		alike = alike && slices.Equal(line.Calls, c.said.Calls)
	}
	line.ABIs, line.whose = all.names(), all.String()
	if alike {
		return line
	}
	for _, c := range cells {
		abis = append(abis, c.abi)
		for _, name := range c.names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	line.Calls = append(shorten(names, abis), intervals(cells[0].unnamed())...)
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
func (l Line) Condition() string {
	switch {
	case l.Opaque:
		return "for some arguments"
	case l.When != "":
		return "if " + l.When
	}
	return ""
}
