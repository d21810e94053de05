package codegen

import (
	"slices"

	"github.com/seccompc/seccompc/asm"
)

// The prices of the dispatch tree's optimiser. Weights are scaled so that one tree is entered once;
// a test is the unit. The search counts them in whole numbers, see intervalList. Where they are not
// whole, products are converted to float64 before something is added to them: that forbids machines
// which can to do both in one step, with another rounding and thereby another filter.
const (
	testPrice    = 1.0 // a test executed
	takenPercent = 15  // a jump taken between two inner tests, in hundredths of a test
	// An instruction, executed or not: of the tree over the numbers, which every call enters, and
	// of one over the values of an argument, which few do.
	numberSize   = 0.06
	argumentSize = 0.3
)

// treeKind says how a tree is searched for.
type treeKind struct {
	size  float64 // the price of an instruction
	exact int     // intervals of a list of which all trees are looked at, if that is not too much
	never uint32  // bits that no value has
}

// There is one list of numbers for each value of arch, and many of an argument's values, where
// masks are tried.
var (
	ofNumbers  = treeKind{size: numberSize, exact: maxExact}
	ofArgument = treeKind{size: argumentSize, exact: maxEnd}
)

// treeBuilder makes trees of tests over the intervals of a word.
type treeBuilder struct {
	graph  *graph
	passes PassSet
	list   intervalList // at hand
	search search

	last builtTree
}

// builtTree is a tree, and what is known of it.
type builtTree struct {
	root     *node
	plain    *node // of the same list, by splits and leaves alone
	spans    int   // intervals
	cheapest bool  // no tree of the tests in exact.go is cheaper
}

// build returns the tree of tests that takes a word in A to the target of its interval.
func (b *treeBuilder) build(intervals []interval, kind treeKind) *node {
	if b.passes.on(joinNumbers) {
		intervals = joinIntervals(intervals)
	}
	best, plain, all := b.tree(intervals, kind)
	least := int64(impossible)
	for _, x := range b.byForced(intervals, kind) {
		switch {
		case !all && b.graph.priceAt(x.root, kind.size) < b.graph.priceAt(best, kind.size):
			best = x.root
		case all:
			if least == impossible {
				least = ownPrice(best, intervals, kind, 1)
			}
			if x.price < least { // of all trees none is cheaper than this one then, either
				best, least = x.root, x.price
			}
		}
	}
	b.last = builtTree{best, plain, len(intervals), all}
	return best
}

// pricedTree is a tree and, over up to maxAll intervals, its own price.
type pricedTree struct {
	root  *node
	price int64
}

// byForced returns the trees that begin with a test of bits that lead to one target, or with it
// below a power of two: those that numbers of x32 begin with are in no other number.
func (b *treeBuilder) byForced(intervals []interval, kind treeKind) (found []pricedTree) {
	if !b.passes.on(testBits) {
		return nil
	}
	if x, ok := b.forced(intervals, kind, 1); ok {
		found = append(found, x)
	}
	k := slices.IndexFunc(intervals, func(s interval) bool {
		return s.lo > whole/4 && s.lo&(s.lo-1) == 0
	})
	if k <= 0 {
		return found
	}
	under, over := intervals[:k], intervals[k:]
	light, heavy := weightOf(over), weightOf(under)
	if light == 0 || heavy == 0 {
		return found
	}
	below := kind
	below.never |= -over[0].lo
	low, ok := b.forced(under, below, heavy/(light+heavy))
	if !ok {
		return found
	}
	high, _, _ := b.tree(over, kind)
	x := pricedTree{root: b.graph.test(asm.JgeK, over[0].lo, high, low.root, light, heavy)}
	if len(intervals) <= maxAll {
		share := light / (light + heavy)
		rest, weight := ownPrice(high, over, kind, share), int64(share*listWeight)
		x.price = listWeight + int64(kind.size*listWeight) + low.price + rest +
			taken(rest, low.price, weight, listWeight-weight)
	}
	return append(found, x)
}

// forced returns the tree that begins with a test of bits that lead to one target, where that may
// pay; share is what the intervals are of a list, by weight.
func (b *treeBuilder) forced(
	intervals []interval, kind treeKind, share float64,
) (x pricedTree, ok bool) {
	f, ok := forcedBy(intervals, kind)
	if !ok {
		return x, false
	}
	kind.never |= f.mask
	rest, _, _ := b.tree(f.rest, kind)
	x.root = b.graph.test(asm.JsetK, f.mask, f.to, rest, f.share, 1-f.share)
	if len(intervals) <= maxAll {
		x.price = int64(share*listWeight) + int64(kind.size*listWeight) +
			ownPrice(rest, f.rest, kind, share*(1-f.share))
	}
	return x, true
}

// ownPrice returns the price of a tree over some intervals that are a share of a list.
func ownPrice(n *node, intervals []interval, kind treeKind, share float64) int64 {
	l := newIntervalList(intervals, kind)
	for i := range l.items {
		l.items[i].weight = int64(float64(l.items[i].weight) * share)
	}
	return l.treePrice(n, l.items)
}

// tree returns a tree that begins with any test but one of a single bit that some interval has in a
// part of its values, and the plain one; and whether all such trees have been looked at.
func (b *treeBuilder) tree(intervals []interval, kind treeKind) (n, plain *node, all bool) {
	list, testBits := &b.list, b.passes.on(testBits)
	list.take(intervals, kind)
	b.search.bits = testBits
	short := len(intervals) <= kind.exact && b.passes.on(searchTree)
	if b.search.leaves.find(list, testBits, !short) {
		list.take(b.collapse(list), kind)
		b.search.leaves.find(list, testBits, false)
	}
	switch {
	case !b.passes.on(searchTree):
		n = b.linear(list.intervals)
		return n, n, false
	case !short:
		n, plain = b.search.run(list, b.graph)
		return n, plain, false
	}
	n, plain, all = b.search.runAll(list, b.graph)
	return n, plain, all && len(intervals) <= maxAll && testBits
}

// linear is the tree of a compiler that does not search: value after value and range after range,
// in order, each with its target. What remains goes where most intervals go.
func (b *treeBuilder) linear(intervals []interval) *node {
	n := commonest(intervals)
	remains, rest := n, 0.0
	for i, v := range slices.Backward(intervals) {
		if v.to != remains {
			n = b.within(intervals, i, n, rest)
		}
		rest += v.weight
	}
	return n
}

// within tests whether a value lies in the interval i: then it goes there, otherwise on.
func (b *treeBuilder) within(intervals []interval, i int, on *node, rest float64) *node {
	v := intervals[i]
	inside := v.to
	if i+1 < len(intervals) {
		end := intervals[i+1].lo
		if end == v.lo+1 {
			return b.graph.test(asm.JeqK, v.lo, v.to, on, v.weight, rest)
		}
		inside = b.graph.test(asm.JgeK, end, on, v.to, rest, v.weight)
	}
	if v.lo == 0 {
		return inside
	}
	return b.graph.test(asm.JgeK, v.lo, inside, on, v.weight, rest)
}

// commonest returns the target of the most intervals, of equally many the first one's.
func commonest(intervals []interval) *node {
	count := map[*node]int{}
	best := intervals[0].to
	for _, v := range intervals {
		count[v.to]++
	}
	for _, v := range intervals {
		if count[v.to] > count[best] {
			best = v.to
		}
	}
	return best
}
