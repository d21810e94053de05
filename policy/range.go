package policy

import (
	"cmp"
	"slices"
)

// Range is an inclusive range of unsigned values, Lo <= Hi.
type Range struct{ Lo, Hi uint64 }

// Contains reports whether v lies in one of the ranges.
func Contains(ranges []Range, v uint64) bool {
	for _, r := range ranges {
		if r.Lo <= v && v <= r.Hi {
			return true
		}
	}
	return false
}

// Union returns the ranges sorted, those that touch joined, without those that hold nothing.
func Union(ranges []Range) []Range {
	sorted := slices.DeleteFunc(slices.Clone(ranges), func(r Range) bool { return r.Lo > r.Hi })
	slices.SortFunc(sorted, func(a, b Range) int { return cmp.Compare(a.Lo, b.Lo) })
	var out []Range
	for _, r := range sorted {
		if n := len(out); n > 0 && (r.Lo <= out[n-1].Hi || r.Lo == out[n-1].Hi+1) {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// Complement returns the values up to most that ranges, sorted and disjoint, do not hold.
func Complement(ranges []Range, most uint64) []Range {
	var out []Range
	next := uint64(0)
	for _, r := range ranges {
		if r.Lo > next {
			out = append(out, Range{Lo: next, Hi: r.Lo - 1})
		}
		if r.Hi >= most {
			return out
		}
		next = r.Hi + 1
	}
	return append(out, Range{Lo: next, Hi: most})
}

// Intersect returns the values that are in both a and b, which are sorted and disjoint.
func Intersect(a, b []Range) []Range {
	var out []Range
	for len(a) > 0 && len(b) > 0 {
		if lo, hi := max(a[0].Lo, b[0].Lo), min(a[0].Hi, b[0].Hi); lo <= hi {
			out = append(out, Range{Lo: lo, Hi: hi})
		}
		if a[0].Hi < b[0].Hi {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// Size counts the values in disjoint ranges. All 2^64 values are more than it can count: it returns
// 0 for them.
func Size(ranges []Range) (n uint64) {
	for _, r := range ranges {
		n += r.Hi - r.Lo + 1
	}
	return n
}

// Subtract returns the values of a that are not in b; both are sorted and disjoint.
func Subtract(a, b []Range) []Range { return Intersect(a, Complement(b, ^uint64(0))) }

// Members returns what a test asks as one question about bits of its operand: it holds for those
// values X of which X & mask lies in one of the ranges. These are sorted and disjoint, and hold
// nothing above mask.
func (t Test) Members() (mask uint64, in []Range) {
	all := Ones(t.Operand.Width)
	mask = t.Mask & all
	switch t.Op {
	case In:
		return mask, Intersect(Union(t.Set), []Range{{Hi: mask}})
	case Any:
		return mask, Complement([]Range{{}}, mask)
	case All:
		if mask != t.Mask { // bits that the operand does not have
			return all, nil
		}
		return mask, []Range{{Lo: mask, Hi: mask}}
	case Only:
		return all &^ mask, []Range{{}}
	case Lt:
		return all, t.below()
	case Ge:
		return all, Complement(t.below(), all)
	case Le, Gt:
		le := Union(append(t.below(), Range{Lo: t.Value, Hi: t.Value}))
		if t.Op == Le {
			return all, le
		}
		return all, Complement(le, all)
	}
	panic("policy: unknown comparison")
}

// below returns the bit patterns that stand before Value in the operand's order, sorted: a signed
// order begins at the sign bit and goes on with 0 behind the pattern of all ones.
func (t Test) below() []Range {
	all := Ones(t.Operand.Width)
	least := uint64(0)
	if t.Operand.Signed {
		least = all/2 + 1
	}
	switch {
	case t.Value == least:
		return nil
	case t.Value == 0:
		return []Range{{Lo: least, Hi: all}}
	case t.Value > least:
		return []Range{{Lo: least, Hi: t.Value - 1}}
	}
	return []Range{{Lo: 0, Hi: t.Value - 1}, {Lo: least, Hi: all}}
}
