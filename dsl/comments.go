package dsl

import (
	"slices"
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

func commentText(c lexer.Token) string { return strings.TrimSpace(strings.TrimLeft(c.Value, "#")) }

// lintComment reads a lint comment that belongs to s.
func lintComment(c lexer.Token, s Statement) (Allow, Diagnostics) {
	words := strings.Fields(strings.TrimPrefix(commentText(c), lintPrefix))
	if len(words) < 3 || words[0] != "allow" {
		d := syntaxError(tokenSpan(c), "write # lint: allow CODE REASON", "the lint comment is not complete")
		return Allow{}, Diagnostics{d}
	}
	return Allow{
		Span:   tokenSpan(c),
		Code:   words[1],
		Reason: strings.Join(words[2:], " "),
		Covers: s.Range(),
	}, nil
}

// comments holds the comments that no statement has taken yet.
type comments struct {
	own    map[int]lexer.Token // alone on their line, by line
	behind map[int]lexer.Token // the others, by the offset at which the text before them ends
	first  map[int]int         // the offset of the first word of each line
}

func readComments(tokens []lexer.Token) comments {
	c := comments{map[int]lexer.Token{}, map[int]lexer.Token{}, map[int]int{}}
	var last lexer.Position // the end of the text before
	for _, t := range tokens {
		switch {
		case t.Type == tokComment && t.Pos.Line == last.Line:
			c.behind[last.Offset] = t
		case t.Type == tokComment:
			c.own[t.Pos.Line] = t
		case t.Type != tokSpace && t.Type != tokEnd:
			last = end(t)
			if _, ok := c.first[t.Pos.Line]; !ok {
				c.first[t.Pos.Line] = t.Pos.Offset
			}
		}
	}
	return c
}

// of takes the comments that belong to a statement, in the order of the text.
func (c comments) of(s Statement) []lexer.Token {
	var out []lexer.Token
	at := s.Range().Pos
	for line := at.Line - 1; c.first[at.Line] == at.Offset && c.own[line].Value != ""; line-- {
		out = append(out, c.own[line])
		delete(c.own, line)
	}
	slices.Reverse(out)
	for _, offset := range anchors(s) {
		if t, ok := c.behind[offset]; ok {
			out = append(out, t)
			delete(c.behind, offset)
		}
	}
	return out
}

// anchors returns the offsets behind which a comment belongs to s: its end and its opening brace.
func anchors(s Statement) []int {
	last := s.Range().EndPos.Offset
	if w, ok := s.(*When); ok {
		return []int{w.Then.Pos.Offset + len("{"), last}
	}
	return []int{last}
}

// loose returns an error for every lint comment that no statement has taken.
func (c comments) loose() Diagnostics {
	var diags Diagnostics
	for _, group := range []map[int]lexer.Token{c.own, c.behind} {
		for _, t := range group {
			if strings.HasPrefix(commentText(t), lintPrefix) {
				diags = append(diags, syntaxError(tokenSpan(t),
					"put it directly above a statement or behind it", "the lint comment belongs to no statement"))
			}
		}
	}
	return diags
}
