package dsl_test

import (
	"strings"

	"github.com/seccompc/seccompc/dsl"
)

// The functions of this file write trees of expressions with parentheses around every part that has
// more than one operand, so that a test sees what binds tighter.

func join[T any](parts []T, op string, text func(T) string) string {
	var out []string
	for _, p := range parts {
		out = append(out, text(p))
	}
	if len(out) == 1 {
		return out[0]
	}
	return "(" + strings.Join(out, op) + ")"
}

func condText(c *dsl.Cond) string {
	return join(c.Or, " || ", func(a dsl.CondAnd) string { return join(a.And, " && ", termText) })
}

func termText(t dsl.CondTerm) string {
	not := strings.Join(t.Not, "")
	if t.Paren != nil {
		return not + condText(t.Paren)
	}
	return not + testText(t.Test)
}

func testText(t *dsl.Comparison) string {
	out := t.X.Name.Text
	if t.X.Cast != "" {
		out = t.X.Cast + "(" + out + ")"
	}
	if t.Mask != nil {
		out += " & " + unaryText(*t.Mask)
	}
	switch {
	case t.In != nil && t.Not:
		out += " not in " + membersText(t.In)
	case t.In != nil:
		out += " in " + membersText(t.In)
	case t.Op != "":
		out += " " + t.Op + " " + sumText(*t.Value)
	}
	return out
}

func membersText(m *dsl.Members) string {
	var out []string
	for _, r := range m.Ranges {
		text := sumText(r.Lo)
		if r.Hi != nil {
			text += ".." + sumText(*r.Hi)
		}
		out = append(out, text)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func exprText(e *dsl.Expr) string {
	return join(e.Or, " || ", func(a dsl.ExprAnd) string {
		return join(a.And, " && ",
			compareText)
	})
}

func compareText(c dsl.Compare) string {
	switch {
	case c.In != nil && c.Not:
		return sumText(c.X) + " not in " + membersText(c.In)
	case c.In != nil:
		return sumText(c.X) + " in " + membersText(c.In)
	case c.Op != "":
		return "(" + sumText(c.X) + " " + c.Op + " " + sumText(*c.Y) + ")"
	}
	return sumText(c.X)
}

func sumText(s dsl.Sum) string {
	out := productText(s.X)
	for i, p := range s.Rest {
		out = "(" + out + " " + s.Ops[i] + " " + productText(p) + ")"
	}
	return out
}

func productText(p dsl.Product) string {
	out := unaryText(p.X)
	for i, u := range p.Rest {
		out = "(" + out + " " + p.Ops[i] + " " + unaryText(u) + ")"
	}
	return out
}

func unaryText(u dsl.Unary) string {
	out := strings.Join(u.Ops, "") + u.Name + u.Number
	if u.Paren != nil {
		out += exprText(u.Paren)
	}
	return out
}
