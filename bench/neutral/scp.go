package neutral

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/policy"
)

// SCP returns the policy in seccompc's language, as an author would write it: neighbours with the
// same tests are one statement with several calls, neighbours that compare one argument of one call
// with values or ranges are one with a set. Every test is written with a cast, so that the text
// does not lean on the compiler's knowledge of argument widths.
func (p *Policy) SCP() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\narch %s\ndefault %s\n\n", p.Title, strings.Join(p.ABIs, ", "), p.Default)
	for rules := p.Rules; len(rules) > 0; {
		text, n := statement(rules)
		b.WriteString(text + "\n")
		rules = rules[n:]
	}
	return b.String()
}

// statement returns the text of the first rules, and how many they are.
func statement(rules []Rule) (text string, n int) {
	first := rules[0]
	var members []string
	for _, r := range rules {
		m, ok := r.member()
		if !ok || !sameCall(r, first) || r.Action != first.Action ||
			!sameOperand(r.When[0], first.When[0]) {
			break
		}
		members = append(members, m)
	}
	if n := len(members); n > 1 || n == 1 && len(first.When) > 1 {
		start := fmt.Sprintf("%s %s if %s in {", first.Action, first.selector(),
			first.When[0].operand())
		return list(start, members) + "}", n
	}
	var selectors []string
	for _, r := range rules {
		if r.Action != first.Action || !slices.Equal(r.When, first.When) {
			break
		}
		selectors = append(selectors, r.selector())
	}
	return list(first.Action.String()+" ", selectors) + first.condition(), len(selectors)
}

func sameCall(r, s Rule) bool { return r.Call == s.Call && r.Nr == s.Nr }

func sameOperand(t, u Test) bool { return t.Arg == u.Arg && t.Width == u.Width }

// member returns the values for which the rule holds as they are written in a set, if it tests for
// one value, or for one from a least to a greatest, of one argument.
func (r Rule) member() (text string, ok bool) {
	switch w := r.When; {
	case len(w) == 1 && w[0].Op == Eq:
		return fmt.Sprintf("%#x", w[0].Value), true
	case len(w) == 2 && w[0].Op == Ge && w[1].Op == Le && sameOperand(w[0], w[1]) &&
		w[0].Value <= w[1].Value:
		return fmt.Sprintf("%#x..%#x", w[0].Value, w[1].Value), true
	}
	return "", false
}

// list returns a list of words, which is broken where a line grows long, behind a start.
func list(start string, words []string) string {
	var b strings.Builder
	b.WriteString(start)
	column := len(start)
	for i, w := range words {
		if i > 0 {
			b.WriteString(",")
			if column += len(w) + 2; column > 80 {
				b.WriteString("\n   ")
				column = 0
			}
			b.WriteString(" ")
		}
		b.WriteString(w)
	}
	return b.String()
}

func (r Rule) selector() string {
	if r.Call == "" {
		return fmt.Sprint(r.Nr)
	}
	return r.Call
}

func (r Rule) condition() string {
	if len(r.When) == 0 {
		return ""
	}
	tests := make([]string, len(r.When))
	for i, t := range r.When {
		tests[i] = t.String()
	}
	return " if " + strings.Join(tests, " && ")
}

// String returns the test in the policy language.
func (t Test) String() string {
	if t.Op == Masked {
		return fmt.Sprintf("%s & %#x == %#x", t.operand(), t.Mask, t.Value)
	}
	operator := [...]string{Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">="}[t.Op]
	return fmt.Sprintf("%s %s %#x", t.operand(), operator, t.Value)
}

func (t Test) operand() string { return fmt.Sprintf("u%d(arg%d)", t.Width, t.Arg) }

// Denies returns the action that answers a call with an error.
func Denies(errno uint16) policy.Action { return policy.Errno | policy.Action(errno) }
