package dsl

import "github.com/seccompc/seccompc/diag"

// Token is a word, a number, a sign, a string or a comment of a text, or the end of a statement,
// with its place.
type Token struct {
	diag.Span
	Kind TokenKind
}

// TokenKind is a kind of tokens.
type TokenKind int

// The kinds. Word is names and keywords, Sign is operators, brackets and separators, End is the end
// of a statement.
const (
	Word TokenKind = iota
	SetWord
	Number
	Sign
	Quoted
	Comment
	End
	Illegal
)

// Tokens returns the tokens of a text, as far as there are any: for who looks at a text that cannot
// be read as a whole. Brackets without a partner are signs like others.
func Tokens(name string, src []byte) []Token {
	s := newSource(name, string(src))
	if _, _, ok := s.words(); !ok {
		return nil
	}
	tokens, _, _ := s.byLines()
	out := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		if t.kind == tokSpace || t.kind == tokEOF {
			continue
		}
		out = append(out, Token{s.span(t), s.public(t)})
	}
	return out
}

// public returns the kind of a token for others.
func (s source) public(t token) TokenKind {
	switch t.kind {
	case tokIdent:
		return Word
	case tokSetName:
		return SetWord
	case tokNumber, tokRelease:
		return Number
	case tokString:
		return Quoted
	case tokPunct, tokOpen, tokClose:
		return Sign
	case tokComment:
		return Comment
	case tokEnd:
		return End
	}
	if vocabulary().sign(s.word(t)) == s.word(t) {
		return Sign // a bracket without a partner
	}
	return Illegal
}
