package dsl

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Allow is a comment "# lint: allow CODE REASON": findings of that code about the statement below the
// comment, or before it on its line, are not reported.
type Allow struct {
	Span   Span   // of the comment
	Code   string // a diagnostic code
	Reason string
	Covers Span // the statement
}

const lintPrefix = "lint:"

// addComments gives every statement the comments directly above and behind it: their text is the reason of
// a rule, and the lint comments among them go to f.Allows.
func (f *File) addComments(tokens []lexer.Token) Diagnostics {
	c := readComments(tokens)
	var diags Diagnostics
	for s := range f.All() {
		var reason []string
		for _, comment := range c.of(s) {
			text := commentText(comment)
			if !strings.HasPrefix(text, lintPrefix) {
				reason = append(reason, text)
				continue
			}
			a, errs := lintComment(comment, s)
			f.Allows = append(f.Allows, a)
			diags = append(diags, errs...)
		}
		if r, ok := s.(*Rule); ok {
			r.Reason = strings.TrimSpace(strings.Join(reason, "\n"))
		}
	}
	return append(diags, c.loose()...)
}

func commentText(c *lexer.Token) string { return strings.TrimSpace(strings.TrimLeft(c.Value, "#")) }

// lintComment reads a lint comment that belongs to s.
func lintComment(c *lexer.Token, s Statement) (Allow, Diagnostics) {
	words := strings.Fields(strings.TrimPrefix(commentText(c), lintPrefix))
	if len(words) < 3 || words[0] != "allow" {
		d := syntaxError(tokenSpan(*c), "write # lint: allow CODE REASON", "the lint comment is not complete")
		return Allow{}, Diagnostics{d}
	}
	return Allow{
		Span:   tokenSpan(*c),
		Code:   words[1],
		Reason: strings.Join(words[2:], " "),
		Covers: s.Range(),
	}, nil
}

// comments is what [File.addComments] must know of each line of a text, by its number. A comment goes as
// soon as a statement takes it.
type comments []struct{ first, last, comment *lexer.Token } // the first and last word; nil where none is

func readComments(tokens []lexer.Token) comments {
	c := make(comments, tokens[len(tokens)-1].Pos.Line+1)
	for i := range tokens {
		t := &tokens[i]
		line := &c[t.Pos.Line]
		switch {
		case t.Type == tokComment:
			line.comment = t
		case t.Type == tokSpace || t.Type == tokEnd || t.EOF():
		case line.first == nil:
			line.first, line.last = t, t
		default:
			line.last = t
		}
	}
	return c
}

// of takes the comments that belong to a statement, in the order of the text.
func (c comments) of(s Statement) []*lexer.Token {
	var out []*lexer.Token
	at := s.Range().Pos
	if c[at.Line].first.Pos == at {
		line := at.Line
		for c[line-1].first == nil && c[line-1].comment != nil {
			line--
		}
		for ; line < at.Line; line++ {
			out = append(out, c[line].comment)
			c[line].comment = nil
		}
	}
	for _, p := range anchors(s) {
		if line := &c[p.Line]; line.comment != nil && end(*line.last) == p {
			out = append(out, line.comment)
			line.comment = nil
		}
	}
	return out
}

// anchors returns the places behind which a comment belongs to s: its end and its opening brace.
func anchors(s Statement) []Pos {
	last := s.Range().EndPos
	if w, ok := s.(*When); ok {
		brace := w.Then.Pos
		advance(&brace, "{")
		return []Pos{brace, last}
	}
	return []Pos{last}
}

// loose returns an error for every lint comment that no statement has taken.
func (c comments) loose() Diagnostics {
	var diags Diagnostics
	for _, line := range c {
		if t := line.comment; t != nil && strings.HasPrefix(commentText(t), lintPrefix) {
			diags = append(diags, syntaxError(tokenSpan(*t),
				"put it directly above a statement or behind it", "the lint comment belongs to no statement"))
		}
	}
	return diags
}
