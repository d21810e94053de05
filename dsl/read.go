package dsl

import "slices"

// reader makes of tokens the nodes that the grammar makes of them, without reflection. Its methods repeat the
// tags of the nodes in read_statement.go and read_expr.go. It knows nothing of errors: at the first token that
// does not fit it fails, and whether the text is wrong, and how to say so, is for the grammar.
type reader struct {
	*Source
	tokens []token // behind the next one, up to EOF
	token  token   // the next one that the grammar sees
	text   string  // its text
	after  int32   // where the last token that was read ends
	failed bool

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

// read returns the node that a method of the reader makes of tokens, of which the last is EOF, or nil if it
// fails.
func read[P any](s *Source, tokens []token, production func(*reader) *P) *P {
	r := &reader{Source: s, tokens: tokens}
	r.skip()
	p := production(r)
	if r.failed || !r.is(tokEOF) {
		return nil
	}
	return p
}

// fail goes to the end of the text, where nothing fits anymore.
func (r *reader) fail() {
	r.failed = true
	r.tokens = nil
	r.token.kind, r.text = tokEOF, ""
}

// start returns the span of a node that begins here, without its end.
func (r *reader) start() Span { return Span{source: r.Source, start: r.token.start} }

// ended returns a node, of which the last token has been read, with the end of its span.
func ended[N interface{ endAt(int32) }](r *reader, n N) N {
	n.endAt(r.after)
	return n
}

func (s *Span) endAt(end int32) { s.end = end }

// is reports whether the next token is of a kind.
func (r *reader) is(k kind) bool { return r.token.kind == k }

// sees reports whether the next token has one of the texts.
func (r *reader) sees(texts ...string) bool { return slices.Contains(texts, r.text) }

// next reads a token and returns its text.
func (r *reader) next() string {
	text := r.text
	r.after = r.token.end
	r.skip()
	return text
}

// skip goes to the next token that the grammar sees. EOF is never left.
func (r *reader) skip() {
	for r.token.kind != tokEOF && len(r.tokens) > 0 {
		r.token, r.tokens = r.tokens[0], r.tokens[1:]
		if !r.token.kind.elided() {
			break
		}
	}
	r.text = r.word(r.token)
}

// expectKind reads a token that must be of a kind.
func (r *reader) expectKind(k kind) string {
	if !r.is(k) {
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
	if r.text != text {
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
