package asm

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRun(t *testing.T) {
	data := Data{Nr: 41, Arch: 0xc000003e}
	cases := []struct {
		name, text string
		ret        uint32
	}{
		{"A starts as 0", "jeq #0, 1, 2\n ret errno(1)\n ret errno(2)", 0x50001},
		{"X starts as 0", "ld #5\n txa\n ret a", 0},
		{"nr", "ld nr\n ret a", 41},
		{"arch", "ld arch\n ret a", 0xc000003e},
		{"len", "ld len\n ret a", 64},
		{"len to x", "ldx len\n txa\n ret a", 64},
		{"add wraps", "ld #0xffffffff\n add #2\n ret a", 1},
		{"sub wraps",
			"ld #3\n sub #5\n jgt #0xfffffff0, 3, 4\n ret errno(11)\n ret errno(12)", 0x5000b},
		{"mul wraps", "ld #0x10001\n ldx #0x10001\n mul x\n ret a", 0x20001},
		{"div", "ld #0xfffffffe\n div #2\n ret a", 0x7fffffff},
		{"div by x", "ld #100\n ldx #7\n div x\n ret a", 14},
		{"div by zero", "ld #1\n div x\n ret errno(99)", 0},
		{"neg", "ld #0xfffffffb\n neg\n ret a", 5},
		{"lsh by x beyond 31", "ld #1\n ldx #33\n lsh x\n ret a", 2},
		{"rsh by x beyond 31", "ld #0x50\n ldx #35\n rsh x\n ret a", 10},
		{"rsh is unsigned", "ld #0x80000000\n rsh #31\n ret a", 1},
		{"or and xor", "ld #0xf0\n or #0x0f\n and #0x3c\n xor #0xff\n ret a", 0xc3},
		{"comparisons are unsigned",
			"ld #0x80000000\n jgt #1, 2, 3\n ret errno(1)\n ret errno(2)", 0x50001},
		{"jgt is strict", "ld #7\n jgt #7, 2, 3\n ret errno(1)\n ret errno(2)", 0x50002},
		{"jge is not", "ld #7\n jge #7, 2, 3\n ret errno(1)\n ret errno(2)", 0x50001},
		{"jset", "ld #6\n jset #3, 2, 3\n ret errno(1)\n ret errno(2)", 0x50001},
		{"jset x", "ld #4\n ldx #3\n jset x, 3, 4\n ret errno(1)\n ret errno(2)", 0x50002},
		{"scratch", "ld #1\n st M[3]\n ldx #2\n stx M[4]\n ldx M[3]\n ld M[4]\n lsh x\n ret a", 4},
		{"tax", "ld #9\n tax\n ld #0\n add x\n ret a", 9},
		{"ja", "ja 2\n ret errno(1)\n ret errno(2)", 0x50002},
	}
	for _, c := range cases {
		p := mustParse(c.text)
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, order := range orders {
			if got, err := p.Run(data, order); err != nil || got.Ret != c.ret {
				t.Errorf("%s, %v: %#x, %v; want %#x", c.name, order, got.Ret, err, c.ret)
			}
		}
	}
}

func TestRunReadsTheHalvesOfTheByteOrder(t *testing.T) {
	d := Data{IP: 0x1122334455667788, Args: [6]uint64{0, 0, 0, 0, 0, 0xaaaabbbbccccdddd}}
	for _, order := range orders {
		for _, c := range []struct{ offset, want uint32 }{
			{LowWord(IP, order), 0x55667788},
			{HighWord(IP, order), 0x11223344},
			{LowWord(5, order), 0xccccdddd},
			{HighWord(5, order), 0xaaaabbbb},
		} {
			got, err := Program{{Op: LdAbs, K: c.offset}, {Op: RetA}}.Run(d, order)
			if err != nil || got.Ret != c.want {
				t.Errorf("%v, offset %d: %#x, %v; want %#x", order, c.offset, got.Ret, err, c.want)
			}
		}
	}
}

func TestTrace(t *testing.T) {
	p := mustParse("ld nr\n tax\n jeq #7, 4, 3\n ret allow\n ret errno(1)")
	var got []Step
	result, err := p.Trace(Data{Nr: 7}, binary.LittleEndian, func(s Step) { got = append(got, s) })
	if want := (Result{Ret: 0x50001, PC: 4, Steps: 4}); err != nil || result != want {
		t.Errorf("%+v, %v; want %+v", result, err, want)
	}
	if want := []Step{{0, 0, 0}, {1, 7, 0}, {2, 7, 7}, {4, 7, 7}}; !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
}

func TestRunRefusesWhatCheckRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		p    Program
	}{
		{"empty", nil},
		{"no return", Program{{Op: LdImm}}},
		{"jump past the end", Program{{Op: Ja, K: 0xffffffff}, allow}},
		{"unknown opcode", before(Instruction{Op: 0x94, K: 3})},
		{"unaligned load", before(Instruction{Op: LdAbs, K: 1})},
		{"division by zero", before(Instruction{Op: DivK})},
		{"scratch out of range", before(Instruction{Op: Stx, K: 16})},
	} {
		if got, err := c.p.Run(Data{}, binary.LittleEndian); err == nil {
			t.Errorf("%s: returned %#x", c.name, got.Ret)
		}
	}
}

func TestRunAgreesWithEvaluator(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	good := 0
	for range 20000 {
		p := randomProgram(r, 2+r.IntN(20))
		if p.Check() != nil {
			continue
		}
		good++
		d := randomData(r)
		for _, order := range orders {
			got, err := p.Run(d, order)
			if want := evaluate(p, d, order); err != nil || got.Ret != want {
				t.Fatalf("%v: %#x, %v; want %#x for %+v and\n%s", order, got.Ret, err, want, d, p)
			}
		}
	}
	if good < 5000 {
		t.Errorf("only %d good programs", good)
	}
}

// evaluate is a second simulator, by the encoding's bit fields and over the bytes of seccomp_data.
// It expects a good program.
func evaluate(p Program, d Data, order binary.ByteOrder) uint32 {
	var data bytes.Buffer
	binary.Write(&data, order, d)
	var reg [2]uint64 // A, X
	mem := map[uint32]uint64{}
	for pc := 0; ; pc++ {
		in := p[pc]
		class, mode, k := in.Op&7, in.Op>>5, uint64(in.K)
		src := []uint64{k, reg[1]}[in.Op>>3&1]
		switch class {
		case 0, 1:
			reg[class] = map[uint16]func() uint64{
				0: func() uint64 { return k },
				1: func() uint64 { return uint64(order.Uint32(data.Bytes()[k:])) },
				3: func() uint64 { return mem[in.K] },
				4: func() uint64 { return uint64(data.Len()) },
			}[mode]()
		case 2, 3:
			mem[in.K] = reg[class-2]
		case 4:
			if in.Op>>4 == 3 && src == 0 {
				return 0
			}
			reg[0] = arithmetic(in.Op>>4, reg[0], src) & 0xffffffff
		case 5:
			if in.Op>>4 == 0 {
				pc += int(k)
				continue
			}
			a := reg[0]
			if []bool{1: a == src, 2: a > src, 3: a >= src, 4: a&src > 0}[in.Op>>4] {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case 6:
			return uint32([]uint64{k, 0, reg[0]}[in.Op>>3])
		case 7:
			reg[1-in.Op>>7] = reg[in.Op>>7]
		}
	}
}

func arithmetic(op uint16, a, v uint64) uint64 {
	switch op {
	case 0:
		return a + v
	case 1:
		return a + 1<<32 - v
	case 2:
		return a * v
	case 3:
		return a / v
	case 4:
		return a | v
	case 5:
		return a & v
	case 6:
		return a << (v & 31)
	case 7:
		return a >> (v & 31)
	case 8:
		return 1<<32 - a
	case 10:
		return a ^ v
	}
	panic("no such operation")
}

func FuzzCheckRun(f *testing.F) {
	for _, c := range checkCases {
		if len(c.program) < 100 {
			f.Add(c.program.Encode(binary.LittleEndian), uint64(1))
		}
	}
	f.Fuzz(func(t *testing.T, blob []byte, seed uint64) {
		p, err := Decode(blob, binary.LittleEndian)
		if err != nil {
			return
		}
		good := p.Check() == nil
		d := randomData(rand.New(rand.NewPCG(seed, 0)))
		for _, order := range orders {
			got, err := p.Run(d, order)
			if good && err != nil {
				t.Fatalf("Check accepts, Run does not: %v", err)
			}
			if got.Steps > len(p) {
				t.Fatalf("%d steps in %d instructions", got.Steps, len(p))
			}
			if good && got.Ret != evaluate(p, d, order) {
				t.Fatalf("Run returns %#x, evaluate %#x", got.Ret, evaluate(p, d, order))
			}
			if err == nil && p.ConstantAllow(d.Arch, d.Nr) && got.Ret != retAllow {
				t.Fatalf("constant allow, but Run returns %#x", got.Ret)
			}
		}
		p.KernelLen()
		p.Arches()
		p.Serves(d.Arch)
	})
}

func BenchmarkRun(b *testing.B) {
	p := mustParse(docProgram)
	d := Data{Nr: 41, Arch: 0xc000003e}
	for b.Loop() {
		if _, err := p.Run(d, binary.LittleEndian); err != nil {
			b.Fatal(err)
		}
	}
}
