package compiler

import "github.com/seccompc/seccompc/policy"

// diagrams holds decision diagrams over the bits of some words of seccomp_data: word 0's most significant
// bit first. A diagram is a function from those words to an action, or to true and false. Equal functions
// are the same ref, however they were written: !{38, 40} and {..37, 39, 41..} are one.
type diagrams struct {
	nodes  []diagram
	unique map[diagram]ref
	memo   map[[3]ref]ref
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
	return &diagrams{unique: map[diagram]ref{}, memo: map[[3]ref]ref{}, limit: limit}
}

// tooBig is what mk panics with when a condition needs more nodes than the limit; see decide.
type tooBig struct{}

func (d *diagrams) mk(bit int32, lo, hi ref) ref {
	if lo == hi {
		return lo
	}
	key := diagram{bit, lo, hi}
	if r, ok := d.unique[key]; ok {
		return r
	}
	if len(d.nodes) == d.limit {
		panic(tooBig{})
	}
	r := ref(len(d.nodes))
	d.nodes = append(d.nodes, key)
	d.unique[key] = r
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
	key := [3]ref{c, t, f}
	if r, ok := d.memo[key]; ok {
		return r
	}
	bit := min(d.bit(c), d.bit(t), d.bit(f))
	c0, c1 := d.sides(c, bit)
	t0, t1 := d.sides(t, bit)
	f0, f1 := d.sides(f, bit)
	r := d.mk(bit, d.ite(c0, t0, f0), d.ite(c1, t1, f1))
	d.memo[key] = r
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

// wordEqual returns the calls in which word w is v.
func (d *diagrams) wordEqual(w int, v uint32) ref {
	r := yes
	for bit := int32(w)*32 + 31; bit >= int32(w)*32; bit-- {
		if v&maskOf(bit) != 0 {
			r = d.mk(bit, no, r)
		} else {
			r = d.mk(bit, r, no)
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
	bits := d.operandBits(t.Operand, order)
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
		return d.ite(d.atLeast(bits, ones, v, flip), no, yes)
	case policy.Ge:
		return d.atLeast(bits, ones, v, flip)
	case policy.Le:
		return d.atMost(bits, ones, v, flip)
	case policy.Gt:
		return d.ite(d.atMost(bits, ones, v, flip), no, yes)
	}
	panic("compiler: unknown comparison")
}

// operandBits returns the diagram bit of each bit of an operand, the least significant first.
func (d *diagrams) operandBits(o policy.Operand, order words) []int32 {
	bits := make([]int32, o.Width)
	low := int32(order.index(word{o.Arg, false}))
	for i := range min(o.Width, 32) {
		bits[i] = low*32 + 31 - int32(i)
	}
	if o.Width == 64 {
		high := int32(order.index(word{o.Arg, true}))
		for i := range 32 {
			bits[32+i] = high*32 + 31 - int32(i)
		}
	}
	return bits
}

// choose returns t where the bit is set and f where it is clear, wherever the bit stands in the order.
func (d *diagrams) choose(bit int32, t, f ref) ref {
	if bit < d.bit(t) && bit < d.bit(f) {
		return d.mk(bit, f, t)
	}
	return d.ite(d.mk(bit, no, yes), t, f)
}

// within returns the values x with x & mask in the range.
func (d *diagrams) within(bits []int32, mask uint64, r policy.Range) ref {
	if r.Lo == r.Hi {
		return d.equal(bits, mask, r.Lo)
	}
	return d.ite(d.atLeast(bits, mask, r.Lo, 0), d.atMost(bits, mask, r.Hi, 0), no)
}

// equal returns the values x with x & mask == v.
func (d *diagrams) equal(bits []int32, mask, v uint64) ref {
	r := yes
	for i, bit := range bits {
		switch {
		case mask>>i&1 == 0:
			if v>>i&1 == 1 {
				return no
			}
		case v>>i&1 == 1:
			r = d.choose(bit, r, no)
		default:
			r = d.choose(bit, no, r)
		}
	}
	return r
}

// atLeast returns the values x with (x & mask) ^ flip >= v, unsigned.
func (d *diagrams) atLeast(bits []int32, mask, v, flip uint64) ref {
	return d.compare(bits, mask, v, flip, yes, no)
}

// atMost returns the values x with (x & mask) ^ flip <= v, unsigned.
func (d *diagrams) atMost(bits []int32, mask, v, flip uint64) ref {
	return d.compare(bits, mask, v, flip, no, yes)
}

// compare returns above where (x & mask) ^ flip > v, below where it is less, and true where it is equal.
func (d *diagrams) compare(bits []int32, mask, v, flip uint64, above, below ref) ref {
	r := yes
	for i, bit := range bits {
		one, zero := r, below // x's bit against a 1 of v
		if v>>i&1 == 0 {
			one, zero = above, r
		}
		switch {
		case mask>>i&1 == 0:
			r = zero
		case flip>>i&1 == 1:
			r = d.choose(bit, zero, one)
		default:
			r = d.choose(bit, one, zero)
		}
	}
	return r
}
