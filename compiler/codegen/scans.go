package codegen

import "github.com/seccompc/seccompc/asm"

const (
	maxChain      = 5 // equality tests in a row
	maxBit        = 6 // the lowest bits of a word, each of which may tell two targets apart
	maxExceptions = 2 // values that are exceptions to what a bit says, on each side
)

// exceptions are single values that equality tests pick out, the most frequent first.
type exceptions struct {
	at     [maxChain]int32
	n      int
	weight int64 // of all of them
	saved  int64 // of each its weight times the number of those behind it, whose tests it saves
}

// add takes in an interval; it reports false where it is not a single value or there are too many.
func (o *exceptions) add(l *intervalList, k, limit int) bool {
	p := &l.items[k]
	if o.n == limit || !p.single() {
		return false
	}
	i, before := o.n, o.weight
	for ; i > 0; i-- {
		at := o.at[i-1]
		w := l.items[at].weight
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
func (o *exceptions) price(l *intervalList, weight int64) int64 {
	return int64(o.n)*(l.size+weight) - o.saved
}

// build returns the equality tests, then rest.
func (o *exceptions) build(l *intervalList, g *graph, rest *node, weight int64) *node {
	weight -= o.weight
	n := rest
	for i := o.n - 1; i >= 0; i-- {
		p := &l.items[o.at[i]]
		n = g.test(asm.JeqK, p.lo, p.to, n, float64(p.weight), float64(weight))
		weight += p.weight
	}
	return n
}

// scan looks, interval by interval, at whether a list can be decided in its way.
type scan interface {
	// add takes in the next interval; it reports false where neither this list nor a longer one can
	// be so decided.
	add(l *intervalList, k int) bool
	build(l *intervalList, g *graph) *node
}

// show shows the intervals i..end-1 to a scan.
func (l *intervalList) show(s scan, i, end int) scan {
	for k := i; k < end; k++ {
		s.add(l, k)
	}
	return s
}

// chainScan looks at whether a list is one target but for a few single values.
type chainScan struct {
	d          int // the interval whose target it is
	exceptions exceptions
	weight     int64
}

func (c *chainScan) add(l *intervalList, k int) bool {
	p := &l.items[k]
	c.weight += p.weight
	return p.to == l.items[c.d].to || c.exceptions.add(l, k, maxChain)
}

func (c *chainScan) price(l *intervalList) int64 { return c.exceptions.price(l, c.weight) }

func (c *chainScan) build(l *intervalList, g *graph) *node {
	return c.exceptions.build(l, g, l.intervals[c.d].to, c.weight)
}

// bitScan looks at whether one bit of the value tells the targets of a list apart, but for a few
// single values.
type bitScan struct {
	bit   uint32     // its mask
	sides [2]bitSide // where it is clear, where it is set
}

type bitSide struct {
	to         *node // nil where not yet met
	exceptions exceptions
	weight     int64
}

func (b *bitScan) add(l *intervalList, k int) bool {
	p := &l.items[k]
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
	return side.to == p.to || side.exceptions.add(l, k, maxExceptions)
}

// tells reports whether the bit makes a difference.
func (b *bitScan) tells() bool {
	return b.sides[0].to != nil && b.sides[1].to != nil && b.sides[0].to != b.sides[1].to
}

func (b *bitScan) price(l *intervalList) int64 {
	if !b.tells() {
		return impossible
	}
	p := l.size
	for i := range b.sides {
		p += b.sides[i].weight + b.sides[i].exceptions.price(l, b.sides[i].weight)
	}
	return p
}

func (b *bitScan) build(l *intervalList, g *graph) *node {
	var ways [2]*node
	for i := range b.sides {
		s := &b.sides[i]
		ways[i] = s.exceptions.build(l, g, s.to, s.weight)
	}
	return g.test(asm.JsetK, b.bit, ways[1], ways[0],
		float64(b.sides[1].weight), float64(b.sides[0].weight))
}
