package compiler

import "github.com/seccompc/seccompc/asm"

// The prices of the dispatch tree's optimiser. Weights are scaled so that one tree is entered once; a test
// is the unit. Products of prices are converted to float64 where something is added to them: that forbids
// machines which can to do both in one step, with another rounding and thereby another filter.
const (
	testPrice  = 1.0  // a test executed
	takenPrice = 0.15 // a jump taken from one inner test to another, on top of the test
	// An instruction, executed or not: of the tree over the numbers, which every call enters, and of one
	// over the values of an argument, which few do.
	numberSize   = 0.06
	argumentSize = 0.15

	exactSpans = 192 // up to here the cheapest tree is searched for; above, halves are split off by weight
	fullSearch = 40  // up to here every split is tried; above, those between the neighbours' best
	maxChain   = 5   // equality tests in a row
	maxBit     = 6   // the lowest bits of a word, each of which may tell two targets apart
	maxOdd     = 2   // values that are exceptions to what a bit says, on each side
	longRun    = 8   // spans that one bit tells apart, from which on they are taken as one

	impossible = 1e300 // the price of what cannot be done
)

// dispatch returns the tree of tests that takes a word in A to the target of its span;
// size is the price of an instruction.
func (l *lowerer) dispatch(spans []span, size float64) *node {
	if l.passes.on(joinNumbers) {
		spans = joinSpans(spans)
	}
	if l.passes.on(testBits) {
		spans = l.collapse(spans, size)
	}
	return l.tree(spans, size)
}

// tree returns the tree for some neighbouring spans.
func (l *lowerer) tree(spans []span, size float64) *node {
	switch {
	case !l.passes.on(searchTree):
		return l.linear(spans)
	case len(spans) <= exactSpans:
		return newSearch(newSpanList(spans, size), l.passes.on(testBits)).build(l.graph, 0, len(spans)-1)
	}
	k := newSpanList(spans, size).halfway()
	left, right := l.tree(spans[:k], size), l.tree(spans[k:], size)
	return l.graph.test(asm.JgeK, spans[k].lo, right, left, weightOf(spans[k:]), weightOf(spans[:k]))
}

// linear is the tree of a compiler that does not search: one test per border, in order.
func (l *lowerer) linear(spans []span) *node {
	n := spans[len(spans)-1].to
	rest := spans[len(spans)-1].weight
	for i := len(spans) - 2; i >= 0; i-- {
		n = l.graph.test(asm.JgeK, spans[i+1].lo, n, spans[i].to, rest, spans[i].weight)
		rest += spans[i].weight
	}
	return n
}

// halfway returns the border that comes nearest to halving the weight and the number of the spans.
func (l *spanList) halfway() int {
	n := len(l.spans)
	for k := 1; k < n; k++ {
		if l.sum[k]+float64(k)/float64(n) >= 1 {
			return k
		}
	}
	return n - 1
}

// search finds the cheapest tree over a list of spans by dynamic programming over its sublists i..j. A
// sublist is decided by one of
//
//	nothing         all of it goes to one target
//	split at k      JGE lo(k), then the trees of i..k-1 and k..j
//	chain           JEQ for each single value that stands out, the rest goes to one target
//	bits            the same, the rest decided by JSET of one bit
type search struct {
	*spanList
	price []float64 // of i..j, at at(i, j)
	best  []choice
	cut   []int16 // the best split of i..j
	bits  int     // how many bits may be tested
}

type choice struct {
	kind choiceKind
	k    int16 // the split; for bits, the bit
	d    int16 // the span whose target the rest of a chain goes to
}

type choiceKind uint8

const (
	leaf choiceKind = iota
	splitAt
	chain
	bitTest
)

func newSearch(l *spanList, bits bool) *search {
	n := len(l.spans)
	s := &search{spanList: l, price: make([]float64, n*n), best: make([]choice, n*n), cut: make([]int16, n*n)}
	if bits {
		s.bits = maxBit
	}
	for i := n - 1; i >= 0; i-- {
		s.row(i)
	}
	return s
}

func (s *search) at(i, j int) int { return i*len(s.spans) + j }

func (s *search) consider(at int, p float64, c choice) {
	if p < s.price[at] {
		s.price[at], s.best[at] = p, c
	}
}

// row fills the sublists that begin at i, given those that begin later.
func (s *search) row(i int) {
	first, second := newChainScan(s.spanList, i), newChainScan(s.spanList, i+1)
	var bits []*bitScan
	for b := range s.bits {
		bits = append(bits, newBitScan(s.spanList, b))
	}
	uniform := true
	for j := i; j < len(s.spans); j++ {
		at := s.at(i, j)
		uniform = uniform && s.spans[j].to == s.spans[i].to
		first.add(j)
		second.add(j)
		for _, b := range bits {
			b.add(j)
		}
		if uniform {
			s.cut[at] = int16(i + 1)
			continue
		}
		s.splits(i, j)
		s.consider(at, first.price(s.weight(i, j)), choice{kind: chain, d: int16(first.d)})
		s.consider(at, second.price(s.weight(i, j)), choice{kind: chain, d: int16(second.d)})
		for _, b := range bits {
			s.consider(at, b.price(), choice{kind: bitTest, k: int16(b.bit)})
		}
	}
}

// splits prices the splits of i..j. In a long list only those between the best splits of the list's two
// immediate sublists are tried: exact where prices are monotone, as with any search tree over keys (Knuth
// 1971), and near to it here.
func (s *search) splits(i, j int) {
	at := s.at(i, j)
	lo, hi := i+1, j
	if j-i > fullSearch {
		lo = max(lo, int(s.cut[s.at(i, j-1)])-1)
		hi = min(hi, int(s.cut[s.at(i+1, j)])+1)
		if lo > hi {
			lo, hi = i+1, j
		}
	}
	s.price[at] = impossible
	base := float64(s.weight(i, j)*testPrice) + s.size
	for k := lo; k <= hi; k++ {
		left, right := s.price[s.at(i, k-1)], s.price[s.at(k, j)]
		p := base + left + right
		if left > 0 && right > 0 {
			p += float64(takenPrice * min(s.weight(i, k-1), s.weight(k, j)))
		}
		if p < s.price[at] {
			s.price[at], s.best[at] = p, choice{kind: splitAt, k: int16(k)}
			s.cut[at] = int16(k)
		}
	}
}

// build returns the nodes of the tree that was found for i..j.
func (s *search) build(g *graph, i, j int) *node {
	c := s.best[s.at(i, j)]
	switch c.kind {
	case splitAt:
		k := int(c.k)
		left, right := s.build(g, i, k-1), s.build(g, k, j)
		return g.test(asm.JgeK, s.spans[k].lo, right, left, s.weight(k, j), s.weight(i, k-1))
	case chain:
		scan := newChainScan(s.spanList, int(c.d))
		for k := i; k <= j; k++ {
			scan.add(k)
		}
		return scan.odd.build(g, s.spans[scan.d].to, s.weight(i, j))
	case bitTest:
		scan := newBitScan(s.spanList, int(c.k))
		for k := i; k <= j; k++ {
			scan.add(k)
		}
		return scan.build(g)
	}
	return s.spans[i].to
}
