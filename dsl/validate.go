package dsl

import "github.com/seccompc/seccompc/diag"

// checkStatements finds what the grammar lets through although no policy can mean it.
func checkStatements(statements []Statement) diag.List {
	var diags diag.List
	for _, s := range statements {
		switch s := s.(type) {
		case *Rule:
			diags = append(diags, checkAction(&s.Action)...)
			diags = append(diags, checkCond(s.Cond)...)
		case *Fallback:
			diags = append(diags, checkAction(&s.Action)...)
		case *When:
			diags = append(diags, checkStatements(s.Then.Statements)...)
			if s.Else != nil {
				diags = append(diags, checkStatements(s.Else.Statements)...)
			}
		case *Test:
			for _, c := range s.Claims {
				diags = append(diags, checkClaim(c)...)
			}
		}
	}
	return diags
}

func checkClaim(c *Claim) diag.List {
	return append(checkCall(&c.Call), checkAction(&c.Action)...)
}

func checkAction(a *Action) diag.List {
	switch a.Kind {
	case "deny", "trap":
		return nil
	case "trace":
		if a.Data != nil {
			return nil
		}
		return diag.List{syntaxError(a.Span, "write trace(0) to trace(65535)", "trace lacks the number for the tracer")}
	}
	if a.Data == nil {
		return nil
	}
	return diag.List{syntaxError(a.Data.Span, "", "%s takes no argument", a.Kind)}
}

const maxArgs = 6 // of a system call

func checkCall(c *Call) diag.List {
	diags := checkCond(c.Cond)
	if len(c.Args) > maxArgs {
		diags = append(diags, syntaxError(c.Args[maxArgs].Span, "", "a system call has at most %d arguments", maxArgs))
	}
	return diags
}

func checkCond(c *Cond) diag.List {
	var diags diag.List
	for t := range c.Tests() {
		if t.Mask == nil || t.Op == "" || t.Op == "==" || t.Op == "!=" {
			continue
		}
		help := "behind a mask stand ==, !=, in and not in"
		diags = append(diags, syntaxError(t.Span, help, "%q cannot follow a mask", t.Op))
	}
	return diags
}
