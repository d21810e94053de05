package proof

import (
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// Bounds on what is worth reading: the ranges in one test (a list of ioctl commands may well have
// some hundred), those in half of a test, the ways from one half into the other, the places to cut,
// bit patterns.
const (
	maxRanges     = 512
	maxHalfRanges = 8
	maxHalves     = 4
	maxCuts       = 8
	maxPatterns   = 16
)

// describe writes a set of values of one operand.
func (s *Space) describe(f factor) formula {
	if f.arg >= firstSlot {
		return s.describeLate(f)
	}
	const simple = 4 // to read, and not worth looking further
	whole := s.describeWhole(f, maxRanges)
	if whole.cond != nil && whole.cost <= simple {
		return whole
	}
	best := whole.
		cheaper(s.attempt(func() formula { return s.describeHalves(f) })).
		cheaper(s.attempt(func() formula { return s.describeBits(f) }))
	if best.cond == nil {
		best = s.attempt(func() formula { return s.describeCubes(f) })
	}
	if best.cond == nil { // a long list in the one word, and something about the other
		words := operandField(f.arg, 64).level(31)
		best = s.attempt(func() formula { return s.describeCut(f, words, maxRanges) })
	}
	return best
}

// describeWhole writes a set in the shortest of several ways: as values and ranges of the operand
// or of the bits that matter, in the set or outside it, or as a list of bit patterns.
func (s *Space) describeWhole(f factor, limit int) formula {
	matter := s.support(f)
	o := operandFor(f.arg, matter)
	best := formula{}
	for _, mask := range []uint64{policy.Ones(o.Width), matter} {
		for _, inside := range []bool{true, false} {
			if ranges, ok := s.runs(f, o, mask, inside, limit); ok {
				best = best.cheaper(membership(o, mask, ranges, inside))
			}
		}
	}
	return best.cheaper(s.patterns(f, o))
}

// describeBits writes a set in which single bits decide: one that is set, or clear, lets every
// value in or keeps every value out, whatever the others are.
func (s *Space) describeBits(f factor) formula {
	whole := s.describeWhole(f, maxHalfRanges)
	for _, set := range []bool{true, false} {
		for _, decision := range []node{yes, no} {
			mask, rest := s.deciding(f, set, decision)
			if mask == 0 {
				continue
			}
			undecided := uint64(0) // the bits where none of them decides
			if !set {
				undecided = mask
			}
			bits := membership(operandFor(f.arg, mask), mask, point(undecided), decision == no)
			return whole.cheaper(joined(decision, bits, s.describeBits(rest)))
		}
	}
	return whole
}

// joined returns what holds where one of two formulas does, or with decision no, where both do.
func joined(decision node, a, b formula) formula {
	switch {
	case b.cond == nil:
		return b
	case decision == yes:
		return formula{anyOf(a.cond, b.cond), a.cost + b.cost + 1}
	}
	return formula{allOf(a.cond, b.cond), a.cost + b.cost + 1}
}

// deciding returns the bits that decide by being set, or by being clear, and the set where none of
// them does. Without such bits the mask is 0.
func (s *Space) deciding(f factor, set bool, decision node) (mask uint64, rest factor) {
	end := operandField(f.arg, 64).end
	matter := s.support(f)
	rest = f
	for bit := range 64 {
		if matter>>bit&1 == 0 {
			continue
		}
		level := end - 1 - uint32(bit)
		if s.fix(f.set, level, set, map[node]node{}) == decision {
			mask |= 1 << bit
			rest.set = s.fix(rest.set, level, !set, map[node]node{})
		}
	}
	return mask, rest
}

// fix returns the function for calls whose bit at the level is set, or clear.
func (s *Space) fix(n node, level uint32, set bool, known map[node]node) node {
	v := s.vertices[n]
	switch {
	case v.level > level:
		return n
	case v.level == level && set:
		return v.hi
	case v.level == level:
		return v.lo
	}
	if r, ok := known[n]; ok {
		return r
	}
	s.spend(1)
	r := s.branch(v.level, s.fix(v.lo, level, set, known), s.fix(v.hi, level, set, known))
	known[n] = r
	return r
}

// describeHalves writes a set by its upper and its lower bits. It finds what is a range in the one
// half and a mask in the other.
func (s *Space) describeHalves(f factor) formula {
	best := formula{}
	for _, cut := range s.cuts(f) {
		best = best.cheaper(s.describeCut(f, cut, maxHalfRanges))
	}
	return best
}

// describeCut writes a set by its bits above a level and those from there on, each as some ranges.
func (s *Space) describeCut(f factor, cut uint32, ranges int) formula {
	var terms []term
	for _, rest := range s.frontier(f.set, cut) {
		t := term{{f.arg, s.leading(f.set, cut, rest, map[node]node{})}}
		if rest != yes {
			t = append(t, factor{f.arg, rest})
		}
		if rest != no {
			terms = append(terms, t)
		}
	}
	return s.sum(terms, f.set, func(f factor) formula { return s.describeWhole(f, ranges) })
}

// cuts returns the levels at which the set falls into two halves that have least to do with each
// other. Where there are many, it returns a selection with the first, the last, and that between
// the two words of the operand, where filters are cut.
func (s *Space) cuts(f factor) []uint32 {
	var cuts []uint32
	ways := 2 * maxHalves // from one half into the other, an open one counting twice
	matter := s.support(f)
	all := operandField(f.arg, 64)
	for bit := all.width - 2; bit >= 0; bit-- {
		if matter>>(bit+1)&1 == 0 || matter&policy.Ones(bit+1) == 0 {
			continue // the same as a cut further up, or with nothing below
		}
		open := 0
		for _, rest := range s.frontier(f.set, all.level(bit)) {
			if open += 2; s.isLeaf(rest) {
				open-- // all that is left to know is that it is one
			}
		}
		if open < ways {
			ways, cuts = open, nil
		}
		if open == ways {
			cuts = append(cuts, all.level(bit))
		}
	}
	last := len(cuts) - 1
	if last < maxCuts {
		return cuts
	}
	var some []uint32
	for i := range maxCuts {
		some = append(some, cuts[i*last/(maxCuts-1)])
	}
	if words := all.level(31); slices.Contains(cuts, words) && !slices.Contains(some, words) {
		some = append(some, words)
	}
	return some
}

// operandFor returns the operand of 32 bits, or of 64 where the bits that matter demand it.
func operandFor(arg int, matter uint64) policy.Operand {
	if matter <= policy.Ones(32) {
		return policy.Operand{Arg: arg, Width: 32}
	}
	return policy.Operand{Arg: arg, Width: 64}
}

// support returns the bits of the operand on which the set depends.
func (s *Space) support(f factor) uint64 {
	var mask uint64
	end := operandField(f.arg, 64).end
	seen := map[node]bool{}
	var visit func(n node)
	visit = func(n node) {
		if s.isLeaf(n) || seen[n] {
			return
		}
		seen[n] = true
		v := s.vertices[n]
		mask |= 1 << (end - 1 - v.level)
		visit(v.lo)
		visit(v.hi)
	}
	visit(f.set)
	return mask
}

// runs returns the ranges of operand & mask that are inside the set, or those that are outside. The
// mask must hold every bit that matters. It reports false if there are too many.
func (s *Space) runs(
	f factor, o policy.Operand, mask uint64, inside bool, limit int,
) (ranges []policy.Range, ok bool) {
	field := operandField(o.Arg, o.Width)
	open := false // the block before was part of a range
	var visit func(n node, bits int, base uint64) bool
	visit = func(n node, bits int, base uint64) bool {
		if s.isLeaf(n) {
			member := (n == yes) == inside
			last := base | policy.Ones(bits)&mask
			switch {
			case member && open:
				ranges[len(ranges)-1].Hi = last
			case member:
				ranges = append(ranges, policy.Range{Lo: base, Hi: last})
			}
			open = member
			return len(ranges) <= limit
		}
		s.spend(1)
		bit := bits - 1
		lo, hi := s.at(n, field.level(bit))
		if mask>>bit&1 == 0 {
			return visit(n, bit, base)
		}
		return visit(lo, bit, base) && visit(hi, bit, base|1<<bit)
	}
	ok = visit(f.set, o.Width, 0)
	return ranges, ok
}

// membership writes that operand & mask lies in the ranges, or that it does not.
func membership(o policy.Operand, mask uint64, ranges []policy.Range, inside bool) formula {
	all := policy.Ones(o.Width)
	masked := mask != all && bits.OnesCount64(mask) > 1
	cost := 0
	switch {
	case masked:
		ranges = listed(ranges, mask, 4)
		cost++
		if len(ranges) > 2 { // which bits make up each of them has to be worked out
			cost++
		}
	case len(ranges) > 1:
		ranges = listed(ranges, mask, 2)
	}
	f := formula{test(o, mask, ranges), cost}
	for _, r := range ranges {
		switch {
		case r.Lo == r.Hi:
			f.cost++
		case masked: // the reader has to work out which values there are between the two
			f.cost += 6
		default:
			f.cost += 2
		}
	}
	if inside {
		return f
	}
	if bits.OnesCount64(mask) == 1 {
		return membership(o, mask, point(mask&^ranges[0].Lo), true)
	}
	if mask != all && len(ranges) == 1 && ranges[0] == (policy.Range{}) {
		return formula{policy.Test{Operand: o, Op: policy.Any, Mask: mask}, f.cost}
	}
	return formula{policy.Not{X: f.cond}, f.cost}
}

// listed returns the ranges with the short ones written as the values of x & mask that they hold:
// each may have a name, and of those between the ends of a masked range a reader knows little.
func listed(ranges []policy.Range, mask uint64, short int) []policy.Range {
	var list []policy.Range
	for _, r := range ranges {
		values := []policy.Range{}
		for v := r.Lo; len(values) <= short; v = ((v | ^mask) + 1) & mask {
			values = append(values, policy.Range{Lo: v, Hi: v})
			if v == r.Hi {
				break
			}
		}
		if len(values) > short {
			values = []policy.Range{r}
		}
		list = append(list, values...)
	}
	return list
}

// test returns the test that operand & mask lies in the ranges, with the comparison that says it
// best.
func test(o policy.Operand, mask uint64, ranges []policy.Range) policy.Test {
	all := policy.Ones(o.Width)
	t := policy.Test{Operand: o, Op: policy.In, Mask: mask, Set: ranges}
	if len(ranges) != 1 {
		return t
	}
	r := ranges[0]
	switch {
	case mask == all && r.Lo == r.Hi:
		return t
	case mask == all && r.Lo == 0:
		return policy.Test{Operand: o, Op: policy.Le, Value: r.Hi}
	case mask == all && r.Hi == all:
		return policy.Test{Operand: o, Op: policy.Ge, Value: r.Lo}
	case r.Lo == mask && bits.OnesCount64(mask) == 1:
		return policy.Test{Operand: o, Op: policy.Any, Mask: mask}
	case r.Lo == mask:
		return policy.Test{Operand: o, Op: policy.All, Mask: mask}
	case r.Hi == 0 && bits.OnesCount64(mask) > o.Width/2:
		return policy.Test{Operand: o, Op: policy.Only, Mask: all &^ mask}
	}
	return t
}

// patterns writes a set as the paths to yes, each a mask and a value.
func (s *Space) patterns(f factor, o policy.Operand) formula {
	end := operandField(f.arg, 64).end
	sum := formula{policy.Or{}, 0}
	var visit func(n node, mask, value uint64) bool
	visit = func(n node, mask, value uint64) bool {
		switch n {
		case no:
			return true
		case yes:
			set := []policy.Range{{Lo: value, Hi: value}}
			sum.cond = append(sum.cond.(policy.Or), test(o, mask, set))
			sum.cost += 3
			return sum.cost <= 3*maxPatterns
		}
		v := s.vertices[n]
		bit := uint64(1) << (end - 1 - v.level)
		return visit(v.lo, mask|bit, value) && visit(v.hi, mask|bit, value|bit)
	}
	if !visit(f.set, 0, 0) {
		return formula{}
	}
	return sum
}
