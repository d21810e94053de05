package dsl

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"
)

// reader makes of tokens the nodes that the grammar makes of them, without reflection. Its methods repeat
// the tags of the nodes in read_statement.go and read_expr.go. It knows nothing of errors: at the first token
// that does not fit it fails, and whether the text is wrong, and how to say so, is for the grammar.
type reader struct {
	tokens []lexer.Token // the last is EOF
	at     int           // the next token that the grammar sees
	after  int           // the token after the last one that was read
	failed bool
}

// read returns the node that a method of the reader makes of all tokens, or nil if it fails.
func read[P any](tokens []lexer.Token, production func(*reader) *P) *P {
	r := &reader{tokens: tokens}
	r.skipElided()
	p := production(r)
	if r.failed || !r.is(lexer.EOF) {
		return nil
	}
	return p
}

// fail goes to the end of the text, where nothing fits anymore.
func (r *reader) fail() {
	r.failed = true
	r.at = len(r.tokens) - 1
}

func (r *reader) skipElided() {
	for elided(r.tokens[r.at].Type) {
		r.at++
	}
}

// start returns the span of a node that begins here, without its end.
func (r *reader) start() Span { return Span{Pos: r.tokens[r.at].Pos} }

// ended returns a node, of which the last token has been read, with the end of its span.
func ended[N interface{ endAt(Pos) }](r *reader, n N) N {
	n.endAt(r.tokens[r.after].Pos)
	return n
}

func (s *Span) endAt(p Pos) { s.EndPos = p }

// is reports whether the next token is of a kind.
func (r *reader) is(kind lexer.TokenType) bool { return r.tokens[r.at].Type == kind }

// sees reports whether the next token has one of the texts.
func (r *reader) sees(texts ...string) bool { return slices.Contains(texts, r.tokens[r.at].Value) }

// next reads a token, which is not EOF, and returns its text.
func (r *reader) next() string {
	text := r.tokens[r.at].Value
	r.at++
	r.after = r.at
	r.skipElided()
	return text
}

// token reads a token of a kind.
func (r *reader) token(kind lexer.TokenType) string {
	if !r.is(kind) {
		r.fail()
		return ""
	}
	return r.next()
}

// nameOrNumber reads one of them; the other is empty.
func (r *reader) nameOrNumber() (name, number string) {
	if r.is(tokNumber) {
		return "", r.next()
	}
	return r.token(tokIdent), ""
}

// accept reads a token if it has the text.
func (r *reader) accept(text string) bool {
	if r.tokens[r.at].Value != text {
		return false
	}
	r.next()
	return true
}

// expect reads a token that must have the text.
func (r *reader) expect(text string) {
	if !r.accept(text) {
		r.fail()
	}
}

// oneOf reads a token if it has one of the texts, and returns it or "".
func (r *reader) oneOf(texts ...string) string {
	if !r.sees(texts...) {
		return ""
	}
	return r.next()
}

// list is "@@ (separator @@)*".
func list[T any](r *reader, separator string, item func() T) []T {
	items := []T{item()}
	for r.accept(separator) {
		items = append(items, item())
	}
	return items
}

// lines is "'{' (@@ End)* '}'".
func lines[T any](r *reader, item func() T) []T {
	var items []T
	r.expect("{")
	for !r.failed && !r.accept("}") {
		items = append(items, item())
		r.token(tokEnd)
	}
	return items
}

// before is "@@ text".
func before[T any](r *reader, text string, item func() T) T {
	n := item()
	r.expect(text)
	return n
}

// optional is "(text @@)?".
func optional[T any](r *reader, text string, item func() T) (none T) {
	if !r.accept(text) {
		return none
	}
	return item()
}

// parens is "('(' @@ ')')?".
func parens[T any](r *reader, item func() T) (none T) {
	if !r.accept("(") {
		return none
	}
	return before(r, ")", item)
}
