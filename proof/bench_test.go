package proof

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// dockerLike is a policy in the manner of container engines: what is allowed are most numbers, in
// runs, and a few more by their arguments.
func dockerLike(name string, arch uint32) policy.ABI {
	a := policy.ABI{
		Name: name, Arch: arch, Numbers: []policy.Range{{Lo: 0, Hi: 0x3fffffff}},
		Known:   []policy.Range{{Lo: 0, Hi: 460}},
		Default: policy.Errno | 1, Unknown: policy.Errno | 38,
	}
	plain := policy.Rule{Action: policy.Allow}
	for nr := range uint32(450) {
		if nr%19 > 2 && nr != 56 {
			plain.Numbers = append(plain.Numbers, nr)
		}
	}
	low := func(arg int) policy.Operand { return policy.Operand{Arg: arg, Width: 32} }
	in := func(arg int, v ...uint64) policy.Cond {
		t := policy.Test{Operand: low(arg), Op: policy.In, Mask: 0xffffffff}
		for _, v := range v {
			t.Set = append(t.Set, policy.Range{Lo: v, Hi: v})
		}
		return t
	}
	a.Rules = []policy.Rule{
		{Numbers: []uint32{56}, Action: policy.Allow,
			Cond: policy.Test{Operand: low(0), Op: policy.Only, Mask: ^uint64(0x7e020000)}},
		{Numbers: []uint32{135}, Action: policy.Allow,
			Cond: in(0, 0, 8, 0x20000, 0x20008, 0xffffffff)},
		{Numbers: []uint32{41}, Action: policy.Allow, Cond: policy.Not{X: in(0, 38, 40)}},
		{Numbers: []uint32{41}, Action: policy.Errno | 13,
			Cond: policy.And{in(0, 40), policy.Not{X: in(2, 0)}}},
		{Numbers: []uint32{16}, Action: policy.Errno | 1, Cond: in(1, 0x5412, 0x541c)},
		plain,
	}
	return a
}

func withABIs(abis ...policy.ABI) *policy.Policy {
	return &policy.Policy{ABIs: abis, Mismatch: policy.KillProcess}
}

// manyRules is a policy whose naive program is nearly as long as a program may be.
func manyRules() *policy.Policy {
	a := dockerLike("x86_64", archX86)
	for nr := range uint32(300) {
		o := policy.Operand{Arg: int(nr % 6), Width: 64}
		a.Rules = append(a.Rules, policy.Rule{
			Numbers: []uint32{500 + nr}, Action: policy.Errno | policy.Action(nr%7),
			Cond: policy.Test{Operand: o, Op: policy.Le, Value: 0x1_0000_0000 * uint64(nr%5+1)},
		})
	}
	return withABIs(a)
}

func BenchmarkEqual(b *testing.B) {
	x86 := dockerLike("x86_64", archX86)
	policies := []struct {
		name   string
		policy *policy.Policy
	}{
		{"one ABI", withABIs(x86)},
		{"three ABIs",
			withABIs(x86, dockerLike("i386", archI386), dockerLike("aarch64", archARM64))},
		{"many rules", manyRules()},
	}
	for _, p := range policies {
		program := compile(p.policy)
		b.Run(fmt.Sprintf("%s, %d instructions", p.name, len(program)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d, err := Equal(p.policy, program); err != nil || d != nil {
					b.Fatal(d, err)
				}
			}
		})
	}
}

// BenchmarkExplain reads a program's rows, as for a person.
func BenchmarkExplain(b *testing.B) {
	program := compile(withABIs(dockerLike("x86_64", archX86)))
	for b.Loop() {
		s := New()
		f := mustProgram(b, s, program, binary.LittleEndian)
		if _, err := s.Explain(f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProgram executes the longest program there can be: one comparison after the other.
func BenchmarkProgram(b *testing.B) {
	chain := asm.Program{{Op: asm.LdAbs, K: asm.OffNr}}
	for i := range uint32(asm.MaxLen - 3) {
		chain = append(chain, asm.Instruction{Op: asm.JeqK, K: 17 * i, Jf: 0, Jt: uint8(i % 2)})
	}
	ret := asm.Instruction{Op: asm.RetK}
	chain = append(chain, ret, ret)
	for b.Loop() {
		if _, err := New().Program(chain, binary.LittleEndian); err != nil {
			b.Fatal(err)
		}
	}
}
