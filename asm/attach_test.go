package asm

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestKernelLen(t *testing.T) {
	const prologue = 3
	for _, c := range []struct {
		in   Instruction
		want int
	}{
		{Instruction{Op: LdAbs}, 1},
		{Instruction{Op: LdImm, K: 0xffffffff}, 1},
		{Instruction{Op: LdLen}, 1},
		{Instruction{Op: St}, 1},
		{Instruction{Op: LdMem}, 1},
		{Instruction{Op: AndK, K: 0x80000000}, 1},
		{Instruction{Op: DivK, K: 3}, 1},
		{Instruction{Op: DivX}, 5},
		{Instruction{Op: Tax}, 1},
		{Instruction{Op: RetK}, 2},
		{Instruction{Op: RetA}, 1},
		{Instruction{Op: Ja}, 1},
		{Instruction{Op: JeqK}, 1},
		{Instruction{Op: JeqK, Jt: 1}, 1},
		{Instruction{Op: JeqK, Jf: 1}, 1},
		{Instruction{Op: JgtX, Jf: 1}, 1},
		{Instruction{Op: JgeK, Jf: 1}, 1},
		{Instruction{Op: JsetK, Jt: 1}, 1},
		{Instruction{Op: JsetK, Jf: 1}, 2},
		{Instruction{Op: JsetX, Jf: 1}, 2},
		{Instruction{Op: JsetX}, 1},
		{Instruction{Op: JgeX, Jt: 1, Jf: 2}, 2},
		{Instruction{Op: JeqK, Jt: 1, Jf: 2, K: 0x7fffffff}, 2},
		{Instruction{Op: JeqK, Jt: 1, Jf: 2, K: 0x80000000}, 3},
		{Instruction{Op: JgtK, Jf: 2, K: 0xc000003e}, 2},
		{Instruction{Op: JeqX, Jt: 1, Jf: 2, K: 0x80000000}, 2},
	} {
		if got := (Program{c.in}).KernelLen(); got != prologue+c.want {
			t.Errorf("%v: %d, want %d", c.in, got-prologue, c.want)
		}
	}
}

func TestConstantAllow(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"allow", "ret allow", true},
		{"A starts as 0", "jeq #0, 1, 2\n ret allow\n ret log", true},
		{"by number", "ld nr\n jeq #59, 2, 3\n ret allow\n ret errno(1)", true},
		{"another number", "ld nr\n jeq #60, 2, 3\n ret allow\n ret errno(1)", false},
		{"by arch", "ld arch\n jeq #0xc000003e, 2, 3\n ret allow\n ret errno(1)", true},
		{"jgt", "ld nr\n jgt #58, 2, 3\n ret allow\n ret log", true},
		{"jgt is strict", "ld nr\n jgt #59, 2, 3\n ret allow\n ret log", false},
		{"jge", "ld nr\n jge #59, 2, 3\n ret allow\n ret log", true},
		{"jset", "ld nr\n jset #1, 2, 3\n ret allow\n ret log", true},
		{"jset fails", "ld nr\n jset #4, 2, 3\n ret allow\n ret log", false},
		{"and", "ld nr\n and #1\n jeq #1, 3, 4\n ret allow\n ret log", true},
		{"ja", "ja 2\n ret log\n ret allow", true},
		{"arguments on another path", "ld nr\n jeq #59, 3, 2\n ld [16]\n ret allow", true},

		{"argument on the path", "ld [16]\n ret allow", false},
		{"ip", "ld [8]\n ret allow", false},
		{"imm", "ld #1\n ret allow", false},
		{"imm to x", "ldx #1\n ret allow", false},
		{"len", "ld len\n ret allow", false},
		{"store", "st M[0]\n ret allow", false},
		{"tax", "tax\n ret allow", false},
		{"txa", "txa\n ret allow", false},
		{"or", "or #0\n ret allow", false},
		{"add", "add #0\n ret allow", false},
		{"sub", "sub #0\n ret allow", false},
		{"rsh", "rsh #0\n ret allow", false},
		{"and x", "and x\n ret allow", false},
		{"jeq x", "jeq x, 1, 1\n ret allow", false},
		{"ret a", "ld nr\n ret a", false},
		{"allow with data", "ret allow(1)", false},
		{"log", "ret log", false},
		{"errno 0", "ret errno(0)", false},
		{"no return", "ld nr", false},
		{"jump past the end", "ja 4294967296\n ret allow", false},
	} {
		if got := mustParse(c.text).ConstantAllow(0xc000003e, 59); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A program that returns allow to a call as the emulator claims must do so for all of its
// arguments.
func TestConstantAllowAgreesWithRun(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	constant := 0
	emulated := []uint16{LdAbs, AndK, Ja, JeqK, JgtK, JgeK, JsetK, RetK}
	for range 20000 {
		p := randomProgram(r, 2+r.IntN(8))
		for pc := range p[:len(p)-1] {
			for tries := 0; tries < 50 && !slices.Contains(emulated, p[pc].Op); tries++ {
				p[pc] = randomInstruction(r, len(p)-pc-1)
			}
		}
		p[len(p)-1] = allow
		d := randomData(r)
		if p.Check() != nil || !p.ConstantAllow(d.Arch, d.Nr) {
			continue
		}
		constant++
		for range 5 {
			other := randomData(r)
			other.Nr, other.Arch = d.Nr, d.Arch
			if got, err := p.Run(other, binary.BigEndian); err != nil || got.Ret != retAllow {
				t.Fatalf("%#x, %v for %+v and\n%s", got.Ret, err, other, p)
			}
		}
	}
	if constant < 100 {
		t.Errorf("only %d programs with a constant allow", constant)
	}
}
