package dsl

import (
	"sort"
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
func (f *File) addComments(cs *comments) Diagnostics {
	var diags Diagnostics
	for s := range f.All() {
		var reason []string
		for _, comment := range cs.of(s) {
			text := comment.text()
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
	return append(diags, cs.loose()...)
}

// text returns what the comment says.
func (c *comment) text() string { return strings.TrimSpace(strings.TrimLeft(c.Value, "#")) }

// lintComment reads a lint comment that belongs to s.
func lintComment(c *comment, s Statement) (Allow, Diagnostics) {
	words := strings.Fields(strings.TrimPrefix(c.text(), lintPrefix))
	if len(words) < 3 || words[0] != "allow" {
		d := syntaxError(tokenSpan(c.Token), "write # lint: allow CODE REASON", "the lint comment is not complete")
		return Allow{}, Diagnostics{d}
	}
	return Allow{
		Span:   tokenSpan(c.Token),
		Code:   words[1],
		Reason: strings.Join(words[2:], " "),
		Covers: s.Range(),
	}, nil
}

// comment is a comment of a text. A statement takes it at most once.
type comment struct {
	lexer.Token
	after Pos // where the word or the end of a line before it ends
	taken bool
}

// comments holds the comments of a text in their order.
type comments struct {
	src  string
	list []*comment
}

// of takes the comments that belong to a statement, in the order of the text.
func (cs *comments) of(s Statement) []*comment {
	span := s.Range()
	out := cs.above(span.Pos)
	if w, ok := s.(*When); ok {
		brace := w.Then.Pos
		advance(&brace, "{")
		out = append(out, cs.behind(brace)...)
	}
	out = append(out, cs.behind(span.EndPos)...)
	for _, c := range out {
		c.taken = true
	}
	return out
}

// above returns the comments on the lines directly above a word that is the first of its line.
func (cs *comments) above(word Pos) []*comment {
	last := cs.search(word)
	first := last
	for line := word.Line - 1; first > 0 && cs.list[first-1].isAlone(line); line-- {
		first--
	}
	if first < last && !strings.HasSuffix(strings.TrimRight(cs.src[:word.Offset], " \t"), "\n") {
		return nil
	}
	return cs.list[first:last:last]
}

// isAlone reports whether the comment is on a line and no word is.
func (c *comment) isAlone(line int) bool {
	return c.Pos.Line == line && (c.after.Line < line || c.after.Column == 1)
}

// behind returns the comment on the line of a word that ends at a place and is the last of the line.
func (cs *comments) behind(word Pos) []*comment {
	i := cs.search(word)
	if i < len(cs.list) && cs.list[i].after == word && cs.list[i].Pos.Line == word.Line {
		return cs.list[i : i+1]
	}
	return nil
}

// search returns the index of the first comment behind a place.
func (cs *comments) search(p Pos) int {
	return sort.Search(len(cs.list), func(i int) bool { return cs.list[i].Pos.Offset >= p.Offset })
}

// loose returns an error for every lint comment that no statement has taken.
func (cs *comments) loose() Diagnostics {
	var diags Diagnostics
	for _, c := range cs.list {
		if !c.taken && strings.HasPrefix(c.text(), lintPrefix) {
			diags = append(diags, syntaxError(tokenSpan(c.Token),
				"put it directly above a statement or behind it", "the lint comment belongs to no statement"))
		}
	}
	return diags
}
