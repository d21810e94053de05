package dsl

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// The kinds of tokens. Blanks, comments and illegal text are kept, so that spans are exact and Format
// loses nothing, but the grammar does not see them.
const (
	tokIdent lexer.TokenType = iota + 1
	tokSetName
	tokNumber
	tokString
	tokPunct
	tokOpen  // the brace that opens a block
	tokClose // and the one that closes it
	tokEnd   // the end of a statement
	tokSpace
	tokComment
	tokIllegal // already reported
)

// elided reports whether the grammar does not see tokens of this kind.
func elided(t lexer.TokenType) bool { return t >= tokSpace }

// puncts holds every operator; a longer one stands before its own beginning.
var puncts = []string{
	"=>", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "..",
	"=", "!", "<", ">", "&", "|", "^", "~", "+", "-", "*", "(", ")", "{", "}", ",", ":",
}

var number = regexp.MustCompile(`^(0|[1-9](_?[0-9])*|0x(_?[0-9a-fA-F])+|0o(_?[0-7])+|0b(_?[01])+)$`)

const maxNumber = 100 // bytes of a number's text

// scanner cuts a text into tokens. Every byte of the text is in exactly one of them.
type scanner struct {
	src    string
	pos    lexer.Position
	tokens []lexer.Token
	diags  Diagnostics
}

// scan returns the tokens of a text, line ends as tokEnd, and the errors in them.
func scan(name, src string) ([]lexer.Token, Diagnostics) {
	s := &scanner{
		src:    src,
		pos:    lexer.Position{Filename: name, Line: 1, Column: 1},
		tokens: make([]lexer.Token, 0, len(src)/3),
	}
	if strings.HasPrefix(src, "\ufeff") { // a byte order mark
		s.take(tokSpace, len("\ufeff"))
	}
	for s.pos.Offset < len(src) {
		s.next()
	}
	return s.tokens, s.diags
}

func (s *scanner) next() {
	rest := s.src[s.pos.Offset:]
	switch c := rest[0]; {
	case c == '\n':
		s.take(tokEnd, 1)
	case c == ' ' || c == '\t' || c == '\r':
		s.take(tokSpace, prefix(rest, func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }))
	case c == '#':
		line, _, _ := strings.Cut(rest, "\n")
		s.take(tokComment, len(strings.TrimRight(line, " \t\r")))
	case isLetter(c):
		s.take(tokIdent, prefix(rest, isWord))
	case isDigit(c):
		s.number(rest)
	case c == '@':
		s.setName(rest)
	case c == '"':
		s.quoted(rest)
	default:
		s.punct(rest)
	}
}

// take makes a token of the next n bytes.
func (s *scanner) take(kind lexer.TokenType, n int) lexer.Token {
	text := s.src[s.pos.Offset : s.pos.Offset+n]
	t := lexer.Token{Type: kind, Value: text, Pos: s.pos}
	s.tokens = append(s.tokens, t)
	s.pos = end(t)
	return t
}

// illegal makes a token of the next n bytes that is an error.
func (s *scanner) illegal(n int, help, format string, args ...any) {
	t := s.take(tokIllegal, n)
	s.diags = append(s.diags, syntaxError(tokenSpan(t), help, format, args...))
}

func (s *scanner) number(rest string) {
	n := prefix(rest, isWord)
	switch text := rest[:n]; {
	case n > maxNumber:
		s.illegal(n, "", "a number has at most %d digits", maxNumber)
	case number.MatchString(text):
		s.take(tokNumber, n)
	case len(text) > 1 && text[0] == '0' && isDigit(text[1]):
		s.illegal(n, "write octal numbers with 0o", "the leading zero of %s is ambiguous", text)
	default:
		s.illegal(n, "numbers are decimal, 0x, 0o or 0b, with _ between digits",
			"%s is not a number", text)
	}
}

func (s *scanner) setName(rest string) {
	n := 1 + prefix(rest[1:], func(c byte) bool { return isWord(c) || c == '-' })
	text := strings.TrimRight(rest[:n], "-") // so that @a-@b is a difference
	switch {
	case text == "@":
		s.illegal(1, "", "a set's name is missing behind @")
	case text != strings.ToLower(text):
		s.illegal(len(text), "write "+strings.ToLower(text), "a set's name has no capitals")
	default:
		s.take(tokSetName, len(text))
	}
}

func (s *scanner) quoted(rest string) {
	line, _, _ := strings.Cut(rest, "\n")
	n := strings.IndexByte(line[1:], '"') + 2
	if n < 2 {
		s.illegal(len(strings.TrimRight(line, " \t\r")), `end it with "`, "the string does not end on its line")
		return
	}
	bad := strings.ContainsFunc(line[:n], func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError })
	if bad {
		s.illegal(n, "", "the string holds a control character or invalid UTF-8")
		return
	}
	s.take(tokString, n)
}

func (s *scanner) punct(rest string) {
	for _, p := range puncts {
		if strings.HasPrefix(rest, p) {
			s.take(tokPunct, len(p))
			return
		}
	}
	r, n := utf8.DecodeRuneInString(rest)
	if r == utf8.RuneError {
		s.illegal(n, "", "invalid UTF-8")
		return
	}
	help := ""
	switch r {
	case ';':
		help = "a statement ends at the end of its line"
	case '\'':
		help = `strings stand in double quotes`
	case '/':
		help = "comments begin with #"
	}
	s.illegal(n, help, "unexpected character %q", r)
}

// end returns the place behind a token.
func end(t lexer.Token) lexer.Position {
	p := t.Pos
	p.Advance(t.Value)
	return p
}

func tokenSpan(t lexer.Token) Span { return Span{t.Pos, end(t)} }

// prefix returns the length of the longest prefix whose bytes all are as asked.
func prefix(s string, is func(byte) bool) int {
	for i := range len(s) {
		if !is(s[i]) {
			return i
		}
	}
	return len(s)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
