package dsl

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// validate takes out of the file what the grammar lets through although no policy can mean it, and
// reports it.
func (f *File) validate() diag.List {
	var diags diag.List
	f.Statements = f.valid(f.Statements, &diags)
	return diags
}

// valid returns the valid ones of some statements.
func (f *File) valid(statements []Statement, diags *diag.List) []Statement {
	return slices.DeleteFunc(statements, func(s Statement) bool {
		switch s := s.(type) {
		case *Rule:
			found := append(checkAction(&s.Action), checkCond(s.Cond)...)
			return f.isFaulty(s.Span, append(found, checkSelectors(s.Selectors, s.Remove)...),
				diags)
		case *Set:
			return f.isFaulty(s.Span, checkSelectors(s.Add, s.Remove), diags)
		case *Hot:
			return f.isFaulty(s.Span, checkSelectors(s.Selectors, s.Remove), diags)
		case *Fallback:
			return f.isFaulty(s.Span, checkAction(&s.Action), diags)
		case *Define:
			return f.isFaulty(s.Span, checkDefine(s), diags)
		case *Late:
			return f.isFaulty(s.Span, checkLate(s), diags)
		case *When:
			for _, b := range s.Branches() {
				b.Statements = f.valid(b.Statements, diags)
			}
		case *Test:
			s.Claims = slices.DeleteFunc(s.Claims, func(c *Claim) bool {
				return f.isFaulty(c.Span, checkClaim(c), diags)
			})
		}
		return false
	})
}

// isFaulty reports whether something was found about a statement, and keeps it then.
func (f *File) isFaulty(statement diag.Span, found diag.List, diags *diag.List) bool {
	if len(found) > 0 {
		f.Faulty = append(f.Faulty, statement)
		*diags = append(*diags, found...)
	}
	return len(found) > 0
}

func checkDefine(d *Define) diag.List {
	if d.Kind == "const" && d.Choices != nil {
		const help = "write const NAME = VALUE, or param NAME = {A, B}"
		return diag.List{syntaxError(d.Choices.Span, help, "a constant has one value")}
	}
	return nil
}

func checkClaim(c *Claim) diag.List { return append(checkCall(&c.Call), checkAction(&c.Action)...) }

func checkAction(a *Action) diag.List {
	switch a.Kind {
	case "deny", "trap":
		return nil
	case "trace":
		if a.Data != nil {
			return nil
		}
		const help = "write trace(0) to trace(65535)"
		return diag.List{syntaxError(a.Span, help, "trace lacks the number for the tracer")}
	}
	if a.Data == nil {
		return nil
	}
	return diag.List{syntaxError(a.Data.Span, "write "+a.Kind, "%s takes no argument", a.Kind)}
}

// checkSelectors looks at what rules, sets and hot name.
func checkSelectors(add, remove []*Selector) diag.List {
	diags := checkMinus(add, remove)
	for _, sel := range slices.Concat(add, remove) {
		diags = append(diags, checkAll(sel.Span, sel.All, sel.Name)...)
	}
	return diags
}

// checkAll finds "all" before what is no call's name.
func checkAll(at diag.Span, all bool, name string) diag.List {
	if !all || name != "" {
		return nil
	}
	const help = "write it without all, or name a call: all clock_settime"
	return diag.List{syntaxError(at, help, "behind all stands the name of a system call")}
}

// checkMinus finds a minus between two numbers: it would take the second out of the first.
func checkMinus(add, remove []*Selector) diag.List {
	if len(remove) == 0 || remove[0].Number == "" || add[len(add)-1].Number == "" {
		return nil
	}
	from, to := add[len(add)-1], remove[0]
	if from.To != "" { // 1..9 - 5 takes 5 out
		return nil
	}
	text := from.Number + ".." + to.Number
	d := syntaxError(from.Span.To(to.Span), "a range is "+text,
		"%s - %s takes %s out of %s", from.Number, to.Number, to.Number, from.Number)
	d.Edits = []diag.Edit{{Span: d.Span, New: text}}
	return diag.List{d}
}

// checkMembers finds a minus between two numbers in the braces of "in": it is a difference, one
// value.
func checkMembers(m *Members) diag.List {
	var diags diag.List
	if m == nil {
		return nil
	}
	for _, r := range m.Ranges {
		lo := r.Lo
		if r.Hi != nil || len(lo.Rest) != 1 || lo.Ops[0] != "-" || !lo.X.isNumber() ||
			!lo.Rest[0].isNumber() {
			continue
		}
		from, to := lo.X.X.Number, lo.Rest[0].X.Number
		d := syntaxError(r.Span, "a range is "+from+".."+to, "%s-%s is one value, and no range",
			from, to)
		diags = append(diags, d)
	}
	return diags
}

// isNumber reports whether a product is a number and nothing else.
func (p *Product) isNumber() bool {
	return len(p.Rest) == 0 && len(p.X.Ops) == 0 && p.X.Number != ""
}

func checkLate(l *Late) diag.List {
	if l.In == nil || len(l.In.Ranges) == 1 && l.In.Ranges[0].Hi != nil {
		return nil
	}
	return diag.List{syntaxError(l.In.Span, "write in {LEAST..MOST}", "a late value has one range")}
}

const maxArgs = 6 // of a system call

func checkCall(c *Call) diag.List {
	diags := append(checkCond(c.Cond), checkAll(c.Name.Span, c.Name.All, c.Name.Name)...)
	if len(c.Args) > maxArgs {
		diags = append(diags, syntaxError(c.Args[maxArgs].Span, "remove it, and those behind it",
			"a system call has at most %d arguments", maxArgs))
	}
	return diags
}

// checkNot finds a "!" before a comparison, of which other languages take it with the argument
// alone.
func checkNot(c *Cond) diag.List {
	var diags diag.List
	if c == nil {
		return nil
	}
	Walk(c, func(n Node) bool {
		term, ok := n.(*CondTerm)
		if !ok || len(term.Not) == 0 || term.Test == nil || term.Test.isOperand() {
			return true
		}
		text := strings.Join(term.Not, "") + "(" + term.Test.Text() + ")"
		d := syntaxError(term.Span, "write "+text,
			"%q can be read in two ways: the ! is about all of it",
			term.Text())
		d.Edits = []diag.Edit{{Span: term.Span, New: text}}
		diags = append(diags, d)
		return true
	})
	return diags
}

// isOperand reports whether a test is an operand and nothing else.
func (t *Comparison) isOperand() bool { return t.Mask == nil && t.Op == "" && t.In == nil }

func checkCond(c *Cond) diag.List {
	diags := checkNot(c)
	for t := range c.Tests() {
		diags = append(diags, checkMembers(t.In)...)
		if t.Mask == nil || t.Op == "" || t.Op == "==" || t.Op == "!=" {
			continue
		}
		help := "behind a mask stand ==, !=, in and not in: X & M == V"
		diags = append(diags, syntaxError(t.Span, help, "%q cannot follow a mask", t.Op))
	}
	return diags
}
