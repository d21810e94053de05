package explain

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/policy"
)

// Late returns the late values with which something was found, for the end of a sentence: nothing
// where there are none.
func Late(values policy.LateValues, declared []*policy.Late) string {
	var out []string
	for _, l := range declared {
		if v, ok := values[l.Name]; ok {
			out = append(out, l.Name+" = "+LateNumber(l, v))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", with " + strings.Join(out, ", ")
}

// LateNumber returns a late value as a number of its type.
func LateNumber(l *policy.Late, v uint64) string {
	switch {
	case l.Signed && l.Width == 32:
		return fmt.Sprint(int32(v))
	case l.Signed:
		return fmt.Sprint(int64(v))
	}
	return fmt.Sprint(v)
}

// lateTest writes that an operand is a late value, or is not.
func (s *callWriter) lateTest(t policy.LateTest, not bool) (string, int) {
	text := s.view(t.Operand.Arg, policy.Ones(t.Operand.Width)).operand
	if not {
		return text + " != " + t.Late.Name, bindsTest
	}
	return text + " == " + t.Late.Name, bindsTest
}
