package asm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError is what [Parse] returns: a place in the text and what is wrong there.
type SyntaxError struct {
	Line, Col int // from 1; columns count runes
	Text      string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Text) }

// Parse reads the assembler's text: for every program, Parse(p.String()) is p. See the package
// comment for the language. It stops at the first error, a [*SyntaxError]; it does not run
// [Program.Check].
func Parse(text string) (Program, error) {
	a := assembler{labels: map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, ";")
		if err := a.line(source{text: line, line: i + 1}); err != nil {
			return nil, err
		}
	}
	for _, t := range a.targets {
		if err := a.resolve(t); err != nil {
			return nil, err
		}
	}
	return a.program, nil
}

// source is a piece of a line and where it stands.
type source struct {
	text      string
	line, col int // col counts runes before the piece
}

func (s source) errorf(format string, args ...any) error {
	return &SyntaxError{s.line, s.col + 1, fmt.Sprintf(format, args...)}
}

// from returns the piece from a byte offset on.
func (s source) from(i int) source {
	return source{s.text[i:], s.line, s.col + utf8.RuneCountInString(s.text[:i])}
}

// trim returns the piece without the blanks around it.
func (s source) trim() source {
	s = s.from(len(s.text) - len(strings.TrimLeft(s.text, blanks)))
	s.text = strings.TrimRight(s.text, blanks)
	return s
}

const blanks = " \t\r"

// cut returns the pieces before and after the first of the separators, trimmed.
func (s source) cut(separators string) (before, after source, found bool) {
	i := strings.IndexAny(s.text, separators)
	if i < 0 {
		return s.trim(), s.from(len(s.text)), false
	}
	before = s
	before.text = s.text[:i]
	return before.trim(), s.from(i + 1).trim(), true
}

// operands returns the pieces between commas.
func (s source) operands() []source {
	var list []source
	for more := s.text != ""; more; {
		var operand source
		operand, s, more = s.cut(",")
		list = append(list, operand)
	}
	return list
}

type assembler struct {
	program Program
	labels  map[string]int
	targets []target
}

// target is a jump target still to be resolved.
type target struct {
	source
	pc      int
	operand string // "j", "t" or "f"
}

func (a *assembler) line(s source) error {
	s = s.trim()
	for {
		label, rest, found := s.cut(":")
		if !found {
			break
		}
		if err := a.define(label); err != nil {
			return err
		}
		s = rest
	}
	if s.text == "" {
		return nil
	}
	mnemonic, rest, _ := s.cut(blanks)
	return a.instruction(mnemonic, rest.operands())
}

// define takes what stands before a colon: a label, or the position that a listing shows.
func (a *assembler) define(s source) error {
	pc := len(a.program)
	if n, err := parseNumber(s.text, math.MaxUint32); err == nil {
		if n != uint64(pc) {
			return s.errorf("this is instruction %d, not %d; use labels to move instructions",
				pc, n)
		}
		return nil
	}
	if !isLabel(s.text) {
		return s.errorf("%q is no label: letters, digits and underscores, not a digit first",
			s.text)
	}
	if _, defined := a.labels[s.text]; defined {
		return s.errorf("label %s is defined twice", s.text)
	}
	a.labels[s.text] = pc
	return nil
}

