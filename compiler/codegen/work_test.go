package codegen

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

// TestWorkIsBounded: all decisions of a program share one budget of steps; behind its last step
// there is no code.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		left int
		ok   bool
	}{{1, true}, {0, false}, {-1, false}} {
		d := &diagrams{work: maxWork - test.left}
		found := attempt(func() *node { d.spend(1); return &node{} }) != nil
		if found != test.ok {
			t.Errorf("with %d steps left: %v", test.left, found)
		}
	}
	g := newGenerator((&policy.Policy{}).ByteOrder(), 0)
	g.diagrams.work = maxWork - 10
	p := &policy.Policy{ABIs: []policy.ABI{{
		Arch: 7, Numbers: []policy.Range{{Hi: 0xffffffff}}, Default: policy.Allow,
		Unknown: policy.Allow,
		Rules: []policy.Rule{{Numbers: []uint32{1}, Action: policy.Log, Cond: policy.Test{
			Operand: policy.Operand{Width: 64}, Op: policy.Any, Mask: 0x5555_5555_5555_5555}}},
	}}}
	if _, err := g.entry(p, Weights{}); err == nil {
		t.Error("a spent budget is no error")
	}
	if _, err := Generate(p, Weights{}, 0); err != nil {
		t.Errorf("the same policy with a budget of its own: %v", err)
	}
	g = newGenerator(p.ByteOrder(), 0)
	g.diagrams.work = maxMerged
	if _, err := g.entry(p, Weights{}); err != nil {
		t.Errorf("with what is left for test after test: %v", err)
	}
}

// TestTooManyNumbers: where the tree over the numbers finds no room, no rule is named.
func TestTooManyNumbers(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{ABIs: []policy.ABI{{
		Arch: 7, Numbers: []policy.Range{{Hi: 0xffffffff}}, Default: policy.Allow,
		Unknown: policy.Allow,
		Rules:   []policy.Rule{{Numbers: []uint32{1}, Action: policy.Log}},
	}}}
	g := newGenerator(p.ByteOrder(), 0)
	for _, a := range []policy.Action{p.Mismatch, policy.Allow, policy.Log} {
		g.graph.ret(a)
	}
	g.graph.count = math.MaxInt // whatever is allowed beyond it, there is none
	_, err := g.entry(p, Weights{})
	var complex *TooComplexError
	if !errors.As(err, &complex) || complex.Source >= 0 {
		t.Errorf("%v", err)
	}
}

// TestNegationCostsNothing: a long conjunction of negations is decided in as many steps as the
// disjunction that it is the negation of.
func TestNegationCostsNothing(t *testing.T) {
	t.Parallel()
	var some policy.Or
	var none policy.And
	for i := range 300 {
		test := policy.Test{Operand: policy.Operand{Arg: i % 2, Width: 32}, Mask: whole,
			Set: []policy.Range{{Lo: uint64(i * i), Hi: uint64(i * i)}}}
		some, none = append(some, test), append(none, policy.Not{X: test})
	}
	work := func(c policy.Cond) int {
		d := &diagrams{}
		d.reset()
		d.allow(maxDiagram)
		order, _ := wordsOf(c)
		d.cond(c, order, yes, no)
		return d.work
	}
	if of, not := work(some), work(none); of != not || of > 20_000 {
		t.Errorf("%d steps for some of 300 values, %d for none of them", of, not)
	}
}

// TestShuffled: the order of rules with one action makes no difference, neither to the code nor to
// the steps that it takes, whether they are rules or parts of one condition.
func TestShuffled(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(60)) {
		r := rand.New(rand.NewPCG(seed, 5))
		conds := manyConds(r)
		var program asm.Program
		steps := 0
		for i := range 4 {
			p := &policy.Policy{ABIs: []policy.ABI{{Arch: 7, Numbers: []policy.Range{{Hi: whole}},
				Default: policy.Allow, Unknown: policy.Allow, Rules: rulesOf(conds, i == 3)}}}
			g := newGenerator(p.ByteOrder(), 0)
			root, err := g.entry(p, Weights{})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				program, steps = emit(g.graph, root, true), g.diagrams.work
			}
			if code := emit(g.graph, root, true); !slices.Equal(code, program) ||
				g.diagrams.work != steps {
				t.Fatalf("seed %d: %d steps for\n%v%d steps in another order for\n%v", seed, steps,
					program, g.diagrams.work, code)
			}
			r.Shuffle(len(conds), func(i, j int) { conds[i], conds[j] = conds[j], conds[i] })
		}
	}
}

// manyConds returns tests of masks of up to three arguments, some of them in pairs.
func manyConds(r *rand.Rand) (conds policy.Or) {
	args, width, pairs := 1+r.IntN(3), []int{32, 64}[r.IntN(2)], r.IntN(2) == 0
	test := func() policy.Cond {
		mask := r.Uint64() & r.Uint64() & r.Uint64() & policy.Ones(width)
		mask |= 1 << r.IntN(32)
		value := mask & r.Uint64()
		return policy.Test{Operand: policy.Operand{Arg: r.IntN(args), Width: width}, Mask: mask,
			Set: []policy.Range{{Lo: value, Hi: value}}}
	}
	for range 5 + r.IntN(8) {
		if pairs && r.IntN(2) == 0 {
			conds = append(conds, policy.And{test(), test()})
		} else {
			conds = append(conds, test())
		}
	}
	return conds
}

// rulesOf returns rules that deny number 1 where one of some conditions holds: one rule, or one for
// each.
func rulesOf(conds policy.Or, one bool) (rules []policy.Rule) {
	if one {
		return []policy.Rule{{Numbers: []uint32{1}, Action: policy.Errno | 1, Cond: conds}}
	}
	for _, c := range conds {
		rules = append(rules, policy.Rule{Numbers: []uint32{1}, Action: policy.Errno | 1, Cond: c})
	}
	return rules
}
