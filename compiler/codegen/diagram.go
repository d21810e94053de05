package codegen

import (
	"math"
	"math/bits"
)

// diagrams holds decision diagrams over the bits of some words of seccomp_data: word 0's most
// significant bit first. A diagram is a function from those words to an action, or to true and
// false. Equal functions are the same ref, however they were written: !{38, 40} and {..37, 39,
// 41..} are one.
type diagrams struct {
	nodes  []diagram
	unique uniqueTable
	memo   iteCache // of ite
	limit  int
	work   int // steps so far, of all decisions
	most   int // that there may be; 0: maxWork

	seen  []visit // of each node, the last walk that met it
	round int32   // the walk at hand
}

// visit is what a walk noted of a node.
type visit struct{ round, note int32 }

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

// reset forgets all diagrams.
func (d *diagrams) reset() {
	if d.nodes == nil {
		d.nodes, d.seen = make([]diagram, 0, 256), make([]visit, 0, 256)
	}
	d.nodes, d.seen, d.round = d.nodes[:0], d.seen[:0], 0
	d.unique.clear()
	d.memo.clear()
}

// allow allows n nodes more than there are.
func (d *diagrams) allow(n int) { d.limit = len(d.nodes) + n }

// spend takes steps from what all decisions of a program together may cost.
func (d *diagrams) spend(steps int) {
	if d.work += steps; d.work > maxWork || d.most > 0 && d.work > d.most {
		panic(tooBig{})
	}
}

func (d *diagrams) mk(bit int32, lo, hi ref) ref {
	d.spend(1)
	if lo == hi {
		return lo
	}
	n := diagram{bit, lo, hi}
	s, found := d.unique.find(d.nodes, n)
	if found {
		return *s - 1
	}
	if len(d.nodes) == d.limit {
		panic(tooBig{})
	}
	d.nodes = append(d.nodes, n)
	*s = ref(len(d.nodes))
	return *s - 1
}

// bit returns the first bit that r looks at, leafBit for a leaf.
func (d *diagrams) bit(r ref) int32 {
	if r < 0 {
		return leafBit
	}
	return d.nodes[r].bit
}

// sides returns r where the bit is clear and where it is set; the bit must not come after r's
// first.
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
	bit := min(d.bit(c), d.bit(t), d.bit(f))
	c0, c1 := d.sides(c, bit)
	t0, t1 := d.sides(t, bit)
	f0, f1 := d.sides(f, bit)
	if s, found := d.memo.find(int32(c), int32(t), int32(f)); found {
		return s.value
	}
	r := d.mk(bit, d.ite(c0, t0, f0), d.ite(c1, t1, f1))
	s, _ := d.memo.find(int32(c), int32(t), int32(f))
	d.memo.fill(s, int32(c), int32(t), int32(f), r)
	return r
}

// fix returns r with some bits of a word decided: where mask is set, the bit is that of value.
func (d *diagrams) fix(r ref, word int, mask, value uint32) ref {
	d.walk()
	last := int32(word+1)*32 - int32(bits.TrailingZeros32(mask)) // behind the last bit of mask
	var fix func(r ref) ref
	fix = func(r ref) ref {
		bit := d.bit(r)
		if bit >= last { // nothing from here on is decided
			return r
		}
		if s, ok := d.met(r); ok {
			return ref(s)
		}
		n := d.nodes[r]
		var s ref
		switch m := maskOf(bit); {
		case bit < int32(word)*32 || mask&m == 0:
			s = d.mk(bit, fix(n.lo), fix(n.hi))
		case value&m != 0:
			s = fix(n.hi)
		default:
			s = fix(n.lo)
		}
		d.meet(r, int32(s))
		return s
	}
	return fix(r)
}

// outcome is where values lead: all of them to one ref, or nowhere, as there are none, or to
// several refs.
type outcome ref

const (
	nowhere outcome = math.MinInt32 + iota
	several
)

