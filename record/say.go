package record

import (
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

// say writes a condition of [use.condition]. Values are listed each by its name, where they also
// would make up a range; how a file is opened is said as open(2) has it.
func (u *use) say(c policy.Cond) string {
	switch c := c.(type) {
	case policy.And:
		return u.join(c, " && ")
	case policy.Or:
		return u.join(c, " || ")
	case policy.Test:
		if c.Op == policy.In {
			return u.in(c)
		}
	}
	return explain.Cond(c, u.abi, u.nr)
}

func (u *use) join(parts []policy.Cond, operator string) string {
	var out []string
	for _, p := range parts {
		out = append(out, u.say(p)) // "&&" binds tighter than "||", and nothing else is nested
	}
	return strings.Join(out, operator)
}

func (u *use) in(t policy.Test) string {
	subject, values := "", []string(nil)
	for _, r := range t.Set {
		one := t
		one.Set = []policy.Range{r}
		operand, value, ok := strings.Cut(explain.Cond(one, u.abi, u.nr), " == ")
		if !ok {
			return explain.Cond(t, u.abi, u.nr)
		}
		subject, values = operand, append(values, value)
	}
	if shapes[u.name][0] == access[0] {
		subject = strings.Replace(subject, "(O_WRONLY | O_RDWR |", "(O_ACCMODE |", 1)
		for i, v := range values {
			if v == "0" {
				values[i] = "O_RDONLY"
			}
		}
	}
	if len(values) == 1 {
		return subject + " == " + values[0]
	}
	return subject + " in {" + strings.Join(values, ", ") + "}"
}
