package dsl

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

const maxDepth = 64 // open brackets

// matcher finds the brackets that have no partner, reports them and marks them as illegal.
//
// A faulty text is read by its lines too: a statement that lacks something, as each does while it
// is written, must not take in those below it. So a line that can only begin a statement closes the
// lists before it, and where braces are missing, indentation tells which. A text without an error
// is never read so: but for [File.takesInClaims], blanks mean nothing in the language.
type matcher struct {
	source
	tokens     []token
	byLines    bool
	unbalanced bool         // braces of one kind are more than those of the other
	ends       map[int]bool // the ends of lines that end a statement or claim
	indent     int          // of the line
	cut        [][2]int     // what stands in the blocks of tests that are not closed
	open       []bracket
	diags      diag.List
}

// bracket is one that is open.
type bracket struct {
	at          int  // which token it is
	list        bool // it is a parenthesis, or the brace of a list
	test        bool // it is the brace of a test
	line, inner int  // how far its line is indented, and the one below it
}

// match goes through the tokens. A brace closes over parentheses that are still open.
func (m *matcher) match() {
	for i, t := range m.tokens {
		if m.byLines && m.firstOfLine(i) {
			m.indent = m.blanksBefore(i)
			m.line(i)
		}
		if t.kind != tokPunct {
			continue
		}
		switch word := m.word(t); word {
		case "(", "{":
			if len(m.open) == maxDepth {
				m.illegal(i, "close some before", "more than %d brackets are open", maxDepth)
				giveUp(m.tokens[m.open[0].at:])
				return
			}
			m.open = append(m.open, m.bracket(i, word))
		case ")", "}":
			at := m.opener(i, word)
			if at < 0 {
				m.illegal(i, "remove it", "%s closes nothing", word)
				continue
			}
			m.neverClosed(at+1, i)
			m.open = m.open[:at]
		}
	}
	if len(m.open) > 0 {
		m.neverClosed(0, len(m.tokens)-1)
	}
}

func (m *matcher) illegal(i int, help, format string, args ...any) {
	m.diags = append(m.diags, syntaxError(m.span(m.tokens[i]), help, format, args...))
	m.tokens[i].kind = tokIllegal
}

// neverClosed reports the open brackets from one on, which end before a token.
func (m *matcher) neverClosed(from, end int) {
	for _, b := range m.open[from:] {
		m.illegal(b.at, m.closer(b), "%s is never closed", m.word(m.tokens[b.at]))
		if b.test && m.byLines {
			m.cut = append(m.cut, [2]int{b.at, end})
		}
	}
	m.open = m.open[:from]
}

// closer is the help for a bracket that is open at the end.
func (m *matcher) closer(b bracket) string {
	if m.word(m.tokens[b.at]) == "(" {
		return "add ) on the same line"
	}
	first := b.at
	for first > 0 && m.tokens[first-1].kind != tokEnd {
		first--
	}
	switch {
	case b.at > 0 && m.word(m.tokens[b.at-1]) == "in":
		return "add } behind the list"
	case slices.Contains(vocabulary().blocks, m.word(m.tokens[first])):
		return "add } below the last line of the block"
	case b.at > 0 && vocabulary().Begins(m.word(m.tokens[first])):
		return "remove it, or add } behind the list"
	}
	return "remove it, or add } below the last line of the block"
}

// opener returns the position among the open brackets of the one that a token closes, or -1.
func (m *matcher) opener(i int, close string) int {
	last := len(m.open) - 1
	if close == ")" {
		if last >= 0 && m.word(m.tokens[m.open[last].at]) == "(" {
			return last
		}
		return -1
	}
	innermost := -1
	for at, b := range slices.Backward(m.open) {
		if m.word(m.tokens[b.at]) != "{" {
			continue
		}
		if !m.unbalanced || !m.firstOfLine(i) || b.line == m.indent {
			return at
		}
		innermost = max(innermost, at)
	}
	return innermost
}

