package codegen

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Bounds on the work that one decision may cost. What is beyond them is still lowered, by simpler
// means.
const (
	maxWork        = 1_200_000 // steps of all diagrams of a program together
	maxMerged      = 1_000_000 // of these, all but what is left for test after test
	maxMaskWork    = 20_000    // the same for a decision of manyMasks or more, if it has only these
	manyMasks      = 6
	maxDiagram     = 1_000_000 // nodes of the diagrams of one order of a decision's words
	maxPerExpected = 400       // the same, for each instruction that is expected of it
	maxIntervals   = 512       // intervals of one word
	manyIntervals  = 16384     // the same, where its bits make no shorter code
	maxMasked      = 48        // the same after an AND, and where tests of masks have been found
	maxBitTests    = 2         // bits of a word, of either kind, that are tried one by one
	fewBits        = 3         // the same, where a test of several bits at once has been found
	maxFewBits     = 4         // bits of which all trees of JSET are looked at
	maxAllBits     = 5         // the same, of a word of which nothing has been tested yet
	maxTries       = 60        // functions of a word for which mask tests are searched
	maxAlone       = 8         // values that are also tried alone
	maxValues      = 64        // values of a word that are taken out of its masks
)

// lowering makes the code of one function of the arguments: the words that it looks at, in order,
// and its diagram.
type lowering struct {
	graph *graph
	trees *treeBuilder
	d     *diagrams
	order binary.ByteOrder
	late  []*policy.Late

	words  words
	values [][]policy.Range // of each word, values that tests name
	masks  []uint32         // of each word, bits that tests name
	exits  []*node          // what leaf -3-i leads to

	done     map[ref]*node       // by lower
	tests    map[remaining]*node // by testWord
	searched map[string]*node    // by treeOver
	tries    int                 // functions of a word for which mask tests were searched
	shares   []exitShare         // of the function that is weighed
}

// newLowering returns the lowering of a function over some words, which shares the diagrams with
// the others of its decision.
func newLowering(g *generator, order words, named map[word]*constants) *lowering {
	c := &lowering{
		graph: g.graph, trees: g.trees, d: g.diagrams, order: g.order, late: g.late,
		words: order,
	}
	for _, w := range order {
		if k := named[w]; k != nil {
			c.values = append(c.values, k.values)
			c.masks = append(c.masks, k.mask)
		}
	}
	return c
}

// function returns what a list of rulings decides, with rest for the calls that none does.
func (c *lowering) function(rulings []ruling, rest *node) ref {
	r := c.exit(rest)
	for _, x := range slices.Backward(rulings) {
		r = c.d.cond(x.conds, c.words, c.exit(x.to), r)
	}
	return r
}

// exit returns the leaf that leads to a node.
func (c *lowering) exit(n *node) ref {
	i := slices.Index(c.exits, n)
	if i < 0 {
		i = len(c.exits)
		c.exits = append(c.exits, n)
	}
	return ref(-3 - i)
}

// code returns the code for a function.
func (c *lowering) code(r ref) *node {
	c.done, c.tests = map[ref]*node{}, map[remaining]*node{}
	c.searched = map[string]*node{}
	return c.lower(r)
}

// lower returns the code for a diagram: the load of its first word and the tests on it, and so on.
func (c *lowering) lower(r ref) *node {
	if r < 0 {
		return c.exits[-3-r]
	}
	if n := c.done[r]; n != nil {
		return n
	}
	w := int(c.d.bit(r) / 32)
	var test *node
	if c.words[w].late != nil {
		test = c.testLate(r, w)
	} else {
		test = c.testWord(remaining{r: r, w: w})
	}
	n := c.graph.load(c.offset(w), test)
	c.done[r] = n
	return n
}

// testLate returns the test whether a word, which is in A, is that of a late value: what it will be
// compared with is filled in later, so that this stays a test of its own.
func (c *lowering) testLate(r ref, w int) *node {
	n := c.d.nodes[r]
	again := func(n *node) *node { // what follows, without loading the word again
		if n.op == asm.LdAbs && n.k == c.offset(w) {
			return n.t
		}
		return n
	}
	value := slices.Index(c.late, c.words[w].late)
	place := asm.Place{Value: value, High: c.words[w].high}
	return c.graph.test(asm.Waiting, place.K(), again(c.lower(n.hi)), again(c.lower(n.lo)), 1, 1)
}

