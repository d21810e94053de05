package lsp

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
)

// place is where in a statement something is to be completed. It is told from the words before, for
// the statement is not finished.
type place struct {
	words []string // of the statement before the word that is being written
	inner string   // the first word of the block around: "test", "when", or ""
	start int      // of the word that is being written, in bytes
	end   int      // of what a word is written over: up to the cursor, or a string in quotes
	typed string   // what is there of it
	in    dsl.TokenKind
}

// placeAt returns where an offset of a text is.
func placeAt(name, src string, offset int) place {
	p := place{start: offset, end: offset, in: dsl.Word}
	var blocks []string
	behind := 0 // the last word before
	for _, t := range dsl.Tokens(name, []byte(src)) {
		start, end := t.Offsets()
		if start >= offset {
			break
		}
		word := t.Text()
		if t.Kind == dsl.Comment && !strings.Contains(src[end:max(end, offset)], "\n") {
			end = offset // blanks at its end are no part of the token
		}
		if offset <= end && t.Kind != dsl.Sign && t.Kind != dsl.End {
			p.start, p.typed, p.in = start, src[start:offset], t.Kind
			if t.Kind == dsl.Quoted {
				p.end = end
			}
			break
		}
		switch {
		case t.Kind == dsl.Comment:
		case t.Kind == dsl.End:
			p.words = nil
		case word == "{" && p.opensBlock():
			blocks = append(blocks, p.words[0])
			p.words = nil
		case word == "}" && !slices.Contains(p.words, "{"):
			if len(blocks) > 0 {
				blocks = blocks[:len(blocks)-1]
			}
			p.words = nil
		default:
			p.words = append(p.words, word)
		}
		behind = end
	}
	if blankLine(src[min(behind, p.start):p.start]) && !p.inList() {
		p.words = nil // a statement that is not finished stands above
	}
	if len(blocks) > 0 {
		p.inner = blocks[len(blocks)-1]
	}
	return p
}

// opensBlock reports whether a brace behind the words opens a block and no list.
func (p *place) opensBlock() bool {
	if len(p.words) == 0 || !slices.Contains([]string{"test", "when", "else"}, p.words[0]) {
		return false
	}
	return p.last() != "in" && p.last() != "="
}

// blankLine reports whether a line of a text is blank.
func blankLine(text string) bool {
	lines := strings.Split(text, "\n")
	return slices.ContainsFunc(lines[1:max(1, len(lines)-1)], func(line string) bool {
		return strings.TrimSpace(line) == ""
	})
}

// inList reports whether a bracket is open before the place.
func (p *place) inList() bool {
	_, _, open := unclosed(p.words)
	return open || slices.Contains(p.words, "{") && p.last() != "}"
}

// last returns the last word before the place, or "".
func (p *place) last() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[len(p.words)-1]
}

// named returns the calls and sets that the rule or the claim names before its condition.
func (p *place) named() []*dsl.Selector {
	words := p.words
	if p.inner != "test" && len(words) > 0 {
		words = words[1:]
	}
	if len(words) > 0 && words[0] == "(" { // of an action
		words = words[max(slices.Index(words, ")"), 0)+1:]
	}
	if p.inner == "test" {
		words = words[slices.Index(words, ":")+1:]
	}
	var out []*dsl.Selector
	all := false
	for _, w := range words {
		switch {
		case w == "if" || w == "-" || w == "(" || w == "=>":
			return out
		case w[0] == '@':
			out = append(out, &dsl.Selector{Set: w})
		case w == "all":
		case w != ",":
			out = append(out, &dsl.Selector{Name: w, All: all})
		}
		all = w == "all"
	}
	return out
}

// behind returns the words behind the last one that is equal to a word, and false where none is.
func (p *place) behind(word string) ([]string, bool) {
	for i, w := range slices.Backward(p.words) {
		if w == word {
			return p.words[i+1:], true
		}
	}
	return nil, false
}

// unclosed returns what stands behind the last parenthesis that is not closed, and where that is in
// the words.
func unclosed(words []string) (behind []string, at int, ok bool) {
	depth := 0
	for i, w := range slices.Backward(words) {
		switch w {
		case ")":
			depth++
		case "(":
			if depth == 0 {
				return words[i+1:], i, true
			}
			depth--
		}
	}
	return nil, 0, false
}

// test is the comparison of a condition that is being written.
type test struct {
	operand string   // the argument, or ""
	behind  []string // what stands behind it
}

// lastTest returns the comparison at the end of a condition.
func lastTest(cond []string) test {
	for i, w := range slices.Backward(cond) {
		if w == "||" || w == "&&" {
			cond = cond[i+1:]
			break
		}
	}
	for len(cond) > 0 && (cond[0] == "(" || cond[0] == "!") {
		cond = cond[1:]
	}
	if len(cond) > 2 && slices.Contains(dsl.Words().Casts, cond[0]) && cond[1] == "(" {
		operand := cond[2]
		cond = cond[min(len(cond), 4):]
		return test{operand, cond}
	}
	if len(cond) == 0 || slices.Contains(dsl.Words().Casts, cond[0]) {
		return test{}
	}
	return test{cond[0], cond[1:]}
}

// wantsValue reports whether a value must come next: behind an operator, a bracket or a comma.
func (t test) wantsValue() bool {
	if len(t.behind) == 0 {
		return false
	}
	switch last := t.behind[len(t.behind)-1]; last {
	case "}", ")":
		return false
	case "any", "all", "only":
		return true
	default:
		return slices.Contains(dsl.Words().Operators, last)
	}
}
