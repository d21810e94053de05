package codegen

import (
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/asm"
)

const (
	maxAll   = 10   // intervals of a list of which all trees are looked at
	maxExact = 16   // the same, where they lead to few parts
	maxEnd   = 8    // intervals at the end of the tree over a long list, the same
	maxParts = 2048 // of one list
	// The same, of a function of maxAllBits bits, more than it has; and of all those of a program.
	maxOfBits    = 10_000
	maxOfAllBits = 200_000
)

// exact finds the cheapest tree of some tests over up to 64 cases, by dynamic programming over the
// parts of them that the tests lead to: a part is the cases that are still possible behind some
// tests. The tests come in any order: one for a value or for some bits may stand above a
// comparison, and below it.
//
//	JGE      the first value of each case but the first one, where the cases are in order
//	JEQ      the value of each case that has only one
//	JSET     the masks given, above cases that have some bit of it in all their values, or in none
type exact struct {
	cases []exactCase
	masks []maskFork
	size  int64              // the price of an instruction
	limit int                // of parts
	left  int                // parts that may still be made of functions of bits
	sums  [4][256]int64      // the weights of all parts of each eight cases
	place [1 << maxAll]int32 // of parts of the first cases
	index iteCache           // of parts, where place has no room for them
	parts []part

	ordered bool // whether JGE and JEQ may be used
}

// exactCase is values that go one way.
type exactCase struct {
	item
	alike uint64 // the cases that go where this one does
}

// maskFork is a test of a mask.
type maskFork struct {
	mask  uint32
	some  uint64 // the cases that have some bit of it in all their values
	mixed uint64 // those that have some in a part of them
}

// part is what is known of some of the cases.
type part struct {
	cases         uint64
	price, weight int64
	test          fork // to begin with
}

// fork is a test: it holds for the cases yes.
type fork struct {
	op  uint16
	k   uint32
	yes uint64
}

// begin takes in cases, in the order of their values, and masks; ordered, if the values may be
// compared as a whole.
func (e *exact) begin(items []item, masks []uint32, size int64, ordered bool) {
	e.ordered = ordered
	e.limit = maxParts
	if !ordered {
		e.limit = min(maxOfBits, e.left)
	}
	e.cases, e.masks, e.parts, e.size = e.cases[:0], e.masks[:0], e.parts[:0], size
	e.index.clear()
	for i := range items {
		alike := uint64(0)
		for k := range items {
			if items[k].to == items[i].to {
				alike |= 1 << k
			}
		}
		e.cases = append(e.cases, exactCase{items[i], alike})
		sums, bit := &e.sums[i/8], 1<<(i%8)
		for k := range bit {
			sums[bit|k] = sums[k] + items[i].weight
		}
	}
	for _, m := range masks {
		e.addMask(items, m)
	}
}

// addMask adds a mask, unless it tells no cases apart or there is one that tells the same ones.
func (e *exact) addMask(items []item, mask uint32) {
	f := maskFork{mask: mask}
	for i := range items {
		switch some, all := items[i].bits(mask); {
		case all:
			f.some |= 1 << i
		case some:
			f.mixed |= 1 << i
		}
	}
	if f.some == 0 || f.some|f.mixed == e.everything() {
		return
	}
	for _, other := range e.masks {
		if other.some == f.some && other.mixed == f.mixed {
			return
		}
	}
	e.masks = append(e.masks, f)
}

// bits reports whether some of the values have a bit of mask, and whether all have.
func (p *item) bits(mask uint32) (some, all bool) {
	lowest := mask & -mask
	if bits.Len32(p.hi-p.lo) > bits.Len32(mask) { // all that the lower bits can be
		return true, false
	}
	if p.lo&mask == 0 {
		return p.hi >= p.lo&-lowest|lowest, false
	}
	without := p.lo // the first value from lo on that has none
	for without&mask != 0 {
		without |= 1<<bits.Len32(without&mask) - 1
		if without == whole {
			return true, true
		}
		without++
	}
	return true, p.hi < without
}

func (e *exact) everything() uint64 { return 1<<len(e.cases) - 1 }

// decided reports whether all cases of a part go one way.
func (e *exact) decided(s uint64) bool {
	return s&^e.cases[bits.TrailingZeros64(s)].alike == 0
}

// weigh returns the weight of a part.
func (e *exact) weigh(s uint64) (w int64) {
	for i := 0; s != 0; i, s = i+1, s>>8 {
		w += e.sums[i][s&0xff]
	}
	return w
}

// tree returns the cheapest tree, nil where it takes too many parts.
func (e *exact) tree(g *graph) *node {
	if !e.decided(e.everything()) && e.solve(e.everything()) < 0 {
		return nil
	}
	return e.build(g, e.everything())
}

