package dsl

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seccompc/seccompc/diag"
)

// Format returns a policy in its canonical layout. Words, comments and line breaks within
// statements stay; indentation, blanks and the columns of "=>" and of comments are set anew. The
// text must be free of errors of syntax. A layout of more than [MaxSize] bytes, which [Parse] would
// refuse, is an error.
func Format(name string, src []byte) ([]byte, diag.List) {
	if _, diags := Parse(name, src); len(diags) > 0 {
		return nil, diags
	}
	s := newSource(name, string(src))
	f := formatter{words: s.texts()}
	for i := range f.words {
		f.next(i)
	}
	f.flush()
	out := f.print()
	if len(out) > MaxSize {
		return nil, diag.List{s.tooLarge("the formatted text", len(out))}
	}
	if err := sameWords(f.words, out); err != nil {
		panic("dsl: " + err.Error())
	}
	return out, nil
}

// sameWords guards the promise that Format changes nothing but blanks.
func sameWords(words []word, formatted []byte) error {
	again := newSource("", string(formatted))
	if !slices.Equal(visible(words), visible(again.texts())) {
		return errors.New("the formatted text has other words than the original")
	}
	return nil
}

func visible(words []word) []string {
	var out []string
	for _, w := range words {
		if w.kind == tokEnd {
			out = append(out, "end")
		} else if w.kind != tokSpace {
			out = append(out, w.text)
		}
	}
	return out
}

// word is a token with its text.
type word struct {
	kind kind
	text string
}

func (s source) texts() []word {
	tokens, _ := s.tokenize()
	out := make([]word, len(tokens))
	for i, t := range tokens {
		out[i] = word{t.kind, s.word(t)}
	}
	return out
}

const (
	indentWidth = 4
	maxAligned  = 60 // columns; longer lines are not aligned with their neighbours
)

// row is a line of the formatted text in three columns.
type row struct {
	indent      int
	text, claim []byte // claim begins with "=>"
	remark      string // begins with "#"
}

func (r row) blank() bool { return len(r.text)+len(r.claim)+len(r.remark) == 0 }

// formatter builds rows out of words.
type formatter struct {
	words     []word
	rows      []row
	row       row
	last      word // the last one that the grammar sees
	depth     int  // open blocks
	inside    bool // the statement began on an earlier row
	opened    bool // the row ended with the brace of a block
	unaryLast bool // last is an operator of one operand
	elseNext  bool // last closes a block and nothing but blanks stands before "else"
}

func (f *formatter) next(i int) {
	t := f.words[i]
	switch t.kind {
	case tokSpace:
		if t.text == "\n" && !f.beforeElse() {
			f.lineEnd()
		}
	case tokEnd:
		f.lineEnd()
		f.inside = false
	case tokComment:
		if f.row.blank() {
			f.start(t)
		}
		f.row.remark = t.text
		if !f.follows(i, "\n") {
			f.flush()
		}
	case tokEOF:
	default:
		f.word(t)
		f.elseNext = t.kind == tokClose && f.elseBehind(i)
	}
}

func (f *formatter) word(t word) {
	if f.opened {
		f.flush()
	}
	if t.kind == tokClose {
		f.flush()
		f.depth--
		f.dropBlank()
	}
	unary := t.text == "!" || t.text == "~" || t.text == "-" && !operand(f.last)
	glue := f.unaryLast || f.row.blank() || !spaced(f.last, t)
	if f.row.blank() {
		f.start(t)
	}
	cell := &f.row.text
	if t.text == "=>" || len(f.row.claim) > 0 {
		cell = &f.row.claim
		glue = glue || len(*cell) == 0
	}
	if !glue {
		*cell = append(*cell, ' ')
	}
	*cell = append(*cell, t.text...)
	f.last, f.unaryLast = t, unary
	if t.kind == tokOpen {
		f.depth++
		f.opened = true
	}
	f.inside = t.kind != tokOpen
}

// start sets the indentation of a row by its first token.
func (f *formatter) start(t word) {
	f.row.indent = f.depth
	closes := t.kind == tokPunct && (t.text == "}" || t.text == ")")
	if f.inside && !closes && f.last.kind != tokClose {
		f.row.indent++
	}
}

