package dsl

import (
	"slices"

	"github.com/seccompc/seccompc/diag"
)

// reader makes of tokens the nodes that the grammar makes of them, without reflection. Its methods repeat the
// tags of the nodes in read_statement.go and read_expr.go. It knows nothing of errors: at the first token that
// does not fit it fails, and whether the text is wrong, and how to say so, is for the grammar.
type reader struct {
	source
	tokens []token // behind the next one, up to EOF
	token  token   // the next one that the grammar sees
	text   string  // its text
	after  int32   // where the last token that was read ends
	failed bool
}

// read returns the node that a method of the reader makes of tokens, of which the last is EOF, or nil if it
// fails.
func read[N any](s source, tokens []token, production func(*reader, *N)) *N {
	r := &reader{source: s, tokens: tokens}
	r.skip()
	n := new(N)
	production(r, n)
	if r.failed || !r.is(tokEOF) {
		return nil
	}
	return n
}

// fail goes to the end of the text, where nothing fits anymore.
func (r *reader) fail() {
	r.failed = true
	r.tokens = nil
	r.token.kind, r.text = tokEOF, ""
}

// start returns the span of a node that begins here, without its end.
func (r *reader) start() diag.Span { return r.Span(int(r.token.start), int(r.token.start)) }

// end ends the span of a node, of which the last token has been read, if it has any.
func (r *reader) end(s *diag.Span) {
	if start, _ := s.Offsets(); r.after > int32(start) {
		*s = r.Span(start, int(r.after))
	}
}

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

// node reads a node of its own.
func node[N any](read func(*N)) *N {
	n := new(N)
	read(n)
	return n
}

// list is "@@ (separator @@)*".
func list[N any](r *reader, separator string, read func(*N)) []N {
	return items(1, read, func() bool { return r.accept(separator) })
}

// items reads nodes for as long as there are more, into a list with room for some.
func items[N any](room int, read func(*N), more func() bool) []N {
	out := make([]N, 0, room)
	for again := true; again; again = more() {
		out = append(out, *new(N))
		read(&out[len(out)-1])
	}
	return out
}

// more reports whether there are further parts before a bracket, which it reads behind the last.
func (r *reader) more(closing string) bool { return !r.failed && !r.accept(closing) }

// optional is "(text @@)?".
func optional[N any](r *reader, text string, read func(*N)) *N {
	if !r.accept(text) {
		return nil
	}
	return node(read)
}

// parens is "('(' @@ ')')?".
func parens[N any](r *reader, read func(*N)) *N {
	n := optional(r, "(", read)
	if n != nil {
		r.expect(")")
	}
	return n
}
