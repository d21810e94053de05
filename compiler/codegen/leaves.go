package codegen

import (
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
)

// leaf is the cheapest way to decide a sublist of intervals without a split, of
//
//	chain           JEQ for each single value that stands out; the rest goes to one target
//	bits            the same, the rest decided by JSET of one bit
type leaf struct {
	price int64
	choice
}

const (
	// intervals of a leaf: more than a chain can have, and than what is left by collapse
	maxLeaf = 16
	// What a cut into groups counts of what it costs, in tenths: less, so that there are more
	// groups than the best tree has leaves, and the search can join some.
	cutTenths = 9
)

// leafList is the leaves of a list of intervals.
type leafList struct {
	// those that begin with the first interval, the shortest first, then the second's …
	all   []leaf
	first []int // where those of each interval begin, and behind the last one how many there are

	// The ways to decide the sublists at hand, and which of them still may: a bit for each.
	chains     [2]chainScan
	bits       [maxBit]bitScan
	openChains uint
	openBits   uint
}

// find finds the leaves of a list; or only up to the first long group that one bit tells apart, and
// reports that there is one.
func (f *leafList) find(l *intervalList, testBits, toGroup bool) bool {
	f.all = slices.Grow(f.all[:0], 8*len(l.intervals))
	f.first = slices.Grow(f.first[:0], len(l.intervals)+1)
	for i := range l.intervals {
		f.first = append(f.first, len(f.all))
		f.begin(l, i, testBits)
		end := min(i+maxLeaf, len(l.intervals))
		for k := i; k < end; k++ {
			best := f.next(l, k)
			if f.openChains|f.openBits == 0 {
				break
			}
			f.all = append(f.all, best)
			if toGroup && best.kind == bitTest && k-i+1 >= longGroup {
				return true
			}
		}
	}
	f.first = append(f.first, len(f.all))
	return false
}

// begin prepares the scans for the sublists that begin with interval i. Bits are looked at that may
// decide two intervals.
func (f *leafList) begin(l *intervalList, i int, testBits bool) {
	f.openChains, f.openBits = 0, 0
	last := len(l.intervals) - 1
	for k := range min(len(f.chains), last-i+1) {
		f.chains[k] = chainScan{d: i + k}
		f.openChains |= 1 << k
	}
	if !testBits || i == last {
		return
	}
	for b := max(l.lowestBit(i), l.lowestBit(i+1)); b < maxBit; b++ {
		f.bits[b] = bitScan{bit: 1 << b}
		f.openBits |= 1 << b
	}
}

// next shows an interval to the scans that are open, closes those that it ends, and returns the
// cheapest of the others.
func (f *leafList) next(l *intervalList, k int) leaf {
	best := leaf{price: impossible}
	for open := f.openChains; open != 0; open &= open - 1 {
		i := bits.TrailingZeros(open)
		if s := &f.chains[i]; !s.add(l, k) {
			f.openChains &^= 1 << i
		} else if p := s.price(l); p < best.price {
			best = leaf{p, choice{chain, int32(s.d)}}
		}
	}
	for open := f.openBits; open != 0; open &= open - 1 {
		i := bits.TrailingZeros(open)
		if s := &f.bits[i]; !s.add(l, k) {
			f.openBits &^= 1 << i
		} else if p := s.price(l); p < best.price {
			best = leaf{p, choice{bitTest, int32(s.bit)}}
		}
	}
	return best
}

// from returns the leaves that begin with interval i, the shortest first.
func (f *leafList) from(i int) []leaf { return f.all[f.first[i]:f.first[i+1]] }

// cover appends the first interval of each leaf of those that cover the list and are the cheapest
// together, with the splits between them, if each stood as deep in the tree as its weight asks for;
// and the number of intervals.
func (f *leafList) cover(l *intervalList, out []int) []int {
	n := len(l.intervals)
	// Of the intervals from i on the price, and where their first leaf ends.
	price, next := make([]int64, n+1), make([]int, n)
	for i := n - 1; i >= 0; i-- {
		price[i] = impossible
		for k, leaf := range f.from(i) {
			end := i + k + 1
			cut := testsTo(l.weight(i, end-1)) + l.size
			if p := leaf.price + cut/10*cutTenths + price[end]; p < price[i] {
				price[i], next[i] = p, end
			}
		}
	}
	for i := 0; i < n; i = next[i] {
		out = append(out, i)
	}
	return append(out, n)
}

// testsTo returns the price of the tests that lead to a part of a list's weight in a tree that
// halves the weight with each: the part times its logarithm, which is interpolated between the
// powers of two.
func testsTo(part int64) int64 {
	exponent := bits.Len64(uint64(part)) - 1
	behind := part - 1<<exponent // over 1<<exponent, what the logarithm has behind the point
	return part*int64(bits.Len64(listWeight)-1-exponent) - part*(behind>>(exponent-16))>>16
}

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
	clear, set := &b.sides[0], &b.sides[1]
	rest, rests := clear.exceptions.price(l, clear.weight), set.exceptions.price(l, set.weight)
	return clear.weight + set.weight + l.size + rest + rests +
		taken(rest, rests, clear.weight, set.weight)
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
