package codegen

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

// withLate returns a policy with late values in the place of some of its comparisons.
func withLate(r *rand.Rand, p *policy.Policy) *policy.Policy {
	for i, width := range []int{32, 64, 32} {
		p.Late = append(p.Late, &policy.Late{
			Name: string(rune('x' + i)), Width: width,
			Values: []policy.Range{{Hi: policy.Ones(width)}},
		})
	}
	var replace func(c policy.Cond) policy.Cond
	replace = func(c policy.Cond) policy.Cond {
		switch c := c.(type) {
		case policy.And:
			out := slices.Clone(c)
			for i := range out {
				out[i] = replace(out[i])
			}
			return out
		case policy.Or:
			out := slices.Clone(c)
			for i := range out {
				out[i] = replace(out[i])
			}
			return out
		case policy.Not:
			return policy.Not{X: replace(c.X)}
		case policy.Test:
			late := p.Late[r.IntN(len(p.Late))]
			if r.IntN(2) == 0 && late.Width == c.Operand.Width {
				return policy.LateTest{Operand: c.Operand, Late: late}
			}
		}
		return c
	}
	for i := range p.ABIs {
		for j := range p.ABIs[i].Rules {
			rule := &p.ABIs[i].Rules[j]
			rule.Cond = replace(rule.Cond)
		}
	}
	return p
}

// TestFilledEqualsEval: code for late values, filled with some, decides as the policy with these,
// whatever they are, and nothing but the places differs between values.
func TestFilledEqualsEval(t *testing.T) {
	places := 0
	for seed := *first; seed < *first+uint64(short.Rounds(*policies))/2; seed++ {
		r := rand.New(rand.NewPCG(seed, 2))
		p := withLate(r, randomPolicy(r))
		calls := boundaryCalls(r, p)
		off := PassSet(0)
		if seed%3 == 0 {
			off = 1 << (seed / 3 % uint64(passCount))
		}
		prog, err := Generate(p, Weights{}, off)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if len(prog) > asm.MaxLen {
			continue
		}
		places += len(prog.Places())
		checkHalves(t, seed, p, prog.Places())
		if (prog.Check() == nil) != (len(prog.Places()) == 0) {
			t.Fatalf("seed %d: Check says %v of %d places", seed, prog.Check(), len(prog.Places()))
		}
		for range 4 {
			values := make([]uint64, len(p.Late))
			named := policy.LateValues{}
			for i, l := range p.Late {
				values[i] = calls[r.IntN(len(calls))].Args[r.IntN(6)] & policy.Ones(l.Width)
				named[l.Name] = values[i]
			}
			checkProgram(t, seed, off, p, prog.Filled(values), calls, named)
		}
	}
	if places < short.Rounds(100) {
		t.Errorf("only %d places: the policies hardly compare with late values", places)
	}
}

// checkHalves wants a value of 64 bits to be put in whole: lists of relocations without a high half
// are refused.
func checkHalves(t *testing.T, seed uint64, p *policy.Policy, places []asm.Place) {
	t.Helper()
	for i, l := range p.Late {
		halves := map[bool]int{}
		for _, at := range places {
			if at.Value == i {
				halves[at.High]++
			}
		}
		if l.Width == 64 && (halves[true] == 0) != (halves[false] == 0) {
			t.Fatalf("seed %d: %d low and %d high halves of %s", seed, halves[false], halves[true],
				l.Name)
		}
	}
}

// TestWordOrder: the words of an argument stand beside each other, the high half first, whatever a
// policy names first.
func TestWordOrder(t *testing.T) {
	x := &policy.Late{Name: "x", Width: 64}
	conds := []policy.Cond{
		policy.Test{Operand: policy.Operand{Arg: 0, Width: 16}},
		policy.Test{Operand: policy.Operand{Arg: 1, Width: 64}},
		policy.Test{Operand: policy.Operand{Arg: 0, Width: 64}},
		policy.LateTest{Operand: policy.Operand{Arg: 0, Width: 64}, Late: x},
	}
	want := words{
		{arg: 0, high: true, late: x}, {arg: 0, high: true}, {arg: 0, late: x}, {arg: 0},
	}
	for _, i := range [][]int{{0, 2, 3}, {0, 3, 2}, {2, 0, 3}, {2, 3, 0}, {3, 0, 2}, {3, 2, 0}} {
		got, _ := wordsOf(conds[i[0]], conds[1], conds[i[1]], conds[i[2]])
		got = slices.DeleteFunc(got, func(w word) bool { return w.arg != 0 })
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v", i, got)
		}
	}
}
