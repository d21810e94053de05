package proof

import (
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

func TestEqualProvesCompiledPolicies(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(300)) {
		p := newGenerator(seed).policy()
		if d, err := Equal(p, compile(p)); err != nil || d != nil {
			t.Fatalf("seed %d: %+v, %v", seed, d, err)
		}
	}
}

func TestEqualRefuses(t *testing.T) {
	t.Parallel()
	little := policy.ABI{Name: "x86_64", Arch: archX86}
	big := policy.ABI{Name: "s390x", Arch: archS390, BigEndian: true}
	good := asm.Program{{Op: asm.RetK}}
	tests := []struct {
		name    string
		policy  *policy.Policy
		program asm.Program
	}{
		{"no ABI", &policy.Policy{}, good},
		{"both byte orders", &policy.Policy{ABIs: []policy.ABI{little, big}}, good},
		{"bad program", &policy.Policy{ABIs: []policy.ABI{little}}, asm.Program{{Op: asm.LdImm}}},
		{"bad condition", &policy.Policy{ABIs: []policy.ABI{{
			Rules: []policy.Rule{{Cond: policy.Test{Operand: policy.Operand{Arg: 7, Width: 32}}}},
		}}}, good},
	}
	for _, test := range tests {
		if d, err := Equal(test.policy, test.program); err == nil || d != nil {
			t.Errorf("%s: %+v, %v", test.name, d, err)
		}
	}
}

// narrow returns a random program that sees three bits of nr, arch and the first argument's low
// word, so that 512 calls are all there is to it.
func (g generator) narrow() asm.Program {
	var p asm.Program
	for range 2 + g.IntN(6) {
		p = append(p, asm.Instruction{Op: asm.LdAbs, K: pick(g, []uint32{0, 4, 16})},
			asm.Instruction{Op: asm.AndK, K: 7})
		for range g.IntN(3) {
			p = append(p, asm.Instruction{Op: pick(g, []uint16{asm.JeqK, asm.JgtK, asm.JsetK}),
				Jt: uint8(g.IntN(3)), Jf: uint8(g.IntN(3)), K: uint32(g.IntN(8))})
		}
		p = append(p, asm.Instruction{Op: asm.RetK, K: uint32(pick(g, actions[:2]))})
		p[len(p)-2].Jf = 1 + uint8(g.IntN(2))
	}
	ret := asm.Instruction{Op: asm.RetK, K: uint32(policy.Allow)}
	return append(p, ret, ret, ret)
}

// isNarrow reports whether every load is of one of the three words, and masked.
func isNarrow(p asm.Program) bool {
	for pc, in := range p {
		if in.Op == asm.LdAbs && (in.K != 0 && in.K != 4 && in.K != 16 ||
			p[pc+1].Op != asm.AndK || p[pc+1].K > 7) {
			return false
		}
	}
	return true
}

func TestEqualityIsExhaustiveAgreement(t *testing.T) {
	t.Parallel()
	order := binary.LittleEndian
	equal := 0
	for seed := range uint64(short.Rounds(1500)) {
		g := newGenerator(seed)
		p := g.narrow()
		q := g.mutant(p)
		if p.Check() != nil || q.Check() != nil || !isNarrow(q) {
			continue
		}
		s := New()
		f, h := mustProgram(t, s, p, order), mustProgram(t, s, q, order)
		if (f == h) != agree(t, p, q) {
			t.Fatalf("seed %d: equal is %v\n%v\n%v", seed, f == h, p, q)
		}
		if f == h {
			equal++
		}
		confirm(t, s, f, h, p, q, order)
	}
	if equal < short.Rounds(100) {
		t.Errorf("only %d equal pairs: the test shows little", equal)
	}
}

// agree runs both programs on all calls that narrow programs can tell apart.
func agree(t *testing.T, p, q asm.Program) bool {
	for i := range uint32(512) {
		d := policy.Data{Nr: i & 7, Arch: i >> 3 & 7, Args: [6]uint64{uint64(i >> 6)}}
		if mustRun(t, p, d, binary.LittleEndian) != mustRun(t, q, d, binary.LittleEndian) {
			return false
		}
	}
	return true
}

// confirm demands that Differ finds a difference exactly when f and h are not equal, and one that
// the simulator sees, too.
func confirm(t testing.TB, s *Space, f, h Function, p, q asm.Program, order binary.ByteOrder) {
	t.Helper()
	d, err := s.Differ(f, h)
	if err != nil || (d == nil) != (f == h) {
		t.Fatalf("difference %+v, %v; equal is %v\n%v\n%v", d, err, f == h, p, q)
	}
	if d == nil {
		return
	}
	a, b := mustRun(t, p, d.Call, order), mustRun(t, q, d.Call, order)
	if a != d.A || b != d.B || a == b {
		t.Fatalf("%+v is no difference: the programs return %v and %v\n%v\n%v", d, a, b, p, q)
	}
}

