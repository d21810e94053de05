package dsl

func (r *reader) cond(n *Cond) {
	n.Span = r.start()
	n.Or = list(r, "||", r.condAnd)
	r.end(&n.Span)
}

func (r *reader) condAnd(n *CondAnd) {
	n.Span = r.start()
	n.And = list(r, "&&", r.condTerm)
	r.end(&n.Span)
}

func (r *reader) condTerm(n *CondTerm) {
	n.Span = r.start()
	n.Not = r.prefixes("!")
	n.Paren = parens(r, r.cond)
	if n.Paren == nil {
		n.Test = node(r.comparison)
	}
	r.end(&n.Span)
}

func (r *reader) comparison(n *Comparison) {
	n.Span = r.start()
	r.operand(&n.X)
	n.Mask = optional(r, "&", r.unary)
	n.Op = r.oneOf("==", "!=", "<", "<=", ">", ">=", "any", "all", "only")
	if n.Op != "" {
		n.Value = node(r.sum)
	} else {
		n.Not, n.In = r.notIn()
	}
	r.end(&n.Span)
}

func (r *reader) operand(n *Operand) {
	n.Span = r.start()
	n.Cast = r.oneOf("u32", "i32", "u64", "i64")
	if n.Cast != "" {
		r.expect("(")
	}
	r.name(&n.Name)
	if n.Cast != "" {
		r.expect(")")
	}
	r.end(&n.Span)
}

// notIn is "(@'not'? 'in' @@)?".
func (r *reader) notIn() (not bool, in *Members) {
	not = r.accept("not")
	if not && !r.sees("in") {
		r.fail()
	}
	return not, optional(r, "in", r.members)
}

// maxAhead is how many tokens are looked at for the length of a list.
const maxAhead = 4096

// members may have a comma behind the last range. There can be many ranges: it looks ahead for commas, up to those of
// a set within.
func (r *reader) members(n *Members) {
	n.Span = r.start()
	r.expect("{")
	commas := 0
	for _, t := range r.tokens[:min(len(r.tokens), maxAhead)] {
		if t.kind == tokPunct && r.word(t) == "," {
			commas++
		} else if t.kind == tokPunct && (r.word(t) == "}" || r.word(t) == "{") {
			break
		}
	}
	n.Ranges = items(commas+1, r.valueRange, func() bool { return r.accept(",") && !r.sees("}") })
	r.expect("}")
	r.end(&n.Span)
}

func (r *reader) valueRange(n *Range) {
	n.Span = r.start()
	r.sum(&n.Lo)
	n.Hi = optional(r, "..", r.sum)
	r.end(&n.Span)
}

func (r *reader) expr(n *Expr) {
	n.Span = r.start()
	n.Or = list(r, "||", r.exprAnd)
	r.end(&n.Span)
}

func (r *reader) exprAnd(n *ExprAnd) {
	n.Span = r.start()
	n.And = list(r, "&&", r.compare)
	r.end(&n.Span)
}

func (r *reader) compare(n *Compare) {
	n.Span = r.start()
	r.sum(&n.X)
	n.Op = r.oneOf("==", "!=", "<", "<=", ">", ">=")
	if n.Op != "" {
		n.Y = node(r.sum)
	} else {
		n.Not, n.In = r.notIn()
	}
	r.end(&n.Span)
}

func (r *reader) sum(n *Sum) {
	n.Span = r.start()
	r.product(&n.X)
	for r.sees("|", "^", "+", "-") {
		n.Rest = append(n.Rest, SumPart{Span: r.start(), Op: r.next()})
		part := &n.Rest[len(n.Rest)-1]
		r.product(&part.X)
		r.end(&part.Span)
	}
	r.end(&n.Span)
}

func (r *reader) product(n *Product) {
	n.Span = r.start()
	r.unary(&n.X)
	for r.sees("*", "&", "<<", ">>") {
		n.Rest = append(n.Rest, ProductPart{Span: r.start(), Op: r.next()})
		part := &n.Rest[len(n.Rest)-1]
		r.unary(&part.X)
		r.end(&part.Span)
	}
	r.end(&n.Span)
}

func (r *reader) unary(n *Unary) {
	n.Span = r.start()
	n.Ops = r.prefixes("-", "~", "!")
	n.Paren = parens(r, r.expr)
	if n.Paren == nil {
		n.Name, n.Number = r.nameOrNumber()
	}
	r.end(&n.Span)
}

// prefixes reads any number of the operators.
func (r *reader) prefixes(operators ...string) []string {
	var out []string
	for r.sees(operators...) {
		out = append(out, r.next())
	}
	return out
}
