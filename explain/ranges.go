package explain

import (
	"github.com/seccompc/seccompc/policy"
)

// complement returns the values up to last that are not in the ranges, which are sorted and
// disjoint.
func complement(ranges []policy.Range, last uint64) []policy.Range {
	var out []policy.Range
	next := uint64(0)
	for _, r := range ranges {
		if r.Lo > next {
			out = append(out, policy.Range{Lo: next, Hi: r.Lo - 1})
		}
		if r.Hi >= last {
			return out
		}
		next = r.Hi + 1
	}
	return append(out, policy.Range{Lo: next, Hi: last})
}

// clip returns what of the ranges is at most last, sorted and joined.
func clip(ranges []policy.Range, last uint64) []policy.Range {
	return intersect(policy.Union(ranges), []policy.Range{{Lo: 0, Hi: last}})
}

// intersect returns the values that are in both; a and b are sorted and disjoint.
func intersect(a, b []policy.Range) []policy.Range {
	var out []policy.Range
	for len(a) > 0 && len(b) > 0 {
		if lo, hi := max(a[0].Lo, b[0].Lo), min(a[0].Hi, b[0].Hi); lo <= hi {
			out = append(out, policy.Range{Lo: lo, Hi: hi})
		}
		if a[0].Hi < b[0].Hi {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// flip returns the values with a sign bit turned over, which exchanges the two halves of the
// values.
func flip(ranges []policy.Range, sign uint64) []policy.Range {
	if sign == 0 {
		return ranges
	}
	var out []policy.Range
	for _, half := range []policy.Range{{Lo: 0, Hi: sign - 1}, {Lo: sign, Hi: sign<<1 - 1}} {
		for _, r := range intersect(ranges, []policy.Range{half}) {
			out = append(out, policy.Range{Lo: r.Lo ^ sign, Hi: r.Hi ^ sign})
		}
	}
	return policy.Union(out)
}

// size counts the values in disjoint ranges.
func size(ranges []policy.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Hi - r.Lo + 1
	}
	return n
}

// is reports whether the ranges hold one value and it is this one.
func is(ranges []policy.Range, v uint64) bool {
	return len(ranges) == 1 && ranges[0] == policy.Range{Lo: v, Hi: v}
}

// single reports whether the ranges hold one value.
func single(ranges []policy.Range) bool { return len(ranges) == 1 && ranges[0].Lo == ranges[0].Hi }
