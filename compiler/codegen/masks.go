package codegen

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// maskTests returns the ways to begin with a test of several bits at once:
//
//	some bit of m set → L             JSET m
//	some bit of m not as in v → L     AND m, JEQ v
//	only the bits of m matter         AND m, then a tree over what is left
//	values that the policy names      a tree over them, what is left in the gaps
//	else                              JSET on a few single bits
//
// For {0, 8, 0x20000, 0x20008} the first gives one JSET of all other bits. Ways and support are the
// word's outcomes.
func (c *lowering) maskTests(
	l remaining, few bool, intervals []interval, ways [32]bitOutcome, support uint32,
) []*node {
	found := make([]*node, 0, 8)
	if !few {
		found = append(found, c.takeOut(l, disjoint(c.values[l.w]))...)
	}
	tests, forced := c.forcedTests(l, few, intervals, forcings(ways, support))
	found = append(found, tests...)
	if ^support&^l.zero != 0 {
		masked, few := c.intervals(l.r, l.w, support)
		// Of a function of fewer nodes than intervals, bit by bit is less.
		alone := len(found) == 0 && !forced && len(masked) <= c.d.size(l.r)
		if few && (alone || len(masked) <= maxMasked) {
			tree := c.graph.and(support, c.treeOver(masked, ^support))
			if len(masked) > maxMasked {
				return []*node{tree} // bit by bit it would be far more
			}
			found = append(found, tree)
		}
	}
	if few && len(intervals) > maxMasked {
		return found
	}
	single := support & c.masks[l.w]
	severalBits := forced || len(found) > 0 || c.fewBits(l, support)
	if severalBits && bits.OnesCount32(single) > fewBits {
		return found
	}
	if !severalBits {
		if values := c.valueTests(l); len(values) > 0 {
			return values
		}
	}
	for _, bit := range c.bestBits(l, single) {
		found = append(found, c.testBit(l, bit, intervals))
	}
	return found
}

// fewBits reports whether a function looks at so few bits that all trees of JSET are looked at.
func (c *lowering) fewBits(l remaining, support uint32) bool {
	most := maxFewBits
	if l.zero == 0 {
		most = maxAllBits
	}
	return bits.OnesCount32(support) <= most
}

// bitTree returns the cheapest tree of JSET on any of the bits that a function looks at, which are
// few; nil where none is below a price, or that takes too long to find.
//
//	x & 0xf in {1, 4, 5, 10}     ⇒     jset #2, 1, 2; jset #5, F, 3; …
func (c *lowering) bitTree(l remaining, support uint32, below float64) *node {
	values := bitsOf(support)
	var exits []ref
	count := map[ref]int64{} // values that lead there
	for _, v := range values {
		to := c.d.at(l.r, l.w, v)
		if count[to]++; count[to] == 1 {
			exits = append(exits, to)
		}
	}
	if len(exits) == 2 && min(count[exits[0]], count[exits[1]]) == 1 {
		return nil // one value: the bits that are not as in it force the way out
	}
	share := listWeight / int64(len(exits))
	items := make([]item, len(values))
	for i, v := range values {
		to := c.d.at(l.r, l.w, v)
		items[i] = item{uint32(i), uint32(i), c.lower(to), share / count[to]}
	}
	size := argumentSize * float64(listWeight)
	e := &c.trees.search.exact
	e.begin(items, everyMask[:len(values)-1], values, int64(size))
	n := e.tree(c.graph, int64((below-c.priceOf(exits))*listWeight))
	e.left -= len(e.parts)
	return n
}

// priceOf returns the price of some exits, which are taken equally often.
func (c *lowering) priceOf(exits []ref) float64 {
	var nodes []*node
	executed := 0.0
	for _, r := range exits {
		n := c.lower(r)
		nodes = append(nodes, n)
		executed += n.executed
	}
	return executed/float64(len(exits)) + float64(argumentSize*float64(c.graph.size(nodes...)))
}

// bitsOf returns the values of some bits, in their order.
func bitsOf(mask uint32) (values []uint32) {
	for v := uint32(0); ; v = (v - mask) & mask {
		values = append(values, v)
		if v == mask {
			return values
		}
	}
}

// bestBits returns a few bits of a mask: the lowest ones, and of the others those that leave the
// smallest functions where they are set and clear.
func (c *lowering) bestBits(l remaining, mask uint32) []uint32 {
	var all []uint32
	for ; mask != 0; mask &= mask - 1 {
		all = append(all, mask&-mask)
	}
	if others := all[min(len(all), maxBitTests):]; len(others) > 1 {
		size := map[uint32]int{}
		for _, bit := range others {
			size[bit] = c.d.size(c.fix(l, bit, bit).r) + c.d.size(c.fix(l, bit, 0).r)
		}
		slices.SortStableFunc(others, func(a, b uint32) int { return size[a] - size[b] })
	}
	return all[:min(len(all), 2*maxBitTests)]
}

