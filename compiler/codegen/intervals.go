package codegen

import (
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
)

// interval is a range of the values of one word that all go one way: from lo up to where the next
// interval of its list begins, the last one up to 0xffffffff.
type interval struct {
	lo     uint32
	to     *node
	weight float64 // how often the word lies in the interval
}

// joinIntervals merges neighbours with the same target:
//
//	0..4 → A, 5..9 → A, 10.. → B     ⇒     0..9 → A, 10.. → B
func joinIntervals(intervals []interval) []interval {
	n := 1
	for i := range intervals[1:] {
		if intervals[i].to != intervals[i+1].to {
			n++
		}
	}
	if n == len(intervals) {
		return intervals
	}
	joined := make([]interval, 0, n)
	for _, s := range intervals {
		if n := len(joined); n > 0 && joined[n-1].to == s.to {
			joined[n-1].weight += s.weight
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

func weightOf(intervals []interval) float64 {
	w := 0.0
	for _, s := range intervals {
		w += s.weight
	}
	return w
}

// intervalList is a list of neighbouring intervals with their weights in whole numbers: the price
// of a test that all values come to is their weight. What is added up in whole numbers in whatever
// order is equal where it should be, on any machine.
type intervalList struct {
	intervals []interval
	items     []item  // the same, as the search looks at them
	sum       []int64 // sum[i] is the weight of the intervals before i
	size      int64   // the price of an instruction
	never     uint32  // bits that no value has
}

// item is an interval of a list: the values lo to hi.
type item struct {
	lo, hi uint32
	to     *node
	weight int64
}

func (p *item) single() bool { return p.lo == p.hi }

const (
	listWeight = 1 << 40 // of a list
	// of an interval: no path grows long where one weighs far more than others
	leastWeight = 1 << 16
	impossible  = 1 << 60 // the price of what cannot be done
)

func newIntervalList(intervals []interval, kind treeKind) *intervalList {
	l := &intervalList{}
	l.take(intervals, kind)
	return l
}

// take makes it the list of some intervals.
func (l *intervalList) take(intervals []interval, kind treeKind) {
	l.intervals, l.size, l.never = intervals, int64(kind.size*listWeight), kind.never
	l.items = slices.Grow(l.items[:0], len(intervals))[:len(intervals)]
	l.sum = slices.Grow(l.sum[:0], len(intervals)+1)[:len(intervals)+1]
	l.sum[0] = 0
	total := weightOf(intervals)
	for i, s := range intervals {
		w := int64(leastWeight)
		if total > 0 {
			w = max(w, int64(s.weight/total*listWeight))
		}
		l.items[i] = item{s.lo, l.end(i), s.to, w}
		l.sum[i+1] = l.sum[i] + w
	}
}

func (l *intervalList) weight(i, j int) int64 { return l.sum[j+1] - l.sum[i] }

// single reports whether an interval is one value.
func (l *intervalList) single(k int) bool { return l.end(k) == l.intervals[k].lo }

// lowestBit returns the lowest bit that is the same in all values of an interval.
func (l *intervalList) lowestBit(k int) int { return bits.Len32(l.intervals[k].lo ^ l.end(k)) }

// end returns the last value of an interval that there can be.
func (l *intervalList) end(k int) uint32 {
	end := uint32(whole)
	if k+1 < len(l.intervals) {
		end = l.intervals[k+1].lo - 1
	}
	return end &^ l.never
}

// treePrice returns the price of a tree over some items of a list, none of which its tests cut. It
// panics where the tree takes one of them elsewhere than the list does.
func (l *intervalList) treePrice(n *node, items []item) int64 {
	weight, decided := int64(0), true
	for _, p := range items {
		weight += p.weight
		decided = decided && p.to == n
	}
	if decided {
		return 0
	}
	var yes, no []item
	heavy := int64(0)
	for _, p := range items {
		if asm.Holds(n.op, p.lo, n.k) {
			yes = append(yes, p)
			heavy += p.weight
		} else {
			no = append(no, p)
		}
	}
	a, b := l.treePrice(n.t, yes), l.treePrice(n.f, no)
	return weight + l.size + a + b + taken(a, b, heavy, weight-heavy)
}

// longGroup is the number of intervals that one bit tells apart from which on they are taken as
// one.
const longGroup = 8

// collapse replaces long groups of intervals that one bit tells apart by one interval:
//
//	0 → A, 1 → B, 2 → A, 3 → B, ... 9 → B     ⇒     0..9 → JSET 1, B, A
func (b *treeBuilder) collapse(list *intervalList) []interval {
	intervals := list.intervals
	var out []interval
	for i := 0; i < len(intervals); {
		bit, end := list.bitGroup(i)
		if end-i < longGroup {
			out = append(out, intervals[i])
			i++
			continue
		}
		group := list.show(&bitScan{bit: bit}, i, end).build(list, b.graph)
		out = append(out, interval{intervals[i].lo, group, weightOf(intervals[i:end])})
		i = end
	}
	return out
}

// bitGroup returns the bit that tells apart the longest group of intervals from i on, and where it
// ends.
func (l *intervalList) bitGroup(i int) (bit uint32, end int) {
	for b := l.lowestBit(i); b < maxBit; b++ {
		scan := bitScan{bit: 1 << b}
		for k := i; k < len(l.intervals) && scan.add(l, k); k++ {
			if k >= end && scan.tells() {
				bit, end = scan.bit, k+1
			}
		}
	}
	return bit, end
}

// forcedBits are bits each of which, where it is set, leads to one target.
type forcedBits struct {
	mask  uint32
	to    *node
	rest  []interval // of the values in which all are clear
	share float64    // of the weight, in which some are set: of intervals without other values
}

// forcedBy returns the bits that lead to one target where they are set, and reports whether there
// are any, and without them less than half of the intervals are left, or of few intervals not all.
func forcedBy(intervals []interval, kind treeKind) (f forcedBits, ok bool) {
	l := intervalList{intervals: intervals, never: kind.never}
	if len(intervals) < 5 { // two are left at least, as the last one has values of both kinds
		return f, false
	}
	// Bits that only the last interval has in some values leave all intervals.
	last := intervals[len(intervals)-1].lo
	if f.to, f.mask = l.forced(); f.mask&(1<<bits.Len32(last)-1) == 0 {
		return f, false
	}
	set, never := 0.0, l.never|f.mask
	for i, s := range intervals {
		lo, end := firstWithout(s.lo, never), lastWithout(l.end(i), never)
		if lo < s.lo || lo > end {
			set += s.weight
			continue
		}
		s.lo = lo
		f.rest = append(f.rest, s)
	}
	f.rest = joinIntervals(f.rest)
	if total := weightOf(intervals); total > 0 {
		f.share = set / total
	}
	few := len(intervals) <= maxExact && len(f.rest) < len(intervals)
	return f, few || 2*len(f.rest) < len(intervals)
}

// forced returns where the last value goes, and the bits that no value has that goes elsewhere.
func (l *intervalList) forced() (to *node, mask uint32) {
	to, mask = l.intervals[len(l.intervals)-1].to, ^l.never
	for i, s := range l.intervals {
		if s.to != to {
			mask &^= l.some(i)
		}
	}
	return to, mask
}

// some returns the bits that some value of an interval has.
func (l *intervalList) some(k int) uint32 {
	return (l.intervals[k].lo | (1<<l.lowestBit(k) - 1)) &^ l.never
}

// lastWithout returns the last value up to v that has none of some bits.
func lastWithout(v, clear uint32) uint32 {
	if v&clear != 0 {
		below := belowFirst(v & clear)
		v = v&^(2*below+1) | below
	}
	return v &^ clear
}

// firstWithout returns the first value from v on that has none of some bits, 0 if there is none.
func firstWithout(v, clear uint32) uint32 {
	if v&clear == 0 {
		return v
	}
	return ((v | (2*belowFirst(v&clear) + 1) | clear) + 1) &^ clear
}

// belowFirst returns all bits below the highest one of v.
func belowFirst(v uint32) uint32 { return 1<<max(bits.Len32(v)-1, 0) - 1 }
