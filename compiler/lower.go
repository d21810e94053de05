package compiler

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Bounds on the work that one decision may cost. What is beyond them is still lowered, by simpler means.
const (
	maxDiagram  = 1_000_000 // nodes of the diagrams of one decision
	maxSpans    = 512       // runs of values of one word
	maxMasked   = 48        // the same after an AND, and where tests of masks have been found
	maxBitTests = 4         // bits of a word that are tried one by one
	maxTries    = 60        // functions of a word for which mask tests are searched
	maxAlone    = 8         // values that are also tried alone
	maxValues   = 64        // values of a word that are taken out of its masks
)

// lowerer turns decisions into nodes.
type lowerer struct {
	graph    *graph
	diagrams *diagrams // of the decision at hand
	source   int       // the first rule of the decision at hand
	order    binary.ByteOrder
	passes   passSet
}

// decision lowers one function of the arguments: the words it looks at, in order, and its diagram.
type decision struct {
	*lowerer
	d      *diagrams
	words  words
	values [][]policy.Range // of each word, values that tests name
	masks  []uint32         // of each word, bits that tests name
	exits  []*node          // what leaf -3-i leads to
	done   map[ref]*node    // by lower
	tests  map[left]*node   // by testWord
	tries  int
}

// exit returns the leaf that leads to a node.
func (c *decision) exit(n *node) ref {
	i := slices.Index(c.exits, n)
	if i < 0 {
		i = len(c.exits)
		c.exits = append(c.exits, n)
	}
	return ref(-3 - i)
}

// lower returns the code for a diagram: the load of its first word and the tests on it, and so on.
func (c *decision) lower(r ref) *node {
	if r < 0 {
		return c.exits[-3-r]
	}
	if n := c.done[r]; n != nil {
		return n
	}
	w := int(c.d.bit(r) / 32)
	n := c.graph.load(c.offset(w), c.testWord(left{r: r, w: w}))
	c.done[r] = n
	return n
}

// offset returns where a word lies in seccomp_data.
func (c *decision) offset(w int) uint32 {
	if c.words[w].high {
		return asm.HighWord(c.words[w].arg, c.order)
	}
	return asm.LowWord(c.words[w].arg, c.order)
}

// left is what is left to decide about word w, which is in A and whose bits zero are known to be clear.
type left struct {
	r    ref
	w    int
	zero uint32
}

// testWord returns the cheapest code found that takes a word to the rest of the decision.
func (c *decision) testWord(l left) *node {
	if c.d.bit(l.r)/32 != int32(l.w) {
		return c.lower(l.r)
	}
	n := c.tests[l]
	if n == nil {
		n = c.searchTests(l)
		c.tests[l] = n
	}
	return n
}

// fix returns what is left where the bits of mask are those of value.
func (c *decision) fix(l left, mask, value uint32) left {
	return left{c.d.fix(l.r, l.w, mask, value), l.w, l.zero | mask&^value}
}

// searchTests tries the ways to begin, the simple ones only once too many have been tried.
func (c *decision) searchTests(l left) *node {
	spans, few := c.spans(l.r, l.w, ^l.zero)
	if few && oneTest(spans) {
		return c.dispatch(spans, argumentSize)
	}
	var best *node
	consider := func(n *node) {
		if best == nil || price(n) < price(best) {
			best = n
		}
	}
	if c.passes.on(testMasks) && c.tries < maxTries {
		c.tries++
		for _, n := range c.maskTests(l, few, len(spans)) {
			consider(n)
		}
	}
	if few && (best == nil || len(spans) <= maxMasked && leastPrice(spans) < price(best)) {
		consider(c.dispatch(spans, argumentSize))
	}
	if best == nil {
		best = c.testBit(l, maskOf(c.d.bit(l.r)))
	}
	return best
}

// oneTest reports whether one comparison decides the spans.
func oneTest(spans []span) bool {
	return len(spans) == 2 || len(spans) == 3 && spans[0].to == spans[2].to && spans[1].lo+1 == spans[2].lo
}

// leastPrice returns a bound below the price of any tree over the spans: a test removes two borders at most.
func leastPrice(spans []span) float64 { return testPrice + argumentSize*float64(len(spans)/2) }

