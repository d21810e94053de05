package compiler

import "github.com/seccompc/seccompc/asm"

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
	joined := make([]span, 0, len(spans))
	for _, s := range spans {
		if n := len(joined); n > 0 && joined[n-1].to == s.to {
			joined[n-1].weight += s.weight
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

func weightOf(spans []span) float64 {
	w := 0.0
	for _, s := range spans {
		w += s.weight
	}
	return w
}

// spanList is a list of neighbouring spans whose weights are scaled to a total of 1.
type spanList struct {
	spans []span
	sum   []float64 // sum[i] is the weight of the spans before i
	size  float64   // the price of an instruction
}

func newSpanList(spans []span, size float64) *spanList {
	l := &spanList{spans: spans, size: size, sum: make([]float64, len(spans)+1)}
	total := weightOf(spans)
	for i, s := range spans {
		w := 1 / float64(len(spans)) // of spans that all weigh nothing
		if total > 0 {
			w = s.weight / total
		}
		l.sum[i+1] = l.sum[i] + w
	}
	return l
}

func (l *spanList) weight(i, j int) float64 { return l.sum[j+1] - l.sum[i] }

// single reports whether a span is one value.
func (l *spanList) single(k int) bool { return l.end(k) == l.spans[k].lo }

// end returns the last value of a span.
func (l *spanList) end(k int) uint32 {
	if k+1 < len(l.spans) {
		return l.spans[k+1].lo - 1
	}
	return ^uint32(0)
}

// oddOnes are single values that equality tests pick out, the most frequent first.
type oddOnes struct {
	at     [maxChain]int16
	n      int
	weight float64
}

// add takes in a span; it reports false where it is not a single value or there are too many.
func (o *oddOnes) add(l *spanList, k, limit int) bool {
	if o.n == limit || !l.single(k) {
		return false
	}
	i := o.n
	for i > 0 && l.spans[o.at[i-1]].weight < l.spans[k].weight {
		o.at[i] = o.at[i-1]
		i--
	}
	o.at[i] = int16(k)
	o.n++
	o.weight += l.weight(k, k)
	return true
}

// price returns the price of the equality tests of a list of the given weight.
func (o *oddOnes) price(l *spanList, weight float64) float64 {
	p := float64(l.size * float64(o.n))
	for _, k := range o.at[:o.n] {
		p += float64(weight * testPrice)
		weight -= l.weight(int(k), int(k))
	}
	return p
}

// build returns the equality tests, then rest.
func (o *oddOnes) build(l *spanList, g *graph, rest *node, weight float64) *node {
	weight -= o.weight
	n := rest
	for i := o.n - 1; i >= 0; i-- {
		k := int(o.at[i])
		w := l.weight(k, k)
		n = g.test(asm.JeqK, l.spans[k].lo, l.spans[k].to, n, w, weight)
		weight += w
	}
	return n
}

// scan looks, span by span, at whether a list can be decided in its way.
type scan interface {
	// add takes in the next span; it reports false where neither this list nor a longer one can be so decided.
	add(l *spanList, k int) bool
	price(l *spanList) float64
	choice() choice
	build(l *spanList, g *graph) *node
}

// show shows the spans i..j to a scan.
func (l *spanList) show(s scan, i, j int) scan {
	for k := i; k <= j; k++ {
		s.add(l, k)
	}
	return s
}

// chainScan looks at whether a list is one target but for a few single values.
type chainScan struct {
	d      int // the span whose target it is
	odd    oddOnes
	weight float64
}

func (c *chainScan) add(l *spanList, k int) bool {
	c.weight += l.weight(k, k)
	return l.spans[k].to == l.spans[c.d].to || c.odd.add(l, k, maxChain)
}

func (c *chainScan) price(l *spanList) float64 { return c.odd.price(l, c.weight) }

func (c *chainScan) choice() choice { return choice{chain, int16(c.d)} }

func (c *chainScan) build(l *spanList, g *graph) *node {
	return c.odd.build(l, g, l.spans[c.d].to, c.weight)
}

// bitScan looks at whether one bit of the value tells the targets of a list apart, but for a few single values.
type bitScan struct {
	bit   int
	sides [2]bitSide // where the bit is clear, where it is set
}

type bitSide struct {
	to     *node // nil where not yet met
	odd    oddOnes
	weight float64
}

func (b *bitScan) add(l *spanList, k int) bool {
	lo, hi := l.spans[k].lo, l.end(k)
	if lo>>b.bit != hi>>b.bit {
		return false
	}
	side, to := &b.sides[lo>>b.bit&1], l.spans[k].to
	side.weight += l.weight(k, k)
	if side.to == nil {
		side.to = to
	}
	return side.to == to || side.odd.add(l, k, maxOdd)
}

// tells reports whether the bit makes a difference.
func (b *bitScan) tells() bool {
	return b.sides[0].to != nil && b.sides[1].to != nil && b.sides[0].to != b.sides[1].to
}

func (b *bitScan) price(l *spanList) float64 {
	if !b.tells() {
		return impossible
	}
	p := l.size
	for i := range b.sides {
		p += float64(b.sides[i].weight*testPrice) + b.sides[i].odd.price(l, b.sides[i].weight)
	}
	return p
}

func (b *bitScan) choice() choice { return choice{bitTest, int16(b.bit)} }

func (b *bitScan) build(l *spanList, g *graph) *node {
	var ways [2]*node
	for i := range b.sides {
		s := &b.sides[i]
		ways[i] = s.odd.build(l, g, s.to, s.weight)
	}
	return g.test(asm.JsetK, 1<<b.bit, ways[1], ways[0], b.sides[1].weight, b.sides[0].weight)
}

// collapse replaces long runs of spans that one bit tells apart by one span:
//
//	0 → A, 1 → B, 2 → A, 3 → B, ... 9 → B     ⇒     0..9 → JSET 1, B, A
func (l *lowerer) collapse(spans []span, size float64) []span {
	if len(spans) < longRun {
		return spans
	}
	list := newSpanList(spans, size)
	var out []span
	for i := 0; i < len(spans); {
		run, scan := list.bitRun(i)
		if run < longRun {
			out = append(out, spans[i])
			i++
			continue
		}
		out = append(out, span{spans[i].lo, scan.build(list, l.graph), weightOf(spans[i : i+run])})
		i += run
	}
	return out
}

// bitRun returns the longest run of spans from i on that one bit tells apart.
func (l *spanList) bitRun(i int) (longest int, best bitScan) {
	for b := range maxBit {
		scan := bitScan{bit: b}
		for k := i; k < len(l.spans) && scan.add(l, k); k++ {
			if k-i >= longest && scan.tells() {
				longest, best = k-i+1, scan
			}
		}
	}
	return longest, best
}

// bitForce is a bit which, where it is set, leads to one target.
type bitForce struct {
	to    *node
	rest  []span  // of the values in which it is clear
	share float64 // of the weight, in which it is set
}

// forcedBy reports whether a bit leads to one target where it is set, and leaves less than half of the spans.
func forcedBy(spans []span, bit int) (f bitForce, ok bool) {
	l := spanList{spans: spans}
	if f.to = l.forcedTo(bit); f.to == nil {
		return f, false
	}
	set := 0.0
	rest := make([]span, 0, len(spans))
	for i, s := range spans {
		switch same := s.lo>>bit == l.end(i)>>bit; {
		case same && s.lo>>bit&1 == 1:
			set += s.weight
			continue
		case !same:
			s.weight /= 2
			set += s.weight
		}
		rest = append(rest, s)
	}
	f.rest = joinSpans(rest)
	if total := weightOf(spans); total > 0 {
		f.share = set / total
	}
	return f, 2*len(f.rest) < len(spans)
}

// forcedTo returns where all values go in which a bit is set, nil if not to one target.
func (l *spanList) forcedTo(bit int) (to *node) {
	for i, s := range l.spans {
		switch noneHas := s.lo>>bit == l.end(i)>>bit && s.lo>>bit&1 == 0; {
		case noneHas:
		case to == nil:
			to = s.to
		case to != s.to:
			return nil
		}
	}
	return to
}
