package codegen

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// TestCertificate holds the trees over 200 short lists, as small policies have them, and over 200
// of any kind, against all trees of the same tests. Up to maxAll spans none may be cheaper.
func TestCertificate(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := rand.New(rand.NewPCG(22, 3))
	for _, kind := range []struct {
		name  string
		list  func() []interval
		gap   float64 // in the mean, beyond maxAll spans
		worst float64
	}{
		{"small policies", func() []interval { return smallPolicy(r) }, 0.005, 0.02},
		{"any lists", func() []interval {
			return randomIntervals(r, 2+r.IntN(maxExact-1))
		}, 0.005, 0.15},
	} {
		short, total, worst, optimal := 0, 0.0, 0.0, 0
		for range 200 {
			intervals := kind.list()
			gap := checkGap(t, intervals)
			if total += gap; gap == 0 {
				optimal++
			}
			if len(intervals) <= maxAll {
				short++
			}
			worst = max(worst, gap)
		}
		t.Logf("%s: %d lists of up to %d spans, gap 0; all 200, of up to %d: %.2f %% above the "+
			"cheapest of all trees in the mean, %.1f %% at most, %d are the cheapest",
			kind.name, short, maxAll, maxExact, total/2, 100*worst, optimal)
		if total/200 > kind.gap || worst > kind.worst {
			t.Errorf("%s: more than is allowed", kind.name)
		}
	}
}

// checkGap returns how far the tree over a list is above the cheapest of all trees, which must be
// nothing up to maxAll spans.
func checkGap(t *testing.T, intervals []interval) float64 {
	t.Helper()
	l := newIntervalList(intervals, ofNumbers)
	b := &treeBuilder{graph: newGraph()}
	n, _, all := b.tree(intervals, ofNumbers)
	if all != (len(intervals) <= maxAll) {
		t.Fatalf("%d spans: all trees: %t", len(intervals), all)
	}
	gap := float64(l.treePrice(n, l.items))/float64(allTrees(l)) - 1
	if gap < 0 || gap > 0 && all {
		t.Fatalf("%.2f %% above the cheapest of all trees over %d spans: %v", 100*gap,
			len(intervals), intervals)
	}
	return gap
}

// TestCertificateOfLowNumbers does the same for lists of a few low numbers, which masks tell apart:
// where one was tested above, the cheapest comparison may be one between two spans that go one way.
func TestCertificateOfLowNumbers(t *testing.T) {
	g := newGraph()
	list := func(spans ...float64) (out []interval) { // of each its first number, way, and weight
		for i := 0; i < len(spans); i += 3 {
			to := g.ret(policy.Errno | policy.Action(spans[i+1]))
			out = append(out, interval{uint32(spans[i]), to, spans[i+2]})
		}
		return out
	}
	checkGap(t, list(0, 2, 1, 1, 0, 1, 4, 2, 3, 5, 0, 3, 7, 2, 20, 8, 0, 0, 9, 1, 3, 10, 2, 0,
		11, 1, 0, 12, 0, 0))
	checkGap(t, list(0, 1, 0, 2, 0, 1, 4, 1, 1, 8, 0, .3, 9, 1, 3, 10, 0, .3, 14, 1, 0, 20, 0, 1))
	checkGap(t, list(0, 1, 3, 2, 0, 3, 4, 1, 1, 6, 0, 1, 7, 1, 20, 8, 0, 0, 10, 2, 0))
	r := rand.New(rand.NewPCG(22, 7))
	for range 2000 {
		var spans []float64
		number, to, length := 0, 0, 1+r.IntN(6)
		for range 2 + r.IntN(maxAll-1) {
			weight := []float64{0, 0.3, 1, 3, 20}[r.IntN(5)]
			spans = append(spans, float64(number), float64(to), weight)
			number, to = number+1+r.IntN(length), (to+1+r.IntN(2))%3
		}
		checkGap(t, list(spans...))
		b := &treeBuilder{graph: newGraph()}
		if b.build(list(spans...), ofNumbers); !b.last.cheapest {
			t.Fatalf("of %v no tree is known to be the cheapest", spans)
		}
	}
}

