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
	switch s[0] {
	case '(', ')', '{', '}', ',', ':', '^', '~', '+', '-', '*':
		return 1
	}
	if len(s) > 1 {
		switch s[:2] {
		case "=>", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "..":
			return 2
		}
	}
	switch s[0] {
	case '=', '!', '<', '>', '&', '|':
		return 1
	}
	return 0
}

const maxNumber = 100 // bytes of a number's text

// isNumber reports whether a word that begins with a digit is a number: 0, or decimal without a leading zero, or
// 0x, 0o or 0b and digits. One _ may stand before a digit.
func isNumber(word string) bool {
	base, rest := byte(10), word
	switch {
	case word == "0":
		return true
	case strings.HasPrefix(word, "0x"):
		base, rest = 16, word[2:]
	case strings.HasPrefix(word, "0o"):
		base, rest = 8, word[2:]
	case strings.HasPrefix(word, "0b"):
		base, rest = 2, word[2:]
	case word[0] == '0':
		return false
	}
	for i := range len(rest) {
		between := rest[i] == '_' && i+1 < len(rest) && rest[i+1] != '_'
		if !between && digitValue(rest[i]) >= base {
			return false
		}
	}
	return rest != ""
}

// digitValue returns what a digit counts, and more than any does for another byte.
func digitValue(c byte) byte {
	switch lower := c | 0x20; {
	case isDigit(c):
		return c - '0'
	case 'a' <= lower && lower <= 'f':
		return lower - 'a' + 10
	}
	return 16
}

// blank reports whether tokens of this kind mean nothing.
func blank(t lexer.TokenType) bool { return t == tokSpace || t == tokComment }

// scanner cuts a text into tokens.
type scanner struct {
	src   string
	pos   lexer.Position // behind the token
	token lexer.Token    // the last one
	diags Diagnostics
}

// startOf returns the place at the start of a text.
func startOf(name string) Pos { return Pos{Filename: name, Line: 1, Column: 1} }

const byteOrderMark = "\ufeff"

// newScanner returns a scanner of a text, behind a byte order mark.
func newScanner(name, src string) scanner {
	s := scanner{src: src, pos: startOf(name)}
	if strings.HasPrefix(src, byteOrderMark) {
		advance(&s.pos, byteOrderMark)
	}
	return s
}

// scan returns the tokens of a text, the last of them EOF, and the errors in them. Every byte of the text is
// in exactly one of them. Line ends are tokEnd; before "}" and EOF, where a statement may end without one,
// stands an empty blank.
func scan(name, src string) ([]lexer.Token, Diagnostics) {
	s := newScanner(name, src)
	tokens := make([]lexer.Token, 0, len(src)/4+8)
	space := func(from, to Pos) {
		tokens = append(tokens, lexer.Token{Type: tokSpace, Value: src[from.Offset:to.Offset], Pos: from})
	}
	for before := startOf(name); !s.token.EOF(); before = s.pos {
		s.next()
		at := s.token.Pos
		if before != at {
			space(before, at)
		}
		if s.token.Value == "}" || s.token.EOF() {
			space(at, at)
		}
		tokens = append(tokens, s.token)
	}
	return tokens, s.diags
}

// next makes the next token, behind blanks.
func (s *scanner) next() {
	rest, n := s.src[s.pos.Offset:], 0
	for n < len(rest) && (rest[n] == ' ' || rest[n] == '\t') {
		n++
	}
	s.pos.Offset += n
	s.pos.Column += n
	rest = rest[n:]
	if rest == "" {
		s.take(lexer.EOF, 0)
		return
	}
	switch c := rest[0]; {
	case isLetter(c):
		s.take(tokIdent, wordLength(rest))
	case c == '\n':
		s.take(tokEnd, 1)
		s.pos.Line++
		s.pos.Column = 1
	case isDigit(c):
		s.number(rest)
	case c == '#':
		s.comment(rest)
	case c == '@':
		s.setName(rest)
	case c == '"':
		s.quoted(rest)
	case strings.HasPrefix(rest, "\r\n"): // CR is a blank
		s.pos.Offset++
		s.pos.Column++
		s.next()
	default:
		s.punct(rest)
	}
}

// take makes a token of the next n bytes, which are as many characters.
func (s *scanner) take(kind lexer.TokenType, n int) {
	t := &s.token
	t.Type, t.Value, t.Pos = kind, s.src[s.pos.Offset:][:n], s.pos
	s.pos.Offset += n
	s.pos.Column += n
}

// takeText makes a token of the next n bytes, which may be any characters.
func (s *scanner) takeText(kind lexer.TokenType, n int) {
	s.take(kind, n)
	s.pos = end(s.token)
}

// nextWord returns the text of the next token that is no comment and no end of a line.
func (s *scanner) nextWord() string {
	ahead := *s
	for {
		ahead.next()
		if kind := ahead.token.Type; kind != tokComment && kind != tokEnd {
			return ahead.token.Value
		}
	}
}

// illegal makes a token of the next n bytes that is an error.
func (s *scanner) illegal(n int, help, format string, args ...any) {
	s.takeText(tokIllegal, n)
	s.report(tokenSpan(s.token), help, format, args...)
}

func (s *scanner) report(span Span, help, format string, args ...any) {
	s.diags = append(s.diags, syntaxError(span, help, format, args...))
}

// comment takes a comment, which is illegal if a character in it hides text.
func (s *scanner) comment(rest string) {
	line := strings.TrimRight(firstLine(rest), " \t")
	if isPlain(line) {
		s.take(tokComment, len(line))
		return
	}
	start := s.pos
	s.takeText(tokComment, len(line))
	if i := strings.IndexFunc(line, hides); i >= 0 {
		r, n := utf8.DecodeRuneInString(line[i:])
		advance(&start, line[:i])
		s.token.Type = tokIllegal
		s.report(tokenSpan(lexer.Token{Value: line[i : i+n], Pos: start}), hidesHelp, hidesText, r)
	}
}

func (s *scanner) number(rest string) {
	n := wordLength(rest)
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
	n := 1
	for n < len(rest) && (isWord(rest[n]) || rest[n] == '-') {
		n++
	}
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
	s.takeText(tokString, n)
}

func (s *scanner) punct(rest string) {
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

// wordLength returns the length of the letters, digits and _ at the start of a text.
func wordLength(s string) int {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

// isPlain reports whether a text is printable ASCII, as nearly every comment is: each byte is a character that
// hides nothing.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
