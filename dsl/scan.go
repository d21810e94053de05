package dsl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
)

// kind is a kind of tokens; the number is participle's too.
type kind int8

// The kinds. Comments and illegal text are kept, so that Format loses nothing, but the grammar does
// not see them.
const (
	tokEOF         = kind(lexer.EOF)
	tokIdent       = kind(iota)
	tokAll         // for the grammar: "all" before what it widens
	tokCompareSign // for the grammar too, see signKinds
	tokSumSign
	tokProductSign
	tokSetName
	tokNumber
	tokRelease // numbers with dots between them
	tokString
	tokPunct
	tokOpen  // the brace that opens a block
	tokClose // and the one that closes it
	tokEnd   // the end of a statement
	tokSpace // the end of a line that ends no statement, and nothing where a statement could end
	tokComment
	tokIllegal // what stands in a faulty statement, which has been reported
)

// hidden reports whether the grammar does not see tokens of this kind.
func (k kind) hidden() bool { return k >= tokSpace }

// token is a word of a text, or what has its place. Between tokens stand blanks.
type token struct {
	kind       kind
	start, end int32 // bytes
}

// source is a text whose words are asked for.
type source struct{ *diag.Source }

func newSource(name, text string) source { return source{&diag.Source{Name: name, Text: text}} }

func (s source) word(t token) string    { return s.Text[t.start:t.end] }
func (s source) span(t token) diag.Span { return s.Span(int(t.start), int(t.end)) }

const maxNumber = 100 // bytes of a number's text

// isNumber reports whether a word that begins with a digit is a number: 0, or decimal without a
// leading zero, or 0x, 0o or 0b and digits. One _ may stand before a digit.
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

// scanner cuts a text into tokens.
type scanner struct {
	source
	at     int // behind the last token
	tokens []token
	diags  diag.List
}

const byteOrderMark = "\ufeff"

// scan returns the tokens of a text, the last of them EOF, and the errors in them. Before "}" and
// EOF, where a statement may end without an end of line, stands an empty blank.
func scan(text source) ([]token, diag.List) {
	s := scanner{source: text, tokens: make([]token, 0, len(text.Text)/6+8)}
	if strings.HasPrefix(s.Text, byteOrderMark) {
		s.at = len(byteOrderMark)
	}
	for s.next() {
	}
	s.take(tokSpace, 0)
	s.take(tokEOF, 0)
	return s.tokens, s.diags
}

// next makes the next token, behind blanks. It reports whether there is one.
func (s *scanner) next() bool {
	for s.at < len(s.Text) && (s.Text[s.at] == ' ' || s.Text[s.at] == '\t') {
		s.at++
	}
	rest := s.Text[s.at:]
	if rest == "" {
		return false
	}
	switch c := rest[0]; {
	case isLetter(c):
		s.take(tokIdent, wordLength(rest))
	case c == '\n':
		s.take(tokEnd, 1)
	case isDigit(c):
		s.number(rest)
	case c == '#':
		s.comment(rest)
	case c == '@':
		s.setName(rest)
	case c == '"':
		s.quoted(rest)
	case strings.HasPrefix(rest, "\r\n"): // CR is a blank
		s.at++
	default:
		s.punct(rest)
	}
	return true
}

// take makes a token of the next n bytes.
func (s *scanner) take(k kind, n int) {
	start := int32(s.at)
	s.at += n
	s.tokens = append(s.tokens, token{k, start, int32(s.at)})
}

// illegal makes a token of the next n bytes that is an error.
func (s *scanner) illegal(n int, help, format string, args ...any) {
	s.take(tokIllegal, n)
	s.report(s.tokens[len(s.tokens)-1], help, format, args...)
}

func (s *scanner) report(at token, help, format string, args ...any) {
	s.diags = append(s.diags, syntaxError(s.span(at), help, format, args...))
}

