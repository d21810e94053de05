package oci

import (
	"errors"
	"fmt"
	mathbits "math/bits"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// maxWays bounds the entries that one condition becomes.
const maxWays = 2000

var errWays = fmt.Errorf("the condition needs more than %d entries in a profile", maxWays)

// product writes a condition, or its opposite, as alternatives of masked comparisons, one for each
// argument.
func product(c policy.Cond, not, plain bool) ([][]writtenArg, error) {
	switch c := c.(type) {
	case policy.Not:
		return product(c.X, !not, plain)
	case policy.And:
		return join([]policy.Cond(c), not, !not, plain)
	case policy.Or:
		return join([]policy.Cond(c), not, not, plain)
	case policy.Test:
		return masked(c, not, plain)
	}
	return nil, fmt.Errorf("a condition of an unknown kind")
}

// join puts parts together: each of all of them, or any of one.
func join(parts []policy.Cond, not, all, plain bool) ([][]writtenArg, error) {
	var out [][]writtenArg
	if all {
		out = [][]writtenArg{nil}
	}
	for _, p := range parts {
		ways, err := product(p, not, plain)
		if err != nil {
			return nil, err
		}
		if !all {
			if out = append(out, ways...); len(out) > maxWays {
				return nil, errWays
			}
			continue
		}
		if len(out)*len(ways) > maxWays {
			return nil, errWays
		}
		var next [][]writtenArg
		for _, a := range out {
			for _, b := range ways {
				both, err := together(a, b)
				if err != nil {
					return nil, err
				}
				if both != nil {
					next = append(next, both)
				}
			}
		}
		out = next
	}
	return out, nil
}

// together returns the tests for which both of two lists hold, nil where they never do.
func together(a, b []writtenArg) ([]writtenArg, error) {
	both := append([]writtenArg{}, a...)
	for _, y := range b {
		i := slices.IndexFunc(both, func(x writtenArg) bool { return x.Index == y.Index })
		if i < 0 {
			both = append(both, y)
			continue
		}
		x := both[i]
		switch {
		case x.Op != "SCMP_CMP_MASKED_EQ" || y.Op != x.Op:
			return nil, errors.New("one argument is tested twice, which a profile cannot say")
		case (x.ValueTwo^y.ValueTwo)&x.Value&y.Value != 0:
			return nil, nil
		}
		both[i].Value, both[i].ValueTwo = x.Value|y.Value, x.ValueTwo|y.ValueTwo
	}
	return both, nil
}

// masked writes a test as masked comparisons: the values that the mask leaves, numbered in their
// order, are ranges, and a range is prefixes. If it may, it writes orders of 64 bits as they are.
func masked(t policy.Test, not, plain bool) ([][]writtenArg, error) {
	if t.Operand.Arg > 5 {
		return nil, fmt.Errorf("a profile does not see the instruction pointer")
	}
	mask, in := t.Members()
	var dense []policy.Range
	for _, r := range in {
		lo, hi := rank(mask, r.Lo), rank(mask, r.Hi)
		if r.Hi&^mask == 0 {
			hi++
		}
		if lo < hi || hi == 0 && r.Hi == 1<<64-1 {
			dense = append(dense, policy.Range{Lo: lo, Hi: hi - 1})
		}
	}
	most := policy.Ones(mathbits.OnesCount64(mask))
	if not {
		dense = policy.Complement(policy.Union(dense), most)
	}
	plain = plain && mask == 1<<64-1
	if except := policy.Complement(dense, most); plain && len(except) == 1 &&
		except[0].Lo == except[0].Hi {
		return [][]writtenArg{{{t.Operand.Arg, except[0].Lo, 0, "SCMP_CMP_NE"}}}, nil
	}
	var out [][]writtenArg
	for _, r := range dense {
		if op, v := ordered(r); plain && op != "" {
			out = append(out, []writtenArg{{t.Operand.Arg, v, 0, op}})
			continue
		}
		for lo := r.Lo; ; lo++ {
			size := min(mathbits.TrailingZeros64(lo), mathbits.OnesCount64(mask))
			for size > 0 && policy.Ones(size) > r.Hi-lo {
				size--
			}
			m, v := spread(mask, most&^policy.Ones(size)), spread(mask, lo)
			if m == 0 {
				return [][]writtenArg{nil}, nil
			}
			arg := writtenArg{t.Operand.Arg, m, v, "SCMP_CMP_MASKED_EQ"}
			if plain && m == mask {
				arg = writtenArg{t.Operand.Arg, v, 0, "SCMP_CMP_EQ"}
			}
			out = append(out, []writtenArg{arg})
			if len(out) > maxWays {
				return nil, errWays
			}
			if lo += policy.Ones(size); lo >= r.Hi {
				break
			}
		}
	}
	return out, nil
}

// ordered returns the comparison of 64 bits that holds for a range, "" where none does.
func ordered(r policy.Range) (op string, v uint64) {
	switch {
	case r.Lo == r.Hi:
		return "SCMP_CMP_EQ", r.Lo
	case r.Lo == 0 && r.Hi < 1<<64-1:
		return "SCMP_CMP_LE", r.Hi
	case r.Lo > 0 && r.Hi == 1<<64-1:
		return "SCMP_CMP_GE", r.Lo
	}
	return "", 0
}

// split is product argument by argument: for the values of the lowest one that the tests tell
// apart, what is left of the condition. It has no more ways than that, also for what is not met.
func split(c policy.Cond, plain bool) ([][]writtenArg, error) {
	tests := lowestTests(c)
	if len(tests) == 0 {
		if holds, _ := decided(c); holds {
			return [][]writtenArg{nil}, nil
		}
		return nil, nil
	}
	mask, _ := tests[0].Members()
	for _, t := range tests {
		if m, _ := t.Members(); m != mask {
			return nil, errors.New("one argument is tested under several masks, which a profile " +
				"cannot say")
		}
	}
	left := map[string]policy.Cond{}
	values := map[string][]policy.Range{}
	var order []string
	for _, r := range pieces(tests) {
		rest := given(c, tests[0].Operand.Arg, r.Lo)
		key := fmt.Sprintf("%#v", rest) // with the kinds of its parts
		if left[key] == nil {
			order = append(order, key)
		}
		left[key], values[key] = rest, append(values[key], r)
	}
	var out [][]writtenArg
	for _, key := range order {
		ways, err := split(left[key], plain)
		if err != nil {
			return nil, err
		}
		own := tests[0]
		own.Op, own.Mask, own.Set = policy.In, mask, policy.Union(values[key])
		some, err := masked(own, false, plain)
		if err != nil {
			return nil, err
		}
		if len(out)+len(ways)*len(some) > maxWays {
			return nil, errWays
		}
		for _, a := range some {
			for _, b := range ways {
				out = append(out, append(slices.Clone(a), b...))
			}
		}
	}
	return out, nil
}

// lowestTests are the tests of the lowest argument that a condition looks at.
func lowestTests(c policy.Cond) (out []policy.Test) {
	for c := range policy.Tests(c) {
		test, ok := c.(policy.Test)
		if !ok {
			continue
		}
		if len(out) > 0 && test.Operand.Arg < out[0].Operand.Arg {
			out = nil
		}
		if len(out) == 0 || test.Operand.Arg == out[0].Operand.Arg {
			out = append(out, test)
		}
	}
	return out
}

// pieces cuts all values into ranges of which each test holds for all or none.
func pieces(tests []policy.Test) (out []policy.Range) {
	mask, _ := tests[0].Members()
	cuts := []uint64{0}
	for _, t := range tests {
		_, in := t.Members()
		for _, r := range in {
			cuts = append(cuts, r.Lo)
			if r.Hi < mask {
				cuts = append(cuts, r.Hi+1)
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i, lo := range cuts {
		hi := mask
		if i+1 < len(cuts) {
			hi = cuts[i+1] - 1
		}
		if lo <= hi {
			out = append(out, policy.Range{Lo: lo, Hi: hi})
		}
	}
	return out
}

// given is what is left of a condition when an argument has a value under the mask of its tests: an
// empty And if it holds, an empty Or if it does not.
func given(c policy.Cond, arg int, v uint64) policy.Cond {
	switch c := c.(type) {
	case policy.Not:
		x := given(c.X, arg, v)
		if holds, ok := decided(x); ok {
			return constant(!holds)
		}
		return policy.Not{X: x}
	case policy.And:
		left, done := givenAll(c, arg, v, false)
		if done {
			return constant(false)
		}
		return policy.And(left)
	case policy.Or:
		left, done := givenAll(c, arg, v, true)
		if done {
			return constant(true)
		}
		return policy.Or(left)
	case policy.Test:
		if c.Operand.Arg == arg {
			_, in := c.Members()
			return constant(policy.Contains(in, v))
		}
	}
	return c
}

// givenAll is given for parts: done is that one of them is what decides the whole.
func givenAll(
	parts []policy.Cond, arg int, v uint64, decides bool,
) (left []policy.Cond, done bool) {
	for _, p := range parts {
		x := given(p, arg, v)
		switch holds, ok := decided(x); {
		case !ok:
			left = append(left, x)
		case holds == decides:
			return nil, true
		}
	}
	return left, false
}

func constant(holds bool) policy.Cond {
	if holds {
		return policy.And{}
	}
	return policy.Or{}
}

// decided reports whether a condition looks at nothing, and whether it holds.
func decided(c policy.Cond) (holds, ok bool) {
	switch c := c.(type) {
	case policy.And:
		return true, len(c) == 0
	case policy.Or:
		return false, len(c) == 0
	}
	return false, false
}

// rank counts the values within a mask that are less than x.
func rank(mask, x uint64) (n uint64) {
	for bit := 63; bit >= 0; bit-- {
		below := mathbits.OnesCount64(mask & (1<<bit - 1))
		switch in, set := mask>>bit&1 == 1, x>>bit&1 == 1; {
		case in && set:
			n += 1 << below
		case set:
			return n + 1<<below
		}
	}
	return n
}

// spread puts the low bits of v where the mask has its bits.
func spread(mask, v uint64) (out uint64) {
	for ; mask != 0; v >>= 1 {
		bit := mask & -mask
		mask &^= bit
		if v&1 == 1 {
			out |= bit
		}
	}
	return out
}
