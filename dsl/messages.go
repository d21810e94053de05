package dsl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"

	"github.com/seccompc/seccompc/diag"
)

// explain turns an error of the parser into a finding: it keeps the place and what was expected
// there, in the words of the language. The part is "claim" or "value" for what
// is no statement.
func (s source) explain(err error, tokens []token, part string) diag.Finding {
	offset := errorOffset(err)
	at := slices.IndexFunc(tokens, func(t token) bool {
		return int(t.start) >= offset && !t.kind.hidden()
	})
	if at < 0 {
		at = len(tokens) - 1
	}
	c := s.contextOf(tokens, at)
	c.outside = part
	want := expected(err.Error())
	f := syntaxError(s.span(tokens[at]), "", "%s", c.message(want))
	first := opening{s, c, tokens}
	habit := first.statement()
	if habit.help == "" {
		habit = c.habit(want)
	}
	if f.Help, f.Edits = habit.help, habit.edits; habit.message != "" {
		f.Message = habit.message
	}
	switch {
	case c.part() == "first":
		c.suggest(&f)
		f.Help = cmp.Or(f.Help, first.rule())
	case c.kind != tokIdent:
	case want == "an action" && f.Help == "":
		f.Suggest(c.bad, slices.Values(vocabulary().Actions))
		f.Guess = f.Guess && c.part() != "claim" && !slices.Contains(refusing, f.Edits[0].New)
	case f.Help == operators:
		f.Suggest(c.bad, slices.Values([]string{"any", "all", "only", "in", "not"}))
		f.Help = cmp.Or(f.Help, operators)
	}
	f.Help = cmp.Or(f.Help, c.form())
	return f
}

// suggest offers the words that are near to the first of a statement. Before an action alone stands
// a call more often than a statement that is misspelt.
func (c context) suggest(f *diag.Finding) {
	words := slices.Concat(vocabulary().Statements, vocabulary().Actions)
	switch {
	case len(c.next) > 1 && c.next[1] == "" && actionOf(c.next[0]) != "":
		words = []string{"default", "mismatch", "unknown"}
	case f.Help != "":
		return
	case len(c.next) > 0 && c.next[0] != "of" && c.next[0] != "linux":
		words = slices.DeleteFunc(words, func(w string) bool { return w == "as" })
	}
	near := *f
	near.Suggest(c.bad, slices.Values(words))
	if near.Help != "" {
		*f = near
		f.Guess = f.Guess && !slices.Contains(refusing, f.Edits[0].New)
	}
}

// form returns the form of the statement, where nothing better is known to say.
func (c context) form() string {
	form := forms[c.part()]
	if strings.HasSuffix(form, " ") {
		form += strings.Join(vocabulary().Actions, ", ")
	}
	return form
}

// refusing are the actions by which a call is not made: a word that is near one is no mere guess,
// for it allows nothing.
var refusing = []string{"deny", "kill", "kill_thread", "trap"}

// contextOf returns what is known about the place of a token.
func (s source) contextOf(tokens []token, at int) context {
	c := context{kind: tokens[at].kind, bad: s.word(tokens[at]), at: s.span(tokens[at])}
	for _, t := range tokens[:at] {
		if !t.kind.hidden() {
			c.before = append(c.before, s.word(t))
			c.spans = append(c.spans, s.span(t))
		}
	}
	var next []diag.Span
	for _, t := range tokens[at+1:] {
		if t.kind.hidden() {
			continue
		}
		ended := t.kind == tokEnd || t.kind == tokEOF
		c.next = append(c.next, strings.TrimSpace(s.word(t)))
		next = append(next, s.span(t))
		if ended || len(c.next) == maxNext {
			break
		}
	}
	bad := strings.TrimSpace(c.bad)
	c.words = slices.Concat(c.before, []string{bad}, c.next)
	c.spans = slices.Concat(c.spans, []diag.Span{c.at}, next)
	return c
}

const maxNext = 24 // words that are looked at behind an error

// errorOffset returns the place of the parser's error.
func errorOffset(err error) int {
	var perr participle.Error
	if !errors.As(err, &perr) {
		panic("dsl: " + err.Error())
	}
	return perr.Position().Offset
}

