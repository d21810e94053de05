package dsl

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"
)

const maxDepth = 64 // open brackets

// continued holds the tokens behind which a line goes on.
var continued = []string{
	",", "=", "=>", "==", "!=", "<", "<=", ">", ">=", "<<", ">>", "&&", "||", "&", "|", "^", "+", "-", "*", "..",
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
	l := liner{last: &lexer.Token{Type: tokEnd}} // as between statements
	for i := range tokens {
		t := &tokens[i]
		switch {
		case t.Type == tokEnd && !l.ends():
			t.Type = tokSpace
		case t.Type == tokSpace && t.Value == "" && l.lacksEnd(&tokens[i+1]):
			t.Type = tokEnd
		case t.Type == tokPunct:
			t.Type = l.bracket(t.Value)
		}
		l.add(t)
		if t.Type == tokClose {
			l.goesOn = nextWord(tokens[i+1:]) == "else"
		}
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

// liner is the state of endStatements.
type liner struct {
	first  string       // the first word of the statement; empty between statements
	last   *lexer.Token // no blank and no comment
	goesOn bool         // last closes a block and "else" comes next
	blocks []bool       // for each open bracket: does it open a block?
}

func (l *liner) add(t *lexer.Token) {
	switch {
	case t.Type == tokSpace || t.Type == tokComment:
		return
	case t.Type == tokEnd || t.Type == tokOpen:
		l.first = ""
	case l.first == "":
		l.first = t.Value
	}
	l.last = t
}

// inside reports whether a statement has begun and not ended.
func (l *liner) inside() bool { return l.last.Type != tokEnd && l.last.Type != tokOpen }

// inBlock reports whether the innermost open bracket, if there is one, opens a block.
func (l *liner) inBlock() bool { return len(l.blocks) == 0 || l.blocks[len(l.blocks)-1] }

// lacksEnd reports whether a statement has no end of line before the next token, which ends it.
func (l *liner) lacksEnd(next *lexer.Token) bool {
	closes := next.Type == tokPunct && next.Value == "}" && l.inBlock()
	return l.inside() && (closes || next.EOF())
}

// ends reports whether an end of line here ends a statement.
func (l *liner) ends() bool {
	switch {
	case !l.inBlock() || !l.inside():
		return false
	case l.last.Type == tokPunct:
		return !slices.Contains(continued, l.last.Value)
	case l.last.Type == tokClose:
		return !l.goesOn
	}
	return true
}

// bracket keeps account of open brackets and returns the kind of the token.
func (l *liner) bracket(text string) lexer.TokenType {
	switch text {
	case "(", "{":
		block := text == "{" && l.last.Value != "in" && !slices.Contains(blockless, l.first)
		l.blocks = append(l.blocks, block)
		if block {
			return tokOpen
		}
	case ")", "}":
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
