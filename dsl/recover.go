package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// syntaxErrors parses every statement of a faulty text by itself and returns the first error of each. A
// statement with illegal tokens has been reported already.
func syntaxErrors(tokens []lexer.Token) Diagnostics {
	var diags Diagnostics
	for _, p := range pieces(tokens) {
		if slices.ContainsFunc(p.tokens, func(t lexer.Token) bool { return t.Type == tokIllegal }) {
			continue
		}
		var err error
		if p.claim {
			_, err = parseAs[Claim](p.tokens)
		} else {
			_, err = parseAs[File](p.tokens)
		}
		if err != nil {
			diags = append(diags, reword(err, p.tokens))
		}
	}
	return diags
}

// piece is the text of one statement without the content of its blocks; the last token is EOF.
type piece struct {
	tokens []lexer.Token
	claim  bool // it stands in a test block
}

// pieces cuts a text into statements. What stands before a block becomes a statement with an empty block;
// what is in the block follows.
func pieces(tokens []lexer.Token) []piece {
	var out []piece
	var claims []bool // for each open block: does it hold claims?
	cut := func(part []lexer.Token, more ...lexer.Token) {
		if slices.ContainsFunc(part, func(t lexer.Token) bool { return t.Type < tokSpace }) {
			p := piece{slices.Concat(part, more), len(claims) > 0 && claims[len(claims)-1]}
			at := endOf(p.tokens)
			if !p.claim {
				p.tokens = append(p.tokens, lexer.Token{Type: tokEnd, Pos: at})
			}
			p.tokens = append(p.tokens, lexer.EOFToken(at))
			out = append(out, p)
		}
	}
	start := 0
	for i, t := range tokens {
		switch t.Type {
		case tokOpen:
			head := trimLeft(tokens[start:i])
			if !isWordAt(head, "else") || len(trimLeft(head[1:])) > 0 {
				cut(head, t, lexer.Token{Type: tokClose, Value: "}", Pos: end(t)})
			}
			claims = append(claims, isWordAt(head, "test"))
		case tokClose:
			claims = claims[:len(claims)-1]
		case tokEnd, lexer.EOF:
			cut(tokens[start:i])
		default:
			continue
		}
		start = i + 1
	}
	return out
}

func trimLeft(tokens []lexer.Token) []lexer.Token {
	for len(tokens) > 0 && elided(tokens[0].Type) && tokens[0].Type != tokIllegal {
		tokens = tokens[1:]
	}
	return tokens
}

func isWordAt(tokens []lexer.Token, word string) bool {
	return len(tokens) > 0 && tokens[0].Value == word
}

// endOf returns the place behind the last token that the grammar sees.
func endOf(tokens []lexer.Token) lexer.Position {
	for _, t := range slices.Backward(tokens) {
		if !elided(t.Type) {
			return end(t)
		}
	}
	return tokens[len(tokens)-1].Pos
}

// untilEnd returns the first statement of the tokens, ended by EOF; where there is more, it returns all.
func untilEnd(tokens []lexer.Token) []lexer.Token {
	i := slices.IndexFunc(tokens, func(t lexer.Token) bool { return t.Type == tokEnd })
	if i < 0 || slices.ContainsFunc(tokens[i+1:], func(t lexer.Token) bool { return t.Type < tokSpace && !t.EOF() }) {
		return tokens
	}
	return append(tokens[:i:i], lexer.EOFToken(endOf(tokens[:i+1])))
}

// reword turns an error of the parser into a diagnostic: it keeps the place and what was wanted there, in
// the words of the language.
func reword(err error, tokens []lexer.Token) Diagnostic {
	var perr participle.Error
	if !errors.As(err, &perr) {
		panic("dsl: " + err.Error())
	}
	at := slices.IndexFunc(tokens, func(t lexer.Token) bool {
		return t.Pos.Offset >= perr.Position().Offset && !elided(t.Type)
	})
	if at < 0 {
		at = len(tokens) - 1
	}
	c := context{bad: tokens[at]}
	for _, t := range tokens[:at] {
		if !elided(t.Type) {
			c.before = append(c.before, t.Value)
		}
	}
	message := "unexpected " + describe(c.bad)
	if len(c.before) > 0 {
		message += fmt.Sprintf(" behind %q", c.before[len(c.before)-1])
	}
	if want := wanted(perr.Message()); want != "" {
		message += ": " + want + " is wanted"
	}
	return syntaxError(tokenSpan(c.bad), c.help(), "%s", message)
}

func describe(t lexer.Token) string {
	if t.EOF() || t.Type == tokEnd {
		return "end of line"
	}
	return fmt.Sprintf("%q", t.Value)
}

// wants says what the first symbol of a rule of the grammar stands for.
var wants = []struct{ symbol, text string }{
	{"Statement", "a statement"}, {"Action", "an action"}, {"Selector", "a system call"},
	{"CallName", "a system call"}, {"Call", "a system call"}, {"CondAnd", "a condition"},
	{"CondTerm", "a condition"}, {"Comparison", "a condition"}, {"Cond", "a condition"}, {"Operand", "an argument"},
	{"SetName", "the name of a set, with @"}, {"ABIName", "the name of an ABI"}, {"Name", "a name"},
	{"String", "a string"}, {"Members", "a list in braces"}, {"Block", "{"}, {"Expr", "an expression"},
	{"Sum", "a value"}, {"Product", "a value"}, {"Unary", "a value"}, {"Range", "a value"}, {"Arg", "an argument or _"},
	{`"("`, "("}, {`")"`, ")"}, {`"="`, "="}, {`"=>"`, "=>"}, {`"{"`, "{"}, {`"}"`, "}"}, {`"in"`, "in"},
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
	bad    lexer.Token
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

// statements holds the words that begin a statement.
var statements = []string{
	"allow", "log", "deny", "trap", "trace", "notify", "kill", "kill_thread", "default", "mismatch", "unknown",
	"arch", "const", "param", "set", "include", "when", "hot", "test",
}

// help says how to mend an error that is easy to make.
func (c context) help() string {
	bad, cond := c.bad.Value, c.has("if", "when")
	_, isCondition := c.bad.Type, cond
	switch {
	case len(c.before) == 0 && bad == "else":
		return "else stands behind the } of a when"
	case len(c.before) == 0:
		return "a statement begins with one of " + strings.Join(statements, ", ")
	case isCondition && bad == "=":
		return "compare with =="
	case isCondition && (bad == "and" || bad == "or" || bad == "not"):
		return "the operators are &&, || and !"
	case isCondition && c.last(2) == "&" && slices.Contains([]string{"|", "&", "^", "+", "-", "*", "<<", ">>"}, bad):
		return "put the mask in parentheses"
	case isCondition && bad == "..":
		return "ranges stand in braces: in {1..3}"
	case !isCondition && (c.bad.Type == tokIdent || c.bad.Type == tokSetName || c.bad.Type == tokNumber) &&
		slices.Contains(statements[:8], c.before[0]):
		return "put a comma between system calls, and if before a condition"
	case !isCondition && bad == "=" && c.before[0] != "set":
		return ""
	case bad == "{" || bad == "}":
		return "only when, else and test have a block"
	}
	return ""
}
