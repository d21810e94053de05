package dsl

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Grammar returns the grammar of the language in EBNF, as it stands in the tags of the tree. The
// tokens are in lower case: <end> is the end of a statement, which is the end of a line unless a
// bracket is open or the line ends with a comma, "=" or an operator of two operands; <all> is the
// word "all" before a name other than "if", a set or a number.
func Grammar() string {
	text := grammar().String()
	for _, k := range signKinds {
		name, signs := "<"+strings.ToLower(k.name)+">", `"`+strings.Join(k.signs, `" | "`)+`"`
		text = strings.ReplaceAll(text, name+" |", signs+" |") // in parentheses as it is
		text = strings.ReplaceAll(text, name, "("+signs+")")
	}
	return text
}

// signKinds are the signs that stand in the same places of the grammar. They have a kind of their
// own, as participle copies its state for each alternative that it tries.
var signKinds = []struct {
	name  string
	kind  kind
	signs []string
}{
	{"CompareSign", tokCompareSign, []string{"==", "!=", "<", "<=", ">", ">="}},
	{"SumSign", tokSumSign, []string{"|", "^", "+", "-"}},
	{"ProductSign", tokProductSign, []string{"*", "&", "<<", ">>"}},
}

// kindOf returns the kind that a sign has in the grammar.
func kindOf(sign string) kind {
	for _, k := range signKinds {
		if slices.Contains(k.signs, sign) {
			return k.kind
		}
	}
	return tokPunct
}

// grammar is the parser that participle makes of the tags. It takes a millisecond to build.
var grammar = sync.OnceValue(buildGrammar)

func buildGrammar() *participle.Parser[File] {
	return participle.MustBuild[File](
		participle.Lexer(tokenKinds{}),
		participle.UseLookahead(0),
		participle.Union[Statement](
			&Rule{}, &Fallback{}, &Arch{}, &AsOf{}, &Define{}, &Late{}, &Set{}, &Include{}, &When{},
			&Hot{}, &Test{},
		),
	)
}

// tokenKinds is the scanner as participle knows it: the kinds of tokens by the names that they have
// in the tags.
type tokenKinds struct{}

// Symbols implements lexer.Definition. participle asks for each name in the tags.
func (tokenKinds) Symbols() map[string]lexer.TokenType { return symbols }

var symbols = map[string]lexer.TokenType{
	"EOF":     lexer.EOF,
	"Ident":   lexer.TokenType(tokIdent),
	"All":     lexer.TokenType(tokAll),
	"SetName": lexer.TokenType(tokSetName),
	"Number":  lexer.TokenType(tokNumber),
	"Release": lexer.TokenType(tokRelease),
	"String":  lexer.TokenType(tokString),
	"End":     lexer.TokenType(tokEnd),

	"CompareSign": lexer.TokenType(tokCompareSign),
	"SumSign":     lexer.TokenType(tokSumSign),
	"ProductSign": lexer.TokenType(tokProductSign),
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
	switch {
	case t.kind == tokPunct:
		t.kind = kindOf(r.word(t))
	case t.kind == tokIdent && r.word(t) == "all" && r.beforeCall():
		t.kind = tokAll
	}
	return lexer.Token{
		Type:  lexer.TokenType(t.kind),
		Value: r.word(t),
		Pos:   lexer.Position{Offset: int(t.start)},
	}, nil
}

// beforeCall reports whether what follows can name system calls: "all" before it widens the name.
func (r *tokenReader) beforeCall() bool {
	switch t := r.tokens[0]; t.kind {
	case tokIdent:
		return r.word(t) != "if"
	case tokSetName, tokNumber: // wrong here, for which there is a message
		return true
	}
	return false
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