// TestCertificateOfForcedBits: where a test of forced bits stands above a short list, the cheapest
// of the other trees costs no less, each number counted by itself.
func TestCertificateOfForcedBits(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 11))
	forced := 0
	for range 5000 {
		g := newGraph()
		ways := []*node{g.ret(policy.Allow), g.ret(policy.KillProcess)}
		if r.IntN(2) == 0 {
			ways[0], ways[1] = ways[1], ways[0]
		}
		var numbers []interval
		for nr := range uint32(460) {
			numbers = append(numbers, interval{nr, ways[1], 1})
		}
		top := 1 << (4 + r.IntN(5))
		for range 1 + r.IntN(4) {
			numbers[r.IntN(top)].to = ways[0]
		}
		if r.IntN(2) == 0 {
			numbers = append(numbers, interval{1 << 30, g.ret(policy.Trap), 1},
				interval{whole, ways[1], 1})
		}
		list := joinIntervals(numbers)
		b := &treeBuilder{graph: g}
		other, _, all := b.tree(list, ofNumbers)
		b.build(list, ofNumbers)
		if all != b.last.cheapest {
			t.Fatalf("all trees: %t, cheapest: %t", all, b.last.cheapest)
		}
		if b.last.root == other || !all {
			continue
		}
		forced++
		l := newIntervalList(numbers, ofNumbers)
		if got, want := l.treePrice(b.last.root, l.items), l.treePrice(other, l.items); got > want {
			t.Fatalf("%v: %d, without a test of forced bits %d", list, got, want)
		}
	}
	if forced < 20 {
		t.Errorf("only %d trees test forced bits", forced)
	}
}

// smallPolicy returns the spans of the numbers under a policy of x86_64 that names a few calls.
func smallPolicy(r *rand.Rand) []interval {
	g := newGraph()
	deny, kill, rest := g.ret(policy.Errno|1), g.ret(policy.KillProcess), g.ret(policy.Allow)
	check := g.load(16, g.test(0x15, 1, deny, rest, 1, 1))
	ways := map[uint32]*node{}
	for range 1 + r.IntN(7) {
		nr := r.Uint32N(450)
		for range 1 + r.IntN(5)/4 {
			ways[nr] = []*node{deny, deny, deny, kill, check}[r.IntN(5)]
			nr++
		}
	}
	weights := map[*node]float64{
		deny: deniedWeight, kill: deniedWeight, rest: cachedWeight, check: 3,
	}
	var out []interval
	for nr := range uint32(460) {
		to := ways[nr]
		if to == nil {
			to = rest
		}
		out = append(out, interval{nr, to, weights[to]})
	}
	out = append(out, interval{460, rest, rareWeight * cachedWeight},
		interval{0x4000_0000, kill, rareWeight},
		interval{0xffff_ffff, rest, rareWeight * cachedWeight})
	if out = joinIntervals(out); len(out) > maxExact {
		return smallPolicy(r)
	}
	return out
}

// allTrees returns the price of the cheapest of all trees over a list: of each set of its
// intervals, by each test that tells some of them from the others and cuts none of them.
func allTrees(l *intervalList) int64 {
	n := len(l.items)
	var tests []func(k int) (holds, whole bool)
	for _, p := range l.items {
		tests = append(tests,
			func(k int) (bool, bool) { return l.items[k].lo >= p.lo, true },
			func(k int) (bool, bool) { return l.items[k].lo == p.lo, p.lo == p.hi })
	}
	for from := range 6 {
		for to := from; to < 6; to++ {
			mask := uint32(1)<<(to+1) - uint32(1)<<from
			tests = append(tests, func(k int) (holds, whole bool) {
				p := l.items[k]
				for v := p.lo; v < p.hi && v < p.lo+200; v++ {
					if (v&mask != 0) != ((v+1)&mask != 0) {
						return false, false
					}
				}
				return p.lo&mask != 0, true
			})
		}
	}
	type split struct{ holds, cuts uint32 }
	var splits []split
	for _, test := range tests {
		var s split
		for k := range n {
			holds, whole := test(k)
			if holds {
				s.holds |= 1 << k
			}
			if !whole {
				s.cuts |= 1 << k
			}
		}
		splits = append(splits, s)
	}
	price := make([]int64, 1<<n)   // of each set of intervals
	weights := make([]int64, 1<<n) // and what it weighs
	for set := uint32(1); set < 1<<n; set++ {
		first := bits.TrailingZeros32(set)
		weights[set] = weights[set&(set-1)] + l.items[first].weight
		one := true
		for k := range n {
			one = one && (set>>k&1 == 0 || l.items[k].to == l.items[first].to)
		}
		if one {
			continue
		}
		price[set] = impossible
		for _, s := range splits {
			yes, no := set&s.holds, set&^s.holds
			if set&s.cuts != 0 || yes == 0 || no == 0 {
				continue
			}
			p := weights[set] + l.size + price[yes] + price[no]
			if price[yes] > 0 && price[no] > 0 {
				p += min(weights[yes], weights[no]) / 100 * takenPercent
			}
			price[set] = min(price[set], p)
		}
	}
	return price[1<<n-1]
}

