package compiler

import "github.com/seccompc/seccompc/asm"

// The prices of the dispatch tree's optimiser. Weights are scaled so that one tree is entered once; a test
// is the unit.
const (
	testPrice  = 1.0   // a test executed
	takenPrice = 0.15  // a jump taken from one inner test to another, on top of the test
	sizePrice  = 0.012 // an instruction, executed or not

	exactSpans = 192 // up to here the cheapest tree is searched for; above, halves are split off by weight
	fullSearch = 40  // up to here every split is tried; above, those between the neighbours' best
	maxChain   = 7   // equality tests in a row
	maxBit     = 6   // bits that may tell two targets apart: those of 0..2^maxBit
)

// span is a run of values of one word that go the same way: from lo up to where the next span begins, the
// last one up to 0xffffffff.
type span struct {
	lo     uint32
	to     *node
	weight float64 // how often the word lies in the span
}

// joinSpans merges neighbours with the same target:
//
//	0..4 → A, 5..9 → A, 10.. → B     ⇒     0..9 → A, 10.. → B
func joinSpans(spans []span) []span {
	joined := spans[:0:0]
	for _, s := range spans {
		if n := len(joined); n > 0 && joined[n-1].to == s.to {
			joined[n-1].weight += s.weight
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// dispatch returns the tree of tests that takes a word in A to the target of its span.
func (l *lowerer) dispatch(spans []span) *node {
	if l.passes.on(joinNumbers) {
		spans = joinSpans(spans)
	}
	root, _ := l.tree(spans)
	return root
}

// tree returns the tree for some neighbouring spans, and its price.
func (l *lowerer) tree(spans []span) (*node, float64) {
	total := 0.0
	for _, s := range spans {
		total += s.weight
	}
	if total == 0 {
		for i := range spans {
			spans[i].weight = 1
		}
		total = float64(len(spans))
	}
	if !l.passes.on(searchTree) {
		return l.linear(spans), 0
	}
	if len(spans) <= exactSpans {
		s := newSearch(spans, total, l.passes.on(testBits))
		return s.build(l.graph, 0, len(spans)-1), s.price[s.at(0, len(spans)-1)] * total
	}
	k := halfway(spans, total)
	left, lp := l.tree(spans[:k])
	right, rp := l.tree(spans[k:])
	wl, wr := weightOf(spans[:k]), weightOf(spans[k:])
	return l.graph.test(asm.JgeK, spans[k].lo, right, left, wr, wl),
		lp + rp + total*(testPrice+sizePrice) + takenPrice*min(wl, wr)
}

// linear is the tree of a compiler that does not search: one test per border, in order.
func (l *lowerer) linear(spans []span) *node {
	n := spans[len(spans)-1].to
	rest := spans[len(spans)-1].weight
	for i := len(spans) - 2; i >= 0; i-- {
		n = l.graph.test(asm.JgeK, spans[i+1].lo, n, spans[i].to, rest, spans[i].weight)
		rest += spans[i].weight
	}
	return n
}

// halfway returns the border that comes nearest to halving the weight and the number of the spans.
func halfway(spans []span, total float64) int {
	n := float64(len(spans))
	sum := 0.0
	for i, s := range spans[:len(spans)-1] {
		sum += s.weight
		if sum/total+float64(i+1)/n >= 1 {
			return i + 1
		}
	}
	return len(spans) - 1
}

func weightOf(spans []span) float64 {
	w := 0.0
	for _, s := range spans {
		w += s.weight
	}
	return w
}

// search finds the cheapest tree over a list of spans by dynamic programming over its sublists i..j. A
// sublist is decided by one of
//
//	nothing         all of it goes to one target
//	split at k      JGE lo(k), then the trees of i..k-1 and k..j
//	chain           JEQ for each single value that stands out, the rest goes to one target
//	bits            the same, the rest decided by JSET of one bit
type search struct {
	spans []span
	last  uint32    // where the last span ends
	sum   []float64 // sum[i] is the weight of the spans before i, of a total of 1
	price []float64 // of i..j, at at(i, j)
	best  []choice
	cut   []int16 // the best split of i..j
	bits  bool
}

type choice struct {
	kind choiceKind
	k    int16 // the split; for bits, the bit
	d    int16 // the span whose target the rest of a chain goes to
}

type choiceKind uint8

const (
	leaf choiceKind = iota
	splitAt
	chain
	bitTest
)

func newSearch(spans []span, total float64, bits bool) *search {
	n := len(spans)
	s := &search{
		spans: spans, last: ^uint32(0), bits: bits,
		sum:   make([]float64, n+1),
		price: make([]float64, n*n),
		best:  make([]choice, n*n),
		cut:   make([]int16, n*n),
	}
	for i, sp := range spans {
		s.sum[i+1] = s.sum[i] + sp.weight/total
	}
	for i := n - 1; i >= 0; i-- {
		s.row(i)
	}
	return s
}

func (s *search) at(i, j int) int         { return i*len(s.spans) + j }
func (s *search) weight(i, j int) float64 { return s.sum[j+1] - s.sum[i] }
func (s *search) consider(at int, p float64, c choice) {
	if p < s.price[at] {
		s.price[at], s.best[at] = p, c
	}
}

// row fills the sublists that begin at i, given those that begin later.
func (s *search) row(i int) {
	first, second := newChainScan(s, i, i), newChainScan(s, i, i+1)
	var bits [maxBit]bitScan
	for b := range bits {
		bits[b] = bitScan{s: s, bit: b, t: [2]int{-1, -1}, alive: s.bits}
	}
	uniform := true
	for j := i; j < len(s.spans); j++ {
		at := s.at(i, j)
		uniform = uniform && s.spans[j].to == s.spans[i].to
		first.add(j)
		second.add(j)
		for b := range bits {
			bits[b].add(j)
		}
		if uniform {
			s.cut[at] = int16(i + 1)
			continue
		}
		s.splits(i, j)
		s.consider(at, first.price(s.weight(i, j)), choice{kind: chain, d: int16(first.d)})
		s.consider(at, second.price(s.weight(i, j)), choice{kind: chain, d: int16(second.d)})
		for b := range bits {
			s.consider(at, bits[b].price(s.weight(i, j)), choice{kind: bitTest, k: int16(b)})
		}
	}
}

// splits prices the splits of i..j. In a long list only those between the best splits of the list's two
// immediate sublists are tried: exact where prices are monotone, as with any search tree over keys (Knuth
// 1971), and near to it here.
func (s *search) splits(i, j int) {
	at := s.at(i, j)
	lo, hi := i+1, j
	if j-i > fullSearch {
		lo = max(lo, int(s.cut[s.at(i, j-1)])-1)
		hi = min(hi, int(s.cut[s.at(i+1, j)])+1)
		if lo > hi {
			lo, hi = i+1, j
		}
	}
	s.price[at] = 1e300
	base := s.weight(i, j)*testPrice + sizePrice
	for k := lo; k <= hi; k++ {
		left, right := s.price[s.at(i, k-1)], s.price[s.at(k, j)]
		p := base + left + right
		if left > 0 && right > 0 {
			p += takenPrice * min(s.weight(i, k-1), s.weight(k, j))
		}
		if p < s.price[at] {
			s.price[at], s.best[at] = p, choice{kind: splitAt, k: int16(k)}
			s.cut[at] = int16(k)
		}
	}
}

// build returns the nodes of the tree that was found for i..j.
func (s *search) build(g *graph, i, j int) *node {
	c := s.best[s.at(i, j)]
	switch c.kind {
	case splitAt:
		k := int(c.k)
		left, right := s.build(g, i, k-1), s.build(g, k, j)
		return g.test(asm.JgeK, s.spans[k].lo, right, left, s.weight(k, j), s.weight(i, k-1))
	case chain:
		scan := newChainScan(s, i, int(c.d))
		for k := i; k <= j; k++ {
			scan.add(k)
		}
		return scan.odd.build(g, s.spans[scan.d].to, s.weight(i, j))
	case bitTest:
		scan := bitScan{s: s, bit: int(c.k), t: [2]int{-1, -1}, alive: true}
		for k := i; k <= j; k++ {
			scan.add(k)
		}
		set, clear := s.spans[scan.t[1]].to, s.spans[scan.t[0]].to
		rest := s.weight(i, j) - scan.odd.weight
		return scan.odd.build(g, g.test(asm.JsetK, 1<<c.k, set, clear, rest/2, rest/2), s.weight(i, j))
	}
	return s.spans[i].to
}

// single reports whether a span is one value.
func (s *search) single(k int) bool { return s.end(k) == s.spans[k].lo }

// end returns the last value of a span.
func (s *search) end(k int) uint32 {
	if k+1 < len(s.spans) {
		return s.spans[k+1].lo - 1
	}
	return s.last
}

// oddOnes are single values that equality tests pick out, the most frequent first.
type oddOnes struct {
	s      *search
	at     [maxChain]int
	n      int
	weight float64
}

// add takes in a span; it reports false where it is not a single value or there are too many.
func (o *oddOnes) add(k, limit int) bool {
	if o.n == limit || !o.s.single(k) {
		return false
	}
	i := o.n
	for i > 0 && o.s.spans[o.at[i-1]].weight < o.s.spans[k].weight {
		o.at[i] = o.at[i-1]
		i--
	}
	o.at[i] = k
	o.n++
	o.weight += o.s.weight(k, k)
	return true
}

// price returns the price of the equality tests of a list of the given weight.
func (o *oddOnes) price(weight float64) float64 {
	p := sizePrice * float64(o.n)
	for _, k := range o.at[:o.n] {
		p += weight * testPrice
		weight -= o.s.weight(k, k)
	}
	return p
}

// build returns the equality tests, then rest.
func (o *oddOnes) build(g *graph, rest *node, weight float64) *node {
	weight -= o.weight
	n := rest
	for i := o.n - 1; i >= 0; i-- {
		w := o.s.weight(o.at[i], o.at[i])
		n = g.test(asm.JeqK, o.s.spans[o.at[i]].lo, o.s.spans[o.at[i]].to, n, w, weight)
		weight += w
	}
	return n
}

// chainScan looks, span by span, at whether a list is one target but for a few single values.
type chainScan struct {
	s     *search
	d     int // the span whose target it is
	odd   oddOnes
	alive bool
}

func newChainScan(s *search, i, d int) *chainScan {
	return &chainScan{s: s, d: d, odd: oddOnes{s: s}, alive: d < len(s.spans)}
}

func (c *chainScan) add(k int) {
	if c.alive && c.s.spans[k].to != c.s.spans[c.d].to {
		c.alive = c.odd.add(k, maxChain)
	}
}

func (c *chainScan) price(weight float64) float64 {
	if !c.alive {
		return 1e300
	}
	return c.odd.price(weight)
}

// bitScan looks, span by span, at whether one bit of the value tells the targets of a list apart, but for
// at most two single values.
type bitScan struct {
	s     *search
	bit   int
	t     [2]int // the spans whose targets a clear and a set bit lead to, -1 where not yet met
	odd   oddOnes
	alive bool
}

func (b *bitScan) add(k int) {
	if !b.alive {
		return
	}
	b.odd.s = b.s
	lo, hi := b.s.spans[k].lo, b.s.end(k)
	if lo>>b.bit != hi>>b.bit {
		b.alive = false
		return
	}
	side := &b.t[lo>>b.bit&1]
	switch {
	case *side < 0:
		*side = k
	case b.s.spans[*side].to != b.s.spans[k].to:
		b.alive = b.odd.add(k, 2)
	}
}

func (b *bitScan) price(weight float64) float64 {
	if !b.alive || b.t[0] < 0 || b.t[1] < 0 || b.s.spans[b.t[0]].to == b.s.spans[b.t[1]].to {
		return 1e300
	}
	return b.odd.price(weight) + (weight-b.odd.weight)*testPrice + sizePrice
}
