package neutral

import (
	"slices"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// A policy of tests on several arguments, too many for all combinations.
func wide(op Op) Policy {
	var tests []Test
	for arg := range 6 {
		tests = append(tests, Test{Arg: arg, Width: 64, Op: op, Mask: 0xfff, Value: 0x234})
	}
	return Policy{
		ABIs: []string{"x86_64"}, Default: Denies(1),
		Rules: []Rule{{Call: "read", When: tests, Action: policy.Allow}},
	}
}

func TestSamplesTakeBothSidesOfEveryTest(t *testing.T) {
	abi := ABIs["x86_64"]
	for _, op := range []Op{Eq, Ne, Lt, Le, Gt, Ge, Masked} {
		p := wide(op)
		rule := p.Rules[0]
		allowed, brokenAt := 0, map[int]bool{}
		for _, args := range p.Samples(abi, 0) {
			broken := slices.DeleteFunc([]int{0, 1, 2, 3, 4, 5}, func(arg int) bool {
				return rule.When[arg].Holds(args[arg])
			})
			switch len(broken) {
			case 0:
				allowed++
			case 1:
				brokenAt[broken[0]] = true
			}
		}
		if allowed == 0 || len(brokenAt) != 6 {
			t.Errorf("operator %d: %d samples pass, others fail in one of %v", op, allowed,
				brokenAt)
		}
	}
}

func TestSamplesAreSteady(t *testing.T) {
	p := wide(Masked)
	if !slices.Equal(p.Samples(ABIs["x86_64"], 0), p.Samples(ABIs["x86_64"], 0)) {
		t.Error("two draws differ")
	}
	if got := p.Samples(ABIs["x86_64"], 1); len(got) != 1 || got[0] != (Args{}) {
		t.Errorf("a number without tests has samples %v", got)
	}
}

func TestMaskedBoundariesFlipEveryBit(t *testing.T) {
	got := Test{Width: 32, Op: Masked, Mask: 6, Value: 2}.boundaries()
	for _, want := range []uint64{2, 1, 3, 0xfffffffb, 0, 6} {
		if !slices.Contains(got, want) {
			t.Errorf("%#x is not among %#x", want, got)
		}
	}
}

func TestSoiled(t *testing.T) {
	clean := []Args{{1, 2}}
	soiled := Soiled(clean)
	if clean[0] != (Args{1, 2}) {
		t.Errorf("the samples themselves became %#x", clean)
	}
	for arg, v := range soiled[0] {
		if v != clean[0][arg]|high {
			t.Errorf("argument %d is %#x", arg, v)
		}
	}
}