// spans returns the runs of values of word w that r takes the same way, among the values in which only bits
// of mask are set. It reports whether they are few enough.
func (c *decision) spans(r ref, w int, mask uint32) ([]span, bool) {
	var out []span
	var to []ref
	var walk func(r ref, bit int32, value uint32)
	walk = func(r ref, bit int32, value uint32) {
		if c.d.bit(r) >= int32(w+1)*32 {
			if n := len(to); n == 0 || to[n-1] != r {
				out, to = append(out, span{lo: value}), append(to, r)
			}
			return
		}
		lo, hi := c.d.sides(r, bit)
		walk(lo, bit+1, value)
		if mask&maskOf(bit) != 0 {
			walk(hi, bit+1, value|maskOf(bit))
		}
	}
	if c.countRuns(r, w, mask) > maxSpans {
		return nil, false
	}
	walk(r, int32(w)*32, 0)
	runs := map[ref]int{}
	for _, t := range to {
		runs[t]++
	}
	for i, t := range to {
		// Each way out is taken equally often, by each of its runs of values.
		out[i].to, out[i].weight = c.lower(t), 1/float64(len(runs)*runs[t])
	}
	return out, true
}

// countRuns returns how many spans spans would return, or some number above maxSpans.
func (c *decision) countRuns(r ref, w int, mask uint32) int {
	end := int32(w+1) * 32
	inner := map[ref]int{} // borders between the values that r tells apart
	var borders func(r ref, from int32) int
	borders = func(r ref, from int32) int {
		bit := c.d.bit(r)
		if bit >= end {
			return 0
		}
		n, ok := inner[r]
		if !ok {
			lo, hi := c.d.sides(r, bit)
			n = borders(lo, bit+1) + borders(hi, bit+1)
			if c.lastExit(lo, end) != c.firstExit(hi, end) {
				n++
			}
			inner[r] = n
		}
		for ; bit > from && n <= maxSpans; bit-- {
			if mask&maskOf(bit-1) == 0 {
				continue
			}
			n *= 2
			if c.lastExit(r, end) != c.firstExit(r, end) {
				n++
			}
		}
		return min(n, maxSpans+1)
	}
	return borders(r, int32(w)*32) + 1
}

// firstExit returns where r leads to with all bits before end clear, lastExit with all of them set.
func (c *decision) firstExit(r ref, end int32) ref {
	for c.d.bit(r) < end {
		r = c.d.nodes[r].lo
	}
	return r
}

func (c *decision) lastExit(r ref, end int32) ref {
	for c.d.bit(r) < end {
		r = c.d.nodes[r].hi
	}
	return r
}

// testBit tests one bit of the word.
func (c *decision) testBit(l left, mask uint32) *node {
	set, clear := c.testWord(c.fix(l, mask, mask)), c.testWord(c.fix(l, mask, 0))
	return c.graph.test(asm.JsetK, mask, set, clear, 1, 1)
}

// maskTests returns the ways to begin with a test of several bits at once:
//
//	some bit of m set → L             JSET m
//	some bit of m not as in v → L     AND m, JEQ v
//	only the bits of m matter         AND m, then a tree over what is left
//	else                              JSET on each bit
//
// For {0, 8, 0x20000, 0x20008} the first gives one JSET of all other bits.
func (c *decision) maskTests(l left, few bool, runs int) []*node {
	support := c.support(l.r, l.w)
	var found []*node
	if !few {
		found = c.takeOut(l, disjoint(c.values[l.w]))
	}
	for _, m := range c.forced(l.r, l.w, support) {
		exit := c.lower(m.to)
		if m.set != 0 {
			rest := c.testWord(c.fix(l, m.set, 0))
			found = append(found, c.graph.test(asm.JsetK, m.set, exit, rest, 1, 1))
		}
		if both := m.set | m.clear; m.clear != 0 && bits.OnesCount32(both) > 1 {
			rest := c.lower(c.fix(l, both, m.clear).r)
			found = append(found, c.graph.and(both, c.graph.test(asm.JeqK, m.clear, rest, exit, 1, 1)))
		}
	}
	if ^support&^l.zero != 0 {
		if spans, few := c.spans(l.r, l.w, support); few && len(spans) <= maxMasked {
			found = append(found, c.graph.and(support, c.dispatch(spans, argumentSize)))
		}
	}
	if few && runs > maxMasked || len(found) > 0 {
		return found
	}
	if found = c.valueTests(l); len(found) > 0 {
		return found
	}
	single := support & c.masks[l.w]
	for n := 0; single != 0 && n < maxBitTests; n++ {
		found = append(found, c.testBit(l, single&-single))
		single &= single - 1
	}
	return found
}

