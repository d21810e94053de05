package proof

import (
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// TestDifferenceOfLateValues: what is said of a call is so when late values are as the example has
// them, also where the set of differences does not ask for them.
func TestDifferenceOfLateValues(t *testing.T) {
	x := &policy.Late{Name: "x", Width: 32, Values: []policy.Range{{Hi: 5}}}
	is := policy.LateTest{Operand: policy.Operand{Width: 32}, Late: x}
	of := func(c policy.Cond) *policy.Policy {
		return &policy.Policy{Late: []*policy.Late{x}, ABIs: []policy.ABI{{
			Arch: 1, Numbers: []policy.Range{{Hi: 9}}, Default: policy.Allow, Unknown: policy.Allow,
			Rules: []policy.Rule{{Numbers: []uint32{0}, Cond: c, Action: policy.Errno}},
		}}}
	}
	a, b := of(is), of(policy.Not{X: is})
	s := New()
	f, errA := s.Policy(a)
	g, errB := s.Policy(b)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	d, err := s.Differ(f, g)
	if err != nil || d == nil {
		t.Fatal(d, err)
	}
	if x, y := a.Eval(d.Call, d.Late), b.Eval(d.Call, d.Late); x != d.A || y != d.B {
		t.Errorf("%+v, and it is %v and %v", d, x, y)
	}
}
