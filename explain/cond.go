package explain

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Cond returns a condition as a rule about one system call has it behind "if". Read back for that
// call it is the same condition, unless it looks at bits that the ABI's registers do not have:
// these are written as u64(...), which the language takes for 32 bits there.
func Cond(c policy.Cond, abi *linux.ABI, nr uint32) string { return about(abi, nr).cond(c) }

func (s *callWriter) cond(c policy.Cond) string {
	text, _ := s.parts(c)
	return text
}

// The strengths of a condition's outermost operator.
const (
	bindsOr = iota
	bindsAnd
	bindsTest
)

// parts writes a condition and tells how strongly its outermost operator binds.
func (s *callWriter) parts(c policy.Cond) (text string, binds int) {
	switch c := c.(type) {
	case policy.Test:
		return s.test(c, false)
	case policy.LateTest:
		return s.lateTest(c, false)
	case policy.Not:
		return s.negation(c.X)
	case policy.And:
		return s.list(c, " && ", bindsAnd)
	case policy.Or:
		return s.list(c, " || ", bindsOr)
	}
	panic(fmt.Sprintf("explain: unknown condition %T", c))
}

func (s *callWriter) list(parts []policy.Cond, operator string, binds int) (string, int) {
	if len(parts) == 1 {
		return s.parts(parts[0])
	}
	part := *s.among(parts, binds == bindsOr)
	part.compound = true
	s = &part
	var out []string
	for _, p := range parts {
		text, inner := s.parts(p)
		if inner <= binds {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, operator), binds
}

// among returns a writer that knows what the tests of a list say for the other parts: in "a &&
// b" b only matters where a holds, in "a || b" where a does not.
func (s *callWriter) among(parts []policy.Cond, or bool) *callWriter {
	for _, p := range parts {
		not := or
		if n, ok := p.(policy.Not); ok {
			p, not = n.X, !or
		}
		t, ok := p.(policy.Test)
		if !ok || t.Operand.Arg < 0 || t.Operand.Arg >= len(s.args) {
			continue
		}
		_, width, _ := s.argument(t.Operand.Arg)
		mask, in := t.Members()
		if not {
			in = policy.Complement(in, mask)
		}
		if mask&policy.Ones(width) != policy.Ones(width) {
			continue
		}
		if values, ok := few(in, width); ok {
			s = s.knowing(t.Operand.Arg, values...)
		}
	}
	return s
}

// few returns the values in ranges, if they are not many.
func few(ranges []policy.Range, width int) (values []uint64, ok bool) {
	for _, r := range ranges {
		if r.Hi > policy.Ones(width) || r.Hi-r.Lo >= maxNamed {
			return nil, false
		}
		for i := range r.Hi - r.Lo + 1 {
			values = append(values, r.Lo+i)
		}
	}
	return values, 0 < len(values) && len(values) <= maxNamed
}

// negation writes that a condition does not hold: of tests without "!" before them.
func (s *callWriter) negation(c policy.Cond) (string, int) {
	switch c := c.(type) {
	case policy.Not:
		return s.parts(c.X)
	case policy.Test:
		return s.test(c, true)
	case policy.LateTest:
		return s.lateTest(c, true)
	case policy.And:
		if flat(c) {
			return s.list(negated(c), " || ", bindsOr)
		}
	case policy.Or:
		if flat(c) {
			return s.list(negated(c), " && ", bindsAnd)
		}
	}
	text, _ := s.parts(c)
	return "!(" + text + ")", bindsTest
}

func flat(parts []policy.Cond) bool {
	for _, p := range parts {
		if n, ok := p.(policy.Not); ok {
			p = n.X
		}
		switch p.(type) {
		case policy.Test, policy.LateTest:
		default:
			return false
		}
	}
	return true
}

func negated(parts []policy.Cond) []policy.Cond {
	var out []policy.Cond
	for _, p := range parts {
		out = append(out, policy.Not{X: p})
	}
	return out
}
