package codegen

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

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

// TestShuffledMasks: many masks of one word make the same code in whatever order, and no order
// takes half as many steps again as another.
func TestShuffledMasks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(30)) {
		r := rand.New(rand.NewPCG(seed, 5))
		abi := policy.ABI{Arch: 7, Numbers: []policy.Range{{Hi: whole}},
			Default: policy.Allow, Unknown: policy.Allow}
		for range 8 + r.IntN(5) {
			mask := uint64(r.Uint32()&r.Uint32()&r.Uint32() | 1<<r.IntN(32))
			value := mask & uint64(r.Uint32())
			abi.Rules = append(abi.Rules, policy.Rule{
				Numbers: []uint32{1}, Action: policy.Errno | 1, Cond: policy.Test{
					Operand: policy.Operand{Width: 32}, Mask: mask,
					Set: []policy.Range{{Lo: value, Hi: value}}}})
		}
		p := &policy.Policy{ABIs: []policy.ABI{abi}}
		least, most, first := math.MaxInt, 0, 0
		for i := range 6 {
			g := newGenerator(p.ByteOrder(), 0)
			root, err := g.entry(p, Weights{})
			if err != nil {
				t.Fatal(err)
			}
			least, most = min(least, g.diagrams.work), max(most, g.diagrams.work)
			length := len(emit(g.graph, root, true))
			if i == 0 {
				first = length
			}
			if length != first {
				t.Errorf("seed %d: %d instructions in one order, %d in another", seed, first,
					length)
			}
			rules := p.ABIs[0].Rules
			r.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		}
		if 2*most > 3*least {
			t.Errorf("seed %d: from %d to %d steps", seed, least, most)
		}
	}
}
