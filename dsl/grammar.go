package dsl

import (
	"errors"
	"io"
	"reflect"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Grammar returns the grammar of the language in EBNF, as it stands in the tags of the tree. The
// tokens are in lower case: <end> is the end of a statement, which is the end of a line unless a
// bracket is open or the line ends with a comma, "=" or an operator of two operands.
func Grammar() string { return grammar().String() + "\n" + selectorProduction() }

// grammar is the parser that participle makes of the tags. It takes a millisecond to build.
var grammar = sync.OnceValue(func() *participle.Parser[File] {
	return participle.MustBuild[File](
		participle.Lexer(tokenKinds{}),
		participle.UseLookahead(0),
		participle.Union[Statement](
			&Rule{}, &Fallback{}, &Arch{}, &AsOf{}, &Define{}, &Late{}, &Set{}, &Include{}, &When{},
			&Hot{}, &Test{},
		),
	)
})

// Parse implements participle.Parseable. A policy may name hundreds of calls, and most of them do
// not need the twenty steps that participle takes through the tags for each.
func (s *Selector) Parse(lex *lexer.PeekingLexer) error {
	start := lex.RawCursor()
	if first := *lex.Peek(); first.Value == "all" && kind(first.Type) == tokIdent {
		before := lex.MakeCheckpoint()
		lex.Next()
		next := lex.Peek()
		if s.All = next.Value != "if" && s.word(next) != nil; !s.All {
			lex.LoadCheckpoint(before)
		}
	}
	word := s.word(lex.Peek())
	if word == nil {
		return participle.NextMatch
	}
	*word = lex.Next().Value
	if word == &s.Number && lex.Peek().Value == ".." {
		lex.Next()
		if kind(lex.Peek().Type) != tokNumber {
			return &participle.UnexpectedTokenError{Unexpected: *lex.Peek(), Expect: "<number>"}
		}
		s.To = lex.Next().Value
	}
	s.Tokens = lex.Range(start, lex.RawCursor())
	return nil
}

// word returns where a token belongs that names system calls, nil for others.
func (s *Selector) word(t *lexer.Token) *string {
	switch kind(t.Type) {
	case tokIdent:
		return &s.Name
	case tokSetName:
		return &s.Set
	case tokNumber:
		return &s.Number
	}
	return nil
}

// selectorTags is a [Selector] that participle reads by its tags.
type selectorTags Selector

// selectorProduction returns the tags of [Selector] in EBNF.
func selectorProduction() string {
	type Selector selectorTags // by its name
	return participle.MustBuild[Selector](participle.Lexer(tokenKinds{})).String()
}

// tokenKinds is the scanner as participle knows it: the kinds of tokens by the names that they have
// in the tags.
type tokenKinds struct{}

// Symbols implements lexer.Definition.
func (tokenKinds) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF":     lexer.EOF,
		"Ident":   lexer.TokenType(tokIdent),
		"SetName": lexer.TokenType(tokSetName),
		"Number":  lexer.TokenType(tokNumber),
		"Release": lexer.TokenType(tokRelease),
		"String":  lexer.TokenType(tokString),
		"End":     lexer.TokenType(tokEnd),
	}
}

// Lex implements lexer.Definition. The parser is given tokens and never asks for them.
func (tokenKinds) Lex(string, io.Reader) (lexer.Lexer, error) {
	return nil, errors.New("the text is scanned before it is parsed")
}

// tokenReader hands tokens, of which the last is EOF, to participle: those that the grammar sees.
type tokenReader struct {
	source
	tokens []token
}

// Next implements lexer.Lexer. Of a place only the offset is set; what it means, [diag.Source]
// counts when somebody asks.
func (r *tokenReader) Next() (lexer.Token, error) {
	for r.tokens[0].kind.hidden() {
		r.tokens = r.tokens[1:]
	}
	t := r.tokens[0]
	if t.kind != tokEOF {
		r.tokens = r.tokens[1:]
	}
	return lexer.Token{
		Type:  lexer.TokenType(t.kind),
		Value: r.word(t),
		Pos:   lexer.Position{Offset: int(t.start)},
	}, nil
}

// parseAs parses tokens, of which the last is EOF, as one production of the grammar. The error is
// participle's first.
func parseAs[P any](s source, tokens []token) (*P, error) {
	parser, err := participle.ParserForProduction[P](grammar())
	if err != nil {
		panic("dsl: " + err.Error())
	}
	visible, err := lexer.Upgrade(&tokenReader{s, tokens})
	if err != nil {
		return nil, err
	}
	tree, err := parser.ParseFromLexer(visible)
	if err != nil {
		return nil, err
	}
	s.placeNodes(reflect.ValueOf(tree))
	return tree, nil
}
