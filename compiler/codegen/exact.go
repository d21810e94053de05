package codegen

import (
	"cmp"
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

	minSlots = 256 // for parts
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
	classes []class // the heaviest one first
	masks   []maskFork
	words   []uint32     // of functions of bits, what the masks are in the word
	ordered bool         // whether JGE and JEQ may be used
	size    int64        // the price of an instruction
	sums    [6][64]int64 // the weights of all parts of each six cases

	parts []part
	slots []slot // where the parts stand, by their cases; half of them are free
	forks []fork // that may begin the parts at hand, the last one's behind the others'
	slack int64  // of the part at hand: what the sides of its first test may cost at most

	limit int  // of parts
	full  bool // whether there would be more
	left  int  // parts that may still be made of functions of bits
}

// exactCase is values that go one way.
type exactCase struct {
	item
	low   uint64 // what the lowest bits of its values can be, as a set
	alike uint32 // the cases that go where this one does
	meets uint32 // those of them that may stand at the same end of a tree
}

// class is cases that may stand at the same end of a tree, and those that these meet in turn, and
// so on.
type class struct {
	cases  uint32
	weight int64
}

// maskFork is a test of a mask.
type maskFork struct {
	mask  uint32
	some  uint32 // the cases that have some bit of it in all their values
	mixed uint32 // those that have some in a part of them
}

// part is what is known of some of the cases.
type part struct {
	weight int64
	least  int64 // no tree costs less; the cheapest one costs that, where best is known
	cases  uint32
	best   test // to begin with; without an op where it is not known
	looked looked
}

// looked says what has been done to find the cheapest tree for a part.
type looked uint8

const (
	notYet  looked = iota
	bounded        // by its classes
	below          // at trees below some price
)

// test leads from a part to two others.
type test struct {
	op      uint16
	k       uint32
	yes, no side
}

// side is where a part stands in parts; where it is decided, -1 less one of its cases.
type side int16

// slot is where a part stands, if any.
type slot struct {
	cases uint32
	at    side
}

// fork is a test that a part may begin with.
type fork struct {
	test
	price int64 // of the test alone
	least int64 // no tree that begins with it costs less
}

