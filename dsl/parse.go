package dsl

import "github.com/seccompc/seccompc/diag"

// The largest text that [Parse] takes. What the parser spends goes with the words: numbers, names
// and signs.
const (
	MaxSize  = 512 << 10 // bytes
	MaxWords = 50_000
)

// Parse reads a policy. The name stands for the text in positions. All errors of the text are found
// in one run. The file is never nil: it has the statements without an error, and in [File.Faulty]
// the places of the others.
func Parse(name string, src []byte) (*File, diag.List) {
	return newSource(name, string(src)).parse()
}

func (s source) parse() (*File, diag.List) {
	tokens, diags, ok := s.words()
	if !ok {
		return s.nothing(), diags
	}
	words := countWords(tokens)
	f := s.whole(tokens, diags)
	if f == nil || f.takesInClaims() {
		var cut [][2]int
		tokens, cut, diags = s.byLines()
		var found diag.List
		f, found = s.recover(tokens, cut)
		diags = append(diags, found...)
	}
	diags = append(diags, f.validate()...)
	f.Faulty, f.Words = outermost(f.Faulty), words
	diags = append(diags, f.addComments(s, tokens)...)
	diags.Sort()
	s.addForeign(diags)
	return f, diags
}

// whole parses the tokens of a text, or returns nil where they have an error.
func (s source) whole(tokens []token, diags diag.List) *File {
	if len(diags) > 0 {
		return nil
	}
	f, err := parseAs[File](s, tokens)
	if err != nil {
		return nil
	}
	return f
}

// ParseCall reads a call as a test block writes it: openat(AT_FDCWD, 0, O_RDWR), or unshare if arg0
// == 0. The name stands for the text in positions. With an error there is no call.
func ParseCall(name, text string) (*Call, diag.List) {
	return parseLine(name, text, "claim", checkCall)
}

// ParseExpr reads an expression: the value that the command line gives to a parameter. With an
// error there is none.
func ParseExpr(name, text string) (*Expr, diag.List) {
	return parseLine(name, text, "value", func(*Expr) diag.List { return nil })
}

// parseLine reads a text that is one production.
func parseLine[P any](name, text, part string, check func(*P) diag.List) (*P, diag.List) {
	s := newSource(name, text)
	tokens, diags, ok := s.words()
	if !ok || len(diags) > 0 {
		return nil, diags
	}
	tokens = untilEnd(tokens)
	tree, err := parseAs[P](s, tokens)
	if err != nil {
		return nil, diag.List{s.explain(err, tokens, part)}
	}
	if diags = check(tree); len(diags) > 0 {
		return nil, diags
	}
	return tree, nil
}

// untilEnd returns the first statement of the tokens, ended by EOF; where there is more, it returns
// all.
func untilEnd(tokens []token) []token {
	for i, t := range tokens {
		if t.kind != tokEnd {
			continue
		}
		for _, behind := range tokens[i+1:] {
			if !behind.kind.hidden() && behind.kind != tokEOF {
				return tokens
			}
		}
		return append(tokens[:i], token{tokEOF, t.end, t.end})
	}
	return tokens
}

// nothing is the file of a text of which nothing could be read.
func (s source) nothing() *File {
	f := &File{Faulty: []diag.Span{s.Span(0, len(s.Text))}}
	f.Span = s.Start()
	return f
}

// words is tokenize for a text from outside: it reports whether the text is small enough to be
// parsed.
func (s source) words() ([]token, diag.List, bool) {
	if size := len(s.Text); size > MaxSize {
		return nil, diag.List{s.tooLarge("the text", size)}, false
	}
	if wideText(s.Text) {
		return nil,
			diag.List{syntaxError(s.Start(), "save it as UTF-8: iconv -f utf-16 -t utf-8 OLD > NEW",
				"the text has two bytes for each character, as UTF-16 has")}, false
	}
	tokens, diags := s.tokenize()
	if n := countWords(tokens); n > MaxWords {
		return nil, diag.List{syntaxError(s.Start(), "ranges and sets say the same in fewer words",
			"the text has %d words, numbers and signs; at most %d are allowed", n, MaxWords)}, false
	}
	return tokens, diags, true
}

func countWords(tokens []token) int {
	n := 0
	for _, t := range tokens {
		if t.kind < tokEnd && t.kind != tokEOF {
			n++
		}
	}
	return n
}

// tokenize returns the tokens of a text, of which the last is EOF, and the errors in its words and
// brackets.
func (s source) tokenize() ([]token, diag.List) {
	tokens, diags := scan(s)
	m := matcher{source: s, tokens: tokens}
	m.match()
	s.endStatements(tokens, nil)
	return tokens, append(diags, m.diags...)
}

// byLines is tokenize for a text that has an error, see [matcher]. What stands in tests that are
// not closed is cut: claims of nothing.
func (s source) byLines() (tokens []token, cut [][2]int, diags diag.List) {
	tokens, diags = scan(s)
	m := matcher{source: s, tokens: tokens, byLines: true, ends: map[int]bool{}}
	m.unbalanced = s.count(tokens, "{") != s.count(tokens, "}")
	m.match()
	s.endStatements(tokens, m.ends)
	return tokens, m.cut, append(diags, m.diags...)
}

// count returns how many tokens are a sign.
func (s source) count(tokens []token, sign string) int {
	n := 0
	for _, t := range tokens {
		if t.kind == tokPunct && s.word(t) == sign {
			n++
		}
	}
	return n
}

// tooLarge says of a text that it has more bytes than [MaxSize].
func (s source) tooLarge(text string, size int) diag.Finding {
	return syntaxError(s.Start(), "split it and include the parts",
		"%s has %d bytes; at most %d are allowed", text, size, MaxSize)
}
