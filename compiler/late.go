package compiler

import (
	"crypto/sha256"
	"slices"

	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/relocation"
)

// Relocations returns where the program waits for the late values of the policy.
func (r *Result) Relocations() *relocation.List {
	out := &relocation.List{
		SHA256: sha256.Sum256(r.Program.Encode(r.Order)),
		Order:  r.Order,
		Places: r.Program.Places(),
	}
	for _, l := range r.Policy.Late {
		out.Values = append(out.Values, lateValue(l))
	}
	return out
}

// lateValue returns what the list of relocations says of a value.
func lateValue(l *policy.Late) relocation.Value {
	v := relocation.Value{Name: l.Name, Width: l.Width, Signed: l.Signed}
	if !l.Signed {
		v.Min, v.Max = l.Values[0].Lo, l.Values[len(l.Values)-1].Hi
		return v
	}
	var ends []int64
	sign := uint64(1) << (l.Width - 1)
	for _, r := range l.Values {
		if r.Lo < sign {
			ends = append(ends, int64(r.Lo), int64(min(r.Hi, sign-1)))
		}
		if r.Hi >= sign {
			negative := ^policy.Ones(l.Width)
			ends = append(ends, int64(max(r.Lo, sign)|negative), int64(r.Hi|negative))
		}
	}
	v.Min, v.Max = uint64(slices.Min(ends)), uint64(slices.Max(ends))
	return v
}
