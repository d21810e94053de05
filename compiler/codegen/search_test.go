package codegen

import (
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// TestSearchNearCheapest compares the price of the tree that is found with that of the cheapest
// one, over lists of intervals as numbers and arguments have them.
func TestSearchNearCheapest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	worst, total, lists := 0.0, 0.0, 0
	for n := 2; n <= 120; n += 1 + n/8 {
		for range 20 {
			l := newIntervalList(randomIntervals(r, n),
				[]treeKind{ofNumbers, ofArgument}[r.IntN(2)])
			b := &treeBuilder{}
			b.search.leaves.find(l, true, false)
			cheapest := cheapestTree(l, b.search.leaves)
			b.search.cutUp(l)
			found := priceOf(&b.search, 0, len(b.search.groups)-2)
			above := float64(found)/float64(cheapest) - 1
			if above < 0 {
				t.Fatalf("%d intervals: found %v, the cheapest is %v", n, found, cheapest)
			}
			worst, total, lists = max(worst, above), total+above, lists+1
		}
	}
	t.Logf("%d lists: at most %.2f %% above the cheapest, %.2f %% in the mean", lists, 100*worst,
		100*total/float64(lists))
	if worst > 0.05 || total/float64(lists) > 0.001 {
		t.Error("more than search's comment says")
	}
}

// randomIntervals returns neighbouring intervals, many of them single values, that go to a few
// targets.
func randomIntervals(r *rand.Rand, n int) []interval {
	g := newGraph()
	targets := 2 + r.IntN(3)
	single := r.Float64()
	var out []interval
	for lo := uint32(0); len(out) < n; lo++ {
		to := g.ret(policy.Errno | policy.Action(r.IntN(targets)))
		s := interval{lo, to, []float64{0.001, 1, 1, 3, 20}[r.IntN(5)]}
		if r.Float64() > single {
			lo += r.Uint32N(30)
		}
		if k := len(out); k == 0 || out[k-1].to != s.to {
			out = append(out, s)
		}
	}
	return out
}

// priceOf returns the price of the tree that was found for the groups i..j.
func priceOf(s *search, i, j int) int64 {
	if !s.many(i, j) {
		s.solve(i, j)
		return s.price[s.at(i, j)]
	}
	k := s.middle(i, j)
	left, right := priceOf(s, i, k-1), priceOf(s, k, j)
	return left + right + taken(left, right, s.weigh(i, k-1), s.weigh(k, j)) + s.weigh(i, j) +
		s.size
}

// cheapestTree returns the price of the cheapest tree over a list, all sublists and all splits
// looked at.
func cheapestTree(l *intervalList, leaves leafList) int64 {
	n := len(l.intervals)
	price := make([][]int64, n)
	for i := n - 1; i >= 0; i-- {
		price[i] = make([]int64, n)
		for j := i; j < n; j++ {
			best := int64(impossible)
			if leaves := leaves.from(i); j-i < len(leaves) {
				best = leaves[j-i].price
			}
			for k := i + 1; k <= j; k++ {
				left, right := price[i][k-1], price[k][j]
				p := left + right + l.weight(i, j) + l.size
				p += taken(left, right, l.weight(i, k-1), l.weight(k, j))
				best = min(best, p)
			}
			price[i][j] = best
		}
	}
	return price[0][n-1]
}

// TestForcedBits: the values that a test of forced bits leaves go where they went, whichever bits
// no value has.
func TestForcedBits(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 9))
	g := newGraph()
	forced := 0
	for range 4000 {
		kind, length := ofArgument, 1+r.Uint32N(6)
		if r.IntN(2) == 0 {
			kind.never = r.Uint32() &^ 0x1f
		}
		var intervals []interval
		for v, end := uint32(0), 4+r.Uint32N(40); v < end; v += 1 + r.Uint32N(length) {
			if lo := firstWithout(v, kind.never); lo == v {
				to := g.ret(policy.Errno | policy.Action(r.IntN(2)*r.IntN(2)))
				intervals = append(intervals, interval{lo, to, 1})
			}
		}
		intervals = joinIntervals(intervals)
		f, ok := forcedBy(intervals, kind)
		if !ok {
			continue
		}
		forced++
		for v := range uint32(256) {
			switch {
			case v&kind.never != 0:
			case v&f.mask != 0 && goesTo(intervals, v) != f.to,
				v&f.mask == 0 && goesTo(intervals, v) != goesTo(f.rest, v):
				t.Fatalf("%d, without %#x, behind %#x: %v becomes %v", v, kind.never, f.mask,
					intervals, f.rest)
			}
		}
	}
	if forced < 200 {
		t.Errorf("only %d lists have such bits", forced)
	}
}

// goesTo returns where a list takes a value.
func goesTo(intervals []interval, v uint32) *node {
	i := sort.Search(len(intervals), func(i int) bool { return intervals[i].lo > v })
	return intervals[i-1].to
}
