package codegen

import "github.com/seccompc/seccompc/asm"

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

// treeBuilder makes trees of tests over the intervals of a word.
type treeBuilder struct {
	graph  *graph
	passes PassSet
	search search
}

// build returns the tree of tests that takes a word in A to the target of its interval;
// size is the price of an instruction.
func (b *treeBuilder) build(intervals []interval, size float64) *node {
	if b.passes.on(joinNumbers) {
		intervals = joinIntervals(intervals)
	}
	best := b.tree(intervals, size)
	for bit := 0; bit < maxBit && b.passes.on(testBits); bit++ {
		f, ok := forcedBy(intervals, bit)
		if !ok {
			continue
		}
		n := b.graph.test(asm.JsetK, 1<<bit, f.to, b.tree(f.rest, size), f.share, 1-f.share)
		if b.graph.priceAt(n, size) < b.graph.priceAt(best, size) {
			best = n
		}
	}
	return best
}

// tree returns a tree that begins with any test but one of a single bit that has only one way out.
func (b *treeBuilder) tree(intervals []interval, size float64) *node {
	list, testBits := newIntervalList(intervals, size), b.passes.on(testBits)
	if b.search.leaves.find(list, testBits, true) {
		list = newIntervalList(b.collapse(list), size)
		b.search.leaves.find(list, testBits, false)
	}
	if !b.passes.on(searchTree) {
		return b.linear(list.intervals)
	}
	return b.search.run(list, b.graph)
}

// linear is the tree of a compiler that does not search: one test per border, in order.
func (b *treeBuilder) linear(intervals []interval) *node {
	n := intervals[len(intervals)-1].to
	rest := intervals[len(intervals)-1].weight
	for i := len(intervals) - 2; i >= 0; i-- {
		n = b.graph.test(asm.JgeK, intervals[i+1].lo, n, intervals[i].to, rest, intervals[i].weight)
		rest += intervals[i].weight
	}
	return n
}
