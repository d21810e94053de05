package minijail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// parser reads one statement for one ABI.
type parser struct {
	*importer
	abi    *linux.ABI
	tokens []token
	last   int // the line of the token before
	depth  int // of parentheses
}

// filter is an expression with what happens where it holds; a nil expression always does.
type filter struct {
	expr      [][]interop.Comparison // any of these, each with all of its parts
	action    policy.Action
	otherwise policy.Action // where the expression does not hold, in the dialect of C
	decides   bool          // otherwise counts
	line      int
}

func (p *parser) is(kind string) bool { return len(p.tokens) > 0 && p.tokens[0].kind == kind }

func (p *parser) take() token {
	t := p.tokens[0]
	p.tokens, p.last = p.tokens[1:], t.line
	return t
}

// accept takes the next token if it is of a kind.
func (p *parser) accept(kind string) bool {
	if !p.is(kind) {
		return false
	}
	p.take()
	return true
}

func (p *parser) expect(kind, what string) (token, error) {
	if !p.is(kind) {
		return token{}, p.unexpected(what)
	}
	return p.take(), nil
}

func (p *parser) unexpected(what string) error {
	if len(p.tokens) == 0 {
		return fmt.Errorf("line %d: expected %s at the end of the statement", p.last, what)
	}
	return fmt.Errorf("line %d: expected %s, found %q", p.tokens[0].line, what,
		short(p.tokens[0].text))
}

func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// calls reads the names before the colon. Those for other ABIs are left out.
func (p *parser) calls() (out []uint32, err error) {
	if !p.is("{") {
		return p.descriptor()
	}
	if p.opts.Dialect == C {
		return nil, fmt.Errorf("line %d: the dialect of C has no braces", p.tokens[0].line)
	}
	p.take()
	for {
		some, err := p.descriptor()
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if !p.accept(",") {
			break
		}
	}
	_, err = p.expect("}", "a comma or a brace behind the name")
	return out, err
}

func (p *parser) descriptor() (out []uint32, err error) {
	if !p.is("name") && !p.is("action") {
		return nil, p.unexpected("the name of a system call")
	}
	t := p.take()
	if p.opts.Dialect == C && (p.is("[") || strings.Contains(t.text, "@")) {
		return nil, fmt.Errorf("line %d: the dialect of C has a name alone before the colon",
			t.line)
	}
	mine := true
	if p.accept("[") {
		if mine, err = p.metadata(); err != nil {
			return nil, err
		}
	}
	if !mine {
		return nil, nil
	}
	names := []string{t.text}
	if group, space, ok := strings.Cut(t.text, "@"); ok {
		if names = p.consts.groups[space][group]; names == nil {
			return nil, fmt.Errorf("line %d: the constants have no group %q", t.line, short(t.text))
		}
	}
	for _, n := range names {
		nr, ok := p.number(t.line, p.abi, n)
		if !ok {
			if err := p.noSuchCall(t.line, p.abi, n); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, nr)
	}
	return out, nil
}

// metadata reads what stands between brackets, and tells whether it is about the ABI.
func (p *parser) metadata() (mine bool, err error) {
	mine = true
	for {
		key, err := p.expect("name", "a key such as arch")
		if err != nil {
			return false, err
		}
		if _, err := p.expect("=", "an = behind the key"); err != nil {
			return false, err
		}
		found := false
		for {
			v, err := p.expect("name", "the name of an architecture")
			if err != nil {
				return false, err
			}
			found = found || v.text == minijailName(p.abi)
			if !p.accept(",") {
				break
			}
		}
		if key.text == "arch" {
			mine = found
		} else {
			p.warn(key.line, "%s is no key that counts", short(key.text))
		}
		if !p.accept(";") {
			break
		}
	}
	_, err = p.expect("]", "a bracket at the end")
	return mine, err
}

// filters reads what stands behind the colon.
func (p *parser) filters() (out []filter, err error) {
	if !p.is("{") {
		f, err := p.filter()
		return []filter{f}, err
	}
	if p.opts.Dialect == C {
		return nil, fmt.Errorf("line %d: the dialect of C has no braces", p.tokens[0].line)
	}
	p.take()
	for {
		f, err := p.filter()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		if !p.accept(",") {
			break
		}
	}
	_, err = p.expect("}", "a comma or a brace behind the filter")
	return out, err
}

func (p *parser) filter() (f filter, err error) {
	f = filter{action: policy.Allow, line: p.last}
	if !p.is("arg") {
		f.action, err = p.action()
		return f, err
	}
	for {
		var all []interop.Comparison
		for {
			c, err := p.comparison()
			if err != nil {
				return f, err
			}
			if all = append(all, c); !p.accept("&&") {
				break
			}
		}
		if f.expr = append(f.expr, all); !p.accept("||") {
			break
		}
	}
	if !p.accept(";") {
		f.otherwise, f.decides = p.opts.Kill, p.opts.Dialect == C
		return f, nil
	}
	line, returns := p.last, p.is("return")
	a, err := p.action()
	if err != nil {
		return f, err
	}
	switch {
	case !returns || p.opts.Dialect == Python:
		f.action = a
		if p.opts.Dialect == C {
			return f, fmt.Errorf("line %d: the dialect of C has return alone behind an expression",
				line)
		}
	case p.opts.Dialect == C:
		f.otherwise, f.decides = a, true
	default:
		return f, fmt.Errorf("line %d: what follows the semicolon happens where the expression "+
			"holds for the "+
			"compiler in Python, and where it does not for the one in C: choose --dialect py or c",
			line)
	}
	return f, nil
}