// solve finds how a part that is not decided is decided the cheapest, and returns where it stands
// in parts; -1 where that takes too many of them.
func (e *exact) solve(s uint64) int {
	if at := e.find(s); at >= 0 {
		return at
	}
	p := part{cases: s, price: impossible, weight: e.weigh(s)}
	if e.ordered && (!e.borders(&p) || !e.values(&p)) || !e.tryMasks(&p) ||
		len(e.parts) >= e.limit {
		return -1
	}
	e.parts = append(e.parts, p)
	e.note(s, len(e.parts)-1)
	return len(e.parts) - 1
}

// find returns where a part stands in parts, -1 if it does not.
func (e *exact) find(s uint64) int {
	if s < 1<<maxAll {
		if at := int(e.place[s]); at < len(e.parts) && e.parts[at].cases == s {
			return at
		}
		return -1
	}
	if found, ok := e.index.find(int32(uint32(s)), int32(s>>32), 0); ok {
		return int(found.value)
	}
	return -1
}

func (e *exact) note(s uint64, at int) {
	if s < 1<<maxAll {
		e.place[s] = int32(at)
		return
	}
	slot, _ := e.index.find(int32(uint32(s)), int32(s>>32), 0)
	e.index.fill(slot, int32(uint32(s)), int32(s>>32), 0, ref(at))
}

// borders tries the comparisons with first values. One between two cases that go one way is left
// out: to move it to either end of what goes that way, one of both, costs no more.
func (e *exact) borders(p *part) bool {
	below := int64(0) // the weight of the cases before k
	last := bits.TrailingZeros64(p.cases)
	for s := p.cases & (p.cases - 1); s != 0; s &= s - 1 {
		k := bits.TrailingZeros64(s)
		below += e.cases[last].weight
		if e.cases[last].alike>>k&1 == 0 &&
			!e.try(p, fork{asm.JgeK, e.cases[k].lo, s}, p.weight-below) {
			return false
		}
		last = k
	}
	return true
}

// values tries the tests for single values. For the first and for the last case the border beside
// it does the same.
func (e *exact) values(p *part) bool {
	s := p.cases & (p.cases - 1)
	for ; s&(s-1) != 0; s &= s - 1 {
		c := &e.cases[bits.TrailingZeros64(s)]
		if c.single() && !e.try(p, fork{asm.JeqK, c.lo, s & -s}, c.weight) {
			return false
		}
	}
	return true
}

// tryMasks tries the masks. Of those that tell the same cases apart the first one does.
func (e *exact) tryMasks(p *part) bool {
	seen := make([]uint64, 0, 32)
	for i := range e.masks {
		m := &e.masks[i]
		yes := p.cases & m.some
		if p.cases&m.mixed != 0 || yes == 0 || yes == p.cases || slices.Contains(seen, yes) {
			continue
		}
		seen = append(seen, yes)
		if !e.try(p, fork{asm.JsetK, m.mask, yes}, e.weigh(yes)) {
			return false
		}
	}
	return true
}

// try tries to begin a part with a test, whose cases weigh so much; it reports false where that
// takes too many parts.
func (e *exact) try(p *part, f fork, weight int64) bool {
	sides, weights := [2]uint64{f.yes, p.cases &^ f.yes}, [2]int64{weight, p.weight - weight}
	price, open := p.weight+e.size, 0
	for i, side := range sides {
		if !e.decided(side) {
			price += weights[i] + e.size // another test at least
			open |= 1 << i
		}
	}
	if open == 3 {
		price += min(weights[0], weights[1]) / 100 * takenPercent
	}
	for i, side := range sides {
		if open>>i&1 == 0 {
			continue
		}
		if price >= p.price {
			return true
		}
		at := e.solve(side)
		if at < 0 {
			return false
		}
		price += e.parts[at].price - weights[i] - e.size
	}
	if price < p.price {
		p.price, p.test = price, f
	}
	return true
}

// build returns the nodes of the tree for a part.
func (e *exact) build(g *graph, s uint64) *node {
	if e.decided(s) {
		return e.cases[bits.TrailingZeros64(s)].to
	}
	p := &e.parts[e.find(s)]
	no := s &^ p.test.yes
	return g.test(p.test.op, p.test.k, e.build(g, p.test.yes), e.build(g, no),
		float64(p.weight-e.weigh(no)), float64(e.weigh(no)))
}

// lowMasks are the masks that the search over intervals tries: neighbouring bits among the lowest
// ones.
var lowMasks = func() (masks []uint32) {
	for from := range maxBit {
		for to := from; to < maxBit; to++ {
			masks = append(masks, 1<<(to+1)-1<<from)
		}
	}
	return masks
}()
