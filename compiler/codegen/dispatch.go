package codegen

import "github.com/seccompc/seccompc/asm"

// The prices of the dispatch tree's optimiser. Weights are scaled so that one tree is entered once; a test
// is the unit. The search counts them in whole numbers, see spanList. Where they are not whole, products are
// converted to float64 before something is added to them: that forbids machines which can to do both in one step,
// with another rounding and thereby another filter.
const (
	testPrice    = 1.0 // a test executed
	takenPercent = 15  // a jump taken from one inner test to another, on top of the test, in hundredths of it
	// An instruction, executed or not: of the tree over the numbers, which every call enters, and of one
	// over the values of an argument, which few do.
	numberSize   = 0.06
	argumentSize = 0.3
)

// treeBuilder makes trees of tests over the spans of a word.
type treeBuilder struct {
	graph  *graph
	passes PassSet
	search search
}

// build returns the tree of tests that takes a word in A to the target of its span;
// size is the price of an instruction.
func (b *treeBuilder) build(spans []span, size float64) *node {
	if b.passes.on(joinNumbers) {
		spans = joinSpans(spans)
	}
	best := b.tree(spans, size)
	for bit := 0; bit < maxBit && b.passes.on(testBits); bit++ {
		f, ok := forcedBy(spans, bit)
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
func (b *treeBuilder) tree(spans []span, size float64) *node {
	list, testBits := newSpanList(spans, size), b.passes.on(testBits)
	if b.search.leaves.find(list, testBits, true) {
		list = newSpanList(b.collapse(list), size)
		b.search.leaves.find(list, testBits, false)
	}
	if !b.passes.on(searchTree) {
		return b.linear(list.spans)
	}
	return b.search.run(list, b.graph)
}

// linear is the tree of a compiler that does not search: one test per border, in order.
func (b *treeBuilder) linear(spans []span) *node {
	n := spans[len(spans)-1].to
	rest := spans[len(spans)-1].weight
	for i := len(spans) - 2; i >= 0; i-- {
		n = b.graph.test(asm.JgeK, spans[i+1].lo, n, spans[i].to, rest, spans[i].weight)
		rest += spans[i].weight
	}
	return n
}
