package dsl

import (
	"sort"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// Allow is a comment "# lint: allow CODE REASON": findings of that code about the statement below
// the comment, or before it on its line, are not reported.
type Allow struct {
	Span   diag.Span // of the comment
	Code   string    // a diagnostic code
	Reason string
	Covers diag.Span // the statement
}

const lintPrefix = "lint:"

// addComments gives every statement the comments directly above and behind it: their text is the
// reason of a rule, and the lint comments among them go to f.Allows.
func (f *File) addComments(text source, tokens []token) diag.List {
	var diags diag.List
	cs := commentsOf(text, tokens)
	for _, c := range cs {
		if directive().MatchString(c.Text()) {
			f.Directives = append(f.Directives, c.Span)
		}
	}
	for s := range f.All() {
		var reason []string
		for _, comment := range cs.of(s) {
			text := comment.text()
			if !strings.HasPrefix(text, lintPrefix) {
				reason = append(reason, text)
				continue
			}
			if a, errs := lintComment(comment, s); len(errs) > 0 {
				diags = append(diags, errs...)
			} else {
				f.Allows = append(f.Allows, a)
			}
		}
		if r, ok := s.(*Rule); ok {
			r.Reason = strings.TrimSpace(strings.Join(reason, "\n"))
		}
	}
	for _, span := range f.Faulty {
		cs.around(span)
	}
	return append(diags, cs.loose(f.Faulty)...)
}

// text returns what the comment says.
func (c *comment) text() string { return strings.TrimSpace(strings.TrimLeft(c.Text(), "#")) }

// lintComment reads a lint comment that belongs to s.
func lintComment(c *comment, s Statement) (Allow, diag.List) {
	allow, rest := firstWord(strings.TrimPrefix(c.text(), lintPrefix))
	code, reason := firstWord(rest)
	if allow != "allow" || reason == "" {
		d := syntaxError(c.Span, "write # lint: allow CODE REASON",
			"the lint comment is not complete")
		return Allow{}, diag.List{d}
	}
	return Allow{
		Span:   c.Span,
		Code:   code,
		Reason: reason,
		Covers: s.Range(),
	}, nil
}

// firstWord returns the first word of a text and what stands behind it.
func firstWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimLeft(s[end:], " \t")
}

// comment is a comment of a text. A statement takes it at most once.
type comment struct {
	diag.Span
	behind int // where the word before it on its line ends; -1 if it is alone
	// where the word or comment at the start of the next line begins; -1 if that is empty
	above int
	taken bool
}

// comments holds the comments of a text in their order.
type comments []comment

func commentsOf(s source, tokens []token) comments {
	var cs comments
	newline := func(i int) bool { return i < 0 || s.word(tokens[i]) == "\n" }
	for i, t := range tokens {
		if t.kind != tokComment {
			continue
		}
		c := comment{Span: s.span(t), behind: -1, above: -1}
		if !newline(i - 1) {
			c.behind = int(tokens[i-1].end)
		}
		if newline(i+1) && !newline(i+2) { // EOF is behind every newline
			c.above = int(tokens[i+2].start)
		}
		cs = append(cs, c)
	}
	return cs
}

// of takes the comments that belong to a statement, in the order of the text.
func (cs comments) of(s Statement) []*comment {
	w, ok := s.(*When)
	if !ok {
		return cs.around(s.Range())
	}
	start, end := w.Offsets()
	brace, _ := w.Then.Offsets()
	return cs.appendBehind(cs.appendBehind(cs.directlyAbove(start), brace+len("{")), end)
}

// around takes the comments directly above and behind a place.
func (cs comments) around(place diag.Span) []*comment {
	start, end := place.Offsets()
	return cs.appendBehind(cs.directlyAbove(start), end)
}

// directlyAbove takes the comments on the lines directly above a word that is the first of its
// line.
func (cs comments) directlyAbove(word int) []*comment {
	last := cs.search(word)
	first := last
	for at := word; first > 0 && cs[first-1].behind < 0 && cs[first-1].above == at; first-- {
		at, _ = cs[first-1].Offsets()
	}
	var out []*comment
	for i := first; i < last; i++ {
		out = append(out, cs.take(i))
	}
	return out
}

// appendBehind takes the comment on the line of a word that ends at a place and is the last of the
// line.
func (cs comments) appendBehind(out []*comment, place int) []*comment {
	if i := cs.search(place); i < len(cs) && cs[i].behind == place {
		return append(out, cs.take(i))
	}
	return out
}

func (cs comments) take(i int) *comment {
	cs[i].taken = true
	return &cs[i]
}

// search returns the index of the first comment behind a place.
func (cs comments) search(place int) int {
	return sort.Search(len(cs), func(i int) bool {
		start, _ := cs[i].Offsets()
		return start >= place
	})
}

// loose returns an error for every lint comment that no statement has taken. Whom those within
// faulty statements belong to is not known.
func (cs comments) loose(faulty []diag.Span) diag.List {
	var diags diag.List
	for i := range cs {
		c := &cs[i]
		for len(faulty) > 0 && endsBefore(faulty[0], c.Span) {
			faulty = faulty[1:]
		}
		within := len(faulty) > 0 && faulty[0].Contains(c.Span)
		if !c.taken && !within && strings.HasPrefix(c.text(), lintPrefix) {
			diags = append(diags, syntaxError(c.Span,
				"put it directly above a statement or behind it",
				"the lint comment belongs to no statement"))
		}
	}
	return diags
}

// endsBefore reports whether a place ends before another begins.
func endsBefore(a, b diag.Span) bool {
	_, end := a.Offsets()
	start, _ := b.Offsets()
	return end <= start
}
