package dsl

import (
	"strings"
	"unicode"
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

// operator returns the length of the operator or bracket at the start of a text, or 0.
func operator(s string) int {
	if len(s) > 1 {
		switch s[:2] {
		case "=>", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "..":
			return 2
		}
	}
	switch s[0] {
	case '=', '!', '<', '>', '&', '|', '^', '~', '+', '-', '*', '(', ')', '{', '}', ',', ':':
		return 1
	}
	return 0
}

const maxNumber = 100 // bytes of a number's text

// isNumber reports whether a word that begins with a digit is a number: 0, or decimal without a leading zero, or
// 0x, 0o or 0b and digits. One _ may stand before a digit.
func isNumber(word string) bool {
	digits, rest := "0123456789", word
	switch {
	case word == "0":
		return true
	case strings.HasPrefix(word, "0x"):
		digits, rest = "0123456789abcdefABCDEF", word[2:]
	case strings.HasPrefix(word, "0o"):
		digits, rest = "01234567", word[2:]
	case strings.HasPrefix(word, "0b"):
		digits, rest = "01", word[2:]
	case word[0] == '0':
		return false
	}
	for i := range len(rest) {
		between := rest[i] == '_' && i+1 < len(rest) && rest[i+1] != '_'
		if !between && strings.IndexByte(digits, rest[i]) < 0 {
			return false
		}
	}
	return rest != ""
}

// scanner cuts a text into tokens. Every byte of the text is in exactly one of them.
type scanner struct {
	src    string
	pos    lexer.Position
	tokens []lexer.Token
	diags  Diagnostics
}

// scan returns the tokens of a text, the last of them EOF, and the errors in them. Line ends are tokEnd;
// before "}" and EOF, where a statement may end without one, stands an empty blank.
func scan(name, src string) ([]lexer.Token, Diagnostics) {
	s := &scanner{
		src:    src,
		pos:    lexer.Position{Filename: name, Line: 1, Column: 1},
		tokens: make([]lexer.Token, 0, len(src)/4+8),
	}
	if strings.HasPrefix(src, "\ufeff") { // a byte order mark
		s.take(tokSpace, len("\ufeff"))
	}
	for s.pos.Offset < len(src) {
		s.next()
	}
	s.take(tokSpace, 0)
	s.tokens = append(s.tokens, lexer.EOFToken(s.pos))
	return s.tokens, s.diags
}

func (s *scanner) next() {
	rest := s.src[s.pos.Offset:]
	switch c, n := rest[0], blanks(rest); {
	case c == '\n':
		s.take(tokEnd, 1)
	case n > 0:
		s.take(tokSpace, n)
	case c == '#':
		s.comment(rest)
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
func (s *scanner) take(kind lexer.TokenType, n int) {
	text := s.src[s.pos.Offset:][:n]
	s.tokens = append(s.tokens, lexer.Token{Type: kind, Value: text, Pos: s.pos})
	advance(&s.pos, text)
}

// illegal makes a token of the next n bytes that is an error.
func (s *scanner) illegal(n int, help, format string, args ...any) {
	span := Span{Pos: s.pos}
	s.take(tokIllegal, n)
	span.EndPos = s.pos
	s.diags = append(s.diags, syntaxError(span, help, format, args...))
}

// comment takes a comment, and reports the first character in it that hides text.
func (s *scanner) comment(rest string) {
	line := strings.TrimRight(firstLine(rest), " \t")
	i := strings.IndexFunc(line, hides)
	if i < 0 {
		s.take(tokComment, len(line))
		return
	}
	r, n := utf8.DecodeRuneInString(line[i:])
	s.take(tokComment, i)
	s.illegal(n, hidesHelp, hidesText, r)
	if i+n < len(line) {
		s.take(tokComment, len(line)-i-n)
	}
}

func (s *scanner) number(rest string) {
	n := prefix(rest, isWord)
	switch text := rest[:n]; {
	case n > maxNumber:
		s.illegal(n, "", "a number has at most %d digits", maxNumber)
	case isNumber(text):
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
	line := firstLine(rest)
	n := strings.IndexByte(line[1:], '"') + 2
	if n < 2 {
		s.illegal(len(strings.TrimRight(line, " \t")), `end it with "`, "the string does not end on its line")
		return
	}
	bad := func(r rune) bool { return r == '\t' || r == utf8.RuneError || hides(r) }
	if strings.ContainsFunc(line[:n], bad) {
		s.illegal(n, "remove it", "the string holds a control character or invalid UTF-8")
		return
	}
	s.take(tokString, n)
}

func (s *scanner) punct(rest string) {
	if rest[0] == '}' {
		s.take(tokSpace, 0)
	}
	if n := operator(rest); n > 0 {
		s.take(tokPunct, n)
		return
	}
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case r == utf8.RuneError:
		s.illegal(n, "", "invalid UTF-8")
		return
	case hides(r):
		s.illegal(n, hidesHelp, hidesText, r)
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

const (
	hidesText = "the character %U can hide or reorder what people see of the text"
	hidesHelp = "remove it; a line ends with LF or with CR LF"
)

// hides reports whether editors and terminals may take a character for an end of line, print it as nothing,
// or change the order of what is around it: what people read is then not what is compiled. A line feed ends
// the line before.
func hides(r rune) bool {
	if ' ' <= r && r <= '~' {
		return false // nearly every character, and the tables are slow
	}
	return r != '\t' && unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// firstLine returns a text up to the end of its first line.
func firstLine(s string) string {
	line, _, ended := strings.Cut(s, "\n")
	if ended {
		line = strings.TrimSuffix(line, "\r")
	}
	return line
}

// blanks returns the length of the blanks at the start of a text, with the CR of the line's end.
func blanks(s string) int {
	n := prefix(s, func(c byte) bool { return c == ' ' || c == '\t' })
	if strings.HasPrefix(s[n:], "\r\n") {
		n++
	}
	return n
}

// advance moves a place behind a token, which holds a line feed only if it is one.
func advance(p *lexer.Position, token string) {
	p.Offset += len(token)
	p.Column += utf8.RuneCountInString(token)
	if token == "\n" {
		p.Line++
		p.Column = 1
	}
}

// end returns the place behind a token.
func end(t lexer.Token) lexer.Position {
	p := t.Pos
	advance(&p, t.Value)
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
