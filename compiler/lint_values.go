package compiler

import (
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
)

// truth says what is known about a condition without looking at a call.
type truth int

const (
	depends truth = iota
	never
	always
)

func (t truth) String() string { return [...]string{"sometimes", "never", "always"}[t] }

func (t truth) not() truth {
	switch t {
	case never:
		return always
	case always:
		return never
	}
	return t
}

// truthOf finds conditions of which each part by itself decides: it is exact for a comparison, and leaves
// "x == 1 && x == 2" to the proof.
func truthOf(c policy.Cond) truth {
	switch c := c.(type) {
	case policy.Not:
		return truthOf(c.X).not()
	case policy.And:
		return fold(c, never)
	case policy.Or:
		return fold(c, always)
	case policy.Test:
		return truthOfTest(c)
	}
	return always // no condition
}

// fold combines parts of which one that is equal to the decisive value makes the whole so.
func fold(parts []policy.Cond, decisive truth) truth {
	out := decisive.not()
	for _, p := range parts {
		switch truthOf(p) {
		case decisive:
			return decisive
		case depends:
			out = depends
		}
	}
	return out
}

func truthOfTest(t policy.Test) truth {
	ones := policy.Ones(t.Operand.Width)
	lo, hi := uint64(0), ones // in the operand's order
	if t.Operand.Signed {
		lo, hi = ones/2+1, ones/2
	}
	is := func(decided bool, then truth) truth {
		if decided {
			return then
		}
		return depends
	}
	switch t.Op {
	case policy.Lt:
		return is(t.Value == lo, never)
	case policy.Ge:
		return is(t.Value == lo, always)
	case policy.Gt:
		return is(t.Value == hi, never)
	case policy.Le:
		return is(t.Value == hi, always)
	case policy.Any:
		return is(t.Mask == 0, never)
	case policy.All:
		return is(t.Mask == 0, always)
	case policy.Only:
		return is(t.Mask == ones, always)
	}
	switch {
	case !hits(t.Set, t.Mask):
		return never
	case !hits(complement(t.Set, ones), t.Mask):
		return always
	}
	return depends
}

// hits reports whether the ranges hold a value that has no bit outside of mask.
func hits(ranges []policy.Range, mask uint64) bool {
	return slices.ContainsFunc(ranges, func(r policy.Range) bool {
		v, ok := firstWithin(mask, r.Lo)
		return ok && v <= r.Hi
	})
}

// firstWithin returns the smallest value from lo upwards that has no bit outside of mask.
func firstWithin(mask, lo uint64) (uint64, bool) {
	v := lo
	for {
		outside := v &^ mask
		if outside == 0 {
			return v, true
		}
		// The highest bit outside must go: carry into the next clear bit of the mask above it.
		top := uint64(1) << (bits.Len64(outside) - 1)
		above := mask &^ v &^ (top<<1 - 1)
		if top == 1<<63 || above == 0 {
			return 0, false
		}
		bit := above & -above
		v = v&^(bit<<1-1) | bit
	}
}

// complement returns the values up to ones that sorted ranges do not hold.
func complement(ranges []policy.Range, ones uint64) []policy.Range {
	var out []policy.Range
	next := uint64(0)
	for _, r := range ranges {
		if r.Lo > next {
			out = append(out, policy.Range{Lo: next, Hi: r.Lo - 1})
		}
		if r.Hi == ones {
			return out
		}
		next = r.Hi + 1
	}
	return append(out, policy.Range{Lo: next, Hi: ones})
}

// lintCond reports conditions that always or never hold. They change what the rule means.
func (s *scope) lintCond(x *dsl.Rule, parts []part) {
	for _, p := range parts {
		if how := truthOf(p.cond); how != depends {
			s.add(errorAt(x.Cond.Span, lintConstantCondition, "the condition %v holds", how))
		}
	}
}

// lintComparison reports what a comparison cannot do.
func (r *condResolver) lintComparison(t *dsl.Comparison, o operand, c policy.Cond) {
	if o.unread {
		d := warningAt(t.X.Span, lintUnreadArgument, "%s does not read arg%d", r.call.name, o.Arg)
		r.add(notes(d, "the register holds whatever the caller left there"))
	}
	if o.pointer && !asksForNull(c) {
		d := warningAt(t.Span, lintPointerCompare, "%s is a pointer", o.means())
		r.add(notes(d, "the memory behind it can change after the filter has looked at the address"))
	}
	if o.dependsOn != "" && hangsOnUpperHalf(c) {
		x := t.X.Text()
		d := warningAt(t.X.Span, lintDependentWidth, "how many bits the kernel reads of %s depends on %s", o.means(), o.dependsOn)
		d = notes(d, "where it is an int, a bit in the upper half of the register gets past the comparison")
		r.add(help(d, "write u32(%s) if it is an int there, u64(%s) if all 64 bits count", x, x))
	}
	if how := truthOf(c); how != depends {
		r.constant = append(r.constant, warningAt(t.Span, lintConstantCondition, "this comparison %v holds", how))
	}
}

// hangsOnUpperHalf reports whether bits above the lower 32 that the comparison does not ask for by name can
// change its outcome.
func hangsOnUpperHalf(c policy.Cond) bool {
	if n, ok := c.(policy.Not); ok {
		c = n.X
	}
	t := c.(policy.Test)
	switch t.Op {
	case policy.All:
		return false
	case policy.Any:
		return t.Mask == policy.Ones(64) // the argument alone, which asks for 0
	case policy.In:
		return t.Mask>>32 != 0
	}
	return true
}

// asksForNull reports whether a comparison only tells 0 from the rest.
func asksForNull(c policy.Cond) bool {
	if n, ok := c.(policy.Not); ok {
		c = n.X
	}
	t, ok := c.(policy.Test)
	if !ok || t.Mask != policy.Ones(t.Operand.Width) {
		return false
	}
	return t.Op == policy.Any || t.Op == policy.In && len(t.Set) == 1 && t.Set[0] == policy.Range{}
}
