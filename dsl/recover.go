package dsl

import (
	"slices"

	"github.com/seccompc/seccompc/diag"
)

// syntaxErrors parses every statement of a faulty text by itself and returns the first error of each. A
// statement with illegal tokens has been reported already.
func (s source) syntaxErrors(tokens []token) diag.List {
	var diags diag.List
	for _, p := range s.pieces(tokens) {
		switch {
		case slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == tokIllegal }):
		case p.claim:
			diags = append(diags, pieceErrors(s, p, (*reader).claim, checkClaim)...)
		default:
			diags = append(diags, pieceErrors(s, p, (*reader).file, func(f *File) diag.List {
				return checkStatements(f.Statements)
			})...)
		}
	}
	return diags
}

// pieceErrors returns the errors of a statement, which is a production of its own.
func pieceErrors[P any](s source, p piece, production func(*reader, *P), check func(*P) diag.List) diag.List {
	v := read(s, p.tokens, production)
	if v == nil {
		return grammarError[P](s, p.tokens)
	}
	return check(v)
}

// piece is the text of one statement without the content of its blocks; the last token is EOF.
type piece struct {
	tokens []token
	claim  bool // it stands in a test block
}

// pieces cuts a text into statements. What is in a block stands apart from the statement that the block
// belongs to.
func (s source) pieces(tokens []token) []piece {
	var out, outer []piece
	var p piece
	for _, t := range tokens {
		switch t.kind {
		case tokEnd, tokEOF:
			if t.kind == tokEnd || len(p.tokens) > 0 {
				out = append(out, p.ended())
			}
			p.tokens = nil
		case tokOpen:
			p.tokens = append(p.tokens, t)
			outer = append(outer, p)
			p = piece{claim: s.word(p.tokens[0]) == "test"}
		case tokClose:
			p = outer[len(outer)-1]
			outer = outer[:len(outer)-1]
			p.tokens = append(p.tokens, t)
		case tokSpace, tokComment:
		default:
			p.tokens = append(p.tokens, t)
		}
	}
	return out
}

// ended adds the end that the parser wants to see.
func (p piece) ended() piece {
	at := endOf(p.tokens)
	if !p.claim {
		p.tokens = append(p.tokens, token{tokEnd, at, at})
	}
	p.tokens = append(p.tokens, token{tokEOF, at, at})
	return p
}

// endOf returns the offset behind the last token that the grammar sees.
func endOf(tokens []token) int32 {
	for _, t := range slices.Backward(tokens) {
		if !t.kind.elided() {
			return t.end
		}
	}
	return tokens[len(tokens)-1].start
}

// untilEnd returns the first statement of the tokens, ended by EOF; where there is more, it returns all.
func untilEnd(tokens []token) []token {
	i := slices.IndexFunc(tokens, func(t token) bool { return t.kind == tokEnd })
	if i < 0 || slices.ContainsFunc(tokens[i+1:], func(t token) bool { return t.kind < tokSpace && t.kind != tokEOF }) {
		return tokens
	}
	return append(tokens[:i], token{tokEOF, tokens[i].end, tokens[i].end})
}
