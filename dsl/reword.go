package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"

	"github.com/seccompc/seccompc/diag"
)

// reword turns an error of the parser into a diagnostic: it keeps the place and what was wanted there, in
// the words of the language.
func (s source) reword(err error, tokens []token) diag.Finding {
	var perr participle.Error
	if !errors.As(err, &perr) {
		panic("dsl: " + err.Error())
	}
	at := slices.IndexFunc(tokens, func(t token) bool {
		return int(t.start) >= perr.Position().Offset && !t.kind.elided()
	})
	if at < 0 {
		at = len(tokens) - 1
	}
	c := context{kind: tokens[at].kind, bad: s.word(tokens[at])}
	for _, t := range tokens[:at] {
		if !t.kind.elided() {
			c.before = append(c.before, s.word(t))
		}
	}
	message := "unexpected " + c.describe()
	if len(c.before) > 0 {
		message += " behind " + quote(c.before[len(c.before)-1])
	}
	if want := wanted(perr.Message()); want != "" {
		message += ": " + want + " is wanted"
	}
	d := syntaxError(s.span(tokens[at]), c.help(), "%s", message)
	switch {
	case len(c.before) == 0 && d.Help == "":
		d.Suggest(c.bad, slices.Values(statements))
	case d.Help == helpEqual:
		d.Edits = []diag.Edit{{Span: d.Span, New: "=="}}
	}
	return d
}

func (c context) describe() string {
	if c.kind == tokEOF || c.kind == tokEnd {
		return "end of line"
	}
	return quote(c.bad)
}

const maxQuoted = 40 // bytes of a word in a message

func quote(word string) string {
	if len(word) > maxQuoted {
		return fmt.Sprintf("%q...", word[:maxQuoted])
	}
	return fmt.Sprintf("%q", word)
}

// wants says what the first symbol of a rule of the grammar stands for.
var wants = []struct{ symbol, text string }{
	{"Statement", "a statement"}, {"Action", "an action"}, {"Selector", "a system call"},
	{"CallName", "a system call"}, {"Call", "a system call"}, {"CondAnd", "a condition"},
	{"CondTerm", "a condition"}, {"Comparison", "a condition"}, {"Cond", "a condition"}, {"Operand", "an argument"},
	{"SetName", "the name of a set, with @"}, {"ABIName", "the name of an ABI"}, {"Name", "a name"},
	{"String", "a string"}, {"Members", "a list in braces"}, {"Block", "{"}, {"Expr", "an expression"},
	{"Sum", "a value"}, {"Product", "a value"}, {"Unary", "a value"}, {"Range", "a value"}, {"Arg", "an argument or _"},
	{`"(" Cond`, "a condition"}, {`<ident> | <number> | (`, "a value"}, {`"("`, "("}, {`")"`, ")"}, {`"="`, "="}, {`"=>"`, "=>"}, {`"{"`, "{"}, {`"}"`, "}"}, {`"in"`, "in"},
}

// wanted returns in words what the parser expected, or "" where it says nothing that helps.
func wanted(message string) string {
	_, expected, ok := strings.Cut(message, "(expected ")
	if !ok {
		return ""
	}
	expected = strings.TrimLeft(expected, "(")
	for _, w := range wants {
		rest, ok := strings.CutPrefix(expected, w.symbol)
		if ok && (rest == "" || !isWord(rest[0])) {
			return w.text
		}
	}
	return ""
}

// context is what is known about the place of an error.
type context struct {
	before []string // the words of the statement up to the bad one
	bad    string   // its text
	kind   kind     // and what it is
}

// has reports whether one of the words stands before the error.
func (c context) has(words ...string) bool {
	return slices.ContainsFunc(c.before, func(w string) bool { return slices.Contains(words, w) })
}

// last returns the n-th word before the error, or "".
func (c context) last(n int) string {
	if len(c.before) < n {
		return ""
	}
	return c.before[len(c.before)-n]
}

var actions = []string{"allow", "log", "deny", "trap", "trace", "notify", "kill", "kill_thread"}

// statements holds the words that begin a statement.
var statements = append([]string{
	"default", "mismatch", "unknown", "arch", "const", "param", "set", "include", "when", "hot", "test",
}, actions...)

// word reports whether the bad token could name a system call.
func (c context) word() bool {
	return c.kind == tokIdent || c.kind == tokSetName || c.kind == tokNumber
}

const helpEqual = "compare with =="

// help says how to mend an error that is easy to make.
func (c context) help() string {
	bad, isCondition := c.bad, c.has("if", "when")
	switch {
	case len(c.before) == 0 && bad == "else":
		return "else stands behind the } of a when"
	case len(c.before) == 0:
		return "" // see reword
	case isCondition && bad == "=":
		return helpEqual
	case isCondition && (bad == "and" || bad == "or" || bad == "not"):
		return "the operators are &&, || and !"
	case isCondition && c.last(2) == "&" && slices.Contains([]string{"|", "&", "^", "+", "-", "*", "<<", ">>"}, bad):
		return "put the mask in parentheses"
	case isCondition && bad == "..":
		return "ranges stand in braces: in {1..3}"
	case !isCondition && c.word() && slices.Contains(actions, c.before[0]) && c.last(1) != c.before[0]:
		return "put a comma between system calls, and if before a condition"
	case c.last(2) == "," && slices.Contains(statements, c.last(1)):
		return "the line before ends with a comma"
	case c.kind == tokOpen || bad == "{" && c.last(1) != "in":
		return "only when, else and test have a block"
	}
	return ""
}