// forcedTests returns the ways to begin with a test of the bits that force a way out, and reports
// whether there are such bits. A test is left out that does not pay.
func (c *lowering) forcedTests(
	l remaining, few bool, intervals []interval, ways []forcing,
) (found []*node, forced bool) {
	// A test pays where, with its instructions, there are no more intervals left than before, or,
	// where the text has masks, no more nodes than that: each is a test of one bit. Of decisions on
	// several words, and of many intervals, not so much is known.
	pays := func(rest remaining, decided uint32, instructions int) bool {
		switch {
		case !few, c.countIntervals(rest.r, rest.w,
			^(l.zero|decided))+instructions <= len(intervals):
			return true
		case c.masks[l.w] == 0:
			return false
		}
		return len(c.words) > 1 || len(intervals) > maxExact ||
			c.d.size(rest.r)+instructions <= len(intervals)
	}
	for _, m := range ways {
		exit := c.lower(m.to)
		if m.set != 0 {
			forced = true
			if rest := c.fix(l, m.set, 0); pays(rest, m.set, 1) {
				share := shareOf(intervals, m.set, 0)
				found = append(found, c.graph.test(asm.JsetK, m.set, exit, c.testWord(rest), share,
					1-share))
			}
		}
		if both := m.set | m.clear; m.clear != 0 && bits.OnesCount32(both) > 1 {
			forced = true
			// AND, JEQ, and the word is loaded again.
			if rest := c.fix(l, both, m.clear); pays(rest, both, 3) {
				share := shareOf(intervals, both, m.clear)
				test := c.graph.test(asm.JeqK, m.clear, c.lower(rest.r), exit, 1-share, share)
				found = append(found, c.graph.and(both, test))
			}
		}
	}
	return found, forced
}

// forcing says which bits of a word lead to a way out by themselves: any of set being set, or any
// of clear being clear.
type forcing struct {
	to         ref
	set, clear uint32
}

// forcings returns the ways out of a word that single bits of its support force.
func forcings(ways [32]bitOutcome, support uint32) []forcing {
	var out []forcing
	at := func(to outcome) *forcing {
		for i := range out {
			if out[i].to == ref(to) {
				return &out[i]
			}
		}
		out = append(out, forcing{to: ref(to)})
		return &out[len(out)-1]
	}
	for m := support; m != 0; m &= m - 1 {
		way := ways[bits.LeadingZeros32(m&-m)]
		if way.set != several {
			at(way.set).set |= m & -m
		}
		if way.clear != several {
			at(way.clear).clear |= m & -m
		}
	}
	return out
}

// valueTests returns the ways to begin with values that the policy names, all of them or one, and
// what is left without them in the gaps: for words whose masks make too many intervals for a tree.
func (c *lowering) valueTests(l remaining) []*node {
	values := disjoint(c.values[l.w])
	found := c.takeOut(l, values)
	if len(values) <= maxAlone {
		for i := range values {
			found = append(found, c.takeOut(l, values[i:i+1])...)
		}
	}
	return found
}

// takeOut returns a tree over some values, with what is left without them in the gaps; nothing, if
// that is no less than before.
func (c *lowering) takeOut(l remaining, values []policy.Range) []*node {
	var taken []policy.Range
	for _, r := range values {
		if _, one := c.exitOf(l, r); one {
			taken = append(taken, r)
		}
	}
	care := c.d.members(wholeWord(l.w), 0xffffffff, policy.Union(taken), no, yes)
	rest := l
	if rest.r = c.d.restrict(l.r, care); rest.r == l.r {
		return nil
	}
	gap := c.testWord(rest)
	intervals := []interval{{0, gap, 1}}
	add := func(lo uint64, to *node) {
		if last := len(intervals) - 1; uint64(intervals[last].lo) == lo {
			intervals = intervals[:last]
		}
		if lo <= 0xffffffff {
			intervals = append(intervals, interval{uint32(lo), to, 1})
		}
	}
	for _, r := range taken {
		to, _ := c.exitOf(l, r)
		add(r.Lo, c.lower(to))
		add(r.Hi+1, gap)
	}
	return []*node{c.treeOver(intervals, 0)}
}