// TestFewBits holds the tree of a function of up to five bits against all trees of JSET.
func TestFewBits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(22, 5))
	for n := 2; n <= maxAllBits; n++ {
		for range 6 {
			g := newGraph()
			ways := []*node{g.ret(policy.Allow), g.ret(policy.Errno | 1), g.ret(policy.Log)}
			var items []item
			var masks []uint32
			for v := range uint32(1) << n {
				items = append(items,
					item{v, v, ways[r.IntN(3)%(1+r.IntN(3))], 1 + r.Int64N(listWeight)})
				masks = append(masks, v)
			}
			e := &exact{left: maxOfAllBits}
			e.begin(items, masks[1:], masks, listWeight/4)
			got := e.solve(e.side(e.everything()), impossible)
			want := cheapestOfMasks(items, masks[1:], listWeight/4)
			if got != want {
				t.Errorf("%d bits: %d, the cheapest tree costs %d", n, got, want)
			}
		}
	}
}

// cheapestOfMasks returns the price of the cheapest of all trees of masks.
func cheapestOfMasks(items []item, masks []uint32, size int64) int64 {
	prices := map[uint32]int64{}
	var price func(set uint32) int64
	price = func(set uint32) int64 {
		if p, ok := prices[set]; ok {
			return p
		}
		one, weight, best := true, int64(0), int64(impossible)
		for i, p := range items {
			if set>>i&1 == 1 {
				one = one && p.to == items[bits.TrailingZeros32(set)].to
				weight += p.weight
			}
		}
		if one {
			best = 0
		}
		for _, m := range masks {
			var yes uint32
			light := int64(0)
			for i, p := range items {
				if set>>i&1 == 1 && p.lo&m != 0 {
					yes |= 1 << i
					light += p.weight
				}
			}
			if one || yes == 0 || yes == set {
				continue
			}
			a, b := price(yes), price(set&^yes)
			p := weight + size + a + b
			if a > 0 && b > 0 {
				p += min(light, weight-light) / 100 * takenPercent
			}
			best = min(best, p)
		}
		prices[set] = best
		return best
	}
	return price(uint32(1)<<len(items) - 1)
}

// TestNoRoom wants no tree where there is no room for all parts, however little there is.
func TestNoRoom(t *testing.T) {
	g := newGraph()
	ways := []*node{g.ret(policy.Allow), g.ret(policy.Errno | 1)}
	var items []item
	for v := range uint32(16) {
		items = append(items, item{v, v, ways[bits.OnesCount32(v)%2], listWeight / 16})
	}
	everything := bitsOf(15)
	e := &exact{left: maxOfAllBits}
	e.begin(items, everyMask[:15], everything, listWeight/4)
	if e.tree(g, impossible) == nil {
		t.Fatal("no tree")
	}
	parts := len(e.parts)
	for left := range parts + 2 {
		e = &exact{left: left}
		e.begin(items, everyMask[:15], everything, listWeight/4)
		if n := e.tree(g, impossible); (n != nil) != (left >= parts) {
			t.Errorf("room for %d parts of %d: a tree: %t", left, parts, n != nil)
		}
	}
}
