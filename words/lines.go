package words

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/internal/linux"
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
	var lines []Line
	for _, c := range cells {
		line := c.line()
		i := slices.IndexFunc(lines, func(l Line) bool {
			return l.A == line.A && l.B == line.B && l.Condition() == line.Condition() &&
				slices.Equal(l.Calls, line.Calls)
		})
		if i < 0 {
			lines = append(lines, line)
		} else {
			lines[i].ABIs = append(lines[i].ABIs, line.ABIs...)
		}
	}
	return lines
}

// otherArches returns the arch values that are no ABI's of the tables.
func otherArches() []policy.Range {
	var known []policy.Range
	for _, abi := range linux.ABIs() {
		known = append(known, policy.Range{Lo: uint64(abi.Arch), Hi: uint64(abi.Arch)})
	}
	return complement(union(known), 0xffffffff)
}

// cell is a line of one ABI; a nil ABI is the others.
type cell struct {
	abi     *linux.ABI
	numbers []policy.Range
	when    string
	row     *proof.Row
	call    policy.Data
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
			other.numbers = union(append(other.numbers, c.numbers...))
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
				p.numbers = union(append(p.numbers, numbers...))
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
