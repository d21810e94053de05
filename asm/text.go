package asm

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// syntax is how an instruction is written: a mnemonic and its operands. Each operand is one of
//
//	#k      a constant, K
//	[k]     a word of seccomp_data, K: nr, arch, or a byte offset in brackets
//	M[k]    a word of scratch memory, K
//	j       the target of ja, from K
//	t, f    the targets of a conditional jump, from Jt and Jf
//	action  what ret returns, K: an action by name, or a constant
//
// and any other word stands for itself. A field that no operand shows is 0 in this form.
type syntax struct {
	op       uint16
	mnemonic string
	operands []string
}

var syntaxes = []syntax{
	{LdAbs, "ld", []string{"[k]"}},
	{LdLen, "ld", []string{"len"}},
	{LdImm, "ld", []string{"#k"}},
	{LdMem, "ld", []string{"M[k]"}},
	{LdxLen, "ldx", []string{"len"}},
	{LdxImm, "ldx", []string{"#k"}},
	{LdxMem, "ldx", []string{"M[k]"}},
	{St, "st", []string{"M[k]"}},
	{Stx, "stx", []string{"M[k]"}},
	{AddK, "add", []string{"#k"}},
	{AddX, "add", []string{"x"}},
	{SubK, "sub", []string{"#k"}},
	{SubX, "sub", []string{"x"}},
	{MulK, "mul", []string{"#k"}},
	{MulX, "mul", []string{"x"}},
	{DivK, "div", []string{"#k"}},
	{DivX, "div", []string{"x"}},
	{OrK, "or", []string{"#k"}},
	{OrX, "or", []string{"x"}},
	{AndK, "and", []string{"#k"}},
	{AndX, "and", []string{"x"}},
	{LshK, "lsh", []string{"#k"}},
	{LshX, "lsh", []string{"x"}},
	{RshK, "rsh", []string{"#k"}},
	{RshX, "rsh", []string{"x"}},
	{Neg, "neg", nil},
	{XorK, "xor", []string{"#k"}},
	{XorX, "xor", []string{"x"}},
	{Ja, "ja", []string{"j"}},
	{JeqK, "jeq", []string{"#k", "t", "f"}},
	{JeqX, "jeq", []string{"x", "t", "f"}},
	{JgtK, "jgt", []string{"#k", "t", "f"}},
	{JgtX, "jgt", []string{"x", "t", "f"}},
	{JgeK, "jge", []string{"#k", "t", "f"}},
	{JgeX, "jge", []string{"x", "t", "f"}},
	{JsetK, "jset", []string{"#k", "t", "f"}},
	{JsetX, "jset", []string{"x", "t", "f"}},
	{RetK, "ret", []string{"action"}},
	{RetA, "ret", []string{"a"}},
	{Tax, "tax", nil},
	{Txa, "txa", nil},
}

// syntaxOf returns the form of an opcode, or nil.
func syntaxOf(op uint16) *syntax {
	for i := range syntaxes {
		if syntaxes[i].op == op {
			return &syntaxes[i]
		}
	}
	return nil
}

// IsMnemonic reports whether a word begins an instruction of the assembler's text.
func IsMnemonic(word string) bool {
	for i := range syntaxes {
		if syntaxes[i].mnemonic == word {
			return true
		}
	}
	return word == raw
}

// raw is the mnemonic of an instruction that no other form can express.
const raw = ".raw"

// actions are the kernel's SECCOMP_RET_* values and names, without their data.
var actions = []struct {
	value    uint32
	name     string
	withData bool // always written with its data
}{
	{0x80000000, "kill_process", false},
	{0x00000000, "kill_thread", false},
	{0x00030000, "trap", true},
	{0x00050000, "errno", true},
	{0x7fc00000, "user_notif", false},
	{0x7ff00000, "trace", true},
	{0x7ffc0000, "log", false},
	{retAllow, "allow", false},
}

// String returns the program as text that [Parse] reads back to the same program.
func (p Program) String() string {
	var b strings.Builder
	p.Format(&b, nil) // a Builder cannot fail
	return b.String()
}

// Format writes the program as text, as [Program.String] does, with the caller's comment for each
// instruction at the end of its line. A nil function or an empty comment writes none.
func (p Program) Format(w io.Writer, comment func(pc int) string) error {
	b := bufio.NewWriter(w)
	for pc := range p {
		line := fmt.Sprintf("%03d: %s", pc, p.Text(pc))
		if comment != nil {
			// Parse must read the line back: a comment cannot leave it.
			if c := strings.Join(strings.Fields(comment(pc)), " "); c != "" {
				line = fmt.Sprintf("%-35s ; %s", line, c)
			}
		}
		fmt.Fprintln(b, line)
	}
	return b.Flush()
}

// Text returns the instruction at pc as the assembler writes it, without its position.
func (p Program) Text(pc int) string {
	in := p[pc]
	s := syntaxOf(in.Op)
	if s == nil || !s.shows(in) {
		return fmt.Sprintf("%s %#x, %d, %d, %#x", raw, in.Op, in.Jt, in.Jf, in.K)
	}
	if len(s.operands) == 0 {
		return s.mnemonic
	}
	words := make([]string, len(s.operands))
	for i, operand := range s.operands {
		words[i] = formatOperand(operand, in, uint64(pc)+1)
	}
	return fmt.Sprintf("%-4s %s", s.mnemonic, strings.Join(words, ", "))
}

// shows reports whether the form's operands tell all there is to the instruction.
func (s *syntax) shows(in Instruction) bool {
	var k, t, f bool
	for _, operand := range s.operands {
		switch operand {
		case "#k", "[k]", "M[k]", "j", "action":
			k = true
		case "t":
			t = true
		case "f":
			f = true
		}
	}
	return (k || in.K == 0) && (t || in.Jt == 0) && (f || in.Jf == 0)
}

func formatOperand(operand string, in Instruction, next uint64) string {
	switch operand {
	case "#k":
		return formatConstant(in.K)
	case "[k]":
		switch in.K {
		case OffNr:
			return "nr"
		case OffArch:
			return "arch"
		}
		return fmt.Sprintf("[%d]", in.K)
	case "M[k]":
		return fmt.Sprintf("M[%d]", in.K)
	case "j":
		return fmt.Sprint(next + uint64(in.K))
	case "t":
		return fmt.Sprint(next + uint64(in.Jt))
	case "f":
		return fmt.Sprint(next + uint64(in.Jf))
	case "action":
		return formatAction(in.K)
	}
	return operand
}

// formatConstant writes numbers and errnos as such, and what is more likely a mask or an arch in
// hex.
func formatConstant(k uint32) string {
	if k < 4096 {
		return fmt.Sprintf("#%d", k)
	}
	return fmt.Sprintf("#%#x", k)
}

func formatAction(k uint32) string {
	for _, a := range actions {
		switch data := k & 0xffff; {
		case k&0xffff0000 != a.value:
		case data != 0 || a.withData:
			return fmt.Sprintf("%s(%d)", a.name, data)
		default:
			return a.name
		}
	}
	return fmt.Sprintf("#%#x", k)
}
