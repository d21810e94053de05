package codegen

import (
	"slices"
	"sort"

	"github.com/seccompc/seccompc/asm"
)

const maxBand = 64 // groups of a list of which all sublists are looked at

// search finds a cheap tree over a list of intervals that is too long for [exact], by dynamic
// programming over its sublists, from the short to the long. A sublist i..j is a leaf of the tree,
// or split at k: JGE, then the trees of i..k-1 and k..j. The list is first cut into groups, which
// are leaves, and split between these alone, near to where the immediate sublists are split. A
// sublist of more than maxBand groups is split in its middle. What such trees cost is at most 5 %
// above the cheapest tree of splits and leaves, and 0.1 % in the mean, in the lists of
// TestSearchNearCheapest.
//
// Where the tree has come to a few intervals, the cheapest tree of all tests takes its place,
// unless the code is shorter without these: equal parts are one then, of which no tree's price
// knows.
type search struct {
	*intervalList
	leaves leafList
	exact  exact
	bits   bool    // whether tests of bits are allowed
	groups []int   // the first interval of each, and behind the last one the number of intervals
	before []int64 // the weight of the intervals before each

	// What is known of the sublists i..j of the groups first..first+n-1.
	first, n int
	price    []int64  // at at(i, j) and at(j, i): those that begin or end alike lie side by side
	best     []choice // at at(i, j)
	cut      []int32  // the best split, at at(i, j)
}

// choice is how a sublist is decided.
type choice struct {
	kind choiceKind
	// the group to split at; a bit's mask; the interval to whose target a chain's rest goes
	k int32
}

type choiceKind uint8

const (
	splitAt choiceKind = iota
	chain
	bitTest
)

// run returns the tree over a list, whose leaves are found, and the plain one, of splits and leaves
// alone. What was found of another list is forgotten, and its room used again.
func (s *search) run(l *intervalList, g *graph) (n, plain *node) {
	s.cutUp(l)
	return s.build(g, 0, len(s.groups)-2)
}

// runAll returns the cheapest tree over a short list, whose leaves are found, and what run returns
// beside it; and whether all trees have been looked at.
func (s *search) runAll(l *intervalList, g *graph) (n, plain *node, all bool) {
	s.cutUp(l)
	last := len(s.groups) - 2
	s.solve(0, last)
	plain = s.found(g, 0, last, false)
	switch n, all = s.cheapest(g, 0, last); {
	case !all:
		n, _ = s.build(g, 0, last)
	case n == nil:
		n = plain
	}
	return n, plain, all
}

// cutUp cuts a list into groups.
func (s *search) cutUp(l *intervalList) {
	s.intervalList = l
	s.groups = slices.Grow(s.groups[:0], len(l.intervals)+1)
	if l.short() {
		for i := range len(l.intervals) + 1 {
			s.groups = append(s.groups, i)
		}
	} else {
		s.groups = s.leaves.cover(l, s.groups)
	}
	s.before = slices.Grow(s.before[:0], len(s.groups))
	for _, first := range s.groups {
		s.before = append(s.before, l.sum[first])
	}
}

// many reports whether the groups i..j are too many for a search. Where there are more than a
// program may have instructions, no tree over them will do.
func (s *search) many(i, j int) bool {
	return j-i >= maxBand || j > i && len(s.groups)-1 > asm.MaxLen
}

// short reports whether all splits of the list's sublists are looked at.
func (l *intervalList) short() bool { return len(l.intervals) <= maxExact }

// solve finds how each sublist of the groups i..j is decided.
func (s *search) solve(i, j int) {
	s.first, s.n = i, j-i+1
	if size := s.n * s.n; size > len(s.price) {
		size = max(size, 2*len(s.price), maxExact*maxExact)
		s.price, s.best, s.cut = make([]int64, size), make([]choice, size), make([]int32, size)
	}
	for k := s.n - 1; k >= 0; k-- {
		s.row(k)
	}
}

// at returns where the sublist i..j stands.
func (s *search) at(i, j int) int { return (i-s.first)*s.n + j - s.first }

