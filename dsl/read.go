package dsl

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"
)

// reader makes of a text the nodes that the grammar makes of its tokens, without reflection. Its methods
// repeat the tags of the nodes in read_statement.go and read_expr.go. It knows nothing of errors: at the first
// token that does not fit it fails, and whether the text is wrong, and how to say so, is for the grammar.
type reader struct {
	scanner  // the token is the next one that the grammar sees
	liner    liner
	after    Pos // where the last token that was read ends
	comments comments
	failed   bool

	// The nodes that a policy has most of.
	names    block[Selector]
	sums     block[Sum]
	products block[Product]
	unaries  block[Unary]
}

// block makes nodes of one type, more and more of them in one allocation.
type block[N any] struct {
	free []N
	size int
}

func (b *block[N]) node() *N {
	if len(b.free) == 0 {
		b.size = min(2*b.size+1, maxBlock)
		b.free = make([]N, b.size)
	}
	n := &b.free[0]
	b.free = b.free[1:]
	return n
}

const maxBlock = 16 // nodes

// read returns the node that a method of the reader makes of a text, and the text's comments, or nil if it
// fails.
func read[P any](name string, src []byte, production func(*reader) *P) (*P, *comments) {
	if len(src) > MaxSize {
		return nil, nil
	}
	r := &reader{scanner: newScanner(name, string(src)), liner: newLiner(), after: startOf(name)}
	r.comments.src = r.src
	r.skip()
	p := production(r)
	if r.is(tokEnd) { // of a text that is one production
		r.next()
	}
	if r.failed || len(r.diags) > 0 || !r.is(lexer.EOF) {
		return nil, nil
	}
	return p, &r.comments
}

// fail goes to the end of the text, where nothing fits anymore.
func (r *reader) fail() {
	r.failed = true
	r.token = lexer.EOFToken(r.after)
	r.pos.Offset = len(r.src)
}

// start returns the span of a node that begins here, without its end.
func (r *reader) start() Span { return Span{Pos: r.token.Pos} }

// ended returns a node, of which the last token has been read, with the end of its span.
func ended[N interface{ endAt(Pos) }](r *reader, n N) N {
	n.endAt(r.after)
	return n
}

func (s *Span) endAt(p Pos) { s.EndPos = p }

// is reports whether the next token is of a kind.
func (r *reader) is(kind lexer.TokenType) bool { return r.token.Type == kind }

// sees reports whether the next token has one of the texts.
func (r *reader) sees(texts ...string) bool { return slices.Contains(texts, r.token.Value) }

// next reads a token, which is not EOF, and returns its text.
func (r *reader) next() string {
	text := r.token.Value
	r.after = r.pos
	r.skip()
	return text
}

// skip goes to the next token that the grammar sees, and keeps the comments before it.
func (r *reader) skip() {
	for r.scan(); blank(r.token.Type); r.scan() {
	}
	if len(r.liner.blocks) > maxDepth {
		r.fail()
	}
}

// scan makes the next token and lets it be what its line makes of it.
func (r *reader) scan() {
	r.scanner.next()
	t := &r.token
	if t.Type == tokComment {
		r.comments.list = append(r.comments.list, &comment{Token: *t, after: r.after})
		return
	}
	if r.liner.lacksEnd(t) {
		r.pos = t.Pos // to read it again behind the end
		*t = lexer.Token{Type: tokEnd, Pos: t.Pos}
	}
	r.liner.place(t, r.nextWord)
}

// expectKind reads a token that must be of a kind.
func (r *reader) expectKind(kind lexer.TokenType) string {
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
	return r.expectKind(tokIdent), ""
}

// accept reads a token if it has the text.
func (r *reader) accept(text string) bool {
	if r.token.Value != text {
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
		r.expectKind(tokEnd)
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