func isLabel(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

func (a *assembler) instruction(mnemonic source, operands []source) error {
	if mnemonic.text == raw {
		return a.raw(mnemonic, operands)
	}
	var forms []string
	for i := range syntaxes {
		s := &syntaxes[i]
		if s.mnemonic != mnemonic.text {
			continue
		}
		if s.fits(operands) {
			return a.assemble(s, operands)
		}
		forms = append(forms, strings.TrimSpace(s.mnemonic+" "+strings.Join(s.operands, ", ")))
	}
	if forms == nil {
		return mnemonic.errorf("unknown instruction %q: write one of %s", mnemonic.text,
			strings.Join(mnemonics(), ", "))
	}
	return mnemonic.errorf("operands of %s: write %s", mnemonic.text, strings.Join(forms, " or "))
}

// mnemonics returns those of all instructions.
func mnemonics() (out []string) {
	for _, s := range syntaxes {
		if !slices.Contains(out, s.mnemonic) {
			out = append(out, s.mnemonic)
		}
	}
	return out
}

// fits reports whether the operands look like the form's, so that an error in one of them is an
// error in this form.
func (s *syntax) fits(operands []source) bool {
	if len(operands) != len(s.operands) {
		return false
	}
	for i, operand := range s.operands {
		text := operands[i].text
		var fit bool
		switch operand {
		case "#k":
			fit = strings.HasPrefix(text, "#")
		case "[k]":
			fit = strings.HasPrefix(text, "[") || text == "nr" || text == "arch"
		case "M[k]":
			fit = strings.HasPrefix(text, "M[")
		case "action":
			fit = text != "" && text != "a"
		case "j", "t", "f":
			fit = text != ""
		default:
			fit = text == operand
		}
		if !fit {
			return false
		}
	}
	return true
}

func (a *assembler) assemble(s *syntax, operands []source) error {
	in := Instruction{Op: s.op}
	for i, operand := range s.operands {
		var err error
		switch operand {
		case "j", "t", "f":
			a.targets = append(a.targets, target{operands[i], len(a.program), operand})
		default:
			in.K, err = operands[i].constant(operand, in.K)
		}
		if err != nil {
			return err
		}
	}
	a.program = append(a.program, in)
	return nil
}

// constant reads an operand that stands for K; a word that stands for itself leaves K as it is.
func (s source) constant(operand string, k uint32) (uint32, error) {
	switch operand {
	case "#k":
		return s.number("#", "")
	case "M[k]":
		return s.number("M[", "]")
	case "[k]":
		switch s.text {
		case "nr":
			return OffNr, nil
		case "arch":
			return OffArch, nil
		}
		return s.number("[", "]")
	case "action":
		return s.action()
	}
	return k, nil
}

// number reads a number of 32 bits that stands between two marks.
func (s source) number(open, end string) (uint32, error) {
	digits, ok := strings.CutSuffix(strings.TrimPrefix(s.text, open), end)
	n, err := parseNumber(digits, math.MaxUint32)
	if err != nil || !ok {
		return 0, s.errorf("%q is not %sk%s with k a number of 32 bits, decimal or 0x",
			s.text, open, end)
	}
	return uint32(n), nil
}

// parseNumber reads a decimal or 0x number. Nothing else: a leading 0 means no octal.
func parseNumber(s string, limit uint64) (uint64, error) {
	digits, hex := strings.CutPrefix(s, "0x")
	base := 10
	if hex {
		base = 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err == nil && n > limit {
		err = strconv.ErrRange
	}
	return n, err
}

func (s source) action() (uint32, error) {
	if strings.HasPrefix(s.text, "#") {
		return s.number("#", "")
	}
	name, rest, withData := strings.Cut(s.text, "(")
	for _, a := range actions {
		if a.name != name {
			continue
		}
		if !withData {
			return a.value, nil
		}
		digits, closed := strings.CutSuffix(rest, ")")
		data, err := parseNumber(digits, math.MaxUint16)
		if err != nil || !closed {
			return 0, s.errorf("%q is not %s(n) with n at most 65535", s.text, name)
		}
		return a.value | uint32(data), nil
	}
	var names []string
	for _, a := range actions {
		names = append(names, a.name)
	}
	return 0, s.errorf("%q is no action: write %s, or #k", s.text, strings.Join(names, ", "))
}

func (a *assembler) raw(mnemonic source, operands []source) error {
	limits := []uint64{math.MaxUint16, math.MaxUint8, math.MaxUint8, math.MaxUint32}
	if len(operands) != len(limits) {
		return mnemonic.errorf("write %s opcode, jt, jf, k", raw)
	}
	var fields [4]uint64
	for i, s := range operands {
		n, err := parseNumber(s.text, limits[i])
		if err != nil {
			return s.errorf("%q is not a number from 0 to %d", s.text, limits[i])
		}
		fields[i] = n
	}
	a.program = append(a.program, Instruction{Op: uint16(fields[0]), Jt: uint8(fields[1]),
		Jf: uint8(fields[2]), K: uint32(fields[3])})
	return nil
}

// resolve turns a label or a position into the number of instructions to skip.
func (a *assembler) resolve(t target) error {
	limit := uint64(math.MaxUint8)
	if t.operand == "j" {
		limit = math.MaxUint32
	}
	next := uint64(t.pc) + 1
	to, err := parseNumber(t.text, math.MaxUint64)
	if isLabel(t.text) {
		pc, defined := a.labels[t.text]
		if !defined {
			return t.errorf("label %s is not defined", t.text)
		}
		to, err = uint64(pc), nil
	}
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && to > next+limit:
		return t.errorf("%s is too far: at most %d instructions can be skipped; "+
			"jump to a ja on the way", t.text, limit)
	case err != nil:
		return t.errorf("%q is no target: write a label or the number of an instruction", t.text)
	case to < next:
		return t.errorf("%s is behind: jumps only go forward", t.text)
	}
	in, skip := &a.program[t.pc], to-next
	switch t.operand {
	case "j":
		in.K = uint32(skip)
	case "t":
		in.Jt = uint8(skip)
	case "f":
		in.Jf = uint8(skip)
	}
	return nil
}
