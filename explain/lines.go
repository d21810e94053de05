package explain

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Line is a set of calls to which two filters give different actions, in words.
type Line struct {
	ABIs   []string `json:"abis"`             // by name; [OtherABIs] at the end
	Calls  []string `json:"calls"`            // as [Calls] has them
	When   string   `json:"when,omitempty"`   // the condition; empty: always
	Opaque bool     `json:"opaque,omitempty"` // there is a condition, too long to write
	A      string   `json:"a"`                // the actions of the two
	B      string   `json:"b"`
	Call   string   `json:"call"` // one of them, as [Call] has it
}

// OtherABIs stands for the callers of ABIs that the tables do not hold.
const OtherABIs = "others"

// Differences returns the rows of [proof.Space.Diff] in words: one line for all calls of an ABI
// that have the condition and the actions in common, and for all ABIs of which the same can be
// said.
func Differences(rows []proof.Row) []Line {
	var cells []*cell
	for _, abi := range linux.ABIs() {
		own := []policy.Range{{Lo: uint64(abi.Arch), Hi: uint64(abi.Arch)}}
		cells = append(cells, cellsOf(rows, abi, own, numbersOf(abi))...)
	}
	all := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	cells = append(cells, cellsOf(rows, nil, otherArches(), all)...)
	var groups [][]*cell
	for _, c := range cells {
		c.said = c.line()
		i := slices.IndexFunc(groups, func(group []*cell) bool {
			return !slices.ContainsFunc(group, func(other *cell) bool { return !c.agrees(other) })
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	var lines []Line
	for _, group := range groups {
		lines = append(lines, join(group))
	}
	return lines
}

// otherArches returns the arch values that are no ABI's of the tables.
func otherArches() []policy.Range {
	var known []policy.Range
	for _, abi := range linux.ABIs() {
		known = append(known, policy.Range{Lo: uint64(abi.Arch), Hi: uint64(abi.Arch)})
	}
	return complement(policy.Union(known), 0xffffffff)
}

// cell is a line of one ABI; a nil ABI is the others.
type cell struct {
	abi     *linux.ABI
	numbers []policy.Range
	when    string
	row     *proof.Row
	call    policy.Data
	said    Line // of this ABI alone
}

// cellsOf takes from the rows what concerns the arches and the numbers of one ABI.
func cellsOf(rows []proof.Row, abi *linux.ABI, arches, numbers []policy.Range) []*cell {
	var cells []*cell
	for i := range rows {
		row := &rows[i]
		here := intersect(row.Arches, arches)
		if len(here) == 0 {
			continue
		}
		for _, part := range byCondition(abi, row.When, intersect(row.Numbers, numbers)) {
			part.row, part.call = row, row.Call
			if !policy.Contains(here, uint64(part.call.Arch)) {
				part.call.Arch = uint32(here[0].Lo)
			}
			if !policy.Contains(part.numbers, uint64(part.call.Nr)) {
				part.call.Nr = uint32(part.numbers[0].Lo)
			}
			cells = add(cells, part)
		}
	}
	return cells
}

// add appends a cell, or what it says to another one that says the same of other numbers.
func add(cells []*cell, c *cell) []*cell {
	for _, other := range cells {
		a, b := other.row, c.row
		if a.A == b.A && a.B == b.B && a.Opaque == b.Opaque && other.when == c.when {
			other.numbers = policy.Union(append(other.numbers, c.numbers...))
			return cells
		}
	}
	return append(cells, c)
}

// byCondition divides numbers by the words that their arguments have for a condition.
func byCondition(abi *linux.ABI, when policy.Cond, numbers []policy.Range) []*cell {
	switch {
	case len(numbers) == 0:
		return nil
	case when == nil:
		return []*cell{{abi: abi, numbers: numbers}}
	case abi == nil:
		anyone := speaker{abi: &linux.ABI{Bits: 64}}
		return []*cell{{numbers: numbers, when: anyone.cond(when)}}
	}
	var parts []*cell
	text := func(nr uint32, numbers ...policy.Range) {
		when := Cond(when, abi, nr)
		for _, p := range parts {
			if p.when == when {
				p.numbers = policy.Union(append(p.numbers, numbers...))
				return
			}
		}
		parts = append(parts, &cell{abi: abi, numbers: numbers, when: when})
	}
	known := knownOf(abi)
	for _, r := range intersect(numbers, known) {
		for nr := r.Lo; nr <= r.Hi; nr++ {
			text(uint32(nr), policy.Range{Lo: nr, Hi: nr})
		}
	}
	if unknown := subtract(numbers, known); len(unknown) > 0 {
		text(uint32(unknown[0].Lo), unknown...)
	}
	return parts
}

// agrees reports whether one line can speak of both cells: whether they say the same of the same
// calls, those aside that the other ABI does not have.
func (c *cell) agrees(other *cell) bool {
	a, b := c.said, other.said
	switch {
	case a.A != b.A || a.B != b.B || a.Condition() != b.Condition():
		return false
	case slices.Equal(a.Calls, b.Calls):
		return true
	case strings.HasPrefix(a.Calls[0], everyCall), strings.HasPrefix(b.Calls[0], everyCall):
		return false
	}
	return slices.Equal(c.unnamed(), other.unnamed()) && c.within(other) && other.within(c)
}

// within reports whether all calls of the cell that the other's ABI has are in the other.
func (c *cell) within(other *cell) bool {
	if c.abi == nil || other.abi == nil {
		return false
	}
	return !slices.ContainsFunc(c.names(), func(name string) bool {
		nr, ok := other.abi.Number(name)
		return ok && !policy.Contains(other.numbers, uint64(nr))
	})
}

// names returns the system calls of the cell, unnamed its other numbers.
func (c *cell) names() []string { return namesOf(c.abi, c.numbers) }

func (c *cell) unnamed() []policy.Range {
	if c.abi == nil {
		return c.numbers
	}
	return subtract(c.numbers, knownOf(c.abi))
}

// join writes cells that agree.
func join(cells []*cell) Line {
	line := cells[0].said
	var abis []*linux.ABI
	var names []string
	alike := true
	for _, c := range cells[1:] {
		other := c.said
		line.ABIs = append(line.ABIs, other.ABIs...)
		alike = alike && slices.Equal(line.Calls, other.Calls)
	}
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

// line writes one cell.
func (c *cell) line() Line {
	line := Line{
		ABIs: []string{OtherABIs}, When: c.when, Opaque: c.row.Opaque,
		A: Action(c.row.A, c.abi), B: Action(c.row.B, c.abi), Call: Call(c.call),
	}
	if c.abi != nil {
		line.ABIs = []string{c.abi.Name}
		line.Calls = Calls(c.abi, c.numbers)
	} else {
		line.Calls = intervals(c.numbers)
	}
	if slices.Equal(line.Calls, []string{everyCall}) { // as on other ABIs, where errno differs
		line.A, line.B = commonAction(c.row.A, linux.ABIs()), commonAction(c.row.B, linux.ABIs())
	}
	return line
}

// intervals writes numbers that have no names.
func intervals(numbers []policy.Range) []string {
	if size(numbers) == 1<<32 {
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

// abiNames writes the ABIs of a line; if it is nearly all, those that are missing.
func (l Line) abiNames() string {
	if !slices.Contains(l.ABIs, OtherABIs) {
		return strings.Join(l.ABIs, ", ")
	}
	var missing []string
	for _, abi := range linux.ABIs() {
		if !slices.Contains(l.ABIs, abi.Name) {
			missing = append(missing, abi.Name)
		}
	}
	switch {
	case len(missing) == 0:
		return "every ABI"
	case len(missing) <= len(l.ABIs):
		return "every ABI but " + strings.Join(missing, ", ")
	}
	return strings.Join(l.ABIs, ", ")
}
