package dsl

import (
	"io"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
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
	return map[string]lexer.TokenType{
		"EOF": lexer.EOF, "Ident": tokIdent, "SetName": tokSetName, "Number": tokNumber, "String": tokString,
		"Punct": tokPunct, "Open": tokOpen, "Close": tokClose, "End": tokEnd,
		"Space": tokSpace, "Comment": tokComment, "Illegal": tokIllegal,
	}
}

func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	src, err := io.ReadAll(r)
	tokens, _ := tokenize(name, src)
	return &replay{tokens}, err
}

// replay is a lexer.Lexer over tokens of which the last is EOF.
type replay struct{ tokens []lexer.Token }

func (r *replay) Next() (lexer.Token, error) {
	t := r.tokens[0]
	if !t.EOF() {
		r.tokens = r.tokens[1:]
	}
	return t, nil
}

// Grammar returns the grammar of the language in EBNF. The tokens are in lower case: <end> is the end of a
// statement, which is the end of a line unless a bracket is open or the line ends with a comma, "=" or an
// operator of two operands.
func Grammar() string { return parser().String() }

// Parse reads a policy. The name stands for the text in positions. All errors of the text are found in one
// run; if there is one, the file is nil.
func Parse(name string, src []byte) (*File, Diagnostics) {
	f, comments := read(name, src, (*reader).file)
	var diags Diagnostics
	if f != nil {
		diags = append(checkStatements(f.Statements), f.addComments(comments)...)
	} else {
		diags = findErrors(name, src)
	}
	if len(diags) == 0 {
		return f, nil
	}
	diags.Sort()
	return nil, diags
}

// findErrors returns the errors of a policy that the reader does not take.
func findErrors(name string, src []byte) Diagnostics {
	tokens, diags := tokenize(name, src)
	diags = append(diags, syntaxErrors(tokens)...)
	if len(diags) == 0 {
		diags = grammarError[File](tokens)
	}
	return diags
}

// ParseCall reads a call as a test block writes it: openat(AT_FDCWD, 0, O_RDWR), or unshare if arg0 == 0.
// The name stands for the text in positions.
func ParseCall(name, text string) (*Call, Diagnostics) {
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
func ParseExpr(name, text string) (*Expr, Diagnostics) {
	return parseLine(name, text, (*reader).expr)
}

// parseLine reads a text that is one production.
func parseLine[P any](name, text string, production func(*reader) *P) (*P, Diagnostics) {
	src := []byte(text)
	if v, _ := read(name, src, production); v != nil {
		return v, nil
	}
	tokens, diags := tokenize(name, src)
	if len(diags) == 0 {
		diags = grammarError[P](untilEnd(tokens))
	}
	return nil, diags
}

// tokenize returns the tokens of a text, of which the last is EOF, and the errors in its words and brackets.
func tokenize(name string, src []byte) ([]lexer.Token, Diagnostics) {
	if len(src) > MaxSize {
		d := tooLarge(name, "the text", len(src))
		return []lexer.Token{lexer.EOFToken(d.Span.Pos)}, Diagnostics{d}
	}
	tokens, diags := scan(name, string(src))
	diags = append(diags, matchBrackets(tokens)...)
	endStatements(tokens)
	return tokens, diags
}

// tooLarge says of a text that it has more bytes than [MaxSize].
func tooLarge(name, text string, size int) Diagnostic {
	at := startOf(name)
	return syntaxError(Span{at, at}, "split it and include the parts",
		"%s has %d bytes; at most %d are allowed", text, size, MaxSize)
}

// grammarError returns the error that the grammar finds in tokens that the reader does not take.
func grammarError[P any](tokens []lexer.Token) Diagnostics {
	_, err := parseAs[P](tokens)
	if err == nil {
		return Diagnostics{syntaxError(tokenSpan(tokens[0]), "this is a bug in seccompc: please report it with the policy",
			"the text is as the grammar says, and was not understood")}
	}
	return Diagnostics{reword(err, tokens)}
}

// parseAs parses the tokens, of which the last is EOF, as one production of the grammar.
func parseAs[P any](tokens []lexer.Token) (*P, error) {
	p, err := participle.ParserForProduction[P](parser())
	if err != nil {
		panic("dsl: " + err.Error())
	}
	peek, err := lexer.Upgrade(&replay{tokens}, tokSpace, tokComment, tokIllegal)
	if err != nil {
		return nil, err
	}
	return p.ParseFromLexer(peek)
}
