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

// finish adds to the tree what the grammar does not see: comments, and the checks of shape.go.
func (f *File) finish(tokens []lexer.Token) Diagnostics {
	diags := checkStatements(f.Statements)
	own, behind := comments(tokens)
	for s := range f.All() {
		var block []lexer.Token // the comments that belong to s
		line := s.Range().Pos.Line - 1
		for ; own[line].Value != ""; line-- {
			block = append(block, own[line])
		}
		slices.Reverse(block)
		if c, ok := behind[lastLine(s)]; ok {
			block = append(block, c)
		}
		var reason []string
		for _, c := range block {
			text := strings.TrimSpace(strings.TrimLeft(c.Value, "#"))
			if !strings.HasPrefix(text, lintPrefix) {
				reason = append(reason, text)
				continue
			}
			a, errs := lintComment(c, text, s)
			diags = append(diags, errs...)
			f.Allows = append(f.Allows, a)
		}
		if r, ok := s.(*Rule); ok {
			r.Reason = strings.TrimSpace(strings.Join(reason, "\n"))
		}
	}
	return diags
}

// lastLine returns the line on which a comment behind the statement stands: for one with a block, the line
// that opens the block.
func lastLine(s Statement) int {
	switch s := s.(type) {
	case *When:
		return s.Then.Pos.Line
	case *Test:
		return s.Name.EndPos.Line
	}
	return s.Range().EndPos.Line
}

func lintComment(c lexer.Token, text string, s Statement) (Allow, Diagnostics) {
	words := strings.Fields(strings.TrimPrefix(text, lintPrefix))
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

// comments returns, by line, the comments that have their line to themselves and those behind other text.
func comments(tokens []lexer.Token) (own, behind map[int]lexer.Token) {
	own, behind = map[int]lexer.Token{}, map[int]lexer.Token{}
	line := 0 // the last one with other text
	for _, t := range tokens {
		switch {
		case t.Type == tokComment && t.Pos.Line == line:
			behind[line] = t
		case t.Type == tokComment:
			own[t.Pos.Line] = t
		case t.Type != tokSpace && t.Type != tokEnd:
			line = t.Pos.Line
		}
	}
	return own, behind
}