// begin takes in cases, in the order of their values, and masks. With words, they are all values of
// some bits, and words is what these are in the word, as are the masks; otherwise the values may be
// compared as a whole.
func (e *exact) begin(items []item, masks, words []uint32, size int64) {
	e.words, e.ordered, e.size, e.full = words, words == nil, size, false
	e.limit = maxParts
	if !e.ordered {
		e.limit = min(maxOfBits, e.left)
	}
	if e.slots == nil {
		e.cases, e.classes = make([]exactCase, 0, maxExact), make([]class, 0, maxExact)
		e.masks, e.forks = make([]maskFork, 0, len(lowMasks)), make([]fork, 0, 128)
		e.parts, e.slots = make([]part, 0, minSlots/2), make([]slot, minSlots)
	}
	e.cases, e.masks, e.parts = e.cases[:0], e.masks[:0], e.parts[:0]
	e.slots = e.slots[:minSlots]
	clear(e.slots)
	narrow := uint32(0) // the cases that do not have all values of the lowest bits
	for i := range items {
		e.addCase(&items[i])
		if e.cases[i].low != 1<<(1<<maxBit)-1 {
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

func (e *exact) addCase(p *item) {
	i := len(e.cases)
	c := exactCase{item: *p, low: p.lowest(), alike: 1 << i}
	for k := range e.cases {
		if other := &e.cases[k]; other.to == c.to {
			other.alike |= 1 << i
			c.alike |= 1 << k
		}
	}
	e.cases = append(e.cases, c)
	sums, bit := &e.sums[i/6], 1<<(i%6)
	for k := range bit {
		sums[bit|k] = sums[k] + c.weight
	}
}

// lowest returns what the lowest bits of the values can be, as a set.
func (p *item) lowest() uint64 {
	const all = 1<<(1<<maxBit) - 1
	if p.hi-p.lo >= 1<<maxBit-1 {
		return all
	}
	return bits.RotateLeft64(1<<(p.hi-p.lo+1)-1, int(p.lo))
}

// addMask adds a mask, unless it tells no cases apart or there is one that tells the same ones.
func (e *exact) addMask(mask, narrow uint32) {
	f := maskFork{mask: mask, mixed: e.everything() &^ narrow}
	has := haveSome[mask]
	for ; narrow != 0; narrow &= narrow - 1 {
		i := bits.TrailingZeros32(narrow)
		switch low := e.cases[i].low; {
		case low&^has == 0:
			f.some |= 1 << i
		case low&has != 0:
			f.mixed |= 1 << i
		}
	}
	if f.some == 0 || f.some|f.mixed == e.everything() {
		return
	}
	for i := range e.masks {
		if e.masks[i].some == f.some && e.masks[i].mixed == f.mixed {
			return
		}
	}
	e.masks = append(e.masks, f)
}

// findClasses finds the cases that may stand at the same end of a tree.
func (e *exact) findClasses() {
	e.classes = e.classes[:0]
	singles := uint32(0)
	for i := range e.cases {
		c := &e.cases[i]
		if c.single() {
			singles |= 1 << i
		}
		c.meets = 1 << i
		for k := range i {
			if c.alike>>k&1 == 1 && e.meet(k, i, singles) {
				c.meets |= 1 << k
				e.cases[k].meets |= 1 << i
			}
		}
		e.addClass(class{1 << i, c.weight}, c.meets)
	}
	slices.SortFunc(e.classes, func(a, b class) int { return cmp.Compare(b.weight, a.weight) })
}

// addClass adds a class, joined with those that have some of the cases that it meets.
func (e *exact) addClass(c class, meets uint32) {
	others := e.classes[:0]
	for _, other := range e.classes {
		if other.cases&meets == 0 {
			others = append(others, other)
			continue
		}
		c = class{c.cases | other.cases, c.weight + other.weight}
	}
	e.classes = append(others, c)
}

// meet reports whether two cases that go one way, i and a later one k, may stand at the same end.
// Where only bits are tested, the value that has the bits of both stands there too. Of ordered
// cases, each one between them that goes another way must be taken out: as a single value, or by a
// mask that leaves both on one side.
func (e *exact) meet(i, k int, singles uint32) bool {
	alike, pair := e.cases[i].alike, uint32(1<<i|1<<k)
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

// tighten sees to it that a part is bounded by its classes.
func (e *exact) tighten(at side) {
	if at < 0 {
		return
	}
	if p := &e.parts[at]; p.looked == notYet {
		p.looked, p.least = bounded, e.bound(p)
	}
}

// bound returns a price that no tree for a part is below: that of the cheapest one that parts its
// classes from one another, by whatever tests (Huffman), and of the other tests' instructions.
func (e *exact) bound(p *part) int64 {
	if len(e.classes) == 2 || p.least == p.weight+e.size { // Huffman's tree is of one test
		return p.least
	}
	var room [16]int64
	weights := room[:0] // the least one last
	for i := range e.classes {
		switch c := &e.classes[i]; p.cases & c.cases {
		case 0:
		case c.cases:
			weights = insert(weights, c.weight)
		default:
			weights = insert(weights, e.weigh(p.cases&c.cases))
		}
	}
	price := p.least - p.weight
	for n := len(weights) - 1; n > 0; n-- {
		both := weights[n-1] + weights[n]
		weights = insert(weights[:n-1], both)
		price += both
	}
	return price
}

// ends returns a number of ends that no tree for a part has less of: of cases of which no two meet,
// or two of bits, where more are seldom found so.
func (e *exact) ends(s uint32) (n int) {
	if !e.ordered {
		return 2
	}
	for ; s != 0; n++ {
		s &^= e.cases[bits.TrailingZeros32(s)].meets
	}
	return n
}

// insert puts a weight behind those that are greater.
func insert(weights []int64, w int64) []int64 {
	weights = append(weights, w)
	i := len(weights) - 1
	for ; i > 0 && weights[i-1] < w; i-- {
		weights[i] = weights[i-1]
	}
	weights[i] = w
	return weights
}

func (e *exact) everything() uint32 { return 1<<len(e.cases) - 1 }

// weigh returns the weight of a part.
func (e *exact) weigh(s uint32) (w int64) {
	for i := 0; s != 0; i, s = i+1, s>>6 {
		w += e.sums[i][s&63]
	}
	return w
}

// tree returns the cheapest tree, nil where none costs less than a price or there are too many
// parts: it is full then.
func (e *exact) tree(g *graph, below int64) *node {
	root := e.side(e.everything())
	if e.full {
		return nil
	}
	e.tighten(root)
	if price := e.solve(root, below); price >= below || e.full {
		return nil
	}
	return e.build(g, root)
}

// solve returns the price of the cheapest tree for a part, if it is below another one; otherwise
// something that is not.
func (e *exact) solve(at side, most int64) int64 {
	if at < 0 {
		return 0
	}
	p := &e.parts[at]
	if p.best.op != 0 || p.least >= most {
		return p.least
	}
	// There is no third time. Of 32 values bounds cut little, so that there is no second one
	// either.
	if p.looked == below || len(e.cases) > maxExact {
		most = impossible
	}
	p.looked, p.least = below, most
	found := *p
	from := len(e.forks)
	e.findForks(&found)
	for i := from; i < len(e.forks) && !e.full; i++ {
		if price := e.priceOf(e.forks[i], found.least); price < found.least {
			found.least, found.best = price, e.forks[i].test
		}
	}
	e.forks = e.forks[:from]
	e.parts[at] = found
	return found.least
}

// priceOf returns the price of the cheapest tree that begins with a fork, if it is below another
// one; otherwise something that is not.
func (e *exact) priceOf(f fork, most int64) int64 {
	if f.least >= most {
		return most
	}
	rest := e.least(f.no)
	price := f.price + e.solve(f.yes, most-f.price-rest)
	if price+rest >= most {
		return most
	}
	return price + e.solve(f.no, most-price)
}

// side returns where a part stands. If there is no room for it, they are full.
func (e *exact) side(s uint32) side {
	if e.decided(s) {
		return side(-1 - bits.TrailingZeros32(s))
	}
	free := e.slot(s)
	if free.cases != 0 {
		return free.at
	}
	if len(e.parts) >= e.limit {
		e.full = true
		return 0
	}
	weight := e.weigh(s)
	e.parts = append(e.parts, part{cases: s, weight: weight,
		least: weight + int64(e.ends(s)-1)*e.size})
	*free = slot{s, side(len(e.parts) - 1)}
	if 2*len(e.parts) > len(e.slots) {
		e.grow()
	}
	return side(len(e.parts) - 1)
}

// least returns a price that no tree for a part is below.
func (e *exact) least(at side) int64 {
	if at < 0 {
		return 0
	}
	return e.parts[at].least
}

// slot returns the slot of a part, whether it stands in parts or not.
func (e *exact) slot(s uint32) *slot {
	mask := uint32(len(e.slots) - 1)
	for h := s * 0x9e3779b1 >> 16; ; h++ {
		if at := &e.slots[h&mask]; at.cases == s || at.cases == 0 {
			return at
		}
	}
}

func (e *exact) grow() {
	size := 2 * len(e.slots)
	e.slots = slices.Grow(e.slots[:0], size)[:size]
	clear(e.slots)
	for i := range e.parts {
		s := e.parts[i].cases
		*e.slot(s) = slot{s, side(i)}
	}
}

// findForks adds the forks of a part that may cost less than its price, the most promising one
// first.
func (e *exact) findForks(p *part) {
	from := len(e.forks)
	e.slack = p.least - p.weight - int64(e.ends(p.cases)-1)*e.size
	if e.ordered {
		e.borders(p)
		e.values(p)
	}
	most := uint32(whole) // bits that some of the values have
	if !e.ordered {
		most = e.cases[bits.Len32(p.cases)-1].lo
	}
	for i := range e.masks {
		m := &e.masks[i]
		yes := p.cases & m.some
		if m.mask&^most == 0 && p.cases&m.mixed == 0 && yes != 0 && yes != p.cases {
			e.addFork(p, asm.JsetK, m.mask, yes)
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
	last := bits.TrailingZeros32(p.cases)
	for s := p.cases & (p.cases - 1); s != 0; s &= s - 1 {
		k := bits.TrailingZeros32(s)
		if e.cases[last].alike>>k&1 == 0 || e.apart(last, k) {
			e.addFork(p, asm.JgeK, e.cases[k].lo, s)
		}
		last = k
	}
}

// apart reports whether some mask tells two cases apart.
func (e *exact) apart(i, k int) bool {
	for n := range e.masks {
		m := &e.masks[n]
		if (m.some>>i^m.some>>k|m.mixed>>i^m.mixed>>k)&1 == 1 {
			return true
		}
	}
	return false
}

// values adds the tests for single values. For the first and for the last case the border beside it
// does the same.
func (e *exact) values(p *part) {
	s := p.cases & (p.cases - 1)
	for ; s&(s-1) != 0; s &= s - 1 {
		if c := &e.cases[bits.TrailingZeros32(s)]; c.single() {
			e.addFork(p, asm.JeqK, c.lo, s&-s)
		}
	}
}

// addFork adds a test that holds for some of the cases of a part, unless it is too dear by bounds
// of its sides: first by those that are quick.
func (e *exact) addFork(p *part, op uint16, k, cases uint32) {
	others := p.cases &^ cases
	if e.open(p, cases, others) >= e.slack {
		return
	}
	f := fork{test: test{op, k, e.side(cases), e.side(others)}}
	if e.setPrice(p, &f); f.least >= p.least {
		return
	}
	e.tighten(f.yes)
	e.tighten(f.no)
	if e.setPrice(p, &f); f.least < p.least {
		e.forks = append(e.forks, f)
	}
}

// setPrice sets the prices of a fork by what is known of its sides.
func (e *exact) setPrice(p *part, f *fork) {
	f.price = p.weight + e.size
	if f.yes >= 0 && f.no >= 0 {
		yes, no := &e.parts[f.yes], &e.parts[f.no]
		f.price += taken(yes.least, no.least, yes.weight, no.weight)
	}
	f.least = f.price + e.least(f.yes) + e.least(f.no)
}

// open returns the weight of those sides of a part that are not decided: they take a test more.
func (e *exact) open(p *part, yes, no uint32) int64 {
	switch yesDecided, noDecided := e.decided(yes), e.decided(no); {
	case yesDecided && noDecided:
		return 0
	case yesDecided:
		return p.weight - e.weigh(yes)
	case noDecided:
		return p.weight - e.weigh(no)
	}
	return p.weight
}

// decided reports whether all cases of a part go one way.
func (e *exact) decided(s uint32) bool {
	return s&^e.cases[bits.TrailingZeros32(s)].alike == 0
}

// build returns the nodes of the tree for a part.
func (e *exact) build(g *graph, at side) *node {
	if at < 0 {
		return e.cases[-1-at].to
	}
	p := &e.parts[at]
	k := p.best.k
	if !e.ordered {
		k = e.words[k]
	}
	yes, no := p.best.yes, p.best.no
	return g.test(p.best.op, k, e.build(g, yes), e.build(g, no),
		float64(e.weightOf(p, yes, no)), float64(e.weightOf(p, no, yes)))
}

// weightOf returns the weight of one side of a test of a part.
func (e *exact) weightOf(p *part, at, other side) int64 {
	switch {
	case at >= 0:
		return e.parts[at].weight
	case other >= 0:
		return p.weight - e.parts[other].weight
	}
	return e.weigh(p.cases & e.cases[-1-at].alike)
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

// haveSome is, of each mask of the lowest bits, the values of these that have some of its bits.
var haveSome = func() (sets [1 << maxBit]uint64) {
	for mask := range sets {
		for v := range sets {
			if v&mask != 0 {
				sets[mask] |= 1 << v
			}
		}
	}
	return sets
}()

// everyMask is all masks of the lowest bits.
var everyMask = bitsOf(1<<maxBit - 1)[1:]