// support returns the bits of word w that r looks at.
func (c *decision) support(r ref, w int) uint32 {
	seen := c.d.newMark()
	var mask uint32
	var walk func(r ref)
	walk = func(r ref) {
		if c.d.bit(r) >= int32(w+1)*32 || c.d.marks[r] == seen {
			return
		}
		c.d.marks[r] = seen
		mask |= maskOf(c.d.bit(r))
		walk(c.d.nodes[r].lo)
		walk(c.d.nodes[r].hi)
	}
	walk(r)
	return mask
}

// forcing says which bits of a word lead to a way out by themselves: any of set being set, or any of clear
// being clear.
type forcing struct {
	to         ref
	set, clear uint32
}

// forced returns the ways out of word w that single bits force.
func (c *decision) forced(r ref, w int, support uint32) []forcing {
	var out []forcing
	at := func(to ref) *forcing {
		for i := range out {
			if out[i].to == to {
				return &out[i]
			}
		}
		out = append(out, forcing{to: to})
		return &out[len(out)-1]
	}
	for m := support; m != 0; m &= m - 1 {
		b := m & -m
		if to, ok := c.d.exit(r, w, b, b); ok {
			at(to).set |= b
		}
		if to, ok := c.d.exit(r, w, b, 0); ok {
			at(to).clear |= b
		}
	}
	return out
}

// valueTests returns the ways to begin with values that the policy names, all of them or one, and what is
// left without them in the gaps: for words whose masks make too many runs for a tree.
func (c *decision) valueTests(l left) []*node {
	values := disjoint(c.values[l.w])
	found := c.takeOut(l, values)
	if len(values) <= maxAlone {
		for i := range values {
			found = append(found, c.takeOut(l, values[i:i+1])...)
		}
	}
	return found
}

// takeOut returns a tree over some values, with what is left without them in the gaps; nothing, if that is
// no less than before.
func (c *decision) takeOut(l left, values []policy.Range) []*node {
	word := []half{{int32(l.w), 32, 0}}
	care := yes
	var taken []policy.Range
	for _, r := range values {
		if _, one := c.exitOf(l, r); one {
			taken = append(taken, r)
			care = c.d.ite(c.d.within(word, 0xffffffff, r), no, care)
		}
	}
	rest := l
	if rest.r = c.d.restrict(l.r, care); rest.r == l.r {
		return nil
	}
	gap := c.testWord(rest)
	spans := []span{{0, gap, 1}}
	add := func(lo uint64, to *node) {
		if last := len(spans) - 1; uint64(spans[last].lo) == lo {
			spans = spans[:last]
		}
		if lo <= 0xffffffff {
			spans = append(spans, span{uint32(lo), to, 1})
		}
	}
	for _, r := range taken {
		to, _ := c.exitOf(l, r)
		add(r.Lo, c.lower(to))
		add(r.Hi+1, gap)
	}
	return []*node{c.dispatch(spans, argumentSize)}
}

// exitOf returns the one way out of the word that all values of a range take, if they do.
func (c *decision) exitOf(l left, r policy.Range) (to ref, one bool) {
	word := []half{{int32(l.w), 32, 0}}
	to = c.d.at(l.r, l.w, uint32(r.Lo))
	inside := c.d.within(word, 0xffffffff, r)
	return to, c.d.ite(inside, l.r, to) == to
}

// disjoint returns the ranges in order without those that overlap an earlier one.
func disjoint(ranges []policy.Range) []policy.Range {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b policy.Range) int { return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi)) })
	var out []policy.Range
	for _, r := range sorted {
		if len(out) == 0 || r.Lo > out[len(out)-1].Hi {
			out = append(out, r)
		}
	}
	return out
}
