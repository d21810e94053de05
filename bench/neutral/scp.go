package neutral

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/policy"
)

// SCP returns the policy in seccompc's language. Every test is written with a cast, so that the
// text does not lean on the compiler's knowledge of argument widths.
func (p *Policy) SCP() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\narch %s\ndefault %s\n\n", p.Title, strings.Join(p.ABIs, ", "), p.Default)
	for rules := p.Rules; len(rules) > 0; {
		n := run(rules)
		selectors := make([]string, n)
		for i, r := range rules[:n] {
			selectors[i] = r.selector()
		}
		fmt.Fprintf(&b, "%s %s%s\n", rules[0].Action, wrap(selectors), rules[0].condition())
		rules = rules[n:]
	}
	return b.String()
}

// run returns how many rules from the first share its action and tests: one statement of the text.
func run(rules []Rule) int {
	first, n := rules[0], 1
	for n < len(rules) && rules[n].Action == first.Action && slices.Equal(rules[n].When, first.When) {
		n++
	}
	return n
}

func wrap(words []string) string {
	var b strings.Builder
	column := 0
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
	operand := fmt.Sprintf("u%d(arg%d)", t.Width, t.Arg)
	if t.Op == Masked {
		return fmt.Sprintf("%s & %#x == %#x", operand, t.Mask, t.Value)
	}
	operator := [...]string{Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">="}[t.Op]
	return fmt.Sprintf("%s %s %#x", operand, operator, t.Value)
}

// Denies returns the action that answers a call with an error.
func Denies(errno uint16) policy.Action { return policy.Errno | policy.Action(errno) }
