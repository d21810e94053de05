package dsl

func (r *reader) cond() *Cond {
	return ended(r, &Cond{Span: r.start(), Or: list(r, "||", r.condAnd)})
}

func (r *reader) condAnd() *CondAnd {
	return ended(r, &CondAnd{Span: r.start(), And: list(r, "&&", r.condTerm)})
}

func (r *reader) condTerm() *CondTerm {
	n := &CondTerm{Span: r.start(), Not: r.prefixes("!"), Paren: parens(r, r.cond)}
	if n.Paren == nil {
		n.Test = r.comparison()
	}
	return ended(r, n)
}

func (r *reader) comparison() *Comparison {
	n := &Comparison{Span: r.start(), X: r.operand(), Mask: optional(r, "&", r.unary)}
	n.Op = r.oneOf("==", "!=", "<", "<=", ">", ">=", "any", "all", "only")
	if n.Op != "" {
		n.Value = r.sum()
	} else {
		n.Not, n.In = r.notIn()
	}
	return ended(r, n)
}

func (r *reader) operand() *Operand {
	n := &Operand{Span: r.start(), Cast: r.oneOf("u32", "i32", "u64", "i64")}
	if n.Cast == "" {
		n.Name = r.name()
	} else if n.Name = parens(r, r.name); n.Name == nil {
		r.fail()
	}
	return ended(r, n)
}

// notIn is "(@'not'? 'in' @@)?".
func (r *reader) notIn() (not bool, in *Members) {
	not = r.accept("not")
	if not && !r.sees("in") {
		r.fail()
	}
	return not, optional(r, "in", r.members)
}

// members may have a comma behind the last range.
func (r *reader) members() *Members {
	n := &Members{Span: r.start()}
	r.expect("{")
	n.Ranges = append(n.Ranges, r.valueRange())
	for r.accept(",") && !r.sees("}") {
		n.Ranges = append(n.Ranges, r.valueRange())
	}
	r.expect("}")
	return ended(r, n)
}

func (r *reader) valueRange() *Range {
	return ended(r, &Range{Span: r.start(), Lo: r.sum(), Hi: optional(r, "..", r.sum)})
}

func (r *reader) expr() *Expr {
	return ended(r, &Expr{Span: r.start(), Or: list(r, "||", r.exprAnd)})
}

func (r *reader) exprAnd() *ExprAnd {
	return ended(r, &ExprAnd{Span: r.start(), And: list(r, "&&", r.compare)})
}

func (r *reader) compare() *Compare {
	n := &Compare{Span: r.start(), X: r.sum(), Op: r.oneOf("==", "!=", "<", "<=", ">", ">=")}
	if n.Op != "" {
		n.Y = r.sum()
	} else {
		n.Not, n.In = r.notIn()
	}
	return ended(r, n)
}

func (r *reader) sum() *Sum {
	n := r.sums.node()
	n.Span = r.start()
	n.X = r.product()
	for r.sees("|", "^", "+", "-") {
		n.Rest = append(n.Rest, ended(r, &SumPart{Span: r.start(), Op: r.next(), X: r.product()}))
	}
	return ended(r, n)
}

func (r *reader) product() *Product {
	n := r.products.node()
	n.Span = r.start()
	n.X = r.unary()
	for r.sees("*", "&", "<<", ">>") {
		n.Rest = append(n.Rest, ended(r, &ProductPart{Span: r.start(), Op: r.next(), X: r.unary()}))
	}
	return ended(r, n)
}

func (r *reader) unary() *Unary {
	n := r.unaries.node()
	n.Span = r.start()
	n.Ops = r.prefixes("-", "~", "!")
	n.Paren = parens(r, r.expr)
	if n.Paren == nil {
		n.Name, n.Number = r.nameOrNumber()
	}
	return ended(r, n)
}

// prefixes reads any number of the operators.
func (r *reader) prefixes(operators ...string) []string {
	var out []string
	for r.sees(operators...) {
		out = append(out, r.next())
	}
	return out
}
