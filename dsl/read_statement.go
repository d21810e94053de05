package dsl

func (r *reader) file(n *File) {
	n.Span = r.start()
	for !r.is(tokEOF) {
		n.Statements = append(n.Statements, r.statement())
		r.expectKind(tokEnd)
	}
	r.end(&n.Span)
}

func (r *reader) statement() Statement {
	switch r.text {
	case "default", "mismatch", "unknown":
		return node(r.fallback)
	case "arch":
		return node(r.arch)
	case "const", "param":
		return node(r.define)
	case "set":
		return node(r.set)
	case "include":
		return node(r.include)
	case "when":
		return node(r.when)
	case "hot":
		return node(r.hot)
	case "test":
		return node(r.test)
	}
	return node(r.rule)
}

func (r *reader) rule(n *Rule) {
	n.Span = r.start()
	r.action(&n.Action)
	n.Selectors = r.selectors()
	n.Cond = optional(r, "if", r.cond)
	r.end(&n.Span)
}

func (r *reader) fallback(n *Fallback) {
	n.Span = r.start()
	n.Kind = r.next()
	r.action(&n.Action)
	r.end(&n.Span)
}

func (r *reader) arch(n *Arch) {
	n.Span = r.start()
	r.expect("arch")
	n.ABIs = list(r, ",", r.abiName)
	r.end(&n.Span)
}

func (r *reader) define(n *Define) {
	n.Span = r.start()
	n.Kind = r.next()
	r.name(&n.Name)
	r.expect("=")
	r.expr(&n.Value)
	r.end(&n.Span)
}

func (r *reader) set(n *Set) {
	n.Span = r.start()
	r.expect("set")
	r.setName(&n.Name)
	r.expect("=")
	n.Add = r.selectors()
	if r.accept("-") {
		n.Remove = r.selectors()
	}
	r.end(&n.Span)
}

func (r *reader) include(n *Include) {
	n.Span = r.start()
	r.expect("include")
	r.quoted(&n.Path)
	r.end(&n.Span)
}

func (r *reader) when(n *When) {
	n.Span = r.start()
	r.expect("when")
	r.expr(&n.Cond)
	r.block(&n.Then)
	n.Else = optional(r, "else", r.block)
	r.end(&n.Span)
}

func (r *reader) block(n *Block) {
	n.Span = r.start()
	r.expect("{")
	for r.more("}") {
		n.Statements = append(n.Statements, r.statement())
		r.expectKind(tokEnd)
	}
	r.end(&n.Span)
}

func (r *reader) hot(n *Hot) {
	n.Span = r.start()
	r.expect("hot")
	n.Selectors = r.selectors()
	r.end(&n.Span)
}

func (r *reader) test(n *Test) {
	n.Span = r.start()
	r.expect("test")
	r.quoted(&n.Name)
	r.expect("{")
	for r.more("}") {
		n.Claims = append(n.Claims, node(r.claim))
		r.expectKind(tokEnd)
	}
	r.end(&n.Span)
}

func (r *reader) claim(n *Claim) {
	n.Span = r.start()
	r.call(&n.Call)
	r.expect("=>")
	r.action(&n.Action)
	r.end(&n.Span)
}

// call takes what it reads first for the name, until it sees that it is the ABI.
func (r *reader) call(n *Call) {
	n.Span = r.start()
	r.callName(&n.Name)
	if r.accept(":") {
		n.ABI = &ABIName{Span: n.Name.Span, Text: n.Name.Name + n.Name.Number}
		r.callName(&n.Name)
	}
	if r.accept("(") && r.more(")") {
		n.Args = list(r, ",", r.arg)
		r.expect(")")
	}
	n.Cond = optional(r, "if", r.cond)
	r.end(&n.Span)
}

func (r *reader) callName(n *CallName) {
	n.Span = r.start()
	n.Name, n.Number = r.nameOrNumber()
	r.end(&n.Span)
}

func (r *reader) arg(n *Arg) {
	n.Span = r.start()
	n.Any = r.accept("_")
	if !n.Any {
		n.Value = node(r.expr)
	}
	r.end(&n.Span)
}

func (r *reader) action(n *Action) {
	n.Span = r.start()
	n.Kind = r.oneOf(actions...)
	if n.Kind == "" {
		r.fail()
	}
	n.Data = parens(r, r.sum)
	r.end(&n.Span)
}

// selectors is list for selectors, of which there can be many: it looks ahead for how many.
func (r *reader) selectors() []Selector {
	words := 1
	for _, t := range r.tokens {
		if t.kind == tokIdent || t.kind == tokSetName || t.kind == tokNumber {
			words++
		} else if !t.kind.blank() && r.word(t) != "," {
			break
		}
	}
	return items(words, r.selector, func() bool { return r.accept(",") })
}

func (r *reader) selector(n *Selector) {
	n.Span = r.start()
	if r.is(tokSetName) {
		n.Set = r.next()
	} else {
		n.Name, n.Number = r.nameOrNumber()
	}
	r.end(&n.Span)
}

func (r *reader) name(n *Name) {
	n.Span = r.start()
	n.Text = r.expectKind(tokIdent)
	r.end(&n.Span)
}

func (r *reader) abiName(n *ABIName) {
	n.Span = r.start()
	name, number := r.nameOrNumber()
	n.Text = name + number
	r.end(&n.Span)
}

func (r *reader) setName(n *SetName) {
	n.Span = r.start()
	n.Text = r.expectKind(tokSetName)
	r.end(&n.Span)
}

func (r *reader) quoted(n *String) {
	n.Span = r.start()
	n.Quoted = r.expectKind(tokString)
	r.end(&n.Span)
}