// bracket returns what is known of an opening one.
func (m *matcher) bracket(i int, word string) bracket {
	b := bracket{at: i, list: word == "("}
	if !m.byLines {
		return b
	}
	last, before := m.wordBefore(i, 1), m.wordBefore(i, 2)
	known := vocabulary()
	b.list = b.list || last == "in" || last != "" && !isWord(last[0]) && known.sign(last) == last &&
		continues(last) || known.Begins(last)
	b.test = word == "{" && before == "test"
	b.line, b.inner = m.indent, m.blanksBefore(nextWord(m.tokens, i+1))
	return b
}

// wordBefore returns the n-th word before a token, or "".
func (m *matcher) wordBefore(i, n int) string {
	for i--; i >= 0; i-- {
		if t := m.tokens[i]; !t.isBlank() {
			if n--; n == 0 {
				return m.word(t)
			}
		}
	}
	return ""
}

// line closes what is open before a line that begins a statement or a claim.
func (m *matcher) line(i int) {
	statement := m.beginsStatement(i)
	if !statement && !m.beginsClaim(i) {
		return
	}
	if i > 0 {
		m.ends[i-1] = true
	}
	at := len(m.open)
	for at > 0 && (m.open[at-1].list || statement && m.unbalanced && m.open[at-1].ended(m.indent)) {
		at--
	}
	if at < len(m.open) {
		m.neverClosed(at, i)
	}
}

// ended reports whether a statement stands too far to the left to be in a block. No statement
// stands in a test; another block may be laid out badly.
func (b bracket) ended(indent int) bool {
	return indent <= b.line && (b.test || b.inner > b.line)
}

// beginsStatement reports whether the line that begins with a token can only be a statement: a word
// that begins one is the name of a call or a value where an operator or a comma is behind it.
func (m *matcher) beginsStatement(i int) bool {
	word := m.word(m.tokens[i])
	if m.tokens[i].kind != tokIdent || !vocabulary().Begins(word) {
		return false
	}
	next := m.tokens[i+1]
	isAction := slices.Contains(vocabulary().Actions, word)
	switch next.kind {
	case tokSetName, tokNumber, tokRelease, tokString:
		return true
	case tokIdent:
		behind := m.word(next)
		return behind == "all" && isAction || !slices.Contains(behindNames, behind)
	case tokPunct:
		return word == "when" || isAction && m.word(next) == "(" && m.callBehind(i+1)
	}
	return false
}

// behindNames are the words that can stand behind the name of a call or an argument.
var behindNames = []string{"if", "in", "not", "any", "all", "only"}

// callBehind reports whether a call stands behind the parentheses that a token opens, on its line.
func (m *matcher) callBehind(i int) bool {
	for ; m.tokens[i].kind != tokEnd && m.tokens[i].kind != tokEOF; i++ {
		if m.word(m.tokens[i]) == ")" {
			k := m.tokens[i+1].kind
			return k == tokIdent || k == tokSetName || k == tokNumber
		}
	}
	return false
}

// beginsClaim reports whether a line begins a claim: it is in the block of a test, as far to the
// left as the first, and closes nothing of the line before it.
func (m *matcher) beginsClaim(i int) bool {
	block := slices.IndexFunc(m.open, func(b bracket) bool { return b.test })
	if block < 0 || m.word(m.tokens[i]) == "}" || m.indent > m.open[block].inner {
		return false
	}
	line := firstLine(m.Text[m.tokens[i].start:])
	return strings.Count(line, "(") >= strings.Count(line, ")")
}

// firstOfLine reports whether a token is the first word of its line.
func (m *matcher) firstOfLine(i int) bool {
	t := m.tokens[i]
	if t.kind.hidden() || t.kind == tokEnd || t.kind == tokEOF {
		return false
	}
	for i--; i >= 0; i-- {
		if t := m.tokens[i]; t.start < t.end {
			return m.word(t) == "\n"
		}
	}
	return true
}

// blanksBefore returns how many blanks stand before a token.
func (m *matcher) blanksBefore(i int) int {
	before := m.Text[:m.tokens[i].start]
	return len(before) - len(strings.TrimRight(before, " \t"))
}

// giveUp marks every word as illegal, so that nothing behind a hopeless place is parsed.
func giveUp(tokens []token) {
	for i, t := range tokens {
		if t.kind < tokEnd && t.kind != tokEOF {
			tokens[i].kind = tokIllegal
		}
	}
}
