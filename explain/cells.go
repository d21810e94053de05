package explain

import (
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// cell is a line of one ABI, or of others.
type cell struct {
	place
	callers callers
	numbers []policy.Range
	when    string
	row     *proof.Row
	call    policy.Data
	said    Line // of this cell alone
}

// place is what cells are about.
type place struct {
	kind placeKind
	abi  *linux.ABI // by whose names to speak
}

type placeKind uint8

const (
	ownNumbers     placeKind = iota // the numbers of one ABI
	foreignNumbers                  // those that no ABI with the arch of this one has
	strangeArches                   // values of arch that are no ABI's
	everyABI                        // every ABI, and values of arch that are none's
)

var allNumbers = []policy.Range{{Lo: 0, Hi: 0xffffffff}}

// cellsOf divides what the rows hold by ABI, where they do not treat all ABIs alike.
func cellsOf(rows []proof.Row, order binary.ByteOrder) []*cell {
	all := everybody(order)
	cells := newCells(rows, order)
	cells.add(place{everyABI, all.commonest()})
	for _, abi := range all.abis {
		cells.add(place{ownNumbers, abi})
	}
	for i, abi := range all.abis {
		shared := func(other *linux.ABI) bool { return other.Arch == abi.Arch }
		if !slices.ContainsFunc(all.abis[:i], shared) {
			cells.add(place{foreignNumbers, linux.Stranger(abi.Arch, abi.BigEndian)})
		}
	}
	cells.add(place{strangeArches, linux.Stranger(0, isBig(order))})
	return cells.list
}

// cells collects cells: one for what it says of all numbers of a place.
type cells struct {
	rows    []proof.Row
	callers []callers // of each row
	list    []*cell
	known   map[cellKey]*cell
}

// cellKey is what a cell says, and of whom.
type cellKey struct {
	place
	arch   uint64 // the first, of callers without an ABI
	when   string
	opaque bool
	a, b   policy.Action
}

func newCells(rows []proof.Row, order binary.ByteOrder) *cells {
	c := &cells{rows: rows, known: map[cellKey]*cell{}}
	for _, r := range rows {
		c.callers = append(c.callers, callersOf(r.Arches, order))
	}
	return c
}

// add adds what the rows hold of a place.
func (c *cells) add(at place) {
	for i := range c.rows {
		row := &c.rows[i]
		callers, numbers := at.part(row, c.callers[i])
		if len(callers.abis)+len(callers.strange) == 0 || len(numbers) == 0 {
			continue
		}
		for _, part := range at.byCondition(row.When, numbers) {
			part.callers, part.row = callers, row
			key := cellKey{at, 0, part.when, row.Opaque, row.A, row.B}
			if len(callers.strange) > 0 {
				key.arch = callers.strange[0].Lo
			}
			if other := c.known[key]; other != nil {
				other.numbers = policy.Union(append(other.numbers, part.numbers...))
				continue
			}
			part.call = part.example()
			c.known[key] = part
			c.list = append(c.list, part)
		}
	}
}

// part returns what a row holds of a place: of whom, and which numbers.
func (at place) part(row *proof.Row, all callers) (who callers, numbers []policy.Range) {
	who.order = all.order
	if all.everyABI() != (at.kind == everyABI) {
		return who, nil
	}
	switch at.kind {
	case ownNumbers:
		if slices.Contains(all.abis, at.abi) {
			who.abis, numbers = []*linux.ABI{at.abi},
				policy.Intersect(row.Numbers, numbersOf(at.abi))
		}
	case foreignNumbers:
		arch := []policy.Range{{Lo: uint64(at.abi.Arch), Hi: uint64(at.abi.Arch)}}
		if who.strange = policy.Intersect(row.Arches, arch); !slices.Equal(row.Numbers,
			allNumbers) {
			numbers = policy.Intersect(row.Numbers, strays(at.abi))
		}
	case strangeArches:
		who.strange, numbers = all.strange, row.Numbers
	case everyABI:
		who, numbers = all, row.Numbers
	}
	return who, numbers
}

// example returns a call of the cell.
func (c *cell) example() policy.Data {
	d := c.row.Call
	switch {
	case c.kind == strangeArches && !policy.Contains(c.callers.strange, uint64(d.Arch)):
		d.Arch = uint32(c.callers.strange[0].Lo)
	case c.kind != strangeArches:
		d.Arch = c.abi.Arch
	}
	if !policy.Contains(c.numbers, uint64(d.Nr)) {
		d.Nr = uint32(c.numbers[0].Lo)
	}
	return d
}

// maxSpoken is how many system calls may have a condition in the words of each. Of more it speaks
// by the places of the arguments.
const maxSpoken = 16

// byCondition divides numbers by the words that their arguments have for a condition.
func (at place) byCondition(when policy.Cond, numbers []policy.Range) []*cell {
	known := policy.Intersect(numbers, knownOf(at.abi))
	switch {
	case when == nil:
		return []*cell{{place: at, numbers: numbers}}
	case len(known) == 0 || policy.Size(known) > maxSpoken:
		anyone := about(linux.Stranger(0, false), 0)
		return []*cell{{place: at, numbers: numbers, when: anyone.cond(when)}}
	}
	var parts []*cell
	text := func(nr uint32, numbers ...policy.Range) {
		when := Cond(when, at.abi, nr)
		for _, p := range parts {
			if p.when == when {
				p.numbers = policy.Union(append(p.numbers, numbers...))
				return
			}
		}
		parts = append(parts, &cell{place: at, numbers: numbers, when: when})
	}
	for _, r := range known {
		for nr := r.Lo; nr <= r.Hi; nr++ {
			text(uint32(nr), policy.Range{Lo: nr, Hi: nr})
		}
	}
	if unknown := policy.Subtract(numbers, known); len(unknown) > 0 {
		text(uint32(unknown[0].Lo), unknown...)
	}
	return parts
}

// whole reports whether a cell is about all numbers that its callers' arch can have.
func (c *cell) whole() bool {
	return c.kind == ownNumbers && slices.Equal(c.row.Numbers, allNumbers)
}

// line writes one cell.
func (c *cell) line() Line {
	line := Line{
		ABIs: c.callers.names(), When: c.when, Opaque: c.row.Opaque,
		A: Action(c.row.A, c.abi), B: Action(c.row.B, c.abi),
		Call: Call(c.call, c.callers.order), whose: c.callers.String(),
	}
	own := numbersOf(c.abi)
	switch every := everyCall; {
	case c.kind == everyABI || c.kind == strangeArches:
		line.Calls = callsIn(c.abi, allNumbers, c.numbers, every)
	case c.kind == foreignNumbers:
		line.Calls = intervals(c.numbers)
	case len(strays(c.abi)) > 0 && !c.whole():
		line.Calls = callsIn(c.abi, own, c.numbers, everyOwn)
	default:
		line.Calls = callsIn(c.abi, own, c.numbers, every)
	}
	switch {
	case c.kind == everyABI && !(slices.Equal(c.numbers, allNumbers) && c.when == ""):
		line.NamedAs = c.abi.Name
	case line.Calls[0] == everyCall && len(line.Calls) == 1:
		abis := linux.ABIs() // as on other ABIs, where errno differs
		line.A, line.B = CommonAction(c.row.A, abis), CommonAction(c.row.B, abis)
	}
	if line.NamedAs != "" {
		abis := everybody(c.callers.order).abis
		line.A, line.B = CommonAction(c.row.A, abis), CommonAction(c.row.B, abis)
	}
	return line
}