// mutant returns the program with one instruction flipped in a bit, edited, dropped or exchanged:
// a change that a reader of the listing sees.
func (g generator) mutant(p asm.Program) asm.Program {
	q := append(asm.Program(nil), p...)
	for {
		i := g.IntN(len(q))
		in := &q[i]
		jump := in.Op&0x07 == 0x05 && in.Op != asm.Ja
		switch kind := g.IntN(8); {
		case kind == 0:
			in.K ^= 1 << g.IntN(32)
		case kind == 1:
			in.K += 2*uint32(g.IntN(2)) - 1
		case kind == 2 && jump:
			in.Jt ^= 1 << g.IntN(4)
		case kind == 3 && jump:
			in.Jf ^= 1 << g.IntN(4)
		case kind == 4 && jump && in.Jt != in.Jf:
			in.Jt, in.Jf = in.Jf, in.Jt
		case kind == 5 && jump:
			in.Op = pick(g, jumpOps[:5])
		case kind == 6:
			return append(q[:i], q[i+1:]...)
		case kind == 7:
			j := g.IntN(len(q))
			*in, q[j] = q[j], *in
		}
		if !slices.Equal(p, q) {
			return q
		}
	}
}

func TestWitnessIsNatural(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name: "i386", Arch: archI386, Numbers: []policy.Range{{Lo: 0, Hi: 0xffffffff}},
		Default: policy.Allow, Unknown: policy.Allow,
	}}}
	program := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, K: archI386, Jf: 4},
		{Op: asm.LdAbs, K: asm.OffNr},
		{Op: asm.JeqK, K: 7, Jf: 1},
		{Op: asm.RetK, K: uint32(policy.Log)},
		{Op: asm.RetK, K: uint32(policy.Allow)},
		{Op: asm.RetK, K: uint32(policy.KillProcess)},
	}
	d, err := Equal(p, program)
	want := Difference{policy.Data{Nr: 7, Arch: archI386}, nil, policy.Allow, policy.Log}
	if err != nil || d == nil || !reflect.DeepEqual(*d, want) {
		t.Errorf("%+v, %v; want %+v", d, err, want)
	}
	program[3] = asm.Instruction{Op: asm.JgtK, K: 6, Jf: 1}
	if d, err = Equal(p, program); err != nil || d == nil || !reflect.DeepEqual(*d, want) {
		t.Errorf("from 7 on: %+v, %v; want %+v", d, err, want)
	}
	program[6].K = 0
	program[4].K = uint32(policy.Allow)
	d, err = Equal(p, program, archX86)
	want = Difference{policy.Data{Arch: archX86}, nil, policy.KillProcess, policy.KillThread}
	if err != nil || d == nil || !reflect.DeepEqual(*d, want) {
		t.Errorf("%+v, %v; want %+v", d, err, want)
	}
}

// hostile programs are ones whose function has no small diagram, or that hold very many states.
var hostile = map[string]func() asm.Program{
	"compare two arguments": func() asm.Program {
		return asm.Program{
			{Op: asm.LdAbs, K: 16}, {Op: asm.Tax}, {Op: asm.LdAbs, K: 24},
			{Op: asm.JeqX, Jf: 1}, {Op: asm.RetK}, {Op: asm.RetK, K: 1},
		}
	},
	"multiply two arguments": func() asm.Program {
		return asm.Program{
			{Op: asm.LdAbs, K: 16}, {Op: asm.Tax}, {Op: asm.LdAbs, K: 24},
			{Op: asm.MulX}, {Op: asm.RetA},
		}
	},
	"divide two arguments": func() asm.Program {
		return asm.Program{
			{Op: asm.LdAbs, K: 16}, {Op: asm.Tax}, {Op: asm.LdAbs, K: 24},
			{Op: asm.DivX}, {Op: asm.RetA},
		}
	},
	"return an argument": func() asm.Program {
		return asm.Program{{Op: asm.LdAbs, K: 16}, {Op: asm.RetA}}
	},
	"a state for every subset": func() asm.Program {
		p := asm.Program{{Op: asm.LdImm}, {Op: asm.Tax}}
		for i := range uint32(800) {
			p = append(p, asm.Instruction{Op: asm.LdAbs, K: 4 * (i % 16)},
				asm.Instruction{Op: asm.JsetK, K: 1 << (i / 16 % 32), Jf: 3},
				asm.Instruction{Op: asm.Txa}, asm.Instruction{Op: asm.AddK, K: i*i + 1},
				asm.Instruction{Op: asm.Tax})
		}
		return append(p, asm.Instruction{Op: asm.Txa}, asm.Instruction{Op: asm.RetA})
	},
	"squares of squares": func() asm.Program {
		p := asm.Program{{Op: asm.LdAbs, K: 16}}
		for range 2000 {
			p = append(p, asm.Instruction{Op: asm.Tax}, asm.Instruction{Op: asm.MulX})
		}
		return append(p, asm.Instruction{Op: asm.RetA})
	},
	"sum of all words": func() asm.Program {
		p := asm.Program{{Op: asm.LdImm}}
		for i := range uint32(1000) {
			p = append(p, asm.Instruction{Op: asm.Tax},
				asm.Instruction{Op: asm.LdAbs, K: 4 * (i % 16)},
				asm.Instruction{Op: asm.AddX}, asm.Instruction{Op: asm.XorK, K: i})
		}
		return append(p, asm.Instruction{Op: asm.RetA})
	},
}

