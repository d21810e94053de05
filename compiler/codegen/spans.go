package codegen

import (
	"math/bits"
	"slices"
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

// spanList is a list of neighbouring spans with their weights in whole numbers: the price of a test that all values
// come to is their weight. What is added up in whole numbers in whatever order is equal where it should be, on any
// machine.
type spanList struct {
	spans  []span
	listed []listed // the same, as the search looks at them
	sum    []int64  // sum[i] is the weight of the spans before i
	size   int64    // the price of an instruction
}

// listed is a span of a list: the values lo to hi.
type listed struct {
	lo, hi uint32
	to     *node
	weight int64
}

func (p *listed) single() bool { return p.lo == p.hi }

const (
	listWeight  = 1 << 40 // of a list
	leastWeight = 1 << 16 // of a span, so that no path grows long where one span weighs much more than others
	impossible  = 1 << 60 // the price of what cannot be done
)

func newSpanList(spans []span, size float64) *spanList {
	l := &spanList{spans: spans, size: int64(size * listWeight)}
	l.listed, l.sum = make([]listed, len(spans)), make([]int64, len(spans)+1)
	total := weightOf(spans)
	for i, s := range spans {
		w := int64(leastWeight)
		if total > 0 {
			w = max(w, int64(s.weight/total*listWeight))
		}
		l.listed[i] = listed{s.lo, l.end(i), s.to, w}
		l.sum[i+1] = l.sum[i] + w
	}
	return l
}

func (l *spanList) weight(i, j int) int64 { return l.sum[j+1] - l.sum[i] }

// single reports whether a span is one value.
func (l *spanList) single(k int) bool { return l.end(k) == l.spans[k].lo }

// lowestBit returns the lowest bit that is the same in all values of a span.
func (l *spanList) lowestBit(k int) int { return bits.Len32(l.spans[k].lo ^ l.end(k)) }

// end returns the last value of a span.
func (l *spanList) end(k int) uint32 {
	if k+1 < len(l.spans) {
		return l.spans[k+1].lo - 1
	}
	return ^uint32(0)
}

// longRun is the number of spans that one bit tells apart from which on they are taken as one.
const longRun = 8

// collapse replaces long runs of spans that one bit tells apart by one span:
//
//	0 → A, 1 → B, 2 → A, 3 → B, ... 9 → B     ⇒     0..9 → JSET 1, B, A
func (b *treeBuilder) collapse(list *spanList) []span {
	spans := list.spans
	var out []span
	for i := 0; i < len(spans); {
		bit, end := list.bitRun(i)
		if end-i < longRun {
			out = append(out, spans[i])
			i++
			continue
		}
		run := list.show(&bitScan{bit: bit}, i, end).build(list, b.graph)
		out = append(out, span{spans[i].lo, run, weightOf(spans[i:end])})
		i = end
	}
	return out
}

// bitRun returns the bit that tells apart the longest run of spans from i on, and where it ends.
func (l *spanList) bitRun(i int) (bit uint32, end int) {
	for b := l.lowestBit(i); b < maxBit; b++ {
		scan := bitScan{bit: 1 << b}
		for k := i; k < len(l.spans) && scan.add(l, k); k++ {
			if k >= end && scan.tells() {
				bit, end = scan.bit, k+1
			}
		}
	}
	return bit, end
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
	if len(spans) < 5 { // two are left at least, as the last one has values of both kinds
		return f, false
	}
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

// forcedTo returns where all values go in which a bit is set, nil if not to one target. The last span has such values.
func (l *spanList) forcedTo(bit int) (to *node) {
	to = l.spans[len(l.spans)-1].to
	for i, s := range slices.Backward(l.spans) {
		noneHas := s.lo>>bit == l.end(i)>>bit && s.lo>>bit&1 == 0
		if s.to != to && !noneHas {
			return nil
		}
	}
	return to
}
