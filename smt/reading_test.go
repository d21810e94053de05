package smt

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// call makes a call of values that stand at the borders of what is compared.
func (g generator) call(constants []uint64) policy.Data {
	value := func() uint64 {
		v := pick(g, constants...) + pick(g, 0, 0, 1, ^uint64(0))
		return pick(g, v, v, v, v|1<<(32+g.IntN(32)), g.Uint64())
	}
	d := policy.Data{Nr: uint32(value()), Arch: pick(g, 0xc000003e, 0x40000003, uint32(value())),
		IP: value()}
	for i := range d.Args {
		d.Args[i] = value()
	}
	return d
}

// is is whether the call is this one.
func (s *Script) is(d policy.Data) Term {
	parts := []Term{s.apply("=", "nr", number(uint64(d.Nr), 32)),
		s.apply("=", "arch", number(uint64(d.Arch), 32)), s.apply("=", "ip", number(d.IP, 64))}
	for i, a := range d.Args {
		parts = append(parts, s.apply("=", Term(fmt.Sprintf("arg%d", i)), number(a, 64)))
	}
	return s.all(parts)
}

// reads demands that the answer of a script is another reading's, for many calls.
func (s *Script) reads(z3 *solver, answer Term, constants []uint64, g generator,
	eval answers) {
	z3.t.Helper()
	var wrong []Term
	for range 30 {
		d := g.call(constants)
		wrong = append(wrong, s.apply("and", s.is(d),
			s.apply("distinct", answer, number(uint64(eval(d, nil)), 32))))
	}
	if v := z3.ask(s.Ask(s.some(wrong))); v.sat || v.unknown {
		z3.t.Errorf("%+v, which gets %v", v, eval(v.call, nil))
	}
}

// TestReadings holds what this package writes against the simulator and the evaluator: a misreading
// that both sides of a question share would not show in the answers.
func TestReadings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	z3 := newSolver(t)
	for seed := range uint64(4 * *cases) {
		g := newGenerator(seed)
		order, program, s := g.order(), g.program(), New()
		answer, err := s.Program(program, order == binary.BigEndian)
		if err != nil {
			t.Fatal(err)
		}
		constants := []uint64{0, 1 << 31}
		for _, in := range program {
			constants = append(constants, uint64(in.K))
		}
		s.reads(z3, answer, constants, g, runs(t, program, order))

		p := g.policy()
		s = New()
		if answer, err = s.Policy(p); err != nil {
			t.Fatal(err)
		}
		constants = []uint64{0, 1 << 15, 1 << 31, 1 << 63}
		for _, abi := range p.ABIs {
			for _, rule := range abi.Rules {
				constants = append(constants, uint64(rule.Numbers[0]))
				constants = append(constants, constantsOf(rule.Cond)...)
			}
		}
		s.reads(z3, answer, constants, g, func(d policy.Data, _ policy.LateValues) policy.Action {
			return p.Eval(d)
		})
	}
}

// constantsOf returns what a condition compares with.
func constantsOf(c policy.Cond) (out []uint64) {
	switch c := c.(type) {
	case policy.Not:
		return constantsOf(c.X)
	case policy.And:
		for _, part := range c {
			out = append(out, constantsOf(part)...)
		}
	case policy.Or:
		for _, part := range c {
			out = append(out, constantsOf(part)...)
		}
	case policy.Test:
		out = append(out, c.Value, c.Mask)
		for _, r := range c.Set {
			out = append(out, r.Lo, r.Hi)
		}
	}
	return out
}
