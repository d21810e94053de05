package dsl

import (
	"slices"
	"strings"
)

// endStatements decides which ends of lines end a statement and makes blanks of the others, marks
// the braces of blocks, and makes an end of the empty blank before "}" or the end of the file where
// a statement lacks one. Those of ends do so whatever stands before them.
func (s source) endStatements(tokens []token, ends map[int]bool) {
	l := liner{source: s, last: token{kind: tokEnd}} // as between statements
	for i := range tokens {
		t := &tokens[i]
		switch t.kind {
		case tokComment:
			continue
		case tokSpace:
			if !l.lacksEnd(tokens[i+1]) {
				continue
			}
			t.kind = tokEnd
		case tokEnd:
			if !(l.inside() && ends[i]) && !l.ends(tokens[i+1:]) {
				t.kind = tokSpace
				continue
			}
		case tokPunct:
			t.kind = l.bracket(s.word(*t), tokens[i+1:])
		}
		if !l.inside() {
			l.first = *t
		}
		l.last, l.goesOn = *t, false
	}
}

// takesInClaims reports whether a claim that is not finished goes on with the claim of the line
// below it, which the grammar reads as a value: no constant of the file has that name, and the line
// stands no further to the right.
func (f *File) takesInClaims() bool {
	var names map[string]bool
	for s := range f.All() {
		test, ok := s.(*Test)
		if !ok {
			continue
		}
		for _, c := range test.Claims {
			name := lastLineAlone(c)
			if name == "" || strings.ToUpper(name) == name {
				continue
			}
			if names == nil {
				names = f.names()
			}
			if !names[name] {
				return true
			}
		}
	}
	return false
}

// lastLineAlone returns what stands before "=>" in the last line of a claim, if that is a name and
// the line is no further to the right than the first.
func lastLineAlone(c *Claim) string {
	text := c.Span.Text()
	begin := strings.LastIndexByte(text, '\n') + 1
	last := strings.TrimLeft(text[begin:], " \t")
	if begin == 0 || len(text)-begin-len(last) >= c.Pos().Column {
		return ""
	}
	name, _, ok := strings.Cut(last, "=>")
	if name = strings.TrimSpace(name); !ok || !isName(name) {
		return ""
	}
	return name
}

// names returns the names of the constants, parameters and late values of a file.
func (f *File) names() map[string]bool {
	out := map[string]bool{}
	for s := range f.All() {
		switch s := s.(type) {
		case *Define:
			out[s.Name.Text] = true
		case *Late:
			out[s.Name.Text] = true
		}
	}
	return out
}

// liner knows of the tokens so far what the next ones depend on.
type liner struct {
	source
	first  token  // of the statement, once it has begun
	last   token  // but for blanks and comments
	goesOn bool   // the last one closes a block and "else" comes next
	blocks []bool // for each open bracket: does it open a block?
}

// inside reports whether a statement has begun and not ended.
func (l *liner) inside() bool { return l.last.kind != tokEnd && l.last.kind != tokOpen }

// inBlock reports whether the innermost open bracket, if there is one, opens a block.
func (l *liner) inBlock() bool { return len(l.blocks) == 0 || l.blocks[len(l.blocks)-1] }

// lacksEnd reports whether a statement has no end of line before the next token, which ends it.
func (l *liner) lacksEnd(next token) bool {
	closes := next.kind == tokPunct && l.inBlock()
	return (closes || next.kind == tokEOF) && l.inside()
}

// ends reports whether an end of line here ends a statement.
func (l *liner) ends(behind []token) bool {
	switch {
	case !l.inBlock() || !l.inside():
		return false
	case l.last.kind == tokPunct:
		return !continues(l.word(l.last))
	case l.last.kind == tokClose:
		l.goesOn = l.goesOn || l.nextWord(behind) == "else"
		return !l.goesOn
	}
	return true
}

// nextWord returns the text of the first token that is no blank, comment or end of line.
func (l *liner) nextWord(tokens []token) string { return l.word(tokens[nextWord(tokens, 0)]) }

// nextWord returns the first token, from one on, that is no blank, comment or end of line: the last
// is EOF.
func nextWord(tokens []token, from int) int {
	for tokens[from].isBlank() {
		from++
	}
	return from
}

func (t token) isBlank() bool { return t.kind.hidden() && t.kind != tokIllegal || t.kind == tokEnd }

// bracket keeps account of open brackets and returns the kind of the token.
func (l *liner) bracket(text string, behind []token) kind {
	switch text {
	case "(", "{":
		block := text == "{" && !l.wantsList(behind)
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

// lineGoesOn reports whether more than a comment stands on the line.
func (l *liner) lineGoesOn(behind []token) bool {
	i := slices.IndexFunc(behind, func(t token) bool { return t.kind != tokComment })
	return i >= 0 && behind[i].kind != tokEnd && behind[i].kind != tokEOF
}

// wantsList reports whether a brace here opens a list: something must follow what stands before it,
// and that is no block. In a statement that has no blocks it is a mistake, and a list where its
// line goes on: so its mistakes are not reported as those of statements.
func (l *liner) wantsList(behind []token) bool {
	if !l.inside() {
		return false
	}
	last := l.word(l.last)
	words := vocabulary()
	first := strings.ToLower(l.word(l.first))
	if words.Begins(first) && !slices.Contains(words.blocks, first) && l.lineGoesOn(behind) {
		return true
	}
	alone := l.last == l.first && words.Begins(last) && !slices.Contains(words.blocks, last)
	return alone || last == "in" || l.last.kind == tokPunct && continues(last)
}
