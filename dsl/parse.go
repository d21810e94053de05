package dsl

import (
	"io"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/seccompc/seccompc/diag"
)

// MaxSize is the largest source text, in bytes, that [Parse] takes.
const MaxSize = 512 << 10

// parser is the grammar. It takes a millisecond to build, which a text without errors saves.
var parser = sync.OnceValue(func() *participle.Parser[File] {
	return participle.MustBuild[File](
		participle.Lexer(definition{}),
		participle.UseLookahead(0),
		participle.Elide("Space", "Comment", "Illegal"),
		participle.Union[Statement](
			&Rule{}, &Fallback{}, &Arch{}, &Define{}, &Set{}, &Include{}, &When{}, &Hot{}, &Test{},
		),
	)
})

// definition names the kinds of tokens to participle. The tokens themselves come from scan.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType {
	kinds := map[string]kind{
		"EOF": tokEOF, "Ident": tokIdent, "SetName": tokSetName, "Number": tokNumber, "String": tokString,
		"Punct": tokPunct, "Open": tokOpen, "Close": tokClose, "End": tokEnd,
		"Space": tokSpace, "Comment": tokComment, "Illegal": tokIllegal,
	}
	symbols := map[string]lexer.TokenType{}
	for name, k := range kinds {
		symbols[name] = lexer.TokenType(k)
	}
	return symbols
}

func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	s := newSource(name, string(src))
	tokens, _ := s.tokenize()
	return &replay{s, tokens}, err
}

// replay is a lexer.Lexer over tokens of which the last is EOF.
type replay struct {
	source
	tokens []token
}

func (r *replay) Next() (lexer.Token, error) {
	t := r.tokens[0]
	if t.kind != tokEOF {
		r.tokens = r.tokens[1:]
	}
	return lexer.Token{Type: lexer.TokenType(t.kind), Value: r.word(t), Pos: lexer.Position(r.At(int(t.start)))}, nil
}

// Grammar returns the grammar of the language in EBNF. The tokens are in lower case: <end> is the end of a
// statement, which is the end of a line unless a bracket is open or the line ends with a comma, "=" or an
// operator of two operands.
func Grammar() string { return parser().String() }

// Parse reads a policy. The name stands for the text in positions. All errors of the text are found in one
// run; if there is one, the file is nil.
func Parse(name string, src []byte) (*File, diag.List) {
	s := newSource(name, string(src))
	tokens, diags := s.tokenize()
	var f *File
	if len(diags) == 0 {
		f = read(s, tokens, (*reader).file)
	}
	if f != nil {
		diags = append(checkStatements(f.Statements), f.addComments(s, tokens)...)
	} else if diags = append(diags, s.syntaxErrors(tokens)...); len(diags) == 0 {
		diags = grammarError[File](s, tokens)
	}
	if len(diags) == 0 {
		return f, nil
	}
	diags.Sort()
	return nil, diags
}

// ParseCall reads a call as a test block writes it: openat(AT_FDCWD, 0, O_RDWR), or unshare if arg0 == 0.
// The name stands for the text in positions.
func ParseCall(name, text string) (*Call, diag.List) {
	c, diags := parseLine(name, text, (*reader).call)
	if len(diags) == 0 {
		diags = checkCall(c)
	}
	if len(diags) > 0 {
		return nil, diags
	}
	return c, nil
}

// ParseExpr reads an expression: the value that the command line gives to a parameter.
func ParseExpr(name, text string) (*Expr, diag.List) {
	return parseLine(name, text, (*reader).expr)
}

// parseLine reads a text that is one production.
func parseLine[P any](name, text string, production func(*reader, *P)) (*P, diag.List) {
	s := newSource(name, text)
	tokens, diags := s.tokenize()
	if len(diags) > 0 {
		return nil, diags
	}
	tokens = untilEnd(tokens)
	if v := read(s, tokens, production); v != nil {
		return v, nil
	}
	return nil, grammarError[P](s, tokens)
}

// tokenize returns the tokens of a text, of which the last is EOF, and the errors in its words and brackets.
func (s source) tokenize() ([]token, diag.List) {
	if len(s.Text) > MaxSize {
		return []token{{kind: tokEOF}}, diag.List{s.tooLarge("the text", len(s.Text))}
	}
	tokens, diags := scan(s)
	diags = append(diags, s.matchBrackets(tokens)...)
	s.endStatements(tokens)
	return tokens, diags
}

// tooLarge says of a text that it has more bytes than [MaxSize].
func (s source) tooLarge(text string, size int) diag.Finding {
	return syntaxError(s.Start(), "split it and include the parts",
		"%s has %d bytes; at most %d are allowed", text, size, MaxSize)
}

// grammarError returns the error that the grammar finds in tokens that the reader does not take.
func grammarError[P any](s source, tokens []token) diag.List {
	_, err := parseAs[P](s, tokens)
	if err == nil {
		return diag.List{syntaxError(s.span(tokens[0]), "this is a bug in seccompc: please report it with the policy",
			"the text is as the grammar says, and was not understood")}
	}
	return diag.List{s.reword(err, tokens)}
}

// parseAs parses the tokens, of which the last is EOF, as one production of the grammar. The nodes have no
// spans.
func parseAs[P any](s source, tokens []token) (*P, error) {
	p, err := participle.ParserForProduction[P](parser())
	if err != nil {
		panic("dsl: " + err.Error())
	}
	elided := []lexer.TokenType{lexer.TokenType(tokSpace), lexer.TokenType(tokComment), lexer.TokenType(tokIllegal)}
	peek, err := lexer.Upgrade(&replay{s, tokens}, elided...)
	if err != nil {
		return nil, err
	}
	return p.ParseFromLexer(peek)
}
