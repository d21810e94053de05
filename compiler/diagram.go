package compiler

import "github.com/seccompc/seccompc/policy"

// diagrams holds decision diagrams over the bits of some words of seccomp_data: word 0's most significant
// bit first. A diagram is a function from those words to an action, or to true and false. Equal functions
// are the same ref, however they were written: !{38, 40} and {..37, 39, 41..} are one.
type diagrams struct {
	nodes  []diagram
	unique triples // by bit and sides
	memo   triples // of ite
	limit  int

	marks    []int32 // of nodes, by the last walk that met them
	lastMark int32
}

// ref names a diagram: an index of nodes, or a leaf where it is negative.
type ref int32

type diagram struct {
	bit    int32 // 32 × word + position from the top
	lo, hi ref   // where the bit is clear, where it is set
}

// The leaves: true, false, and one for each action.
const (
	no  ref = -1
	yes ref = -2
)

const leafBit = 1 << 20

func newDiagrams(limit int) *diagrams {
	return &diagrams{limit: limit}
}

// reset forgets all diagrams.
func (d *diagrams) reset() {
	d.nodes, d.marks, d.lastMark = d.nodes[:0], d.marks[:0], 0
	d.unique.clear()
	d.memo.clear()
}

func (d *diagrams) mk(bit int32, lo, hi ref) ref {
	if lo == hi {
		return lo
	}
	s := d.unique.slot(bit, int32(lo), int32(hi))
	if s.set {
		return s.value
	}
	if len(d.nodes) == d.limit {
		panic(tooBig{})
	}
	r := ref(len(d.nodes))
	d.nodes = append(d.nodes, diagram{bit, lo, hi})
	d.unique.fill(s, bit, int32(lo), int32(hi), r)
	return r
}

// bit returns the first bit that r looks at, leafBit for a leaf.
func (d *diagrams) bit(r ref) int32 {
	if r < 0 {
		return leafBit
	}
	return d.nodes[r].bit
}

// sides returns r where the bit is clear and where it is set; the bit must not come after r's first.
func (d *diagrams) sides(r ref, bit int32) (lo, hi ref) {
	if d.bit(r) != bit {
		return r, r
	}
	return d.nodes[r].lo, d.nodes[r].hi
}

// ite returns the function that is t where c holds and f elsewhere.
func (d *diagrams) ite(c, t, f ref) ref {
	switch {
	case c == yes || t == f:
		return t
	case c == no:
		return f
	case t == yes && f == no:
		return c
	}
	if s := d.memo.slot(int32(c), int32(t), int32(f)); s.set {
		return s.value
	}
	bit := min(d.bit(c), d.bit(t), d.bit(f))
	c0, c1 := d.sides(c, bit)
	t0, t1 := d.sides(t, bit)
	f0, f1 := d.sides(f, bit)
	r := d.mk(bit, d.ite(c0, t0, f0), d.ite(c1, t1, f1))
	d.memo.fill(d.memo.slot(int32(c), int32(t), int32(f)), int32(c), int32(t), int32(f), r)
	return r
}

// fix returns r with some bits of a word decided: where mask is set, the bit is that of value.
func (d *diagrams) fix(r ref, word int, mask, value uint32) ref {
	seen := map[ref]ref{}
	var walk func(r ref) ref
	walk = func(r ref) ref {
		bit := d.bit(r)
		if bit >= int32(word+1)*32 {
			return r
		}
		if s, ok := seen[r]; ok {
			return s
		}
		n := d.nodes[r]
		var s ref
		switch m := maskOf(bit); {
		case bit < int32(word)*32 || mask&m == 0:
			s = d.mk(bit, walk(n.lo), walk(n.hi))
		case value&m != 0:
			s = walk(n.hi)
		default:
			s = walk(n.lo)
		}
		seen[r] = s
		return s
	}
	return walk(r)
}

// exit returns the one way out of word w that all values take in which the bits of mask are those of value,
// if they do.
func (d *diagrams) exit(r ref, w int, mask, value uint32) (to ref, one bool) {
	end := int32(w+1) * 32
	seen := d.newMark()
	found := false
	var walk func(r ref) bool
	walk = func(r ref) bool {
		bit := d.bit(r)
		if bit >= end {
			ok := !found || to == r
			found, to = true, r
			return ok
		}
		if d.marks[r] == seen {
			return true
		}
		d.marks[r] = seen
		n, m := d.nodes[r], maskOf(bit)
		return (mask&m != 0 && value&m != 0 || walk(n.lo)) && (mask&m != 0 && value&m == 0 || walk(n.hi))
	}
	one = walk(r)
	return to, one
}

// newMark returns a mark that no node bears.
func (d *diagrams) newMark() int32 {
	d.marks = append(d.marks, make([]int32, len(d.nodes)-len(d.marks))...)
	d.lastMark++
	return d.lastMark
}

// restrict returns a function that equals r wherever care holds and is as small elsewhere as it comes
// (Coudert and Madre's restrict).
func (d *diagrams) restrict(r, care ref) ref {
	if r < 0 || care == yes || care == no {
		return r
	}
	bit := d.bit(r)
	if d.bit(care) < bit {
		c0, c1 := d.sides(care, d.bit(care))
		return d.restrict(r, d.ite(c0, yes, c1))
	}
	c0, c1 := d.sides(care, bit)
	n := d.nodes[r]
	switch {
	case c0 == no:
		return d.restrict(n.hi, c1)
	case c1 == no:
		return d.restrict(n.lo, c0)
	}
	return d.mk(bit, d.restrict(n.lo, c0), d.restrict(n.hi, c1))
}

