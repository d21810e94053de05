package compiler

import (
	"math/bits"
	"sort"

	"github.com/seccompc/seccompc/asm"
)

// The prices of the dispatch tree's optimiser. Weights are scaled so that one tree is entered once; a test
// is the unit. Products of prices are converted to float64 where something is added to them: that forbids
// machines which can to do both in one step, with another rounding and thereby another filter.
const (
	testPrice  = 1.0  // a test executed
	takenPrice = 0.15 // a jump taken from one inner test to another, on top of the test
	// An instruction, executed or not: of the tree over the numbers, which every call enters, and of one
	// over the values of an argument, which few do.
	numberSize   = 0.06
	argumentSize = 0.3

	fullSearch = 18 // spans up to which every split is tried; above, those between the neighbours' best
	// Spans up to which all sublists are looked at: fewer in lists so long that this makes more than so many.
	maxBand, minBand = 64, 24
	maxSublists      = 12 << 10
	aside            = 3 // splits on either side of the middle that are tried of longer ones
	maxChain         = 5 // equality tests in a row
	maxBit           = 6 // the lowest bits of a word, each of which may tell two targets apart
	maxOdd           = 2 // values that are exceptions to what a bit says, on each side
	longRun          = 8 // spans that one bit tells apart, from which on they are taken as one

	impossible = 1e300 // the price of what cannot be done
)

// dispatch returns the tree of tests that takes a word in A to the target of its span;
// size is the price of an instruction.
func (l *lowerer) dispatch(spans []span, size float64) *node {
	if l.passes.on(joinNumbers) {
		spans = joinSpans(spans)
	}
	best := l.tree(spans, size)
	for bit := 0; bit < maxBit && l.passes.on(testBits); bit++ {
		f, ok := forcedBy(spans, bit)
		if !ok {
			continue
		}
		n := l.graph.test(asm.JsetK, 1<<bit, f.to, l.tree(f.rest, size), f.share, 1-f.share)
		if l.graph.priceAt(n, size) < l.graph.priceAt(best, size) {
			best = n
		}
	}
	return best
}

