package compiler

import (
	"sort"

	"github.com/seccompc/seccompc/asm"
)

const (
	maxExact = 16 // spans of a list of which all trees are looked at
	maxBand  = 64 // pieces of a list of which all sublists are
)

// search finds a cheap tree over a list of spans by dynamic programming over its sublists, from the short to the
// long. A sublist i..j is a leaf of the tree, or split at k: JGE, then the trees of i..k-1 and k..j. In short lists
// every sublist and every split is looked at, which finds the cheapest tree.
//
// A longer list is first cut into pieces, which are leaves, and split between these alone, near to where the
// immediate sublists are split. A sublist of more than band pieces is split in its middle. What such trees cost is
// at most 5 % above the cheapest tree, and 0.1 % in the mean, in the lists of TestSearchNearCheapest.
type search struct {
	*spanList
	leaves leafList
	pieces []int    // the first span of each, and behind the last one the number of spans
	before []int64  // the weight of the spans before each
	band   int      // of sublists of so many pieces all are looked at
	from   []int64  // the price of i..j, at i*band + j-i
	to     []int64  // the same, at toward(i, j): those that end at j lie side by side too
	best   []choice // at i*band + j-i
	cut    []int32  // the best split, at i*band + j-i
}

// choice is how a sublist is decided.
type choice struct {
	kind choiceKind
	k    int32 // the piece to split at; for bits, the bit; for a chain, the span whose target its rest goes to
}

type choiceKind uint8

const (
	splitAt choiceKind = iota
	chain
	bitTest
)

// run returns the tree over a list, whose leaves are found.
func (s *search) run(l *spanList, g *graph) *node {
	s.find(l)
	return s.build(g, 0, len(s.pieces)-2)
}

// find searches a list; what was found of another one is forgotten, and its room used again.
func (s *search) find(l *spanList) {
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
	n := len(s.pieces) - 1
	s.band = min(n, maxBand)
	if n > asm.MaxLen { // of which each makes an instruction
		s.band = 1
	}
	if size := n * s.band; size > len(s.from) {
		s.from, s.to = make([]int64, size), make([]int64, size)
		s.best, s.cut = make([]choice, size), make([]int32, size)
	}
	for i := n - 1; i >= 0; i-- {
		s.row(i)
	}
}

// short reports whether all trees over the list are looked at.
func (l *spanList) short() bool { return len(l.spans) <= maxExact }

// singles appends each span, as a piece, and the number of spans.
func (l *spanList) singles(out []int) []int {
	for i := range len(l.spans) + 1 {
		out = append(out, i)
	}
	return out
}

// row fills the sublists that begin with piece i, given those that begin later.
func (s *search) row(i int) {
	end := min(i+s.band, len(s.pieces)-1)
	row := i * s.band
	from, best, cuts := s.from[row:row+end-i], s.best[row:row+end-i], s.cut[row:row+end-i]
	for n := range from {
		j := i + n
		p, cut := int64(impossible), i
		if n > 0 {
			p, cut = s.split(i, j)
		}
		c := choice{splitAt, int32(cut)}
		if leaf := s.leaves.between(s.pieces[i], s.pieces[j+1]); leaf.price < p {
			p, c = leaf.price, leaf.choice
		}
		from[n], s.to[s.toward(i, j)], best[n], cuts[n] = p, p, c, int32(cut)
	}
}

// split returns the cheapest split of i..j. In a long list only those are tried from one before to one behind where
// its two immediate sublists are split: exact where prices are monotone, as with any search tree over keys (Knuth
// 1971), and near to it here.
func (s *search) split(i, j int) (price int64, cut int) {
	row := i*s.band - i // the price of i..j stands at row+j
	lo, hi := i+1, j
	if !s.short() {
		if first, last := int(s.cut[row+j-1])-1, int(s.cut[row+s.band-1+j])+1; max(lo, first) <= min(hi, last) {
			lo, hi = max(lo, first), min(hi, last)
		}
	}
	left := s.from[row+lo-1 : row+hi] // of k-1, for each k
	right := s.to[s.toward(lo, j):][:len(left)]
	before := s.before[lo:][:len(left)]
	start, end := s.before[i], s.before[j+1]
	price = impossible
	for n, l := range left {
		r := right[n]
		p := l + r
		if p >= price {
			continue
		}
		if p += taken(l, r, before[n]-start, end-before[n]); p < price {
			price, cut = p, lo+n
		}
	}
	return price + end - start + s.size, cut
}

// taken returns the price of the jump between the two sides of a split, if both go on testing.
func taken(left, right, leftWeight, rightWeight int64) int64 {
	if left == 0 || right == 0 {
		return 0
	}
	return min(leftWeight, rightWeight) / 100 * takenPercent
}

// toward returns where the price of i..j stands in s.to.
func (s *search) toward(i, j int) int { return (j+1)*s.band - 1 - (j - i) }

// weigh returns the weight of the pieces i..j.
func (s *search) weigh(i, j int) int64 { return s.before[j+1] - s.before[i] }

// choice returns how i..j is decided.
func (s *search) choice(i, j int) choice {
	if j-i < s.band {
		return s.best[i*s.band+j-i]
	}
	return choice{splitAt, int32(s.middle(i, j))}
}

// middle returns the piece at which a split comes nearest to halving the weight and the number of the pieces i..j.
func (s *search) middle(i, j int) int {
	n, total := float64(j-i+1), float64(s.weigh(i, j))
	return i + 1 + sort.Search(j-i-1, func(k int) bool {
		return float64(s.weigh(i, i+k))/total+float64(k+1)/n >= 1
	})
}

// build returns the nodes of the tree that was found for i..j.
func (s *search) build(g *graph, i, j int) *node {
	c := s.choice(i, j)
	k := int(c.k)
	switch c.kind {
	case splitAt:
		left, right := s.build(g, i, k-1), s.build(g, k, j)
		return g.test(asm.JgeK, s.spans[s.pieces[k]].lo, right, left, float64(s.weigh(k, j)), float64(s.weigh(i, k-1)))
	case chain:
		return s.show(&chainScan{d: k}, s.pieces[i], s.pieces[j+1]).build(s.spanList, g)
	default:
		return s.show(&bitScan{bit: k}, s.pieces[i], s.pieces[j+1]).build(s.spanList, g)
	}
}
