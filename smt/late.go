package smt

import (
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/policy"
)

// lateValue returns the variable of a late value, of 64 bits, which is declared and bound to the
// value's range when it is first asked for.
func (s *Script) lateValue(l *policy.Late) (Term, error) {
	name := Term("late_" + l.Name)
	if known := s.late[l.Name]; known != nil {
		if known != l {
			return "", fmt.Errorf("two late values have the name %s", l.Name)
		}
		return name, nil
	}
	if s.late == nil {
		s.late = map[string]*policy.Late{}
	}
	s.late[l.Name] = l
	fmt.Fprintf(&s.text, "(declare-fun %s () (_ BitVec 64))\n", name)
	fmt.Fprintf(&s.text, "(assert %s)\n", s.among(name, l.Values, 64))
	return name, nil
}

// lateTest compares the low bits of an argument with a late value.
func (s *Script) lateTest(t policy.LateTest) (Term, error) {
	o := t.Operand
	if o.Arg < 0 || o.Arg > policy.IP || o.Width < 1 || o.Width > 64 {
		return "", errors.New("a test of what no call has")
	}
	value, err := s.lateValue(t.Late)
	low := s.apply("bvand", registerOf(o), number(^uint64(0)>>(64-o.Width), 64))
	return s.truth(s.apply("=", low, value)), err
}

// half returns 32 bits of a late value.
func (s *Script) half(l *policy.Late, high bool) (Term, error) {
	value, err := s.lateValue(l)
	if high {
		return s.apply("(_ extract 63 32)", value), err
	}
	return s.apply("(_ extract 31 0)", value), err
}