// comment takes a comment, which is illegal if a character in it hides text.
func (s *scanner) comment(rest string) {
	line := strings.TrimRight(firstLine(rest), " \t")
	start := int32(s.at)
	s.take(tokComment, len(line))
	if isPlain(line) {
		return
	}
	if !utf8.ValidString(line) {
		i := strings.IndexFunc(line, func(r rune) bool { return r == utf8.RuneError })
		s.tokens[len(s.tokens)-1].kind = tokIllegal
		start += int32(i)
		s.report(token{tokIllegal, start, start + 1}, helpUTF8, "invalid UTF-8: byte %#x", line[i])
		return
	}
	if i := strings.IndexFunc(line, hides); i >= 0 {
		r, n := utf8.DecodeRuneInString(line[i:])
		s.tokens[len(s.tokens)-1].kind = tokIllegal
		start += int32(i)
		s.report(token{tokIllegal, start, start + int32(n)}, hidesHelp, hidesText, r)
	}
}

func (s *scanner) number(rest string) {
	n := wordLength(rest)
	if m := releaseLength(rest); m > n {
		s.take(tokRelease, m)
		return
	}
	switch text := rest[:n]; {
	case n > maxNumber:
		s.illegal(n, "an argument has 64 bits: at most 20 digits", "a number has at most %d digits",
			maxNumber)
	case isNumber(text):
		s.take(tokNumber, n)
	case len(text) > 1 && text[0] == '0' && isDigit(text[1]):
		help := "write " + cmp.Or(strings.TrimLeft(text, "0"), "0")
		if isNumber("0o" + text) {
			help = "write 0o" + help[len("write "):] + " for octal, or " + help[len("write "):]
		}
		s.illegal(n, help, "the leading zero of %s is ambiguous", text)
	default:
		s.wrongNumber(text)
	}
}

var numberParts = lazy.Regexp(`^([0-9]+|0[xX][0-9a-fA-F]+)([a-zA-Z]+[0-9]*)$`)

// wrongNumber reports a word that begins with a digit and is no number.
func (s *scanner) wrongNumber(text string) {
	m := numberParts().FindStringSubmatch(text)
	if m == nil {
		m = []string{"", "", ""}
	}
	number, suffix := m[1], strings.ToLower(m[2])
	help, write := "", ""
	switch lower := strings.ToLower(strings.Trim(text, "_")); {
	case isNumber(strings.ReplaceAll(lower, "_", "")):
		write = strings.ReplaceAll(lower, "_", "")
		if isNumber(lower) {
			write = lower
		}
	case shifts[suffix] > 0 && isDigit(number[len(number)-1]) && !strings.HasPrefix(lower, "0x"):
		help = fmt.Sprintf("write a power of two as a shift: %s << %d", number, shifts[suffix])
	case slices.Contains(typeSuffixes, suffix) && isNumber(strings.ToLower(number)):
		write = strings.ToLower(number)
	default:
		help = digitsHelp(lower)
	}
	s.illegal(len(text), cmp.Or(help, "write "+write), "%s is not a number", text)
	if write != "" {
		last := &s.diags[len(s.diags)-1]
		last.Edits = []diag.Edit{{Span: last.Span, New: write}}
	}
}

// digitsHelp says which digits a number has that begins as this text does.
func digitsHelp(text string) string {
	number, zeros, _ := strings.Cut(text, "e")
	n, err := strconv.Atoi(zeros)
	switch {
	case strings.HasPrefix(text, "0x"):
		return "hexadecimal digits are 0 to 9 and a to f: 0x1f"
	case strings.HasPrefix(text, "0o"):
		return "octal digits are 0 to 7: 0o17"
	case strings.HasPrefix(text, "0b"):
		return "binary digits are 0 and 1: 0b101"
	case isNumber(number) && err == nil && 0 <= n && n < 19:
		return "write " + number + strings.Repeat("0", n)
	}
	return "numbers are decimal, 0x, 0o or 0b, with _ between digits"
}

// shifts are the suffixes of sizes, typeSuffixes those of constants in C, Go and Rust.
var (
	shifts = map[string]int{"k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30,
		"gb": 30, "gib": 30}
	typeSuffixes = []string{"u", "l", "ul", "lu", "ll", "ull", "llu", "u8", "u16", "u32", "u64",
		"i8", "i16", "i32", "i64", "usize", "isize"}
)

