package dsl

import (
	"slices"

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
		diags = append(diags, p.errors()...)
	}
	return diags
}

// piece is the text of one statement without the content of its blocks; the last token is EOF.
type piece struct {
	tokens []lexer.Token
	claim  bool // it stands in a test block
}

func (p piece) errors() Diagnostics {
	if p.claim {
		c, err := parseAs[Claim](p.tokens)
		if err != nil {
			return Diagnostics{reword(err, p.tokens)}
		}
		return checkClaim(c)
	}
	f, err := parseAs[File](p.tokens)
	if err != nil {
		return Diagnostics{reword(err, p.tokens)}
	}
	return checkStatements(f.Statements)
}

// pieces cuts a text into statements. What is in a block stands apart from the statement that the block
// belongs to.
func pieces(tokens []lexer.Token) []piece {
	var out, outer []piece
	var p piece
	for _, t := range tokens {
		switch t.Type {
		case tokEnd, lexer.EOF:
			if t.Type == tokEnd || len(p.tokens) > 0 {
				out = append(out, p.ended())
			}
			p.tokens = nil
		case tokOpen:
			p.tokens = append(p.tokens, t)
			outer = append(outer, p)
			p = piece{claim: first(p.tokens) == "test"}
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

// first returns the first word of a statement.
func first(tokens []lexer.Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return tokens[0].Value
}

// ended adds the end that the parser wants to see.
func (p piece) ended() piece {
	at := endOf(p.tokens)
	if !p.claim {
		p.tokens = append(p.tokens, lexer.Token{Type: tokEnd, Pos: at})
	}
	p.tokens = append(p.tokens, lexer.EOFToken(at))
	return p
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
	eof := lexer.EOFToken(end(tokens[i]))
	tokens[i].Type = tokSpace // spans end before it
	return append(tokens[:i+1], eof)
}
