package explain

import (
	"github.com/seccompc/seccompc/policy"
)

// flip returns the values with a sign bit turned over, which exchanges the two halves of the
// values.
func flip(ranges []policy.Range, sign uint64) []policy.Range {
	if sign == 0 {
		return ranges
	}
	var out []policy.Range
	for _, half := range []policy.Range{{Lo: 0, Hi: sign - 1}, {Lo: sign, Hi: sign<<1 - 1}} {
		for _, r := range policy.Intersect(ranges, []policy.Range{half}) {
			out = append(out, policy.Range{Lo: r.Lo ^ sign, Hi: r.Hi ^ sign})
		}
	}
	return policy.Union(out)
}

// is reports whether the ranges hold one value and it is this one.
func is(ranges []policy.Range, v uint64) bool {
	return len(ranges) == 1 && ranges[0] == policy.Range{Lo: v, Hi: v}
}

// single reports whether the ranges hold one value.
func single(ranges []policy.Range) bool { return len(ranges) == 1 && ranges[0].Lo == ranges[0].Hi }
