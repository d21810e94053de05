package kafel

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
)

// token is a word, a number or a sign.
type token struct {
	kind    string // "name", "number", "string", "end", or the sign or keyword itself
	text    string
	value   uint64
	line    int
	comment string // before it
}

// keywords are those of src/lexer.l.
var keywords = map[string]bool{"SYSCALL": true, "ALLOW": true, "LOG": true, "USER_NOTIF": true,
	"ERRNO": true, "KILL_PROCESS": true, "KILL_THREAD": true, "KILL": true, "DENY": true,
	"TRAP":  true,
	"TRACE": true, "USE": true, "POLICY": true, "DEFAULT": true, "ON": true, "define": true}

var words = lazy.Regexp(`^(?:(0x[0-9a-fA-F]+|0b[01]+|-?[0-9]+)|` +
	`([a-zA-Z_][a-zA-Z0-9_]*)|("[^"\n]+")|` +
	`(==|!=|<=|>=|\|\||&&|[<>|&\[\](){},!#;]))`)

// maxTokens bounds a policy.
const maxTokens = 100_000

// scan splits a text into tokens.
func scan(text string) (out []token, err error) {
	line, comment := 1, ""
	for text != "" {
		switch {
		case text[0] == '\n':
			if strings.HasPrefix(text, "\n\n") {
				comment = ""
			}
			line++
			text = text[1:]
		case text[0] == ' ' || text[0] == '\t' || text[0] == '\r':
			text = text[1:]
		case strings.HasPrefix(text, "//"):
			words, _, _ := strings.Cut(text[2:], "\n")
			text = text[2+len(words):]
			comment = strings.TrimSpace(comment + " " + strings.TrimSpace(words))
		case strings.HasPrefix(text, "/*"):
			words, rest, ok := strings.Cut(text[2:], "*/")
			if !ok {
				return nil, fmt.Errorf("line %d: the comment does not end", line)
			}
			line += strings.Count(words, "\n")
			comment = strings.Join(strings.Fields(comment+" "+words), " ")
			text = rest
		default:
			t, n, err := word(text, line)
			if err != nil {
				return nil, err
			}
			t.comment, comment = comment, ""
			if out = append(out, t); len(out) > maxTokens {
				return nil, fmt.Errorf("line %d: there are more than %d words", line, maxTokens)
			}
			text = text[n:]
		}
	}
	return append(out, token{kind: "end", text: "the end", line: line}), nil
}

// word is the token at the beginning of a text.
func word(text string, line int) (t token, n int, err error) {
	m := words().FindStringSubmatch(text)
	if m == nil {
		return t, 0, fmt.Errorf("line %d: %.20q is no word of a policy", line, text)
	}
	t = token{text: m[0], line: line}
	switch {
	case m[1] != "":
		t.kind = "number"
		t.value, err = number(m[1])
		if err != nil {
			err = fmt.Errorf("line %d: %.40s is no number of 64 bits", line, m[1])
		}
	case m[2] != "" && !keywords[m[2]]:
		t.kind = "name"
	case m[3] != "":
		t.kind = "string"
	default:
		t.kind = m[0]
	}
	return t, len(m[0]), err
}

// number reads kafel's notations: a leading 0 is octal, negative numbers are of 64 bits.
func number(s string) (uint64, error) {
	if text, negative := strings.CutPrefix(s, "-"); negative {
		v, err := strconv.ParseUint(text, 10, 63)
		return -v, err
	}
	return strconv.ParseUint(s, 0, 64)
}
