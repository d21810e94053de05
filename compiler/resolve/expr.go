package resolve

import (
	"go/constant"
	"go/token"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// A value is a constant.Value of kind Int or Bool, or nil where an error has been reported:
// whatever is made of nil is nil.

const (
	maxBits      = 128  // of a number while computing
	maxNameDepth = 1000 // of constants defined by constants
)

// expr evaluates an expression.
func (s *scope) expr(e *dsl.Expr) constant.Value {
	if len(e.Or) == 1 {
		return s.exprAnd(&e.Or[0])
	}
	result := false
	for i := range e.Or {
		a := &e.Or[i]
		v := s.boolean(a.Span, s.exprAnd(a))
		if v == nil {
			return nil
		}
		result = result || constant.BoolVal(v)
	}
	return constant.MakeBool(result)
}

func (s *scope) exprAnd(a *dsl.ExprAnd) constant.Value {
	if len(a.And) == 1 {
		return s.compare(&a.And[0])
	}
	result := true
	for i := range a.And {
		c := &a.And[i]
		v := s.boolean(c.Span, s.compare(c))
		if v == nil {
			return nil
		}
		result = result && constant.BoolVal(v)
	}
	return constant.MakeBool(result)
}

// operators are those of Go with the same meaning.
var operators = map[string]token.Token{
	"==": token.EQL, "!=": token.NEQ, "<": token.LSS, "<=": token.LEQ, ">": token.GTR,
	">=": token.GEQ,
	"|":  token.OR, "^": token.XOR, "+": token.ADD, "-": token.SUB, "*": token.MUL, "&": token.AND,
	"<<": token.SHL, ">>": token.SHR,
}

func (s *scope) compare(c *dsl.Compare) constant.Value {
	if c.Op != "" || c.In != nil {
		if isArch(&c.X) {
			return s.compareArch(c)
		}
		if d := s.defs[bareName(&c.X)]; d != nil && d.node.Choices != nil {
			return s.compareChoice(c, d)
		}
	}
	x := s.sum(&c.X)
	switch {
	case c.In != nil:
		in := s.members(x, c)
		if in == nil || !c.Not {
			return in
		}
		return constant.MakeBool(!constant.BoolVal(in))
	case c.Op == "":
		return x
	}
	y := s.sum(c.Y)
	if x == nil || y == nil {
		return nil
	}
	if x.Kind() != y.Kind() || x.Kind() == constant.Bool && c.Op != "==" && c.Op != "!=" {
		s.add(diag.Errorf(c.Span, codes.WrongType, "%s cannot compare these", c.Op).
			WithHelp("compare numbers with numbers, and true or false with == and != alone"))
		return nil
	}
	return constant.MakeBool(constant.Compare(x, operators[c.Op], y))
}

// members evaluates "x in {...}".
func (s *scope) members(x constant.Value, c *dsl.Compare) constant.Value {
	x = s.integer(c.X.Span, x)
	result := false
	for i := range c.In.Ranges {
		r := c.In.Ranges[i]
		lo := s.integer(r.Lo.Span, s.sum(&r.Lo))
		hi := lo
		if r.Hi != nil {
			hi = s.integer(r.Hi.Span, s.sum(r.Hi))
		}
		if x == nil || lo == nil || hi == nil {
			return nil
		}
		result = result || constant.Compare(lo, token.LEQ, x) && constant.Compare(x, token.LEQ, hi)
	}
	return constant.MakeBool(result)
}

// isArch reports whether an expression is the word arch.
func isArch(x *dsl.Sum) bool { return bareName(x) == "arch" }

// bareName returns the word that an expression consists of, a number too, or "".
func bareName(x *dsl.Sum) string {
	u := &x.X.X
	if len(x.Rest) > 0 || len(x.X.Rest) > 0 || len(u.Ops) > 0 {
		return ""
	}
	return u.Name + u.Number
}

// compareArch evaluates a comparison of arch with the names of ABIs.
func (s *scope) compareArch(c *dsl.Compare) constant.Value {
	names := s.namesOf(c, "ABIs")
	if names == nil {
		return nil
	}
	found := false
	for _, x := range names {
		abi, ok := linux.Lookup(bareName(x))
		if !ok {
			s.r.unknownArch(x.Span, x.Text())
			return nil
		}
		found = found || abi == s.abi
	}
	return constant.MakeBool(found != negated(c))
}

// negated reports whether a comparison of names is true where none of them is meant.
func negated(c *dsl.Compare) bool { return c.Not || c.Op == "!=" }

// namesOf returns the names on the right of a comparison, or nil for one that names do not have.
func (s *scope) namesOf(c *dsl.Compare, kind string) []*dsl.Sum {
	if c.In == nil {
		if c.Op == "==" || c.Op == "!=" {
			return []*dsl.Sum{c.Y}
		}
		s.add(diag.Errorf(c.Span, codes.WrongType, "%s cannot compare these", c.Op).
			WithHelp("compare names with ==, != or in {A, B}"))
		return nil
	}
	var names []*dsl.Sum
	for i := range c.In.Ranges {
		r := c.In.Ranges[i]
		if r.Hi != nil {
			s.add(diag.Errorf(r.Span, codes.WrongType, "%s have no order", kind).
				WithHelp("name each: in {A, B}"))
			return nil
		}
		names = append(names, &r.Lo)
	}
	return names
}

func (s *scope) sum(x *dsl.Sum) constant.Value {
	v := s.product(&x.X)
	for i, op := range x.Ops {
		if op == "^" && isPower(x) {
			d := diag.Errorf(x.Span, codes.ConstantRange, "^ is no power, it is exclusive or")
			s.add(d.WithHelp("write a power of two as a shift: 1 << 10; others in digits"))
			return nil
		}
		v = s.operate(x.Span, v, op, s.product(&x.Rest[i]))
	}
	return v
}

// isPower reports whether an expression is 2^N or 10^N, by which people mean a power.
func isPower(x *dsl.Sum) bool {
	first, second := x.X.X, x.Rest[0].X
	alone := len(x.Rest) == 1 && len(x.X.Rest) == 0 && len(x.Rest[0].Rest) == 0
	return alone && second.Number != "" && (first.Number == "2" || first.Number == "10")
}

func (s *scope) product(x *dsl.Product) constant.Value {
	v := s.unary(&x.X)
	for i, op := range x.Ops {
		v = s.operate(x.Span, v, op, s.unary(&x.Rest[i]))
	}
	if s.isFlags(x) && v != nil && constant.Sign(v) == 0 {
		d := diag.Errorf(x.Span, codes.ConstantRange, "%s is 0: they have no bit in common",
			x.Text())
		s.add(d.WithHelp("bits are joined with |: %s | %s", x.X.Name, x.Rest[0].Name))
		return nil
	}
	return v
}

// isFlags reports whether an expression is an "&" between two constants of the kernel.
func (s *scope) isFlags(x *dsl.Product) bool {
	if len(x.Ops) != 1 || x.Ops[0] != "&" {
		return false
	}
	for _, u := range []*dsl.Unary{&x.X, &x.Rest[0]} {
		v, ok := s.abi.Constant(u.Name)
		if !ok || len(u.Ops) > 0 || s.defs[u.Name] != nil || constant.Sign(v) == 0 {
			return false
		}
	}
	return true
}

func (s *scope) operate(
	at diag.Span, x constant.Value, op string, y constant.Value,
) constant.Value {
	x, y = s.integer(at, x), s.integer(at, y)
	if x == nil || y == nil {
		return nil
	}
	var v constant.Value
	if op == "<<" || op == ">>" {
		n, ok := constant.Uint64Val(y)
		if !ok || n >= maxBits {
			s.add(diag.Errorf(at, codes.ConstantRange,
				"a shift by %v is not between 0 and %d", y, maxBits-1).
				WithHelp("an argument has 64 bits: shift by 0 to 63"))
			return nil
		}
		v = constant.Shift(x, operators[op], uint(n))
	} else {
		v = constant.BinaryOp(x, operators[op], y)
	}
	return s.bounded(at, v)
}

func (s *scope) bounded(at diag.Span, v constant.Value) constant.Value {
	if constant.BitLen(v) > maxBits {
		s.add(diag.Errorf(at, codes.ConstantRange, "the value needs more than %d bits", maxBits).
			WithHelp("an argument has 64 bits: write a smaller number"))
		return nil
	}
	return v
}

func (s *scope) unary(u *dsl.Unary) constant.Value {
	var v constant.Value
	switch {
	case u.Name != "":
		v = s.name(u.Span, u.Name)
	case u.Paren != nil:
		v = s.expr(u.Paren)
	default:
		v = s.bounded(u.Span, constant.MakeFromLiteral(u.Number, token.INT, 0))
	}
	for _, op := range slices.Backward(u.Ops) {
		switch {
		case op == "!":
			if v = s.boolean(u.Span, v); v != nil {
				v = constant.MakeBool(!constant.BoolVal(v))
			}
		case op == "~":
			if v = s.integer(u.Span, v); v != nil {
				v = constant.UnaryOp(token.XOR, v, 0)
			}
		default:
			if v = s.integer(u.Span, v); v != nil {
				v = constant.UnaryOp(token.SUB, v, 0)
			}
		}
	}
	return v
}

// Value returns what a constant or parameter of the policy is on an ABI, by its index: a Bool, an
// Int, or a String that is the name of a value. It is false for another name.
func (r *Resolved) Value(abi int, name string) (constant.Value, bool) {
	d := r.scopes[abi].defs[name]
	if d == nil || d.value == nil {
		return nil, false
	}
	return d.value, true
}

// name evaluates a name: true, false, what the policy defines, or the kernel's constant.
func (s *scope) name(at diag.Span, name string) constant.Value {
	switch name {
	case "true", "false":
		return constant.MakeBool(name == "true")
	case "arch":
		s.add(diag.Errorf(at, codes.WrongType, "arch can only be compared with names of ABIs").
			WithHelp("write arch == x86_64, arch != x86_64, or arch in {x86_64, i386}"))
		return nil
	}
	if d := s.defs[name]; d != nil {
		if d.node.Choices != nil {
			f := diag.Errorf(at, codes.WrongType, "%s can only be compared with its values", name)
			s.add(f.WithHelp("write %s == %s", name, d.node.Choices.Names[0].Text))
			return nil
		}
		return s.defined(at, d)
	}
	if l := s.late[name]; l != nil {
		s.add(misplacedLate(at, l.node))
		return nil
	}
	if v, ok := s.abi.Constant(name); ok {
		s.lintLibc(at, name, "")
		return v
	}
	if v, kernel, ok := s.abi.LibcConstant(name); ok {
		s.lintLibc(at, name, kernel)
		return v
	}
	if s.r.gaps.mayDefine(name) {
		return nil
	}
	d := diag.Errorf(at, codes.UnknownConstant, "unknown constant %q", name)
	if of := s.choiceOf(name); of != "" {
		d = d.WithNotes("it is a value of " + of + ", which stands before it: " + of + " == " +
			name)
	} else if on := haveConstant(name); len(on) > 0 {
		d = d.WithNotes("it exists on " + strings.Join(on, ", "))
	} else if _, ok := linux.Lookup(name); ok {
		d = d.WithHelp("write arch == %s", name)
	} else if s.isArgument(name) {
		d.Message = name + " is an argument: a filter compares arguments with constants only"
		d = d.WithHelp("write a constant in its place")
	} else if help := valueHabit(name); help != "" {
		d = d.WithHelp("%s", help)
	} else if full := s.fullNames(name); len(full) == 1 {
		d = d.Exactly(at, name, full[0])
	} else if len(full) > 1 {
		d = d.WithHelp("write one of %s", strings.Join(full, ", "))
	} else if upper := strings.ToUpper(name); upper != name && s.hasConstant(upper) {
		d = d.Exactly(at, name, upper)
	} else {
		s.r.report.suggest(&d, name, s.constantNames())
		if d.Help == "" && s.choosing {
			d = d.WithHelp("give it a value: param %s = false, or const %s = 1", name, name)
		} else if d.Help == "" {
			d = d.WithHelp("write its number, or const %s = NUMBER%s", name, s.siblings(name))
		}
	}
	s.add(d)
	return nil
}

// valueHabit is the help for what other languages call a value.
func valueHabit(name string) string {
	switch strings.ToLower(name) {
	case "true", "on", "yes", "enabled":
		return "write true"
	case "false", "off", "no", "disabled":
		return "write false"
	case "nil", "null", "none", "nullptr":
		return "write 0"
	case "stdin":
		return "write 0"
	case "stdout":
		return "write 1"
	case "stderr":
		return "write 2"
	case "page_size", "pagesize":
		return "write the number: 4096 on most machines, and up to 65536 on some"
	case "any":
		return "in a claim _ stands for any value"
	}
	return ""
}

// lintLibc reports a constant of C libraries: the kernel's name of the same, or where the two
// differ.
func (s *scope) lintLibc(at diag.Span, name, kernel string) {
	switch differs := linux.LibcDiffers(name); {
	case differs != "":
		d := diag.Warningf(at, codes.LibcName, "%s is not the same for the kernel and for programs",
			name)
		s.add(d.WithNotes(differs).WithHelp("write the number that you mean"))
	case kernel != "":
		d := diag.Warningf(at, codes.LibcName, "%s is the C library's name of %s", name, kernel)
		d = d.WithHelp("write %s", kernel)
		if at.Text() == name {
			d.Edits = []diag.Edit{{Span: at, New: kernel}}
		}
		s.add(d)
	}
}

// defined evaluates a constant or parameter of the policy.
func (s *scope) defined(at diag.Span, d *definition) constant.Value {
	switch {
	case d.done:
		return d.value
	case d.busy:
		s.add(diag.Errorf(at, codes.Cycle, "%q is defined by itself", d.node.Name.Text).
			WithHelp("define it by a number or by other names"))
		return nil
	case s.depth == maxNameDepth:
		s.add(diag.Errorf(at, codes.TooLarge, "more than %d constants define each other",
			maxNameDepth).WithHelp("define one of them by a number"))
		return nil
	}
	if d.node.Choices != nil {
		d.value, d.done = s.chosen(d), true
		return d.value
	}
	defer func(choosing bool) { s.choosing = choosing }(s.choosing)
	s.choosing = false
	d.busy = true
	s.depth++
	d.value = s.expr(&d.node.Value)
	if d.given != nil {
		d.value = s.parameter(d)
	}
	s.depth--
	d.busy, d.done = false, true
	return d.value
}

// parameter evaluates the value that the command line gives to a parameter. It must be of the same
// type as the default.
func (s *scope) parameter(d *definition) constant.Value {
	v := s.expr(d.given)
	if v == nil || d.value == nil || v.Kind() == d.value.Kind() {
		return v
	}
	return s.wrongType(d.given.Span, d.value.Kind())
}

func (s *scope) boolean(at diag.Span, v constant.Value) constant.Value {
	if v == nil || v.Kind() == constant.Bool {
		return v
	}
	return s.wrongType(at, constant.Bool)
}

func (s *scope) integer(at diag.Span, v constant.Value) constant.Value {
	if v == nil || v.Kind() == constant.Int {
		return v
	}
	return s.wrongType(at, constant.Int)
}

// wrongType reports that a value is not of the wanted kind, and returns nil.
func (s *scope) wrongType(at diag.Span, want constant.Kind) constant.Value {
	d := diag.Errorf(at, codes.WrongType, "this is true or false; a number is wanted").
		WithHelp("write a number, or the name of one")
	switch at.Text() {
	case "false":
		d = d.WithHelp("write 0")
	case "true":
		d = d.WithHelp("write 1; a bit is tested without a comparison: ARGUMENT & BIT")
	}
	if want == constant.Bool {
		d = diag.Errorf(at, codes.WrongType, "this is a number; true or false is wanted")
		d = d.WithHelp("%s", comparedHelp(at.Text()))
	}
	s.add(d)
	return nil
}

// comparedHelp says how to make a condition of a number.
func comparedHelp(text string) string {
	number := strings.TrimSpace(strings.TrimLeft(text, "!"))
	switch {
	case text == "" || text[0] >= '0' && text[0] <= '9': // or it does not stand in the policy
		return "write true or false"
	case number == text:
		return "compare it: " + text + " != 0"
	}
	return "write " + number + " == 0, or if all other bits are meant, ~" + number
}
