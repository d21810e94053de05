package proof

import (
	"encoding/binary"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

func TestPolicyIsEval(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		g := newGenerator(seed)
		p := g.policy()
		f, err := New().Policy(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 60 {
			if d := g.call(); f.Eval(d) != p.Eval(d) {
				t.Fatalf("seed %d: %+v gets %v, the policy says %v", seed, d, f.Eval(d), p.Eval(d))
			}
		}
	}
}

func TestProgramIsRun(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		g := newGenerator(seed)
		p, order := g.program(4+g.IntN(60)), g.order()
		f := mustProgram(t, New(), p, order)
		for range 60 {
			d := g.call()
			if want := mustRun(t, p, d, order); f.Eval(d) != want {
				t.Fatalf("seed %d: %+v gets %v, the program returns %v\n%v", seed, d, f.Eval(d), want, p)
			}
		}
	}
}

func mustProgram(t testing.TB, s *Space, p asm.Program, order binary.ByteOrder) Function {
	t.Helper()
	f, err := s.Program(p, order)
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return f
}

func mustRun(t testing.TB, p asm.Program, d policy.Data, order binary.ByteOrder) policy.Action {
	t.Helper()
	r, err := p.Run(asm.Data(d), order)
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return policy.Action(r.Ret)
}