// offset returns where a word lies in seccomp_data.
func (c *lowering) offset(w int) uint32 { return c.words[w].offset(c.order) }

// remaining is what is left to decide about word w, which is in A and whose bits zero are known to
// be clear.
type remaining struct {
	r    ref
	w    int
	zero uint32
}

// testWord returns the cheapest code found that takes a word to the rest of the decision.
func (c *lowering) testWord(l remaining) *node {
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
func (c *lowering) fix(l remaining, mask, value uint32) remaining {
	return remaining{c.d.fix(l.r, l.w, mask, value), l.w, l.zero | mask&^value}
}

// searchTests tries the ways to begin, the simple ones only once too many have been tried.
func (c *lowering) searchTests(l remaining) *node {
	intervals, few := c.intervals(l.r, l.w, ^l.zero)
	if few && noMasks(intervals) {
		return c.treeOver(intervals, 0)
	}
	var best *node
	least := float64(impossible / listWeight) // its price
	consider := func(n *node) {
		if price := c.graph.price(n); best == nil || price < least {
			best, least = n, price
		}
	}
	masks := c.trees.passes.on(testMasks) && c.tries < maxTries
	var support uint32
	if masks {
		c.tries++
		var ways [32]bitOutcome
		ways, support = c.d.outcomes(l.r, l.w)
		for _, n := range c.maskTests(l, few, intervals, ways, support) {
			consider(n)
		}
	}
	if few && (best == nil || len(intervals) <= maxMasked && leastPrice(intervals) < least) {
		consider(c.treeOver(intervals, 0))
	}
	if masks && c.fewBits(l, support) {
		if n := c.bitTree(l, support, least); n != nil {
			consider(n)
		}
	}
	if best == nil {
		best = c.testBit(l, maskOf(c.d.bit(l.r)), intervals)
	}
	return best
}

// treeOver returns the tree over some intervals of a word that never has some bits.
func (c *lowering) treeOver(intervals []interval, never uint32) *node {
	kind := ofArgument
	kind.never = never
	if len(intervals) > maxMasked { // what is left by the tests tried: seldom the same again
		return c.trees.build(intervals, kind)
	}
	key := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+20*maxMasked), never)
	for _, s := range intervals {
		key = binary.LittleEndian.AppendUint32(key, s.lo)
		key = binary.LittleEndian.AppendUint64(key, uint64(s.to.id))
		key = binary.LittleEndian.AppendUint64(key, math.Float64bits(s.weight))
	}
	n := c.searched[string(key)]
	if n == nil {
		n = c.trees.build(intervals, kind)
		c.searched[string(key)] = n
	}
	return n
}

// noMasks reports whether no test of several bits makes shorter code for the intervals than
// comparisons do: there are two borders at most, or two values that differ from the rest.
func noMasks(intervals []interval) bool {
	l := intervalList{intervals: intervals}
	if len(intervals) != 5 {
		return len(intervals) <= 3
	}
	rest := intervals[0].to
	return l.single(1) && l.single(3) && intervals[2].to == rest && intervals[4].to == rest
}

// leastPrice returns a bound below the price of any tree over the intervals: a test removes two
// borders at most.
func leastPrice(intervals []interval) float64 {
	return testPrice + argumentSize*float64(len(intervals)/2)
}

// intervals returns the intervals of word w that r takes the same way, among the values in which
// only bits of mask are set. It reports whether they are few enough.
func (c *lowering) intervals(r ref, w int, mask uint32) ([]interval, bool) {
	found, all := c.refIntervals(r, w, mask, maxExact)
	if !all { // they are counted first, as there can be too many to walk through
		count := c.countIntervals(r, w, mask)
		if count > manyIntervals || count > maxIntervals && count > c.d.size(r) {
			return nil, false
		}
		c.d.spend(count)
		found, _ = c.refIntervals(r, w, mask, count)
	}
	return c.weigh(found), true
}