// TestHostileProgramsAreUnknown runs one with the whole budget, to see what that costs, and the
// others with a part of it.
func TestHostileProgramsAreUnknown(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, program := range hostile {
		s := newSpace(maxVertices/4, 1<<20)
		if name == "squares of squares" {
			s = New()
		}
		start := time.Now()
		_, err := s.Program(program(), binary.LittleEndian)
		if !errors.Is(err, ErrTooComplex) {
			t.Fatalf("%s: %v, want %v", name, err, ErrTooComplex)
		}
		t.Logf("%s: %v after %v", name, err, time.Since(start).Round(time.Millisecond))
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if t.Logf("%d MiB", memory.HeapSys>>20); memory.HeapSys > 1<<30 {
		t.Errorf("%d bytes of heap, more than 1 GiB", memory.HeapSys)
	}
}

// TestUnreachedStates executes programs in which paths that no call takes do what is too complex,
// or lead to too many states.
func TestUnreachedStates(t *testing.T) {
	t.Parallel()
	allow, bit := uint32(policy.Allow), uint32(1)
	returned := asm.Program{ // an argument, where nr is 3 and its bit 1 is not set
		{Op: asm.LdAbs, K: asm.OffNr}, {Op: asm.JsetK, K: 2, Jt: 3}, {Op: asm.JeqK, K: 3, Jf: 2},
		{Op: asm.LdAbs, K: 16}, {Op: asm.RetA}, {Op: asm.RetK, K: allow},
	}
	var copies asm.Program // of one bit, in all of the scratch memory, then their sum
	for m := range uint32(16) {
		copies = append(copies, asm.Instruction{Op: asm.LdAbs, K: asm.OffNr},
			asm.Instruction{Op: asm.JsetK, K: bit, Jf: 2},
			asm.Instruction{Op: asm.LdImm, K: 1}, asm.Instruction{Op: asm.Ja, K: 1},
			asm.Instruction{Op: asm.LdImm}, asm.Instruction{Op: asm.St, K: m})
	}
	copies = append(copies, asm.Instruction{Op: asm.LdImm})
	for m := range uint32(16) {
		copies = append(copies, asm.Instruction{Op: asm.LdxMem, K: m},
			asm.Instruction{Op: asm.AddX})
	}
	copies = append(copies, asm.Instruction{Op: asm.RetA})
	for _, test := range []struct {
		program   asm.Program
		even, odd uint32
	}{
		{returned, allow, allow},
		{copies, 0, 16},
	} {
		s := newSpace(maxVertices, 2<<20)
		odd := s.branch(wordNr.level(0), no, yes)
		want := known(s, s.ite(odd, s.leaf(test.odd), s.leaf(test.even)))
		if f := mustProgram(t, s, test.program, binary.LittleEndian); f != want {
			t.Errorf("another function than even: %#x, odd: %#x\n%v",
				test.even, test.odd, test.program)
		}
	}
}

// TestRulesInAChain executes a program that asks for the number again after each argument that did
// not match: what it costs is to grow with the rules, not with their square.
func TestRulesInAChain(t *testing.T) {
	t.Parallel()
	p := manyRules()
	s := newSpace(maxVertices, 1<<20)
	f, err := s.Policy(p)
	if err != nil {
		t.Fatal(err)
	}
	if g := mustProgram(t, s, compile(p), binary.LittleEndian); f != g {
		t.Error("the program is not the policy")
	}
}

func TestExhaustedSpaceStaysExhausted(t *testing.T) {
	t.Parallel()
	s := newSpace(1000, 1<<20)
	f := mustProgram(t, s, asm.Program{{Op: asm.RetK}}, binary.LittleEndian)
	for range 2 {
		_, err := s.Program(hostile["compare two arguments"](), binary.LittleEndian)
		if !errors.Is(err, ErrTooComplex) || !strings.HasPrefix(err.Error(), "instruction 3: ") {
			t.Errorf("%v, want instruction 3 to be %v", err, ErrTooComplex)
		}
	}
	if f.Eval(policy.Data{}) != policy.KillThread {
		t.Error("an older function changed")
	}
}
