package dsl

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"
)

const maxDepth = 64 // open brackets

// continued reports whether a line goes on behind a token.
func continued(text string) bool {
	switch text {
	case ",", "=", "=>", "==", "!=", "<", "<=", ">", ">=", "<<", ">>", "&&", "||", "&", "|", "^", "+", "-", "*", "..":
		return true
	}
	return false
}

// matchBrackets finds the brackets that have no partner, reports them and marks them as illegal. A brace
// closes over parentheses that are still open.
func matchBrackets(tokens []lexer.Token) Diagnostics {
	var diags Diagnostics
	illegal := func(i int, help, format string, args ...any) {
		diags = append(diags, syntaxError(tokenSpan(tokens[i]), help, format, args...))
		tokens[i].Type = tokIllegal
	}
	var open []int // indices into tokens
	for i := range tokens {
		t := &tokens[i]
		if t.Type != tokPunct {
			continue
		}
		switch t.Value {
		case "(", "{":
			if len(open) == maxDepth {
				illegal(i, "", "more than %d brackets are open", maxDepth)
				giveUp(tokens[i+1:])
				return diags
			}
			open = append(open, i)
		case ")", "}":
			at := opener(tokens, open, t.Value)
			if at < 0 {
				illegal(i, "", "%s closes nothing", t.Value)
				continue
			}
			for _, j := range open[at+1:] {
				illegal(j, "", "%s is never closed", tokens[j].Value)
			}
			open = open[:at]
		}
	}
	for _, i := range open {
		illegal(i, "", "%s is never closed", tokens[i].Value)
	}
	return diags
}

// opener returns the position in open of the bracket that close belongs to, or -1.
func opener(tokens []lexer.Token, open []int, close string) int {
	if close == ")" {
		if n := len(open) - 1; n >= 0 && tokens[open[n]].Value == "(" {
			return n
		}
		return -1
	}
	for at, i := range slices.Backward(open) {
		if tokens[i].Value == "{" {
			return at
		}
	}
	return -1
}

// giveUp marks every word as illegal, so that nothing behind a hopeless place is parsed.
func giveUp(tokens []lexer.Token) {
	for i, t := range tokens {
		if t.Type < tokEnd && !t.EOF() {
			tokens[i].Type = tokIllegal
		}
	}
}

// endStatements decides which ends of lines end a statement and makes blanks of the others, marks the
// braces of blocks, and makes an end of the empty blank before "}" or the end of the file where a statement
// lacks one.
func endStatements(tokens []lexer.Token) {
	l := newLiner()
	for i := range tokens {
		t, behind := &tokens[i], tokens[i+1:]
		switch {
		case t.Type == tokSpace && t.Value == "" && l.lacksEnd(&behind[0]):
			t.Type = tokEnd
		case blank(t.Type):
			continue
		}
		l.place(t, func() string { return nextWord(behind) })
	}
}

// nextWord returns the text of the first token that is no blank, comment or end of line.
func nextWord(tokens []lexer.Token) string {
	for i := range tokens {
		if t := &tokens[i]; !elided(t.Type) && t.Type != tokEnd {
			return t.Value
		}
	}
	return ""
}

// liner knows of the tokens so far what the next ones depend on.
type liner struct {
	first  string          // the first word of the statement; empty between statements
	kind   lexer.TokenType // of the last token but for blanks and comments
	last   string          // its text
	goesOn bool            // it closes a block and "else" comes next
	blocks []bool          // for each open bracket: does it open a block?
}

func newLiner() liner { return liner{kind: tokEnd} } // as between statements

// place gives a token, which is no blank and no comment, the kind that it has in its place, given how to find
// the word behind it.
func (l *liner) place(t *lexer.Token, nextWord func() string) {
	switch t.Type {
	case tokEnd:
		if t.Value != "" && !l.ends(nextWord) {
			t.Type = tokSpace
			return
		}
	case tokPunct:
		t.Type = l.bracket(t.Value)
	}
	switch {
	case t.Type == tokEnd || t.Type == tokOpen:
		l.first = ""
	case l.first == "":
		l.first = t.Value
	}
	l.kind, l.last, l.goesOn = t.Type, t.Value, false
}

// inside reports whether a statement has begun and not ended.
func (l *liner) inside() bool { return l.kind != tokEnd && l.kind != tokOpen }

// inBlock reports whether the innermost open bracket, if there is one, opens a block.
func (l *liner) inBlock() bool { return len(l.blocks) == 0 || l.blocks[len(l.blocks)-1] }

// lacksEnd reports whether a statement has no end of line before the next token, which ends it.
func (l *liner) lacksEnd(next *lexer.Token) bool {
	closes := next.Type == tokPunct && next.Value == "}" && l.inBlock()
	return (closes || next.EOF()) && l.inside()
}

// ends reports whether an end of line here ends a statement.
func (l *liner) ends(nextWord func() string) bool {
	switch {
	case !l.inBlock() || !l.inside():
		return false
	case l.kind == tokPunct:
		return !continued(l.last)
	case l.kind == tokClose:
		l.goesOn = l.goesOn || nextWord() == "else"
		return !l.goesOn
	}
	return true
}

// bracket keeps account of open brackets and returns the kind of the token.
func (l *liner) bracket(text string) lexer.TokenType {
	switch text {
	case "(", "{":
		block := text == "{" && l.last != "in" && !slices.Contains(blockless, l.first)
		l.blocks = append(l.blocks, block)
		if block {
			return tokOpen
		}
	case ")", "}":
		if len(l.blocks) == 0 {
			break // only the reader comes here without matchBrackets, and will not take it
		}
		block := l.blocks[len(l.blocks)-1]
		l.blocks = l.blocks[:len(l.blocks)-1]
		if block {
			return tokClose
		}
	}
	return tokPunct
}

// blockless holds the first words of statements behind which a brace can only be a mistake.
var blockless = []string{"arch", "const", "param", "set", "include", "hot"}