// releaseLength returns the length of the digits at the start of a text, with single dots between
// them.
func releaseLength(s string) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '.' && n+1 < len(s) && isDigit(s[n+1]) && n > 0 &&
		isDigit(s[n-1])) {
		n++
	}
	return n
}

func (s *scanner) setName(rest string) {
	n := 1
	for n < len(rest) && (isWord(rest[n]) || rest[n] == '-') {
		n++
	}
	text := strings.TrimRight(rest[:n], "-") // so that @a-@b is a difference
	switch {
	case text == "@":
		s.illegal(1, "name a set, as @mount; @known is every call of the table",
			"a set's name is missing behind @")
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
		line = strings.TrimRight(line, " \t")
		s.illegal(len(line), `end it with "`, "the string does not end on its line")
		return
	}
	bad := func(r rune) bool { return r == '\t' || r == utf8.RuneError || hides(r) }
	if strings.ContainsFunc(line[:n], bad) {
		s.illegal(n, "remove it", "the string holds a control character or invalid UTF-8")
		return
	}
	s.take(tokString, n)
}

// maxStray is how many errors get an answer of their own, for which a line is looked through. Who
// has more mends the first ones first.
const maxStray = 500

func (s *scanner) punct(rest string) {
	if rest[0] == '}' {
		s.take(tokSpace, 0)
	}
	if sign := vocabulary().sign(rest); sign != "" {
		s.take(tokPunct, len(sign))
		return
	}
	r, n := utf8.DecodeRuneInString(rest)
	switch {
	case len(s.diags) >= maxStray:
		s.illegal(n, "", "unexpected %s", describe(rest[:n], r))
		return
	case r == utf8.RuneError:
		s.illegal(n, helpUTF8, "invalid UTF-8: byte %#x", rest[0])
		return
	case looksLike(r) != "":
		s.lookalike(r, n, looksLike(r))
		return
	case hides(r):
		s.illegal(n, hidesHelp, hidesText, r)
		return
	}
	length, help, edits := s.strayHabit(rest, r, n)
	s.illegal(length, help, "unexpected %s", describe(rest[:length], r))
	last := &s.diags[len(s.diags)-1]
	for _, e := range edits {
		last.Edits = append(last.Edits, diag.Edit{Span: s.Span(e.from, e.to), New: e.text})
	}
}

// lookalike reports a character that people take for another one.
func (s *scanner) lookalike(r rune, n int, like string) {
	switch {
	case like == invisible:
		s.illegal(n, "remove it", "the character %U is invisible", r)
		like = ""
	case like == " ":
		s.illegal(n, "write a blank", "the character %U is no blank, though it looks like one", r)
	default:
		s.illegal(n, "write "+like, "the character %c (%U) is not %s, though it looks like it", r,
			r,
			like)
	}
	last := &s.diags[len(s.diags)-1]
	last.Edits = []diag.Edit{{Span: last.Span, New: like}}
}

// describe names a stray character, or the text that it begins.
func describe(text string, r rune) string {
	if len(text) == utf8.RuneLen(r) {
		return "character '" + diag.Printable(text) + "'"
	}
	return quote(text)
}

const (
	helpUTF8  = "save the text as UTF-8: iconv -f latin1 -t utf-8 OLD > NEW"
	hidesText = "the character %U can hide or reorder what people see of the text"
	hidesHelp = "remove it; a line ends with LF or with CR LF"
)

// hides reports whether editors and terminals may take a character for an end of line, print it as
// nothing, or change the order of what is around it: what people read is then not what is compiled.
// A line feed ends the line before.
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

// wordLength returns the length of the letters, digits and _ at the start of a text.
func wordLength(s string) int {
	n := 0
	for n < len(s) && inWords[s[n]] {
		n++
	}
	return n
}

// inWords is isWord as a table, for nearly every byte of a text is asked about.
var inWords = func() (table [256]bool) {
	for c := range table {
		table[c] = isWord(byte(c))
	}
	return table
}()

// isPlain reports whether a text is printable ASCII, as nearly every comment is: each byte is a
// character that hides nothing.
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
