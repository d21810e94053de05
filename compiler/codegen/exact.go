package codegen

import (
	"math/bits"

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

// exact finds the cheapest tree of some tests over up to 32 cases, by dynamic programming over the
// parts of them that the tests lead to: a part is the cases that are still possible behind some
// tests. The tests come in any order: one for a value or for some bits may stand above a
// comparison, and below it. What cannot cost less than a tree that is known is not looked into
// (branch and bound).
//
//	JGE      the first value of each case but the first one, where the cases are in order
//	JEQ      the value of each case that has only one
//	JSET     the masks given, above cases that have some bit of it in all their values, or in none
type exact struct {
	cases   []exactCase
	masks   []maskFork
	ordered bool         // whether JGE and JEQ may be used
	size    int64        // the price of an instruction
	sums    [6][64]int64 // the weights of all parts of each six cases

	parts []part
	slots []uint16 // where the parts stand, plus one, by their cases; 0 where free, as half are
	forks []fork   // that may begin the parts at hand, the last one's behind the others'

	limit int  // of parts
	full  bool // whether there would be more
	left  int  // parts that may still be made of functions of bits
}

// exactCase is values that go one way.
type exactCase struct {
	item
	alike uint64 // the cases that go where this one does
	class uint64 // those of them that may stand at the same end of a tree
	twins uint64 // those of them that no mask tells from this one
}

// maskFork is a test of a mask.
type maskFork struct {
	mask  uint32
	some  uint64 // the cases that have some bit of it in all their values
	mixed uint64 // those that have some in a part of them
}

// part is what is known of some of the cases.
type part struct {
	cases  uint64
	weight int64
	least  int64 // no tree costs less; the cheapest one costs that, where best is known
	best   test  // to begin with; for no case where it is not known
	tried  bool  // whether trees below some price have been looked for
}

// test holds for the cases yes.
type test struct {
	op  uint16
	k   uint32
	yes uint64
}

// fork is a test that a part may begin with.
type fork struct {
	test
	price int64 // of the test alone
	least int64 // no tree that begins with it costs less
}

// begin takes in cases, in the order of their values, and masks; ordered, if the values may be
// compared as a whole. If not, there is a case for each value of some bits.
func (e *exact) begin(items []item, masks []uint32, size int64, ordered bool) {
	e.ordered, e.size, e.full = ordered, size, false
	e.limit = maxParts
	if !ordered {
		e.limit = min(maxOfBits, e.left)
	}
	if e.slots == nil {
		e.parts, e.forks, e.slots = make([]part, 0, 64), make([]fork, 0, 64), make([]uint16, 256)
	}
	e.cases, e.masks, e.parts = e.cases[:0], e.masks[:0], e.parts[:0]
	clear(e.slots)
	narrow := uint64(0) // the cases that do not have all values of the lowest bits
	for i := range items {
		e.addCase(items, i)
		if items[i].hi-items[i].lo < 1<<maxBit-1 {
			narrow |= 1 << i
		}
	}
	if narrow&(narrow-1) != 0 { // there are two at least
		for _, m := range masks {
			e.addMask(m, narrow)
		}
	}
	e.findClasses()
}

func (e *exact) addCase(items []item, i int) {
	alike := uint64(0)
	for k := range items {
		if items[k].to == items[i].to {
			alike |= 1 << k
		}
	}
	e.cases = append(e.cases, exactCase{item: items[i], alike: alike})
	sums, bit := &e.sums[i/6], 1<<(i%6)
	for k := range bit {
		sums[bit|k] = sums[k] + items[i].weight
	}
}

// addMask adds a mask, unless it tells no cases apart or there is one that tells the same ones.
func (e *exact) addMask(mask uint32, narrow uint64) {
	f := maskFork{mask: mask, mixed: e.everything() &^ narrow}
	for ; narrow != 0; narrow &= narrow - 1 {
		i := bits.TrailingZeros64(narrow)
		switch some, all := e.cases[i].bits(mask); {
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
	if p.single() {
		some = p.lo&mask != 0
		return some, some
	}
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

// findClasses finds the cases that may stand at the same end of a tree, and those that no mask
// tells apart.
func (e *exact) findClasses() {
	singles := uint64(0)
	for i := range e.cases {
		c := &e.cases[i]
		if c.single() {
			singles |= 1 << i
		}
		c.twins = e.twins(i)
		c.class = 1 << i
		for k := range i {
			if c.alike&^c.class>>k&1 == 1 && e.meet(k, i, singles) {
				c.class |= e.cases[k].class
			}
		}
		for r := c.class; r != 0; r &= r - 1 {
			e.cases[bits.TrailingZeros64(r)].class = c.class
		}
	}
}

// twins returns the cases that go where one does and are with it on one side of each mask.
func (e *exact) twins(i int) uint64 {
	twins := e.cases[i].alike
	for k := range e.masks {
		switch m := &e.masks[k]; {
		case m.some>>i&1 == 1:
			twins &= m.some
		case m.mixed>>i&1 == 1:
			twins &= m.mixed
		default:
			twins &^= m.some | m.mixed
		}
	}
	return twins
}

// meet reports whether two cases that go one way, i and a later one k, may stand at the same end.
// Where only bits are tested, the value that has the bits of both stands there too. Of ordered
// cases, each one between them that goes another way must be taken out: as a single value, or by a
// mask that leaves both on one side.
func (e *exact) meet(i, k int, singles uint64) bool {
	alike, pair := e.cases[i].alike, uint64(1<<i|1<<k)
	if !e.ordered {
		return alike>>(i|k)&1 == 1
	}
	stay := (1<<k - 1<<i) &^ alike &^ singles
	for n := 0; n < len(e.masks) && stay != 0; n++ {
		switch m := &e.masks[n]; {
		case m.mixed&pair != 0:
		case m.some&pair == 0:
			stay &^= m.some
		case m.some&pair == pair:
			stay &= m.some | m.mixed
		}
	}
	return stay == 0
}

// bound returns a price that no tree for a part is below: that of the cheapest one that parts its
// classes from one another, by whatever tests (Huffman).
func (e *exact) bound(s uint64) (price int64) {
	var room [16]int64
	weights := room[:0]
	for s != 0 {
		c := e.cases[bits.TrailingZeros64(s)].class & s
		weights = append(weights, e.weigh(c))
		s &^= c
	}
	for n := len(weights); n > 1; n-- {
		leastLast(weights[:n])
		leastLast(weights[:n-1])
		weights[n-2] += weights[n-1]
		price += weights[n-2] + e.size
	}
	return price
}

// leastLast exchanges the last weight with the least one.
func leastLast(weights []int64) {
	last := &weights[len(weights)-1]
	for i := range weights {
		if weights[i] < *last {
			weights[i], *last = *last, weights[i]
		}
	}
}

func (e *exact) everything() uint64 { return 1<<len(e.cases) - 1 }

// decided reports whether all cases of a part go one way.
func (e *exact) decided(s uint64) bool {
	return s&^e.cases[bits.TrailingZeros64(s)].alike == 0
}

// weigh returns the weight of a part.
func (e *exact) weigh(s uint64) (w int64) {
	for i := 0; s != 0; i, s = i+1, s>>6 {
		w += e.sums[i][s&63]
	}
	return w
}

// tree returns the cheapest tree, nil where none costs less than a price or there are too many
// parts: it is full then.
func (e *exact) tree(g *graph, below int64) *node {
	if price := e.solve(e.everything(), below); price >= below || e.full {
		return nil
	}
	return e.build(g, e.everything())
}

// solve returns the price of the cheapest tree for a part, if it is below another one; otherwise
// something that is not.
func (e *exact) solve(s uint64, below int64) int64 {
	if e.decided(s) {
		return 0
	}
	at := e.part(s)
	if e.full {
		return impossible
	}
	p := e.parts[at]
	if p.best.yes != 0 || p.least >= below {
		return p.least
	}
	if p.tried { // there is no third time
		below = impossible
	}
	p.tried, p.least = true, below
	from := len(e.forks)
	e.findForks(&p)
	for i := from; i < len(e.forks); i++ {
		if price := e.priceOf(s, e.forks[i], p.least); price < p.least {
			p.least, p.best = price, e.forks[i].test
		}
	}
	e.forks = e.forks[:from]
	e.parts[at] = p
	return p.least
}

// priceOf returns the price of the cheapest tree for a part that begins with a fork, if it is below
// another one; otherwise something that is not.
func (e *exact) priceOf(s uint64, f fork, below int64) int64 {
	if f.least >= below {
		return below
	}
	no := s &^ f.yes
	rest := e.least(no, e.weigh(no))
	price := f.price + e.solve(f.yes, below-f.price-rest)
	if price+rest >= below {
		return below
	}
	return price + e.solve(no, below-price)
}

// part returns where a part stands in parts. If there is no room for it, they are full.
func (e *exact) part(s uint64) int {
	slot := e.slot(s)
	if *slot > 0 {
		return int(*slot) - 1
	}
	if len(e.parts) >= e.limit {
		e.full = true
		return -1
	}
	e.parts = append(e.parts, part{cases: s, weight: e.weigh(s), least: e.bound(s)})
	*slot = uint16(len(e.parts))
	if 2*len(e.parts) > len(e.slots) {
		e.grow()
	}
	return len(e.parts) - 1
}

// slot returns the slot of a part, whether it stands in parts or not.
func (e *exact) slot(s uint64) *uint16 {
	mask := uint64(len(e.slots) - 1)
	for h := s * 0x9e3779b97f4a7c15 >> 40; ; h++ {
		slot := &e.slots[h&mask]
		if *slot == 0 || e.parts[*slot-1].cases == s {
			return slot
		}
	}
}

func (e *exact) grow() {
	e.slots = make([]uint16, 4*len(e.slots))
	for i := range e.parts {
		*e.slot(e.parts[i].cases) = uint16(i + 1)
	}
}

// least returns a price that no tree for a part of some weight is below.
func (e *exact) least(s uint64, weight int64) int64 {
	if e.decided(s) {
		return 0
	}
	if at := *e.slot(s); at > 0 {
		return e.parts[at-1].least
	}
	return weight + e.size
}

// findForks adds the forks of a part that may cost less than its price, the most promising one
// first.
func (e *exact) findForks(p *part) {
	from := len(e.forks)
	if e.ordered {
		e.borders(p)
		e.values(p)
	}
	for i := range e.masks {
		m := &e.masks[i]
		yes := p.cases & m.some
		if p.cases&m.mixed == 0 && yes != 0 && yes != p.cases {
			e.addFork(p, test{asm.JsetK, m.mask, yes})
		}
	}
	forks := e.forks[from:]
	for i := range forks {
		if forks[i].least < forks[0].least {
			forks[0], forks[i] = forks[i], forks[0]
		}
	}
}

// borders adds the comparisons with first values. One between two cases that go one way and that no
// mask tells apart is left out: to move it to either end of such cases, one of both, costs no more.
func (e *exact) borders(p *part) {
	last := bits.TrailingZeros64(p.cases)
	for s := p.cases & (p.cases - 1); s != 0; s &= s - 1 {
		k := bits.TrailingZeros64(s)
		if e.cases[last].twins>>k&1 == 0 {
			e.addFork(p, test{asm.JgeK, e.cases[k].lo, s})
		}
		last = k
	}
}

// values adds the tests for single values. For the first and for the last case the border beside it
// does the same.
func (e *exact) values(p *part) {
	s := p.cases & (p.cases - 1)
	for ; s&(s-1) != 0; s &= s - 1 {
		if c := &e.cases[bits.TrailingZeros64(s)]; c.single() {
			e.addFork(p, test{asm.JeqK, c.lo, s & -s})
		}
	}
}

func (e *exact) addFork(p *part, t test) {
	weight, no := e.weigh(t.yes), p.cases&^t.yes
	yes, rest := e.least(t.yes, weight), e.least(no, p.weight-weight)
	price := p.weight + e.size + taken(yes, rest, weight, p.weight-weight)
	if least := price + yes + rest; least < p.least {
		e.forks = append(e.forks, fork{t, price, least})
	}
}

// build returns the nodes of the tree for a part.
func (e *exact) build(g *graph, s uint64) *node {
	if e.decided(s) {
		return e.cases[bits.TrailingZeros64(s)].to
	}
	p := &e.parts[e.part(s)]
	no := s &^ p.best.yes
	return g.test(p.best.op, p.best.k, e.build(g, p.best.yes), e.build(g, no),
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
