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
	for i, t := range tokens {
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

// giveUp marks everything as illegal, so that nothing behind a hopeless place is parsed.
func giveUp(tokens []lexer.Token) {
	for i := range tokens {
		if tokens[i].Type != tokEnd {
			tokens[i].Type = tokIllegal
		}
	}
}

// endStatements decides which ends of lines end a statement and makes blanks of the others, marks the
// braces of blocks, and adds the end that a statement before "}" or the end of the file lacks.
func endStatements(name string, tokens []lexer.Token) []lexer.Token {
	l := liner{out: make([]lexer.Token, 0, len(tokens)+8)}
	for i, t := range tokens {
		switch {
		case t.Type == tokEnd:
			if !l.ends(tokens[i+1:]) {
				t.Type = tokSpace
			}
		case t.Type == tokSpace || t.Type == tokComment:
			l.out = append(l.out, t)
			continue
		case t.Type == tokPunct:
			t.Type = l.bracket(t.Value)
		}
		l.add(t)
	}
	at := lexer.Position{Filename: name, Line: 1, Column: 1}
	if n := len(tokens); n > 0 {
		at = end(tokens[n-1])
	}
	l.finish(at)
	return append(l.out, lexer.EOFToken(at))
}

// liner is the state of endStatements.
type liner struct {
	out    []lexer.Token
	first  string // the first word of the statement; empty between statements
	last   lexer.Token
	blocks []bool // for each open bracket: does it open a block?
}

func (l *liner) add(t lexer.Token) {
	if t.Type == tokClose {
		l.finish(t.Pos)
	}
	l.out = append(l.out, t)
	switch {
	case t.Type == tokSpace:
		return
	case t.Type == tokEnd || t.Type == tokOpen:
		l.first = ""
	case l.first == "":
		l.first = t.Value
	}
	l.last = t
}

// finish ends a statement that has no end of line behind it.
func (l *liner) finish(at lexer.Position) {
	if l.last.Type != 0 && l.last.Type != tokEnd && l.last.Type != tokOpen {
		l.add(lexer.Token{Type: tokEnd, Pos: at})
	}
}

// ends reports whether an end of line here, before rest, ends a statement.
func (l *liner) ends(rest []lexer.Token) bool {
	switch {
	case len(l.blocks) > 0 && !l.blocks[len(l.blocks)-1]:
		return false
	case l.last.Type == 0 || l.last.Type == tokEnd || l.last.Type == tokOpen:
		return false
	case l.last.Type == tokPunct && slices.Contains(continued, l.last.Value):
		return false
	case l.last.Type == tokClose:
		i := slices.IndexFunc(rest, func(t lexer.Token) bool { return !elided(t.Type) && t.Type != tokEnd })
		return i < 0 || rest[i].Value != "else"
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