// row fills the sublists from i on, given those that begin later. Here and in split, i, j and k
// count from s.first.
func (s *search) row(i int) {
	n, groups := s.n, s.groups[s.first:]
	start := groups[i]
	leaves := s.leaves.from(start)
	for j := i; j < n; j++ {
		p, cut := int64(impossible), i
		if j > i {
			p, cut = s.split(i, j)
		}
		c := choice{splitAt, int32(cut + s.first)}
		if intervals := groups[j+1] - start; intervals <= len(leaves) &&
			leaves[intervals-1].price < p {
			p, c = leaves[intervals-1].price, leaves[intervals-1].choice
		}
		at := i*n + j
		s.price[at], s.price[j*n+i], s.best[at], s.cut[at] = p, p, c, int32(cut)
	}
}

// split returns the cheapest split of i..j. Of a long list only those are tried from one before to
// one behind where its two immediate sublists are split: exact where prices are monotone, as with
// any search tree over keys (Knuth 1971), and near to it here.
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

// weigh returns the weight of the groups i..j.
func (s *search) weigh(i, j int) int64 { return s.before[j+1] - s.before[i] }

// middle returns the group at which a split comes nearest to halving the weight and the number of
// the groups i..j.
func (s *search) middle(i, j int) int {
	n, total := float64(j-i+1), float64(s.weigh(i, j))
	return i + 1 + sort.Search(j-i-1, func(k int) bool {
		return float64(s.weigh(i, i+k))/total+float64(k+1)/n >= 1
	})
}

// build returns the nodes of the tree over the groups i..j, and those of the plain one.
func (s *search) build(g *graph, i, j int) (best, plain *node) {
	if s.many(i, j) {
		k := s.middle(i, j)
		left, plainLeft := s.build(g, i, k-1)
		right, plainRight := s.build(g, k, j)
		return s.jump(g, i, j, k, left, right), s.jump(g, i, j, k, plainLeft, plainRight)
	}
	s.solve(i, j)
	best, plain = s.found(g, i, j, true), s.found(g, i, j, false)
	saved := g.size(best) - g.size(plain)
	if saved > 0 || saved == 0 && plain.executed < best.executed {
		best = plain
	}
	return best, plain
}

// found returns the nodes of the tree that the search found; with ends, where it has come to a few
// intervals, of the cheapest tree over these.
func (s *search) found(g *graph, i, j int, ends bool) *node {
	if ends && s.groups[j+1]-s.groups[i] <= maxEnd {
		if n, _ := s.cheapest(g, i, j); n != nil {
			return n
		}
		ends = false // this one is the cheapest
	}
	c := s.best[s.at(i, j)]
	k := int(c.k)
	switch c.kind {
	case splitAt:
		return s.jump(g, i, j, k, s.found(g, i, k-1, ends), s.found(g, k, j, ends))
	case chain:
		return s.show(&chainScan{d: k}, s.groups[i], s.groups[j+1]).build(s.intervalList, g)
	default:
		return s.show(&bitScan{bit: uint32(k)}, s.groups[i], s.groups[j+1]).build(s.intervalList, g)
	}
}

// cheapest returns the cheapest tree over the groups i..j, nil where none is cheaper than the one
// that was found; and whether all trees have been looked at.
func (s *search) cheapest(g *graph, i, j int) (n *node, all bool) {
	price := s.price[s.at(i, j)]
	if price <= s.weigh(i, j)+s.size { // of one test, or of none
		return nil, true
	}
	var masks []uint32
	if s.bits {
		masks = lowMasks
	}
	s.exact.begin(s.items[s.groups[i]:s.groups[j+1]], masks, nil, s.size)
	n = s.exact.tree(g, price)
	return n, !s.exact.full
}

// jump returns the test that splits i..j at k.
func (s *search) jump(g *graph, i, j, k int, left, right *node) *node {
	return g.test(asm.JgeK, s.intervals[s.groups[k]].lo, right, left,
		float64(s.weigh(k, j)), float64(s.weigh(i, k-1)))
}
