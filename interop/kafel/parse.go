package kafel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/policy"
)

// block is an action with the calls that it is for, or, by use, another policy in this place.
type block struct {
	action  policy.Action
	filters []filter
	use     string
}

// filter is about one call.
type filter struct {
	file    string // "": that of the policy
	line    int
	call    string // "": the number
	nr      uint64
	own     []string // the names of the arguments, if they are given
	named   bool     // they are given
	archs   []string // on these; nil: on all
	expr    *expr    // nil: always
	comment string
}

// expr is a condition or a value.
type expr struct {
	op          string // a comparison, "&&", "||", "!", "|", "&"; "number", "name"
	left, right *expr
	value       uint64
	name        string
	line        int
}

// parser reads a policy (src/parser.y).
type parser struct {
	*importer
	tokens []token
	depth  int
	file   string
}

// included is the name of the file that is read, "" for the policy's own.
func (p *parser) included() string {
	if p.file == p.opts.Source {
		return ""
	}
	return p.file
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != "end" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) accept(kind string) bool {
	if p.peek().kind != kind {
		return false
	}
	p.take()
	return true
}

func (p *parser) expect(kind, what string) (token, error) {
	if p.peek().kind != kind {
		return token{}, p.unexpected(what)
	}
	return p.take(), nil
}

func (p *parser) unexpected(what string) error {
	t := p.peek()
	return fmt.Errorf("line %d: expected %s, found %s", t.line, what, show(t.text))
}

func show(s string) string { return diag.Printable(fmt.Sprintf("%.40s", s)) }