// exitOf returns the one way out of the word that all values of a range take, if they do.
func (c *lowering) exitOf(l remaining, r policy.Range) (to ref, one bool) {
	to = c.d.at(l.r, l.w, uint32(r.Lo))
	return to, c.d.leads(l.r, int32(l.w+1)*32, uint32(r.Lo), uint32(r.Hi), to)
}

func wholeWord(w int) field { return field{low: int32(w), width: 32} }

// disjoint returns the ranges in order without those that overlap an earlier one.
func disjoint(ranges []policy.Range) []policy.Range {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b policy.Range) int {
		return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	})
	var out []policy.Range
	for _, r := range sorted {
		if len(out) == 0 || r.Lo > out[len(out)-1].Hi {
			out = append(out, r)
		}
	}
	return out
}

// shareOf returns how often, by the weights of the intervals, the bits of mask are not those of
// value: of each interval its ends are looked at. Nothing known of the intervals, it is as often as
// not.
func shareOf(intervals []interval, mask, value uint32) float64 {
	l := intervalList{intervals: intervals}
	total, share := 0.0, 0.0
	for i, s := range intervals {
		total += s.weight
		for _, v := range []uint32{s.lo, l.end(i)} {
			if v&mask != value {
				share += s.weight / 2
			}
		}
	}
	if total == 0 {
		return 0.5
	}
	return share / total
}

// flipped is how code goes on that begins with the load of a word: code is what follows, for a word
// of which the bits of flip have been inverted. Of bits that are not in care it does not matter.
type flipped struct {
	word       word
	code       *node
	flip, care uint32
}

// inverted returns the code that goes to t where a test of a mask holds and to f elsewhere. Where
// the way on is to test another mask of the same word, the word stays in A. Its bits are inverted
// where a mask wants them set, so that JSET says whether they are as they should be:
//
//	x & 6 == 6 || x & 9 == 9     ⇒     xor #0xf; jset #6, 1, T; jset #9, F, T
//	x & 6 == 2 || x & 3 == 1     ⇒     xor #2; jset #6, 1, T; xor #3; jset #3, F, T
//
// The last test of such a chain is as it would be alone.
func (d *decider) inverted(m maskTest, t, f *node, alone func() *node) *node {
	g := d.g.graph
	equal, differ := t, f
	if m.differ {
		equal, differ = f, t
	}
	way, chained := flipped{word: m.word}, false
	for _, side := range []**node{&differ, &equal} {
		next := d.flips[*side]
		if next.code == nil || next.word != m.word {
			continue
		}
		wrong := (m.value ^ next.flip) & m.mask & next.care // as this mask wants them
		clash := (way.flip ^ next.flip ^ wrong) & way.care & next.care
		if chained && (wrong|clash) != 0 {
			continue // it loads the word again
		}
		*side = g.xor(wrong, next.code)
		way.flip, way.care, chained = way.flip|next.flip^wrong, way.care|next.care, true
	}
	way.flip, way.care = way.flip|m.value, way.care|m.mask
	way.code = g.test(asm.JsetK, m.mask, differ, equal, 1, 1)
	var n *node
	if chained {
		n = g.load(m.word.offset(d.g.order), g.xor(way.flip, way.code))
	} else {
		n = alone()
	}
	if way.code.op == asm.JsetK {
		d.flips[n] = way
	}
	return n
}

// byMasks returns a disjunction with the tests of masks in front: of each word one after the other,
// and those that want the same bits inverted.
func (d *decider) byMasks(c policy.Or) policy.Or {
	if len(c) < 2 || !d.g.passes.on(invertWords) {
		return c
	}
	type masks struct {
		flipped
		tests policy.Or
	}
	var groups []*masks
	var rest policy.Or
	var tests []maskTest // in one order, whatever that of the text
	of := map[maskTest]policy.Cond{}
	for _, x := range c {
		t, _ := x.(policy.Test)
		m, ok := masked(t)
		if !ok {
			rest = append(rest, x)
			continue
		}
		if of[m] == nil {
			tests = append(tests, m)
		}
		of[m] = x
	}
	slices.SortFunc(tests, func(a, b maskTest) int {
		return cmp.Or(a.word.compare(b.word), cmp.Compare(a.mask, b.mask),
			cmp.Compare(a.value, b.value))
	})
	for _, m := range tests {
		i := slices.IndexFunc(groups, func(g *masks) bool {
			return g.word == m.word && (m.value^g.flip)&m.mask&g.care == 0
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, &masks{flipped: flipped{word: m.word}})
		}
		g := groups[i]
		g.flip, g.care, g.tests = g.flip|m.value, g.care|m.mask, append(g.tests, of[m])
	}
	var out policy.Or
	for _, g := range groups {
		out = append(out, g.tests...)
	}
	return append(out, rest...)
}
