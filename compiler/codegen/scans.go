package codegen

import "github.com/seccompc/seccompc/asm"

const (
	maxChain = 5 // equality tests in a row
	maxBit   = 6 // the lowest bits of a word, each of which may tell two targets apart
	maxOdd   = 2 // values that are exceptions to what a bit says, on each side
)

// oddOnes are single values that equality tests pick out, the most frequent first.
type oddOnes struct {
	at     [maxChain]int32
	n      int
	weight int64 // of all of them
	saved  int64 // for each of them its weight, once for each of them behind it, of which it saves the tests
}

// add takes in a span; it reports false where it is not a single value or there are too many.
func (o *oddOnes) add(l *spanList, k, limit int) bool {
	p := &l.listed[k]
	if o.n == limit || !p.single() {
		return false
	}
	i, before := o.n, o.weight
	for ; i > 0; i-- {
		at := o.at[i-1]
		w := l.listed[at].weight
		if w >= p.weight {
			break
		}
		o.at[i] = at
		before -= w
	}
	o.saved += before + p.weight*int64(o.n-i)
	o.at[i] = int32(k)
	o.n++
	o.weight += p.weight
	return true
}

// price returns the price of the equality tests of a list of the given weight.
func (o *oddOnes) price(l *spanList, weight int64) int64 { return int64(o.n)*(l.size+weight) - o.saved }

// build returns the equality tests, then rest.
func (o *oddOnes) build(l *spanList, g *graph, rest *node, weight int64) *node {
	weight -= o.weight
	n := rest
	for i := o.n - 1; i >= 0; i-- {
		p := &l.listed[o.at[i]]
		n = g.test(asm.JeqK, p.lo, p.to, n, float64(p.weight), float64(weight))
		weight += p.weight
	}
	return n
}

// scan looks, span by span, at whether a list can be decided in its way.
type scan interface {
	// add takes in the next span; it reports false where neither this list nor a longer one can be so decided.
	add(l *spanList, k int) bool
	build(l *spanList, g *graph) *node
}

// show shows the spans i..end-1 to a scan.
func (l *spanList) show(s scan, i, end int) scan {
	for k := i; k < end; k++ {
		s.add(l, k)
	}
	return s
}

// chainScan looks at whether a list is one target but for a few single values.
type chainScan struct {
	d      int // the span whose target it is
	odd    oddOnes
	weight int64
}

func (c *chainScan) add(l *spanList, k int) bool {
	p := &l.listed[k]
	c.weight += p.weight
	return p.to == l.listed[c.d].to || c.odd.add(l, k, maxChain)
}

func (c *chainScan) price(l *spanList) int64 { return c.odd.price(l, c.weight) }

func (c *chainScan) build(l *spanList, g *graph) *node {
	return c.odd.build(l, g, l.spans[c.d].to, c.weight)
}

// bitScan looks at whether one bit of the value tells the targets of a list apart, but for a few single values.
type bitScan struct {
	bit   uint32     // its mask
	sides [2]bitSide // where it is clear, where it is set
}

type bitSide struct {
	to     *node // nil where not yet met
	odd    oddOnes
	weight int64
}

func (b *bitScan) add(l *spanList, k int) bool {
	p := &l.listed[k]
	if p.lo^p.hi >= b.bit {
		return false
	}
	side := &b.sides[0]
	if p.lo&b.bit != 0 {
		side = &b.sides[1]
	}
	side.weight += p.weight
	if side.to == nil {
		side.to = p.to
	}
	return side.to == p.to || side.odd.add(l, k, maxOdd)
}

// tells reports whether the bit makes a difference.
func (b *bitScan) tells() bool {
	return b.sides[0].to != nil && b.sides[1].to != nil && b.sides[0].to != b.sides[1].to
}

func (b *bitScan) price(l *spanList) int64 {
	if !b.tells() {
		return impossible
	}
	p := l.size
	for i := range b.sides {
		p += b.sides[i].weight + b.sides[i].odd.price(l, b.sides[i].weight)
	}
	return p
}

func (b *bitScan) build(l *spanList, g *graph) *node {
	var ways [2]*node
	for i := range b.sides {
		s := &b.sides[i]
		ways[i] = s.odd.build(l, g, s.to, s.weight)
	}
	return g.test(asm.JsetK, b.bit, ways[1], ways[0], float64(b.sides[1].weight), float64(b.sides[0].weight))
}
