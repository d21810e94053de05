package dsl

import "github.com/seccompc/seccompc/diag"

// MaxSize is the largest source text, in bytes, that [Parse] takes.
const MaxSize = 512 << 10

// Parse reads a policy. The name stands for the text in positions. All errors of the text are found in one
// run. The file is never nil: it has the statements without an error, and in [File.Faulty] the places of the
// others.
func Parse(name string, src []byte) (*File, diag.List) {
	return newSource(name, string(src)).parse()
}

func (s source) parse() (*File, diag.List) {
	if size := len(s.Text); size > MaxSize {
		f := &File{Faulty: []diag.Span{s.Span(0, size)}}
		f.Span = s.Start()
		return f, diag.List{s.tooLarge("the text", size)}
	}
	tokens, diags := s.tokenize()
	f, err := parseAs[File](s, tokens)
	if err != nil || len(diags) > 0 || len(checkStatements(f.Statements)) > 0 {
		var found diag.List
		f, found = s.recover(tokens)
		diags = append(diags, found...)
	}
	diags = append(diags, f.addComments(s, tokens)...)
	diags.Sort()
	return f, diags
}

// ParseCall reads a call as a test block writes it: openat(AT_FDCWD, 0, O_RDWR), or unshare if arg0 == 0.
// The name stands for the text in positions. With an error there is no call.
func ParseCall(name, text string) (*Call, diag.List) { return parseLine(name, text, checkCall) }

// ParseExpr reads an expression: the value that the command line gives to a parameter. With an error there
// is none.
func ParseExpr(name, text string) (*Expr, diag.List) {
	return parseLine(name, text, func(*Expr) diag.List { return nil })
}

// parseLine reads a text that is one production.
func parseLine[P any](name, text string, check func(*P) diag.List) (*P, diag.List) {
	s := newSource(name, text)
	if len(text) > MaxSize {
		return nil, diag.List{s.tooLarge("the text", len(text))}
	}
	tokens, diags := s.tokenize()
	if len(diags) > 0 {
		return nil, diags
	}
	tokens = untilEnd(tokens)
	tree, err := parseAs[P](s, tokens)
	if err != nil {
		return nil, diag.List{s.explain(err, tokens)}
	}
	if diags = check(tree); len(diags) > 0 {
		return nil, diags
	}
	return tree, nil
}

// untilEnd returns the first statement of the tokens, ended by EOF; where there is more, it returns all.
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

// tokenize returns the tokens of a text, of which the last is EOF, and the errors in its words and brackets.
func (s source) tokenize() ([]token, diag.List) {
	tokens, diags := scan(s)
	diags = append(diags, s.matchBrackets(tokens)...)
	s.endStatements(tokens)
	return tokens, diags
}

// tooLarge says of a text that it has more bytes than [MaxSize].
func (s source) tooLarge(text string, size int) diag.Finding {
	return syntaxError(s.Start(), "split it and include the parts",
		"%s has %d bytes; at most %d are allowed", text, size, MaxSize)
}
