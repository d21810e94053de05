package codegen

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/seccompc/seccompc/policy"
)

// refIntervals is a function of one word: its intervals, each up to where the next one begins, the
// first from 0 on.
type refIntervals []refInterval

type refInterval struct {
	lo uint32
	to ref
}

// whole is the largest value of a word.
const whole = 0xffffffff

// byIntervals returns the code for rulings that compare the decision's only word as a whole, where
// no test of some of its bits would be tried: the tree over its intervals. It is the code
// that diagrams lead to as well, in more time. It returns nil for other rulings.
func (c *lowering) byIntervals(rulings []ruling, rest *node) *node {
	if len(c.words) != 1 {
		return nil
	}
	f := refIntervals{{0, c.exit(rest)}}
	for _, x := range slices.Backward(rulings) {
		values, ok := valuesOf(x.conds)
		if !ok {
			return nil
		}
		if f = f.where(values, c.exit(x.to)); len(f) > maxIntervals {
			return nil
		}
	}
	if len(f) == 1 {
		return c.lower(f[0].to)
	}
	intervals := c.weigh(f)
	if c.trees.passes.on(testMasks) && !noMasks(intervals) &&
		(len(intervals) <= maxMasked || !f.everyBitMatters()) {
		return nil
	}
	return c.graph.load(c.offset(0), c.trees.build(intervals, ofArgument))
}

// valuesOf returns the values of a word for which a condition holds, if all its tests compare words
// as a whole.
func valuesOf(c policy.Cond) (values []policy.Range, ok bool) {
	switch c := c.(type) {
	case policy.And:
		for _, x := range c {
			v, ok := valuesOf(x)
			if !ok {
				return nil, false
			}
			values = append(values, policy.Complement(v, whole)...)
		}
		return policy.Complement(policy.Union(values), whole), true
	case policy.Or:
		for _, x := range c {
			v, ok := valuesOf(x)
			if !ok {
				return nil, false
			}
			values = append(values, v...)
		}
		return policy.Union(values), true
	case policy.Not:
		v, ok := valuesOf(c.X)
		return policy.Complement(v, whole), ok
	case policy.Test:
		mask, in := c.Members()
		return in, c.Operand.Width == 32 && c.Op < policy.Any && mask == whole
	case policy.LateTest:
		return nil, false
	}
	panic("codegen: unknown condition")
}

// where returns the function that leads to a ref for the values in some ranges, a union, and
// elsewhere as f does.
func (f refIntervals) where(values []policy.Range, to ref) refIntervals {
	out := make(refIntervals, 0, len(f)+2*len(values))
	i := 0 // the next interval of f
	for _, r := range values {
		for ; i < len(f) && uint64(f[i].lo) < r.Lo; i++ {
			out = out.add(f[i].lo, f[i].to)
		}
		out = out.add(uint32(r.Lo), to)
		for i < len(f) && uint64(f[i].lo) <= r.Hi+1 {
			i++
		}
		if r.Hi < whole {
			out = out.add(uint32(r.Hi+1), f[i-1].to)
		}
	}
	for ; i < len(f); i++ {
		out = out.add(f[i].lo, f[i].to)
	}
	return out
}

// add appends an interval, unless it goes on with the last one.
func (f refIntervals) add(lo uint32, to ref) refIntervals {
	if n := len(f); n > 0 && f[n-1].to == to {
		return f
	}
	return append(f, refInterval{lo, to})
}

// at returns where a value leads.
func (f refIntervals) at(value uint32) ref {
	return f[sort.Search(len(f)-1, func(i int) bool { return f[i+1].lo > value })].to
}

// everyBitMatters reports whether it shows at the intervals' first values that each bit makes a
// difference, and that none decides by itself, whether it is set or clear.
func (f refIntervals) everyBitMatters() bool {
	type sides struct{ set, clear uint32 } // bits that are set, or clear, in some values
	var some, several sides                // those that lead anywhere, and to more than one ref
	exits := map[ref]sides{}
	same := uint32(whole) // bits that have made no difference so far
	for i, r := range f {
		last := uint32(whole)
		if i+1 < len(f) {
			last = f[i+1].lo - 1
		}
		open := uint32(1)<<bits.Len32(r.lo^last) - 1
		e := exits[r.to]
		exits[r.to] = sides{e.set | r.lo | open, e.clear | ^r.lo | open}
		for b := same; b != 0; b &= b - 1 {
			if bit := b & -b; f.at(r.lo^bit) != r.to {
				same &^= bit
			}
		}
	}
	for _, e := range exits {
		several = sides{several.set | some.set&e.set, several.clear | some.clear&e.clear}
		some = sides{some.set | e.set, some.clear | e.clear}
	}
	return same == 0 && several == sides{whole, whole}
}