// refIntervals returns the intervals, as intervals does, and reports whether these are all: it
// stops when there are more than most.
func (c *lowering) refIntervals(
	r ref, w int, mask uint32, most int,
) (found refIntervals, all bool) {
	type side struct {
		r           ref
		value, free uint32 // the values of value and some of the bits free
	}
	var later [32]side // where a bit is set: what comes behind the values at hand
	found = make(refIntervals, 0, most+1)
	end := int32(w+1) * 32
	p, n := side{r, 0, mask}, 0
	for {
		for c.d.bit(p.r) < end {
			next := end - int32(bits.Len32(p.free))
			if c.d.bit(p.r) < next { // looks at a bit that is clear
				p.r = c.d.nodes[p.r].lo
				continue
			}
			lo, hi := c.d.sides(p.r, next)
			bit := maskOf(next)
			p.free &^= bit
			later[n] = side{hi, p.value | bit, p.free}
			p.r, n = lo, n+1
		}
		found = found.add(p.value, p.r)
		if n == 0 || len(found) > most {
			return found, len(found) <= most
		}
		n--
		p = later[n]
	}
}

// weigh returns the intervals of a function of a word. Each way out is taken equally often, by each
// of its intervals.
func (c *lowering) weigh(f refIntervals) []interval {
	shares := c.shares[:0]
	for _, r := range f {
		i := slices.IndexFunc(shares, func(s exitShare) bool { return s.to == r.to })
		if i < 0 {
			i = len(shares)
			shares = append(shares, exitShare{to: r.to})
		}
		shares[i].intervals++
	}
	c.shares = shares
	intervals := make([]interval, len(f))
	for i, r := range f {
		share := shares[slices.IndexFunc(shares, func(s exitShare) bool { return s.to == r.to })]
		intervals[i] = interval{lo: r.lo, weight: 1 / float64(len(shares)*share.intervals)}
	}
	for i, r := range f { // now, as this may weigh other functions
		intervals[i].to = c.lower(r.to)
	}
	return intervals
}

// exitShare is where some intervals lead.
type exitShare struct {
	to        ref
	intervals int
}

// countIntervals returns how many intervals intervals would return, or some number above
// manyIntervals.
func (c *lowering) countIntervals(r ref, w int, mask uint32) int {
	end := int32(w+1) * 32
	c.d.walk() // notes the borders between the values that a node tells apart
	var borders func(r ref, free uint32) int
	// of the bits of mask, free is those that are not decided
	borders = func(r ref, free uint32) int {
		bit := c.d.bit(r)
		if bit >= end {
			return 0
		}
		below := free & (maskOf(bit) - 1)
		note, ok := c.d.met(r)
		n := int(note)
		if !ok {
			lo, hi := c.d.sides(r, bit)
			n = min(borders(lo, below)+borders(hi, below), manyIntervals+1)
			if c.lastExit(lo, end) != c.firstExit(hi, end) {
				n++
			}
			c.d.meet(r, int32(n))
		}
		if before := free &^ (below | maskOf(bit)); before != 0 { // r as often as these have values
			n <<= min(bits.OnesCount32(before), 16)
			if c.lastExit(r, end) != c.firstExit(r, end) {
				n += 1<<min(bits.OnesCount32(before), 16) - 1
			}
		}
		return min(n, manyIntervals+1)
	}
	return borders(r, mask) + 1
}

// firstExit returns where r leads to with all bits before end clear, lastExit with all of them set.
func (c *lowering) firstExit(r ref, end int32) ref {
	for c.d.bit(r) < end {
		r = c.d.nodes[r].lo
	}
	return r
}

func (c *lowering) lastExit(r ref, end int32) ref {
	for c.d.bit(r) < end {
		r = c.d.nodes[r].hi
	}
	return r
}

// testBit tests one bit of the word.
func (c *lowering) testBit(l remaining, mask uint32, intervals []interval) *node {
	set, clear := c.testWord(c.fix(l, mask, mask)), c.testWord(c.fix(l, mask, 0))
	share := shareOf(intervals, mask, 0)
	return c.graph.test(asm.JsetK, mask, set, clear, share, 1-share)
}