// at returns where r leads to for one value of word w.
func (d *diagrams) at(r ref, w int, value uint32) ref {
	for d.bit(r) < int32(w+1)*32 {
		if n := d.nodes[r]; value&maskOf(n.bit) != 0 {
			r = n.hi
		} else {
			r = n.lo
		}
	}
	return r
}

// maskOf returns the mask of a bit in its word.
func maskOf(bit int32) uint32 { return 1 << (31 - bit%32) }

// word names one 32-bit word of a call: half an argument or half the instruction pointer.
type word struct {
	arg  int // 0..5, or policy.IP
	high bool
}

// words is the order in which diagrams look at words.
type words []word

func (ws words) index(w word) int {
	for i, x := range ws {
		if x == w {
			return i
		}
	}
	panic("compiler: a word that the decision does not know")
}

// cond returns the calls that a condition holds for.
func (d *diagrams) cond(c policy.Cond, order words) ref {
	switch c := c.(type) {
	case policy.And:
		r := yes
		for i := len(c) - 1; i >= 0; i-- {
			r = d.ite(d.cond(c[i], order), r, no)
		}
		return r
	case policy.Or:
		r := no
		for i := len(c) - 1; i >= 0; i-- {
			r = d.ite(d.cond(c[i], order), yes, r)
		}
		return r
	case policy.Not:
		return d.ite(d.cond(c.X, order), no, yes)
	case policy.Test:
		return d.test(c, order)
	}
	panic("compiler: unknown condition")
}

// test returns the calls that one comparison holds for.
func (d *diagrams) test(t policy.Test, order words) ref {
	bits := halves(t.Operand, order)
	ones := policy.Ones(t.Operand.Width)
	switch t.Op {
	case policy.In:
		r := no
		for _, s := range t.Set {
			r = d.ite(d.within(bits, t.Mask, s), yes, r)
		}
		return r
	case policy.Any:
		return d.ite(d.equal(bits, t.Mask, 0), no, yes)
	case policy.All:
		return d.equal(bits, t.Mask, t.Mask)
	case policy.Only:
		return d.equal(bits, ones&^t.Mask, 0)
	}
	// An order is decided by unsigned comparison; for a signed operand with the sign bits turned over.
	flip := uint64(0)
	if t.Operand.Signed {
		flip = ones/2 + 1
	}
	switch v := t.Value ^ flip; t.Op {
	case policy.Lt:
		return d.ite(d.above(bits, ones, v, flip, yes), no, yes)
	case policy.Ge:
		return d.above(bits, ones, v, flip, yes)
	case policy.Le:
		return d.ite(d.above(bits, ones, v, flip, no), no, yes)
	case policy.Gt:
		return d.above(bits, ones, v, flip, no)
	}
	panic("compiler: unknown comparison")
}

// half is one 32-bit word of an operand: where it stands in the order, and how many of its bits count.
type half struct {
	word, width int32
	shift       int // of its lowest bit in the operand
}

// halves returns the words of an operand, those that come late in the order first: diagrams grow from the
// last bit to the first.
func halves(o policy.Operand, order words) []half {
	low := half{int32(order.index(word{o.Arg, false})), int32(min(o.Width, 32)), 0}
	if o.Width <= 32 {
		return []half{low}
	}
	high := half{int32(order.index(word{o.Arg, true})), 32, 32}
	if low.word < high.word {
		return []half{high, low}
	}
	return []half{low, high}
}

// bit returns the diagram bit of bit i of the word.
func (h half) bit(i int32) int32 { return h.word*32 + 31 - i }

// within returns the values x with x & mask in the range.
func (d *diagrams) within(hs []half, mask uint64, r policy.Range) ref {
	if r.Lo == r.Hi {
		return d.equal(hs, mask, r.Lo)
	}
	return d.ite(d.above(hs, mask, r.Lo, 0, yes), d.ite(d.above(hs, mask, r.Hi, 0, no), no, yes), no)
}

// equal returns the values x with x & mask == v.
func (d *diagrams) equal(hs []half, mask, v uint64) ref {
	r := yes
	for _, h := range hs {
		for i := range h.width {
			m, bit := mask>>h.shift>>i&1, v>>h.shift>>i&1
			switch {
			case m == 0 && bit == 1:
				return no
			case m == 0:
			case bit == 1:
				r = d.mk(h.bit(i), no, r)
			default:
				r = d.mk(h.bit(i), r, no)
			}
		}
	}
	return r
}

// above returns the values x with (x & mask) ^ flip > v, unsigned; where the two are equal it is equal, yes
// or no.
func (d *diagrams) above(hs []half, mask, v, flip uint64, equal ref) ref {
	if len(hs) == 1 {
		return d.aboveWord(hs[0], mask, v, flip, equal)
	}
	low, high := hs[0], hs[1]
	if low.shift != 0 {
		low, high = high, low
	}
	return d.ite(d.aboveWord(low, mask, v, flip, equal),
		d.aboveWord(high, mask, v, flip, yes), d.aboveWord(high, mask, v, flip, no))
}

// aboveWord is above for one word.
func (d *diagrams) aboveWord(h half, mask, v, flip uint64, equal ref) ref {
	r := equal
	for i := range h.width {
		at := h.shift + int(i)
		one, zero := r, no // for a bit of x against a 1 of v
		if v>>at&1 == 0 {
			one, zero = yes, r
		}
		switch {
		case mask>>at&1 == 0:
			r = zero
		case flip>>at&1 == 1:
			r = d.mk(h.bit(i), one, zero)
		default:
			r = d.mk(h.bit(i), zero, one)
		}
	}
	return r
}
