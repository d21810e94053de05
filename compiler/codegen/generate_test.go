package codegen

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

var (
	policies = flag.Int("policies", 300, "how many random policies the differential test compiles")
	first    = flag.Uint64("first", 0, "the seed of the first, to divide a long run among "+
		"processes")
)

// TestGenerateEqualsEval compiles random policies with every pass on and, in turn, with all off or
// one off, and holds the programs against the evaluator on the values at which the policy may
// change its mind.
func TestGenerateEqualsEval(t *testing.T) {
	others := []PassSet{1<<passCount - 1}
	for p := range passCount {
		others = append(others, 1<<p)
	}
	programs, tooLong := 0, 0
	for seed := *first; seed < *first+uint64(short.Rounds(*policies)); seed++ {
		if n := seed - *first; n%1000 == 0 && n > 0 {
			t.Logf("%d of %d policies", n, *policies)
		}
		r := rand.New(rand.NewPCG(seed, 1))
		p := randomPolicy(r)
		calls := boundaryCalls(r, p)
		for _, off := range []PassSet{0, others[seed%uint64(len(others))]} {
			prog, err := Generate(p, Weights{}, off)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			programs++
			if len(prog) > asm.MaxLen && off != 0 {
				tooLong++ // a tree that nothing searches for may be
				continue
			}
			checkProgram(t, seed, off, p, prog, calls)
		}
	}
	t.Logf("%d programs of %d policies equal", programs-tooLong, *policies)
	if tooLong*20 > programs {
		t.Errorf("%d of %d programs are too long without some pass", tooLong, programs)
	}
}

func checkProgram(
	t *testing.T, seed uint64, off PassSet, p *policy.Policy, prog asm.Program, calls []policy.Data,
	late ...policy.LateValues,
) {
	t.Helper()
	if err := prog.Check(); err != nil {
		t.Fatalf("seed %d, passes off %b: %v", seed, off, err)
	}
	for _, d := range calls {
		got, err := prog.Run(asm.Data(d), p.ByteOrder())
		if err != nil {
			t.Fatalf("seed %d, passes off %b: %v", seed, off, err)
		}
		if want := p.Eval(d, late...); policy.Action(got.Ret) != want {
			t.Fatalf("seed %d, passes off %b: %+v is %v, want %v\n%v", seed, off, d,
				policy.Action(got.Ret), want, prog)
		}
	}
}

// boundaryCalls returns calls of every number and ABI that the policy names and of some that it
// does not, with arguments at and around the constants of its conditions.
func boundaryCalls(r *rand.Rand, p *policy.Policy) []policy.Data {
	values := []uint64{0, 1, ^uint64(0)}
	numbers := []uint32{0, 1, 0x3fffffff, 0x40000000, 0xfffffffe, 0xffffffff}
	arches := []uint32{0, 1}
	add := func(vs ...uint64) {
		for _, v := range vs {
			values = append(values, v-1, v, v+1, v|1<<32, v|0xdead<<32, v|0xffffffff<<32, v^1<<31)
		}
	}
	for _, a := range p.ABIs {
		arches = append(arches, a.Arch, a.Arch+1)
		for _, k := range a.Known {
			numbers = append(numbers, uint32(k.Lo), uint32(k.Hi), uint32(k.Hi+1))
		}
		for _, rule := range a.Rules {
			numbers = append(numbers, rule.Numbers...)
			for c := range policy.Tests(rule.Cond) {
				t, ok := c.(policy.Test)
				if !ok {
					continue
				}
				add(t.Value, t.Mask, ^t.Mask)
				for _, s := range t.Set {
					add(s.Lo, s.Hi)
				}
			}
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	var calls []policy.Data
	pick := func() uint64 { return values[r.IntN(len(values))] }
	for _, arch := range arches {
		for _, nr := range numbers {
			for range 12 {
				d := policy.Data{Nr: nr, Arch: arch, IP: pick()}
				for i := range d.Args {
					d.Args[i] = pick()
				}
				calls = append(calls, d)
			}
		}
	}
	return calls
}

// TestManyNumbers: a list of more intervals than 16 bits count makes a program that is too long, no
// more than that.
func TestManyNumbers(t *testing.T) {
	numbers := []uint32{1000}
	for i := range uint32(40_000) {
		numbers = append(numbers, 1001+5*i+i*i%3)
	}
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name: "x86_64", Arch: 0xc000003e, Numbers: []policy.Range{{Lo: 0, Hi: 0x3fff_ffff}},
		Known: []policy.Range{{Lo: 0, Hi: 400}}, Default: policy.Allow, Unknown: policy.Allow,
		Rules: []policy.Rule{{Numbers: numbers, Action: policy.Errno | 1}},
	}}}
	prog, err := Generate(p, Weights{}, 0)
	if err != nil || len(prog) <= asm.MaxLen {
		t.Errorf("%d instructions, %v", len(prog), err)
	}
}