// join returns where two kinds of values lead together.
func join(a, b outcome) outcome {
	switch {
	case a == b || b == nowhere:
		return a
	case a == nowhere:
		return b
	}
	return several
}

// bitOutcome is where the values lead in which a bit is set, and those in which it is clear.
type bitOutcome struct{ set, clear outcome }

// add takes in values of which some have the bit and some have not.
func (b *bitOutcome) add(to outcome) { b.set, b.clear = join(b.set, to), join(b.clear, to) }

// outcomes returns where r leads to by each bit of word w, from the top, and the bits that it looks
// at.
func (d *diagrams) outcomes(r ref, w int) (ways [32]bitOutcome, support uint32) {
	for i := range ways {
		ways[i] = bitOutcome{nowhere, nowhere}
	}
	end := int32(w+1) * 32
	var out [32]outcome // where those lead that leave the word with the bits from here on undecided
	for i := range out {
		out[i] = nowhere
	}
	d.walk()
	var leads func(r ref, from int32) outcome
	leads = func(r ref, from int32) outcome { // the way out, where the bits before from are decided
		bit := d.bit(r)
		if bit >= end {
			if from < end {
				out[from%32] = join(out[from%32], outcome(r))
			}
			return outcome(r)
		}
		note, ok := d.met(r)
		if !ok {
			support |= maskOf(bit)
			way, n := &ways[bit%32], d.nodes[r]
			clear, set := leads(n.lo, bit+1), leads(n.hi, bit+1)
			way.clear, way.set = join(way.clear, clear), join(way.set, set)
			note = int32(join(clear, set))
			d.meet(r, note)
		}
		for ; from < bit; from++ {
			ways[from%32].add(outcome(note))
		}
		return outcome(note)
	}
	leads(r, int32(w)*32)
	undecided := nowhere
	for i := range ways {
		undecided = join(undecided, out[i])
		ways[i].add(undecided)
	}
	return ways, support
}

// size returns how many nodes a diagram has.
func (d *diagrams) size(r ref) int {
	d.walk()
	var size func(r ref) int
	size = func(r ref) int {
		if r < 0 {
			return 0
		}
		if _, ok := d.met(r); ok {
			return 0
		}
		d.meet(r, 0)
		return 1 + size(d.nodes[r].lo) + size(d.nodes[r].hi)
	}
	return size(r)
}

// walk begins a walk over the nodes that there are: none has been met.
func (d *diagrams) walk() {
	d.seen = append(d.seen, make([]visit, len(d.nodes)-len(d.seen))...)
	d.round++
}

// met returns what was noted of a node on this walk.
func (d *diagrams) met(r ref) (note int32, ok bool) {
	v := d.seen[r]
	return v.note, v.round == d.round
}

// meet notes something of a node.
func (d *diagrams) meet(r ref, note int32) {
	d.spend(1)
	d.seen[r] = visit{d.round, note}
}

// restrict returns a function that equals r wherever care holds and is as small elsewhere as it
// comes (Coudert and Madre's restrict).
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

// leads reports whether r leads to one ref for all values from lo to hi of the word whose bits end
// at end.
func (d *diagrams) leads(r ref, end int32, lo, hi uint32, to ref) bool {
	if d.bit(r) >= end {
		return r == to
	}
	n := d.nodes[r]
	m := maskOf(n.bit)
	all := m<<1 - 1 // of its bit and the lower ones
	if hi-lo >= all {
		return false // as r tells some values apart
	}
	lo, hi = lo&all, hi&all
	switch {
	case lo > hi: // around the end of a block
		return d.leads(r, end, 0, hi, to) && d.leads(r, end, lo, all, to)
	case hi < m:
		return d.leads(n.lo, end, lo, hi, to)
	case lo >= m:
		return d.leads(n.hi, end, lo-m, hi-m, to)
	}
	return d.leads(n.lo, end, lo, m-1, to) && d.leads(n.hi, end, 0, hi-m, to)
}

// maskOf returns the mask of a bit in its word.
func maskOf(bit int32) uint32 { return 1 << (31 - uint32(bit)%32) }
