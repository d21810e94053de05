package proof

import (
	"encoding/binary"
	"flag"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

var mutants = flag.Int("mutants", 500, "how many mutants TestMutation makes")

// subject is a policy with a program that is right for it.
type subject struct {
	policy  *policy.Policy
	program asm.Program
	order   binary.ByteOrder
}

func subjects() []subject {
	policies := []*policy.Policy{
		withABIs(dockerLike("x86_64", archX86)),
		withABIs(dockerLike("x86_64", archX86), dockerLike("i386", archI386)),
		fewWords(archX86, false),
		fewWords(archS390, true),
	}
	for seed := range uint64(30) {
		g := newGenerator(seed)
		if seed%5 > 0 {
			g.operands = 1
		}
		policies = append(policies, g.policy())
	}
	var subjects []subject
	for _, p := range policies {
		order, err := byteOrder(p)
		if err != nil {
			panic(err)
		}
		subjects = append(subjects, subject{p, compile(p), order})
	}
	return subjects
}

// fewWords is a policy that looks at so little that all its boundary values can be combined.
func fewWords(arch uint32, big bool) *policy.Policy {
	return withABIs(policy.ABI{
		Arch: arch, BigEndian: big,
		Numbers: []policy.Range{{Lo: 0, Hi: 0x3fffffff}}, Known: []policy.Range{{Lo: 0, Hi: 9}},
		Default: policy.Errno | 1, Unknown: policy.Errno | 38,
		Rules: []policy.Rule{
			{Numbers: []uint32{1, 2, 3}, Action: policy.Allow},
			{Numbers: []uint32{5}, Action: policy.Allow, Cond: is(0, 2, 10)},
			{Numbers: []uint32{6}, Action: policy.Log, Cond: wide(1, policy.Gt, 1<<32|7)},
			{Numbers: []uint32{5, 7}, Action: policy.Errno | 13,
				Cond: flags(0, policy.Any, 0x30000)},
		},
	})
}

// TestMutation edits programs that are right. Every mutant must be found different from the policy,
// by a call that the simulator answers otherwise than the policy, or agree with the original on the
// boundary values of both: on all combinations of them where there are not too many, else on a
// sample.
func TestMutation(t *testing.T) {
	subjects := subjects()
	g := newGenerator(1)
	var refused, different, exhausted, sampled int
	for i := range *mutants {
		s := subjects[i%len(subjects)]
		mutant := g.mutant(s.program)
		if mutant.Check() != nil {
			refused++
			continue
		}
		d, err := Equal(s.policy, mutant)
		switch {
		case err != nil:
			t.Fatalf("mutant %d: %v\n%v", i, err, mutant)
		case d != nil:
			different++
			a, b := s.policy.Eval(d.Call), mustRun(t, mutant, d.Call, s.order)
			if a == b || a != d.A || b != d.B {
				t.Fatalf("mutant %d: %+v is no difference: %v and %v\n%v", i, d, a, b, mutant)
			}
		case g.agree(t, s, mutant):
			exhausted++
		default:
			sampled++
		}
	}
	t.Logf("%d mutants: %d refused by Check, %d different (confirmed), "+
		"%d equal on all boundary values, %d equal on a sample of them",
		*mutants, refused, different, exhausted, sampled)
	if different == 0 || exhausted == 0 {
		t.Error("one kind is missing: the test shows little")
	}
}

// agree demands that the mutant answers as the policy on boundary values, and reports whether it
// tried all combinations.
func (g generator) agree(t *testing.T, s subject, mutant asm.Program) bool {
	t.Helper()
	const limit = 30_000
	values := boundaries(s.program, mutant)
	total := 1
	for _, v := range values {
		if total *= len(v); total > limit {
			break
		}
	}
	try := func(choose func(n int) int) {
		var words [asm.DataSize / 4]uint32
		for w, v := range values {
			words[w] = v[choose(len(v))]
		}
		d := fromWords(words, s.order)
		if a, b := s.policy.Eval(d), mustRun(t, mutant, d, s.order); a != b {
			t.Fatalf("called equal, but %+v gets %v and %v\n%v", d, a, b, mutant)
		}
	}
	if total > limit {
		for range limit / 10 {
			try(g.IntN)
		}
		return false
	}
	for i := range total {
		try(func(n int) int { c := i % n; i /= n; return c })
	}
	return true
}

// boundaries returns, for each word, the values around the constants that the programs compare it
// with, and the single bits of their masks. A comparison is taken to be of the word loaded last
// before it.
func boundaries(programs ...asm.Program) [asm.DataSize / 4][]uint32 {
	var values [asm.DataSize / 4][]uint32
	seen := map[[2]uint32]bool{}
	add := func(w uint32, candidates ...uint32) {
		for _, v := range candidates {
			if !seen[[2]uint32{w, v}] {
				seen[[2]uint32{w, v}] = true
				values[w] = append(values[w], v)
			}
		}
	}
	for w := range values {
		add(uint32(w), 0)
	}
	for _, p := range programs {
		w := uint32(0)
		for _, in := range p {
			switch in.Op {
			case asm.LdAbs:
				w = in.K / 4
			case asm.JeqK, asm.JgtK, asm.JgeK:
				add(w, in.K-1, in.K, in.K+1)
			case asm.AndK, asm.JsetK:
				if in.K == 0xffffffff {
					continue
				}
				add(w, in.K, ^in.K)
				for bit := range 32 {
					if in.K>>bit&1 == 1 {
						add(w, 1<<bit)
					}
				}
			}
		}
	}
	return values
}

// fromWords returns the call of which a program on a machine of the byte order sees these words.
func fromWords(words [asm.DataSize / 4]uint32, order binary.ByteOrder) policy.Data {
	wide := func(arg int) uint64 {
		hi, lo := words[asm.HighWord(arg, order)/4], words[asm.LowWord(arg, order)/4]
		return uint64(hi)<<32 | uint64(lo)
	}
	d := policy.Data{Nr: words[asm.OffNr/4], Arch: words[asm.OffArch/4], IP: wide(policy.IP)}
	for i := range d.Args {
		d.Args[i] = wide(i)
	}
	return d
}
