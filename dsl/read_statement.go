package dsl

func (r *reader) file() *File {
	n := &File{Span: r.start()}
	for !r.is(tokEOF) {
		n.Statements = append(n.Statements, r.statement())
		r.expectKind(tokEnd)
	}
	return ended(r, n)
}

func (r *reader) statement() Statement {
	switch r.text {
	case "default", "mismatch", "unknown":
		return ended(r, &Fallback{Span: r.start(), Kind: r.next(), Action: r.action()})
	case "arch":
		return ended(r, &Arch{Span: r.begin(), ABIs: list(r, ",", r.abiName)})
	case "const", "param":
		return ended(r, &Define{Span: r.start(), Kind: r.next(), Name: before(r, "=", r.name), Value: r.expr()})
	case "set":
		return r.set()
	case "include":
		return ended(r, &Include{Span: r.begin(), Path: r.quoted()})
	case "when":
		return r.when()
	case "hot":
		return ended(r, &Hot{Span: r.begin(), Selectors: r.selectors()})
	case "test":
		return ended(r, &Test{Span: r.begin(), Name: r.quoted(), Claims: lines(r, r.claim)})
	}
	return r.rule()
}

// begin is start, and reads the first word.
func (r *reader) begin() Span {
	span := r.start()
	r.next()
	return span
}

func (r *reader) rule() *Rule {
	return ended(r, &Rule{
		Span: r.start(), Action: r.action(), Selectors: r.selectors(), Cond: optional(r, "if", r.cond),
	})
}

func (r *reader) set() *Set {
	return ended(r, &Set{
		Span: r.begin(), Name: before(r, "=", r.setName), Add: r.selectors(), Remove: optional(r, "-", r.selectors),
	})
}

func (r *reader) when() *When {
	return ended(r, &When{
		Span: r.begin(), Cond: r.expr(), Then: r.block(), Else: optional(r, "else", r.block),
	})
}

func (r *reader) block() *Block {
	return ended(r, &Block{Span: r.start(), Statements: lines(r, r.statement)})
}

func (r *reader) claim() *Claim {
	return ended(r, &Claim{Span: r.start(), Call: before(r, "=>", r.call), Action: r.action()})
}

// call takes what it reads first for the name, until it sees that it is the ABI.
func (r *reader) call() *Call {
	n := &Call{Span: r.start(), Name: r.callName()}
	if r.accept(":") {
		n.ABI = &ABIName{Span: n.Name.Span, Text: n.Name.Name + n.Name.Number}
		n.Name = r.callName()
	}
	n.Args = parens(r, r.args)
	n.Cond = optional(r, "if", r.cond)
	return ended(r, n)
}

func (r *reader) callName() *CallName {
	n := &CallName{Span: r.start()}
	n.Name, n.Number = r.nameOrNumber()
	return ended(r, n)
}

func (r *reader) args() []*Arg {
	if r.sees(")") {
		return nil
	}
	return list(r, ",", r.arg)
}

func (r *reader) arg() *Arg {
	n := &Arg{Span: r.start(), Any: r.accept("_")}
	if !n.Any {
		n.Value = r.expr()
	}
	return ended(r, n)
}

func (r *reader) action() *Action {
	n := &Action{Span: r.start(), Kind: r.oneOf(actions...), Data: parens(r, r.sum)}
	if n.Kind == "" {
		r.fail()
	}
	return ended(r, n)
}

func (r *reader) selectors() []*Selector { return list(r, ",", r.selector) }

func (r *reader) selector() *Selector {
	n := r.names.node()
	n.Span = r.start()
	if r.is(tokSetName) {
		n.Set = r.next()
	} else {
		n.Name, n.Number = r.nameOrNumber()
	}
	return ended(r, n)
}

func (r *reader) name() *Name {
	return ended(r, &Name{Span: r.start(), Text: r.expectKind(tokIdent)})
}

func (r *reader) abiName() *ABIName {
	n := r.callName()
	return &ABIName{Span: n.Span, Text: n.Name + n.Number}
}

func (r *reader) setName() *SetName {
	return ended(r, &SetName{Span: r.start(), Text: r.expectKind(tokSetName)})
}

func (r *reader) quoted() *String {
	return ended(r, &String{Span: r.start(), Quoted: r.expectKind(tokString)})
}