// actions are the words of the compiler in Python; kill is what the options say.
var actions = map[string]policy.Action{"allow": policy.Allow, "kill-process": policy.KillProcess,
	"kill-thread": policy.KillThread, "trap": policy.Trap, "trace": policy.Trace,
	"user-notify": policy.Notify, "log": policy.Log}

func (p *parser) action() (a policy.Action, err error) {
	switch {
	case p.is("action"):
		t := p.take()
		if p.opts.Dialect == C {
			return 0, fmt.Errorf("line %d: the dialect of C has no action %q", t.line, t.text)
		}
		if t.text == "kill" {
			return p.opts.Kill, nil
		}
		if p.denylist {
			return 0, fmt.Errorf("line %d: a @denylist policy has return alone as an action",
				t.line)
		}
		return actions[t.text], nil
	case p.is("number") && p.isOne(p.tokens[0]):
		p.take()
		return policy.Allow, nil
	case !p.accept("return"):
		return 0, p.unexpected("1, return and an errno, or an action")
	case len(p.tokens) == 0 && p.opts.Dialect == C:
		return p.opts.Kill, nil
	}
	line := p.last
	v, err := p.constant()
	if err == nil && v > 4095 {
		err = fmt.Errorf("line %d: %d is no errno: they are at most 4095", line, v)
	}
	return policy.Errno | policy.Action(v), err
}

// isOne reports whether a number stands for allow: the compiler in C wants the 1 itself.
func (p *parser) isOne(t token) bool {
	v, err := number(t, policy.Ones(p.abi.Bits))
	return t.text == "1" || p.opts.Dialect == Python && err == nil && v == 1
}

var operators = map[string]interop.Op{"==": interop.Equal, "!=": interop.NotEqual,
	"<":  interop.Less,
	"<=": interop.LessEqual, ">": interop.Greater, ">=": interop.GreaterEqual, "&": interop.Any,
	"in": interop.Only}

func (p *parser) comparison() (c interop.Comparison, err error) {
	arg, err := p.expect("arg", "an argument such as arg0")
	if err != nil {
		return c, err
	}
	if p.comparisons++; p.comparisons > interop.MaxEntries*len(p.opts.ABIs) {
		return c, fmt.Errorf("line %d: there are more than %d comparisons", arg.line,
			interop.MaxEntries)
	}
	n, err := strconv.Atoi(arg.text[3:])
	if err != nil || n > 5 {
		return c, fmt.Errorf("line %d: %s: a call has arg0 to arg5", arg.line, short(arg.text))
	}
	op, err := p.expect("op", "a comparison such as ==")
	if err != nil {
		return c, err
	}
	v, err := p.value()
	if op.text == "&" && v == 0 && err == nil {
		err = fmt.Errorf("line %d: a test of no bits never holds", op.line)
	}
	return interop.Comparison{Arg: n, Op: operators[op.text], Width: p.abi.Bits, Value: v}, err
}

// value reads constants with | between them.
func (p *parser) value() (v uint64, err error) {
	for {
		c, err := p.constant()
		if err != nil {
			return 0, err
		}
		if v |= c; !p.accept("|") {
			return v, nil
		}
	}
}

// maxDepth is how many parentheses may be open.
const maxDepth = 30

// constant reads a number, a name, parentheses, or a complement of these, in the width of the ABI.
func (p *parser) constant() (v uint64, err error) {
	ones := policy.Ones(p.abi.Bits)
	switch {
	case p.accept("~"):
		if p.is("~") {
			return 0, p.unexpected("a constant behind ~")
		}
		v, err = p.constant()
		return ^v & ones, err
	case p.accept("("):
		if p.depth++; p.depth > maxDepth {
			return 0, fmt.Errorf("line %d: more than %d parentheses are open", p.last, maxDepth)
		}
		if v, err = p.value(); err != nil {
			return 0, err
		}
		p.depth--
		_, err = p.expect(")", "a closing parenthesis")
		return v, err
	case p.is("number"):
		t := p.take()
		return number(t, ones)
	case p.is("name"):
		t := p.take()
		v, ok := p.named(p.abi, t)
		if !ok {
			return 0, fmt.Errorf("line %d: no constant is called %s on %s: give it by "+
				"--constants, or as a number",
				t.line, short(t.text), p.abi.Name)
		}
		return v & ones, nil
	}
	return 0, p.unexpected("a constant")
}

// number reads C's notations: a leading 0 is octal.
func number(t token, ones uint64) (uint64, error) {
	text, negative := strings.CutPrefix(t.text, "-")
	v, err := strconv.ParseUint(text, 0, 64)
	if err != nil || strings.Contains(text, "_") || v > ones {
		return 0, fmt.Errorf("line %d: %s is no number of the argument's width", t.line,
			short(t.text))
	}
	if !negative {
		return v, nil
	}
	if v > ones/2+1 {
		return 0, fmt.Errorf("line %d: %s is below the least number", t.line, short(t.text))
	}
	return -v & ones, nil
}
