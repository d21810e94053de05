package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"

	"github.com/seccompc/seccompc/diag"
)

// explain turns an error of the parser into a finding: it keeps the place and what was expected
// there, in the words of the language.
func (s source) explain(err error, tokens []token) diag.Finding {
	offset := errorOffset(err)
	at := slices.IndexFunc(tokens, func(t token) bool {
		return int(t.start) >= offset && !t.kind.hidden()
	})
	if at < 0 {
		at = len(tokens) - 1
	}
	c := s.contextOf(tokens, at)
	want := expected(err.Error())
	f := syntaxError(s.span(tokens[at]), c.help(want), "%s", c.message(want))
	habit := c.habit(want)
	switch {
	case habit.help != "":
		f.Help, f.Edits = habit.help, habit.edits
		if habit.message != "" {
			f.Message = habit.message
		}
	case len(c.before) == 0 && f.Help == "":
		f.Suggest(c.bad, slices.Values(slices.Concat(vocabulary().Statements,
			vocabulary().Actions)))
		f.Guess = f.Guess && !slices.Contains(refusing, f.Edits[0].New)
		if f.Help == "" {
			f.Help = "a rule begins with an action: deny mount"
		}
	}
	return f
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
	for _, t := range tokens[at+1:] {
		if t.kind == tokEnd || t.kind == tokEOF || len(c.next) == maxNext {
			break
		}
		if !t.kind.hidden() {
			c.next = append(c.next, s.word(t))
		}
	}
	return c
}

const maxNext = 4 // words that are looked at behind an error

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
	before []string    // the words of the statement up to the bad one
	spans  []diag.Span // and where they stand
	bad    string      // its text
	at     diag.Span   // where it stands
	kind   kind        // and what it is
	next   []string    // the first words behind it
}

// message says what was expected, or "", and what stands there.
func (c context) message(want string) string {
	found, after := quote(c.bad), ""
	if c.kind == tokEOF || c.kind == tokEnd {
		found = "the end of the line"
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

func quote(word string) string {
	if len(word) > maxQuoted {
		return fmt.Sprintf("%q...", word[:maxQuoted])
	}
	return fmt.Sprintf("%q", word)
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
	{"<release>", "a release, as 6.12"}, {"Release", "a release, as 6.12"},
	{"Arg", "an argument or _"}, {"Expr", "an expression"}, {"ExprAnd", "an expression"},
	{"Compare", "an expression"}, {"Sum", "a value"}, {"Product", "a value"}, {"Unary", "a value"},
	{"Range", "a value"}, {"<ident> | <number> | (", "a value"}, {"<number>", "a number"},
	{"<ident> | <setname>", "a system call"}, {"<ident> | (<number>", "a system call"},
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

// selector reports whether the bad token could name a system call.
func (c context) selector() bool {
	return c.kind == tokIdent || c.kind == tokSetName || c.kind == tokNumber
}

// inRule reports whether the statement is a rule, of which more than the action has been read.
func (c context) inRule() bool {
	return slices.Contains(vocabulary().Actions, c.before[0]) && len(c.before) > 1
}

const helpEqual = "compare with =="

// help says how to mend an error that is easy to make.
func (c context) help(want string) string {
	bad, isCondition := c.bad, c.has("if", "when")
	switch {
	case len(c.before) == 0 && bad == "else":
		return "else stands behind the } of a when"
	case len(c.before) == 0:
		return "" // see explain
	case c.last(2) == "," && vocabulary().Begins(c.last(1)):
		return "the line before ends with a comma"
	case !isCondition && c.selector() && c.inRule():
		return "put a comma between system calls, and if before a condition"
	case bad == "{" && c.last(1) != "in" && !slices.Contains(vocabulary().blocks, c.before[0]):
		return "only when, else and test have a block"
	}
	if isCondition {
		return c.conditionHelp()
	}
	return c.statementHelp(want)
}
