package asm

import (
	"errors"
	"strings"
	"testing"
)

// checkCase is a program that the kernel accepts where want is "", and refuses otherwise; want is
// then part of our reason. The kernel test runs the same table.
type checkCase struct {
	name    string
	program Program
	want    string
}

func repeat(n int, in Instruction) Program {
	p := make(Program, n)
	for i := range p {
		p[i] = in
	}
	return p
}

var allow = Instruction{Op: RetK, K: retAllow}

// before returns the instructions with a return behind them.
func before(ins ...Instruction) Program { return append(ins, allow) }

var checkCases = []checkCase{
	{"allow", Program{allow}, ""},
	{"empty", Program{}, "0 instructions"},
	{"4096 instructions", repeat(4096, allow), ""},
	{"4097 instructions", repeat(4097, allow), "4097 instructions"},
	{"no return at the end", Program{allow, {Op: LdImm}}, "the last instruction is no return"},
	{"ret a", Program{{Op: RetA}}, ""},
	{"ret x", Program{{Op: 0x0e}}, "opcode 0xe is not allowed"},

	{"ja at the end", Program{{Op: Ja}}, "jump to 1 is past the end"},
	{"ja past the end", before(Instruction{Op: Ja, K: 1}), "jump to 2 is past the end"},
	{"ja backward", before(Instruction{Op: Ja, K: 0xffffffff}),
		"jump to 4294967296 is past the end"},
	{"ja to the last", Program{{Op: Ja, K: 1}, allow, allow}, ""},
	{"jt past the end", before(Instruction{Op: JeqK, Jt: 1}), "jump to 2 is past the end"},
	{"jf past the end", before(Instruction{Op: JeqK, Jf: 1}), "jump to 2 is past the end"},
	{"255 in range", append(Program{{Op: JsetX, Jt: 255, Jf: 255}}, repeat(256, allow)...), ""},
	{"255 out of range", append(Program{{Op: JgtX, Jt: 255, Jf: 255}}, repeat(255, allow)...),
		"jump to 256"},

	{"ld [60]", before(Instruction{Op: LdAbs, K: 60}), ""},
	{"ld [64]", before(Instruction{Op: LdAbs, K: 64}), "no word of seccomp_data is at offset 64"},
	{"ld [2]", before(Instruction{Op: LdAbs, K: 2}), "no word of seccomp_data is at offset 2"},
	{"ld ancillary", before(Instruction{Op: LdAbs, K: 0xfffff000}), "no word"},
	{"ld half", before(Instruction{Op: 0x28}), "opcode 0x28"},
	{"ld byte", before(Instruction{Op: 0x30}), "opcode 0x30"},
	{"ld indirect", before(Instruction{Op: 0x40}), "opcode 0x40"},
	{"ldx msh", before(Instruction{Op: 0xb1}), "opcode 0xb1"},
	{"ldx abs", before(Instruction{Op: 0x21}), "opcode 0x21"},
	{"ld len, ldx len", before(Instruction{Op: LdLen, K: 7}, Instruction{Op: LdxLen, Jt: 3}), ""},

	{"mod", before(Instruction{Op: 0x94, K: 1}), "opcode 0x94"},
	{"mod x", before(Instruction{Op: 0x9c}), "opcode 0x9c"},
	{"neg x", before(Instruction{Op: 0x8c}), "opcode 0x8c"},
	{"div 0", before(Instruction{Op: DivK}), "division by zero"},
	{"div x", before(Instruction{Op: DivX}), ""},
	{"lsh 31", before(Instruction{Op: LshK, K: 31}), ""},
	{"lsh 32", before(Instruction{Op: LshK, K: 32}), "shift by 32 bits"},
	{"rsh 32", before(Instruction{Op: RshK, K: 32}), "shift by 32 bits"},
	{"rsh -1", before(Instruction{Op: RshK, K: 0xffffffff}), "shift by 4294967295 bits"},
	{"lsh x with a large k", before(Instruction{Op: LshX, K: 99}), ""},
	{"opcode 0xffff", before(Instruction{Op: 0xffff}), "opcode 0xffff"},
	{"known low byte", before(Instruction{Op: 0x100 | LdImm}), "opcode 0x100"},
	{"unused fields", Program{{Op: Tax, Jt: 9, Jf: 8, K: 7}, {Op: Txa, Jt: 255, K: 1},
		{Op: Neg, K: 0xffffffff}, {Op: JeqX, K: 5}, {Op: Ja, Jt: 200, Jf: 200},
		{Op: RetA, Jt: 1, Jf: 1, K: 0x94}}, ""},

	{"M not stored", before(Instruction{Op: LdMem}), "M[0] is not stored"},
	{"M not stored, to x", before(Instruction{Op: LdxMem}), "M[0] is not stored"},
	{"M stored", before(Instruction{Op: Stx, K: 15}, Instruction{Op: LdMem, K: 15}), ""},
	{"another M stored", before(Instruction{Op: St, K: 3}, Instruction{Op: LdMem, K: 15}),
		"M[15] is not stored"},
	{"st M[16]", before(Instruction{Op: St, K: 16}), "M[16] does not exist"},
	{"stx M[16]", before(Instruction{Op: Stx, K: 16}), "M[16] does not exist"},
	{"ld M[16]", before(Instruction{Op: LdMem, K: 16}), "M[16] does not exist"},
	{"ldx M[16]", before(Instruction{Op: LdxMem, K: 16}), "M[16] does not exist"},
	{"M stored on one branch",
		mustParse("jeq #1, 1, 2\n st M[0]\n ld M[0]\n ret allow"), "M[0] is not stored"},
	{"M jumped over by jt",
		mustParse("jeq #1, 2, 1\n st M[0]\n ld M[0]\n ret allow"), "M[0] is not stored"},
	{"M in dead code behind a branch", mustParse("jeq #1, 2, 2\n ld M[0]\n ret allow"), ""},
	{"M stored on both branches",
		mustParse("jeq #1, 1, 3\n st M[0]\n ja 4\n stx M[0]\n ld M[0]\n ret allow"), ""},
	{"M in dead code behind a return",
		mustParse("ret allow\n ld M[0]\n ret allow"), "M[0] is not stored"},
	{"M in dead code behind a jump", mustParse("ja 2\n ld M[0]\n ret allow"), ""},
	{"M stored on every path, refused for the return between",
		mustParse("ld nr\n jeq #1, 2, 4\n st M[0]\n jeq #2, 5, 5\n ret allow\n ld M[0]\n" +
			"ret allow"),
		"M[0] is not stored"},
	{"M stored before a return",
		mustParse("st M[0]\n jeq #1, 2, 3\n ret allow\n ld M[0]\n ret allow"), ""},
}

func TestCheck(t *testing.T) {
	for _, c := range checkCases {
		t.Run(c.name, func(t *testing.T) {
			err := c.program.Check()
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			var e *CheckError
			if !errors.As(err, &e) || e.Cause == "" || e.Remedy == "" {
				t.Fatalf("%#v is not a complete CheckError", err)
			}
		})
	}
}

func TestCheckTellsThePlace(t *testing.T) {
	p := mustParse("ld nr\n jeq #59, 2, 3\n lsh #40\n ret allow")
	err := p.Check()
	const want = "instruction 2 (lsh  #40): a shift by 40 bits; shift by 0 to 31"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Check and the assembler each have their own list of opcodes.
func TestCheckKnowsTheOpcodesOfTheAssembler(t *testing.T) {
	for op := range 1 << 16 {
		p := Program{{Op: LdxImm}, {Op: St}, {Op: uint16(op), K: 1}, {Op: Stx, K: 1}, allow}
		if op == int(LdAbs) || op == int(LdMem) || op == int(LdxMem) {
			p[2].K = 0
		}
		if got, want := p.Check() == nil, syntaxOf(uint16(op)) != nil; got != want {
			t.Errorf("opcode %#x: accepted %v, has a mnemonic %v", op, got, want)
		}
	}
}