// program reads the statements of a file.
func (p *parser) program() error {
	for p.peek().kind != "end" {
		var err error
		switch t := p.peek(); t.kind {
		case "#":
			err = p.directive()
		case "POLICY":
			err = p.policy()
		case "DEFAULT":
			p.take()
			p.defaultAt = location{p.included(), t.line}
			if p.hasDefault {
				return fmt.Errorf("line %d: there is a default already", t.line)
			}
			p.hasDefault = true
			p.byDefault, err = p.action()
		default:
			var b block
			if b, err = p.block(); err == nil {
				p.main = append(p.main, b)
				p.accept(",")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// directive reads #define and #include.
func (p *parser) directive() error {
	line := p.take().line
	if p.accept("define") {
		name, err := p.expect("name", "the name of a constant")
		if err != nil {
			return err
		}
		v, err := p.expect("number", "a number")
		if err != nil {
			return err
		}
		if old, ok := p.consts[name.text]; ok && old != v.value {
			return fmt.Errorf("line %d: %s is defined with another value already", name.line,
				show(name.text))
		}
		p.consts[name.text] = v.value
		return nil
	}
	if t := p.peek(); t.kind != "name" || t.text != "include" {
		return p.unexpected("define or include")
	}
	p.take()
	found := false
	for p.peek().kind == "string" {
		name := strings.Trim(p.take().text, `"`)
		if err := p.include(p.file, name, line); err != nil {
			return err
		}
		found = true
	}
	if !found {
		return p.unexpected("the name of a file in quotes")
	}
	return nil
}

func (p *parser) policy() error {
	p.take()
	name, err := p.expect("name", "the name of a policy")
	if err != nil {
		return err
	}
	if _, ok := p.policies[name.text]; ok {
		return fmt.Errorf("line %d: there is a policy %s already", name.line, show(name.text))
	}
	if _, err := p.expect("{", "a brace"); err != nil {
		return err
	}
	var blocks []block
	for first := true; !p.accept("}"); first = false {
		if !first {
			if _, err := p.expect(",", "a comma, or a brace at the end of the policy"); err != nil {
				return err
			}
		}
		b, err := p.block()
		if err != nil {
			return err
		}
		blocks = append(blocks, b)
	}
	p.policies[name.text] = blocks
	return nil
}

// block reads USE and actions with their calls.
func (p *parser) block() (b block, err error) {
	comment := p.peek().comment
	if p.accept("USE") {
		name, err := p.expect("name", "the name of a policy")
		if err != nil {
			return b, err
		}
		if _, ok := p.policies[name.text]; !ok {
			return b, fmt.Errorf("line %d: there is no policy %s above", name.line, show(name.text))
		}
		return block{use: name.text}, nil
	}
	if b.action, err = p.action(); err != nil {
		return b, err
	}
	if _, err = p.expect("{", "a brace behind the action"); err != nil {
		return b, err
	}
	for first := true; !p.accept("}"); first = false {
		if !first {
			if _, err := p.expect(",", "a comma, or a brace at the end of the calls"); err != nil {
				return b, err
			}
		}
		f, err := p.filter()
		if err != nil {
			return b, err
		}
		if f.comment == "" {
			f.comment = comment
		}
		b.filters = append(b.filters, f)
	}
	return b, nil
}

var plain = map[string]policy.Action{"ALLOW": policy.Allow, "LOG": policy.Log,
	"DENY": policy.KillThread,
	"KILL": policy.KillThread, "KILL_THREAD": policy.KillThread, "KILL_PROCESS": policy.KillProcess,
	"USER_NOTIF": policy.Notify}

var numbered = map[string]policy.Action{"ERRNO": policy.Errno, "TRAP": policy.Trap,
	"TRACE": policy.Trace}

func (p *parser) action() (policy.Action, error) {
	t := p.peek()
	if a, ok := plain[t.kind]; ok {
		p.take()
		return a, nil
	}
	kind, ok := numbered[t.kind]
	if !ok {
		return 0, p.unexpected("an action such as ALLOW, KILL or ERRNO(1)")
	}
	p.take()
	if _, err := p.expect("(", "a parenthesis"); err != nil {
		return 0, err
	}
	n, err := p.expect("number", "a number")
	if err != nil {
		return 0, err
	}
	if n.value > 0xffff {
		return 0, fmt.Errorf("line %d: %d is not in 0..65535", n.line, n.value)
	}
	if kind == policy.Errno && n.value > 4095 {
		p.warnings.AddIn(p.included(), n.line,
			"the kernel takes errno %d for 4095, the largest one", n.value)
		n.value = 4095
	}
	_, err = p.expect(")", "a parenthesis")
	return kind | policy.Action(n.value), err
}

func (p *parser) filter() (f filter, err error) {
	f = filter{file: p.included(), line: p.peek().line, comment: p.peek().comment}
	switch t := p.peek(); {
	case p.accept("SYSCALL"):
		if _, err := p.expect("[", "a bracket"); err != nil {
			return f, err
		}
		n, err := p.expect("number", "the number of a call")
		if err != nil {
			return f, err
		}
		f.nr = n.value
		if _, err := p.expect("]", "a bracket"); err != nil {
			return f, err
		}
	case p.accept("name"):
		f.call = t.text
		if v, ok := p.consts[t.text]; ok {
			f.call, f.nr = "", v
		}
	default:
		return f, p.unexpected("the name of a system call")
	}
	if low := uint32(f.nr); uint64(low) != f.nr && int64(int32(low)) != int64(f.nr) {
		return f, fmt.Errorf("line %d: a call's number has 32 bits: kafel takes %d for %d; write "+
			"that if it is meant", f.line, f.nr, low)
	}
	if p.accept("(") {
		if err := p.arguments(&f); err != nil {
			return f, err
		}
	}
	if p.accept("ON") {
		if err := p.guard(&f); err != nil {
			return f, err
		}
	}
	if !p.accept("{") || p.accept("}") {
		return f, nil
	}
	if f.expr, err = p.condition(); err != nil {
		return f, err
	}
	_, err = p.expect("}", "a brace at the end of the condition")
	return f, err
}

func (p *parser) arguments(f *filter) error {
	f.named = true
	for first := true; !p.accept(")"); first = false {
		if !first {
			if _, err := p.expect(",", "a comma or a parenthesis"); err != nil {
				return err
			}
		}
		name, err := p.expect("name", "the name of an argument")
		switch {
		case err != nil:
			return err
		case slices.Contains(f.own, name.text) || len(f.own) == 6:
			return fmt.Errorf("line %d: %s: a call has up to six arguments with different names",
				name.line,
				show(name.text))
		}
		f.own = append(f.own, name.text)
	}
	return nil
}

// guard reads for which architectures a filter is.
func (p *parser) guard(f *filter) error {
	several := p.accept("{")
	for {
		name, err := p.expect("name", "the name of an architecture")
		if err != nil {
			return err
		}
		if f.archs = append(f.archs, strings.ToLower(name.text)); !several || !p.accept(",") {
			break
		}
	}
	if several {
		_, err := p.expect("}", "a brace at the end of the architectures")
		return err
	}
	return nil
}

// maxDepth is how many parentheses and signs may be open.
const maxDepth = 40

// condition reads alternatives with commas between them.
func (p *parser) condition() (*expr, error) {
	return p.chain(",", "||", func() (*expr, error) {
		return p.chain("||", "||", func() (*expr, error) { return p.chain("&&", "&&", p.primary) })
	})
}

// chain reads operands with a sign between them.
func (p *parser) chain(sign, op string, operand func() (*expr, error)) (*expr, error) {
	left, err := operand()
	for err == nil && p.peek().kind == sign {
		line := p.take().line
		var right *expr
		right, err = operand()
		left = &expr{op: op, left: left, right: right, line: line}
	}
	return left, err
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">="}

// primary reads a comparison, a negation or parentheses. What a parenthesis opens, a condition or a
// value, tells what comes behind it.
func (p *parser) primary() (*expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("line %d: more than %d parentheses are open", p.peek().line,
			maxDepth)
	}
	defer func() { p.depth-- }()
	if t := p.peek(); p.accept("!") {
		x, err := p.primary()
		return &expr{op: "!", left: x, line: t.line}, err
	}
	if p.peek().kind == "(" && p.opensCondition() {
		p.take()
		x, err := p.condition()
		if err == nil {
			_, err = p.expect(")", "a parenthesis")
		}
		return x, err
	}
	left, err := p.value()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	if !slices.Contains(comparisons, t.kind) {
		return nil, p.unexpected("a comparison")
	}
	p.take()
	right, err := p.value()
	return &expr{op: t.kind, left: left, right: right, line: t.line}, err
}

// opensCondition reports whether a comparison stands before the parenthesis closes.
func (p *parser) opensCondition() bool {
	open := 0
	for _, t := range p.tokens {
		switch {
		case t.kind == "(":
			open++
		case t.kind == ")":
			if open--; open == 0 {
				return false
			}
		case t.kind == "!" || slices.Contains(comparisons, t.kind):
			return true
		case t.kind == "{" || t.kind == "}" || t.kind == "end":
			return false
		}
	}
	return false
}

func (p *parser) value() (*expr, error) {
	return p.chain("|", "|", func() (*expr, error) { return p.chain("&", "&", p.operand) })
}

func (p *parser) operand() (*expr, error) {
	t := p.peek()
	switch {
	case p.accept("number"):
		return &expr{op: "number", value: t.value, line: t.line}, nil
	case p.accept("name"):
		if v, ok := p.consts[t.text]; ok {
			return &expr{op: "number", value: v, line: t.line}, nil
		}
		return &expr{op: "name", name: t.text, line: t.line}, nil
	case p.accept("("):
		if p.depth++; p.depth > maxDepth {
			return nil, fmt.Errorf("line %d: more than %d parentheses are open", t.line, maxDepth)
		}
		defer func() { p.depth-- }()
		x, err := p.value()
		if err == nil {
			_, err = p.expect(")", "a parenthesis")
		}
		return x, err
	}
	return nil, p.unexpected("an argument or a number")
}