// tree returns a tree that begins with any test but one of a single bit that has only one way out.
func (l *lowerer) tree(spans []span, size float64) *node {
	if l.passes.on(testBits) {
		spans = l.collapse(spans, size)
	}
	if !l.passes.on(searchTree) {
		return l.linear(spans)
	}
	l.search.run(newSpanList(spans, size), l.passes.on(testBits))
	return l.search.build(l.graph, 0, len(spans)-1)
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

// search finds the cheapest tree over a list of spans by dynamic programming over its sublists i..j. A
// sublist is decided by one of
//
//	split at k      JGE lo(k), then the trees of i..k-1 and k..j
//	chain           JEQ for each single value that stands out, if there are any; the rest goes to one target
//	bits            the same, the rest decided by JSET of one bit
//
// Of sublists of up to band spans all are looked at, from the short to the long; of longer ones those that the
// splits near the middle of the whole list lead to.
type search struct {
	*spanList
	band int
	from []float64 // the price of i..j, at i*band + j-i
	to   []float64 // the same, at toward(i, j): those that end at j lie side by side too
	best []choice  // at i*band + j-i
	cut  []int16   // the best split, at i*band + j-i
	long map[[2]int]priced

	// The scans of the row at hand, and those of them that may still decide a sublist.
	chains [2]chainScan
	bits   [maxBit]bitScan
	scans  []scan
	tries  int // how many bits are tried
}

type choice struct {
	kind choiceKind
	k    int16 // the split; for bits, the bit; for a chain, the span whose target its rest goes to
}

type priced struct {
	price float64
	choice
}

type choiceKind uint8

const (
	splitAt choiceKind = iota
	chain
	bitTest
)

// run searches a list; what was found of another one is forgotten, and its room used again.
func (s *search) run(l *spanList, testBits bool) {
	n := len(l.spans)
	s.spanList, s.band, s.long, s.tries = l, min(n, max(minBand, min(maxBand, maxSublists/n))), nil, 0
	if size := n * s.band; size > len(s.from) {
		s.from, s.to = make([]float64, size), make([]float64, size)
		s.best, s.cut = make([]choice, size), make([]int16, size)
	}
	if testBits {
		s.tries = maxBit
	}
	for i := n - 1; i >= 0; i-- {
		s.row(i)
	}
}

// row fills the sublists that begin at i, given those that begin later.
func (s *search) row(i int) {
	s.begin(i)
	end := min(i+s.band, len(s.spans))
	for j := i; j < end; j++ {
		s.scan(j)
		p, c := s.split(i, j)
		for _, scan := range s.scans {
			if q := scan.price(s.spanList); q < p {
				p, c = q, scan.choice()
			}
		}
		at := i*s.band + j - i
		s.from[at], s.to[s.toward(i, j)], s.best[at] = p, p, c
	}
}

// begin prepares the scans for the sublists that begin at i.
func (s *search) begin(i int) {
	s.scans = s.scans[:0]
	for k := range min(len(s.chains), len(s.spans)-i) {
		s.chains[k] = chainScan{d: i + k}
		s.scans = append(s.scans, &s.chains[k])
	}
	for b := bits.Len32(s.spans[i].lo ^ s.end(i)); b < s.tries; b++ { // lower bits differ within the first span
		s.bits[b] = bitScan{bit: b}
		s.scans = append(s.scans, &s.bits[b])
	}
}

// scan shows a span to the scans, and drops those that it ends.
func (s *search) scan(k int) {
	alive := s.scans[:0]
	for _, c := range s.scans {
		if c.add(s.spanList, k) {
			alive = append(alive, c)
		}
	}
	s.scans = alive
}

// split returns the cheapest split of i..j. In a long list only those between the best splits of the list's two
// immediate sublists are tried: exact where prices are monotone, as with any search tree over keys (Knuth
// 1971), and near to it here.
func (s *search) split(i, j int) (float64, choice) {
	at := i*s.band + j - i
	lo, hi := i+1, j
	if j-i > fullSearch {
		lo, hi = max(lo, int(s.cut[at-1])-1), min(hi, int(s.cut[at+s.band-1])+1)
		if lo > hi {
			lo, hi = i+1, j
		}
	}
	left := s.from[i*s.band+lo-1-i : i*s.band+hi-i] // of k-1, for each k
	right := s.to[s.toward(lo, j):][:len(left)]
	best, cut := impossible, 0
	for n, l := range left {
		r := right[n]
		if p := l + r; p < best {
			if p += s.taken(i, j, lo+n, l, r); p < best {
				best, cut = p, lo+n
			}
		}
	}
	s.cut[at] = int16(cut)
	return best + float64(s.weight(i, j)*testPrice) + s.size, choice{splitAt, int16(cut)}
}

// toward returns where the price of i..j stands in s.to.
func (s *search) toward(i, j int) int { return (j+1)*s.band - 1 - (j - i) }

// taken returns the price of the jump between the two sides of a split, if both go on testing.
func (s *search) taken(i, j, k int, left, right float64) float64 {
	if left == 0 || right == 0 {
		return 0
	}
	return float64(takenPrice * min(s.weight(i, k-1), s.weight(k, j)))
}

// find returns what decides i..j, and its price.
func (s *search) find(i, j int) priced {
	if j-i < s.band {
		at := i*s.band + j - i
		return priced{s.from[at], s.best[at]}
	}
	if p, ok := s.long[[2]int{i, j}]; ok {
		return p
	}
	best := priced{price: impossible}
	middle := s.halfway(i, j)
	lo, hi := middle-aside, middle+aside
	if i+s.band > j-s.band {
		lo, hi = min(lo, j+1-s.band), max(hi, i+s.band) // both sides are in the table
	}
	for k := max(i+1, lo); k <= min(j, hi); k++ {
		left, right := s.find(i, k-1).price, s.find(k, j).price
		if p := left + right + s.taken(i, j, k, left, right); p < best.price {
			best = priced{p, choice{splitAt, int16(k)}}
		}
	}
	best.price += float64(s.weight(i, j)*testPrice) + s.size
	if s.long == nil {
		s.long = map[[2]int]priced{}
	}
	s.long[[2]int{i, j}] = best
	return best
}

// halfway returns the border that comes nearest to halving the weight and the number of the spans i..j.
func (s *search) halfway(i, j int) int {
	n, total := float64(j-i+1), s.weight(i, j)
	return i + 1 + sort.Search(j-i-1, func(k int) bool { return s.weight(i, i+k)/total+float64(k+1)/n >= 1 })
}

// build returns the nodes of the tree that was found for i..j.
func (s *search) build(g *graph, i, j int) *node {
	c := s.find(i, j)
	k := int(c.k)
	switch c.kind {
	case splitAt:
		left, right := s.build(g, i, k-1), s.build(g, k, j)
		return g.test(asm.JgeK, s.spans[k].lo, right, left, s.weight(k, j), s.weight(i, k-1))
	case chain:
		return s.show(&chainScan{d: k}, i, j).build(s.spanList, g)
	default:
		return s.show(&bitScan{bit: k}, i, j).build(s.spanList, g)
	}
}