// context is what is known about the place of an error.
type context struct {
	before  []string    // the words of the statement up to the bad one
	bad     string      // its text
	at      diag.Span   // where it stands
	kind    kind        // and what it is
	next    []string    // the first words behind it, "" for the end of the statement
	words   []string    // all of them
	spans   []diag.Span // and where they stand
	outside string      // "claim" or "value" where this is no statement
}

// message says what was expected, or "", and what stands there.
func (c context) message(want string) string {
	found, after := quote(c.bad), ""
	switch c.kind {
	case tokEOF, tokEnd:
		found = "the end of the line"
	case tokString:
		found = "the string " + found
	}
	if len(c.before) > 0 {
		after = " after " + quote(c.last(1))
	}
	if want == "" {
		want = c.wanted()
	}
	return "expected " + want + after + ", found " + found
}

// wanted says what could stand in the place of the bad word where the parser does not.
func (c context) wanted() string {
	switch {
	case len(c.before) == 0:
		return "a statement"
	case c.has("if", "when") && (isName(c.last(1)) || c.last(1) == ")" || isDigit(c.last(1)[0])):
		return "an operator or the end of the condition"
	case c.statement(vocabulary().Actions...):
		return `a comma, "if" or the end of the line`
	}
	return "a comma or the end of the line"
}

const maxQuoted = 40 // bytes of a word in a message

// quote puts a word in quotes, unless it has its own.
func quote(word string) string {
	end := ""
	if len(word) > maxQuoted {
		word, end = word[:maxQuoted], "..."
	}
	if strings.HasPrefix(word, `"`) {
		return diag.Printable(word) + end
	}
	return strings.ReplaceAll(fmt.Sprintf("%q", word), `\"`, `"`) + end
}

// expectations says what the first symbol of a production stands for.
var expectations = []struct{ symbol, text string }{
	{"Statement", "a statement"}, {"Action", "an action"}, {"Selector", "a system call"},
	{"CallName", "a system call"}, {"Call", "a system call"}, {"Claim", "a system call"},
	{"Cond", "a condition"}, {"CondAnd", "a condition"}, {"CondTerm", "a condition"},
	{"Comparison", "a condition"}, {`"(" Cond`, "a condition"}, {"Operand", "an argument"},
	{"Name", "a name"}, {"SetName", "a name with @"}, {"ABIName", "the name of an ABI"},
	{"String", "a string"}, {"Choices", "an expression"}, {"Members", "a list in braces"},
	{"Block", `"{"`},
	{"<release>", "a release such as 6.12"}, {"Release", "a release such as 6.12"},
	{"Arg", "an argument or _"}, {"Expr", "an expression"}, {"ExprAnd", "an expression"},
	{"Compare", "an expression"}, {"Sum", "a value"}, {"Product", "a value"}, {"Unary", "a value"},
	{"Range", "a value"}, {"<ident> | <number> | (", "a value"}, {"<number>", "a number"},
	{"<ident> | <setname>", "a system call"}, {"<ident> | <number>", "a system call"},
}

// expected returns in words what the parser expected, or "" where it says nothing that helps.
func expected(message string) string {
	_, symbols, ok := strings.Cut(message, "(expected ")
	if !ok {
		return ""
	}
	symbols = strings.TrimLeft(symbols, "(")
	for _, e := range expectations {
		rest, ok := strings.CutPrefix(symbols, e.symbol)
		if ok && (rest == "" || !isWord(rest[0])) {
			return e.text
		}
	}
	if symbols[0] == '"' {
		word, _, _ := strings.Cut(symbols[1:], `"`)
		return quote(word)
	}
	return ""
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

// syntaxCode is the code of every error that this package reports.
const syntaxCode = "syntax"

// syntaxError returns an error of syntax. The help may be empty.
func syntaxError(span diag.Span, help, format string, args ...any) diag.Finding {
	return diag.Finding{
		Severity: diag.Error,
		Code:     syntaxCode,
		Span:     span,
		Message:  fmt.Sprintf(format, args...),
		Help:     help,
	}
}
