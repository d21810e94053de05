package codegen

import (
	"sort"

	"github.com/seccompc/seccompc/asm"
)

const (
	maxExact = 16 // spans of a list of which every sublist and every split is looked at
	maxBand  = 64 // pieces of a list of which all sublists are
)

// search finds a cheap tree over a list of spans by dynamic programming over its sublists, from the short to the
// long. A sublist i..j is a leaf of the tree, or split at k: JGE, then the trees of i..k-1 and k..j. In short lists
// every sublist and every split is looked at, which finds the cheapest of these trees. It is not the cheapest tree
// that there is: a test for one value (JEQ) or for a bit (JSET) stands in leaves alone, never above a JGE.
//
// A longer list is first cut into pieces, which are leaves, and split between these alone, near to where the
// immediate sublists are split. A sublist of more than maxBand pieces is split in its middle. What such trees cost is
// at most 5 % above the cheapest tree of this kind, and 0.1 % in the mean, in the lists of TestSearchNearCheapest.
type search struct {
	*spanList
	leaves leafList
	pieces []int   // the first span of each, and behind the last one the number of spans
	before []int64 // the weight of the spans before each

	// What is known of the sublists i..j of the pieces first..first+n-1.
	first, n int
	price    []int64  // of i..j, at at(i, j) and at(j, i): those that begin or end alike lie side by side
	best     []choice // at at(i, j)
	cut      []int32  // the best split, at at(i, j)
}

// choice is how a sublist is decided.
type choice struct {
	kind choiceKind
	k    int32 // the piece to split at; for a bit, its mask; for a chain, the span whose target its rest goes to
}

type choiceKind uint8

const (
	splitAt choiceKind = iota
	chain
	bitTest
)

// run returns the tree over a list, whose leaves are found. What was found of another list is forgotten, and its room
// used again.
func (s *search) run(l *spanList, g *graph) *node {
	s.cutUp(l)
	return s.build(g, 0, len(s.pieces)-2)
}

// cutUp cuts a list into pieces.
func (s *search) cutUp(l *spanList) {
	s.spanList = l
	s.pieces = s.pieces[:0]
	if l.short() {
		s.pieces = l.singles(s.pieces)
	} else {
		s.pieces = s.leaves.cover(l, s.pieces)
	}
	s.before = s.before[:0]
	for _, first := range s.pieces {
		s.before = append(s.before, l.sum[first])
	}
}

// many reports whether the pieces i..j are too many for a search. Where there are more than a program may have
// instructions, no tree over them will do.
func (s *search) many(i, j int) bool { return j-i >= maxBand || j > i && len(s.pieces)-1 > asm.MaxLen }

// short reports whether every sublist and every split of the list is looked at.
func (l *spanList) short() bool { return len(l.spans) <= maxExact }

// singles appends each span, as a piece, and the number of spans.
func (l *spanList) singles(out []int) []int {
	for i := range len(l.spans) + 1 {
		out = append(out, i)
	}
	return out
}

// solve finds how each sublist of the pieces i..j is decided.
func (s *search) solve(i, j int) {
	s.first, s.n = i, j-i+1
	if size := s.n * s.n; size > len(s.price) {
		s.price, s.best, s.cut = make([]int64, size), make([]choice, size), make([]int32, size)
	}
	for k := s.n - 1; k >= 0; k-- {
		s.row(k)
	}
}

// at returns where the sublist i..j stands.
func (s *search) at(i, j int) int { return (i-s.first)*s.n + j - s.first }

// row fills the sublists from i on, given those that begin later. Here and in split, i, j and k count from s.first.
func (s *search) row(i int) {
	n, pieces := s.n, s.pieces[s.first:]
	start := pieces[i]
	leaves := s.leaves.from(start)
	for j := i; j < n; j++ {
		p, cut := int64(impossible), i
		if j > i {
			p, cut = s.split(i, j)
		}
		c := choice{splitAt, int32(cut + s.first)}
		if spans := pieces[j+1] - start; spans <= len(leaves) && leaves[spans-1].price < p {
			p, c = leaves[spans-1].price, leaves[spans-1].choice
		}
		at := i*n + j
		s.price[at], s.price[j*n+i], s.best[at], s.cut[at] = p, p, c, int32(cut)
	}
}

// split returns the cheapest split of i..j. In a long list only those are tried from one before to one behind where
// its two immediate sublists are split: exact where prices are monotone, as with any search tree over keys (Knuth
// 1971), and near to it here.
func (s *search) split(i, j int) (price int64, cut int) {
	begin, end := i*s.n, j*s.n // of the prices of what begins at i, and of what ends at j
	lo, hi := i+1, j
	if !s.short() {
		first, last := int(s.cut[begin+j-1])-1, int(s.cut[begin+s.n+j])+1
		if max(lo, first) <= min(hi, last) {
			lo, hi = max(lo, first), min(hi, last)
		}
	}
	prices, before := s.price, s.before[s.first:]
	none, all := before[i], before[j+1] // the weight before i..j, and with it
	price = impossible
	for k := lo; k <= hi; k++ {
		left, right := prices[begin+k-1], prices[end+k]
		p := left + right
		if p >= price {
			continue
		}
		if p += taken(left, right, before[k]-none, all-before[k]); p < price {
			price, cut = p, k
		}
	}
	return price + all - none + s.size, cut
}

// taken returns the price of the jump between the two sides of a split, if both go on testing.
func taken(left, right, leftWeight, rightWeight int64) int64 {
	if left == 0 || right == 0 {
		return 0
	}
	return min(leftWeight, rightWeight) / 100 * takenPercent
}

// weigh returns the weight of the pieces i..j.
func (s *search) weigh(i, j int) int64 { return s.before[j+1] - s.before[i] }

// middle returns the piece at which a split comes nearest to halving the weight and the number of the pieces i..j.
func (s *search) middle(i, j int) int {
	n, total := float64(j-i+1), float64(s.weigh(i, j))
	return i + 1 + sort.Search(j-i-1, func(k int) bool {
		return float64(s.weigh(i, i+k))/total+float64(k+1)/n >= 1
	})
}

// build returns the nodes of the tree over the pieces i..j.
func (s *search) build(g *graph, i, j int) *node {
	if s.many(i, j) {
		k := s.middle(i, j)
		return s.jump(g, i, j, k, s.build(g, i, k-1), s.build(g, k, j))
	}
	s.solve(i, j)
	return s.found(g, i, j)
}

// found returns the nodes of the tree that the search found.
func (s *search) found(g *graph, i, j int) *node {
	c := s.best[s.at(i, j)]
	k := int(c.k)
	switch c.kind {
	case splitAt:
		return s.jump(g, i, j, k, s.found(g, i, k-1), s.found(g, k, j))
	case chain:
		return s.show(&chainScan{d: k}, s.pieces[i], s.pieces[j+1]).build(s.spanList, g)
	default:
		return s.show(&bitScan{bit: uint32(k)}, s.pieces[i], s.pieces[j+1]).build(s.spanList, g)
	}
}

// jump returns the test that splits i..j at k.
func (s *search) jump(g *graph, i, j, k int, left, right *node) *node {
	return g.test(asm.JgeK, s.spans[s.pieces[k]].lo, right, left, float64(s.weigh(k, j)), float64(s.weigh(i, k-1)))
}