// lineEnd ends a row, or keeps an empty line between statements.
func (f *formatter) lineEnd() {
	if !f.row.blank() {
		f.flush()
		return
	}
	n := len(f.rows)
	if n > 0 && !f.rows[n-1].blank() && !f.inside &&
		!bytes.HasSuffix(f.rows[n-1].text, []byte("{")) {
		f.rows = append(f.rows, row{})
	}
}

func (f *formatter) flush() {
	f.opened = false
	if !f.row.blank() {
		f.rows = append(f.rows, f.row)
		f.row = row{}
	}
}

// dropBlank removes an empty line before a closing brace.
func (f *formatter) dropBlank() {
	if n := len(f.rows); n > 0 && f.rows[n-1].blank() {
		f.rows = f.rows[:n-1]
	}
}

// beforeElse reports whether the row ends with a "}" to which "else" comes.
func (f *formatter) beforeElse() bool { return f.elseNext && f.row.remark == "" && !f.row.blank() }

// elseBehind reports whether the word behind i is "else", with nothing but blanks before it.
func (f *formatter) elseBehind(i int) bool {
	rest := f.words[i+1:]
	j := slices.IndexFunc(rest, func(t word) bool { return t.kind != tokSpace })
	return j >= 0 && rest[j].text == "else"
}

// follows reports whether the token behind i, blanks aside, has the text.
func (f *formatter) follows(i int, text string) bool {
	for _, t := range f.words[i+1:] {
		if t.kind != tokSpace || t.text == "\n" {
			return t.text == text
		}
	}
	return false
}

// operand reports whether a token can end an operand, so that a minus behind it has two.
func operand(t word) bool {
	switch t.kind {
	case tokIdent:
		keyword, cast := slices.Contains(Words().Keywords, t.text),
			slices.Contains(Words().Casts, t.text)
		return t.text != "when" && (cast || !keyword)
	case tokNumber, tokRelease, tokSetName, tokString:
		return true
	}
	return t.text == ")" || t.text == "}"
}

// spaced reports whether a blank stands between two words of a row.
func spaced(a, b word) bool {
	switch {
	case b.text == "," || b.text == ")" || b.text == ":" || b.text == ".." || a.text == "..":
		return false
	case a.text == "(" || a.text == "{" && a.kind == tokPunct || b.text == "}" &&
		b.kind == tokPunct:
		return false
	case b.text == "(":
		return !operand(a) || a.kind == tokSetName
	}
	return true
}

// print aligns the columns of neighbouring rows and writes them.
func (f *formatter) print() []byte {
	f.dropBlank()
	pad(f.rows, " ", func(r row) bool { return len(r.claim) > 0 })
	for i, r := range f.rows {
		f.rows[i].text = append(r.text, r.claim...)
	}
	pad(f.rows, "  ", func(r row) bool { return r.remark != "" && len(r.text) > 0 })
	var out bytes.Buffer
	for _, r := range f.rows {
		if !r.blank() {
			out.WriteString(strings.Repeat(" ", r.indent*indentWidth))
		}
		out.Write(r.text)
		out.WriteString(r.remark + "\n")
	}
	return out.Bytes()
}

// pad makes the text of neighbouring rows equally wide, and adds the gap, where a further column
// follows. A row that is too long is no neighbour.
func pad(rows []row, gap string, more func(row) bool) {
	for len(rows) > 0 {
		n, widest := 0, 0
		for n < len(rows) && more(rows[n]) && rows[n].width() <= maxAligned {
			widest = max(widest, rows[n].width())
			n++
		}
		for i := range rows[:n] {
			rows[i].widen(widest-rows[i].width(), gap)
		}
		if n == 0 {
			if more(rows[0]) {
				rows[0].widen(0, gap)
			}
			n = 1
		}
		rows = rows[n:]
	}
}

func (r row) width() int { return r.indent*indentWidth + utf8.RuneCount(r.text) }

// widen adds blanks and a gap to the text.
func (r *row) widen(blanks int, gap string) {
	r.text = append(r.text, strings.Repeat(" ", blanks)+gap...)
}
