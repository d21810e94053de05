package resolve

import (
	"math/bits"
	"slices"

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

// truthOf finds conditions of which each part by itself decides: it is exact for a comparison, and
// leaves "x == 1 && x == 2" to the proof.
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
	case policy.LateTest:
		return depends
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
	mask, in := t.Members()
	switch {
	case !hits(in, mask):
		return never
	case !hits(policy.Complement(in, policy.Ones(t.Operand.Width)), mask):
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
