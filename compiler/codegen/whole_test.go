package codegen

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// TestRunsAsDiagrams: where rulings are compiled from their intervals, the code is that of their
// diagram.
func TestRunsAsDiagrams(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	short, long := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		abi := &policy.ABI{}
		for range 1 + r.IntN(4) {
			action := []policy.Action{policy.Allow, policy.Trap, policy.Errno | 1}[r.IntN(3)]
			abi.Rules = append(abi.Rules, policy.Rule{Cond: wholeCond(r, 2), Action: action})
		}
		g := newGenerator(binary.LittleEndian, 0)
		d := newDecider(g, abi)
		rules := make([]int, len(abi.Rules))
		var conds []policy.Cond
		for i, rule := range abi.Rules {
			rules[i] = i
			conds = append(conds, rule.Cond)
		}
		order, named := wordsOf(conds...)
		rulings, rest := d.rulings(rules), g.graph.ret(policy.KillProcess)
		byIntervals := newLowering(g, order, named).byIntervals(rulings, rest)
		if byIntervals == nil {
			continue
		}
		g.diagrams.reset()
		g.diagrams.allow(maxDiagram)
		c := newLowering(g, order, named)
		if n := c.code(c.function(rulings, rest)); n != byIntervals {
			t.Fatalf("seed %d: %+v: the code of intervals and of diagrams differs", seed, abi.Rules)
		}
		if g.graph.size(byIntervals) > maxMasked {
			long++
		} else {
			short++
		}
	}
	if short < 500 || long < 100 {
		t.Errorf("%d short and %d long decisions", short, long)
	}
}

// TestValuesOf holds the values of a condition against the condition.
func TestValuesOf(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		c := wholeCond(r, 3)
		values, ok := valuesOf(c)
		if !ok {
			t.Fatalf("seed %d: no values of %+v", seed, c)
		}
		for range 100 {
			v := border(r)
			if in := policy.Contains(values, uint64(v)); in != c.Holds(policy.Data{
				Args: [6]uint64{0, v}}) {
				t.Fatalf("seed %d: %+v: %#x among the values: %t", seed, c, v, in)
			}
		}
	}
}

// wholeCond returns a condition on the low word of argument 1 as a whole.
func wholeCond(r *rand.Rand, depth int) policy.Cond {
	switch part := func() policy.Cond { return wholeCond(r, depth-1) }; {
	case depth == 0 || r.IntN(3) == 0:
		return wholeTest(r)
	case r.IntN(3) == 0:
		return policy.Not{X: part()}
	case r.IntN(2) == 0:
		return policy.And{part(), part()}
	default:
		return policy.Or{part(), part(), part()}[r.IntN(3):]
	}
}

func wholeTest(r *rand.Rand) policy.Test {
	word := policy.Operand{Arg: 1, Width: 32, Signed: r.IntN(2) == 0}
	t := policy.Test{Operand: word, Mask: whole, Value: border(r)}
	t.Op = []policy.Op{policy.In, policy.In, policy.Lt, policy.Le, policy.Gt, policy.Ge}[r.IntN(6)]
	for n := r.IntN(4) * r.IntN(30); t.Op == policy.In && n >= 0; n-- {
		lo := border(r)
		t.Set = append(t.Set, policy.Range{Lo: lo, Hi: lo + min(uint64(r.IntN(3)), whole-lo)})
	}
	return t
}

// border returns a value of 32 bits, often one where something begins or ends.
func border(r *rand.Rand) uint64 {
	near := []uint64{0, 1, 2, 8, 1 << 16, 1<<31 - 1, 1 << 31, 1<<31 + 1, whole - 1, whole}
	if i := r.IntN(2 * len(near)); i < len(near) {
		return near[i]
	}
	return uint64(r.Uint32())
}
