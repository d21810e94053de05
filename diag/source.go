package diag

import (
	"cmp"
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// Pos is a place in a source text.
type Pos struct {
	Filename string
	Offset   int // bytes before it
	Line     int // from 1
	Column   int // from 1, in runes
}

// String returns file:line:column, without the file where it has no name.
func (p Pos) String() string {
	if p.Filename == "" {
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}

// Source is a text and its name.
type Source struct {
	Name string
	Text string

	// Lines are those of the text from which another tool's reader made this one, for each line of
	// its own. Places are told in them then, for nobody sees this text.
	Lines []int

	count sync.Once
	marks []Pos // the starts of lines, and places in long ones
}

// Start returns the empty span at the start, the place of what concerns the text as a whole.
func (s *Source) Start() Span { return Span{source: s} }

// Span returns the stretch of the text between two offsets in bytes.
func (s *Source) Span(start, end int) Span { return Span{s, int32(start), int32(end)} }

// Word returns the word at a line and a column, both from 1, the column in runes: up to the next
// blank, empty where there is none. It is for errors that know no more of their place.
func (s *Source) Word(line, column int) Span {
	start := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(s.Text[start:], '\n')
		if next < 0 {
			break
		}
		start += next + 1
	}
	for ; column > 1 && start < len(s.Text) && s.Text[start] != '\n'; column-- {
		_, size := utf8.DecodeRuneInString(s.Text[start:])
		start += size
	}
	end := strings.IndexAny(s.Text[start:], " \t\r\n")
	if end < 0 {
		end = len(s.Text) - start
	}
	return s.Span(start, start+end)
}

// markDistance bounds the bytes from a mark to a place.
const markDistance = 1 << 10

// At returns the place of an offset in bytes.
func (s *Source) At(offset int) Pos {
	p := s.own(offset)
	if len(s.Lines) > 0 {
		p.Line, p.Column = s.Lines[min(p.Line, len(s.Lines))-1], 1
	}
	return p
}

// own is At within the text itself.
func (s *Source) own(offset int) Pos {
	if offset == 0 { // as of what is said of a text of any size
		return Pos{Filename: s.Name, Line: 1, Column: 1}
	}
	s.count.Do(s.mark)
	i := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].Offset > offset })
	p := s.marks[i-1]
	return advance(p, s.Text[p.Offset:offset])
}

func (s *Source) mark() {
	p := Pos{Filename: s.Name, Line: 1, Column: 1}
	s.marks = append(s.marks, p)
	for i, r := range s.Text {
		switch {
		case r == '\n':
			p = Pos{Filename: s.Name, Offset: i + 1, Line: p.Line + 1, Column: 1}
			s.marks = append(s.marks, p)
		case i-p.Offset >= markDistance:
			p = advance(p, s.Text[p.Offset:i])
			s.marks = append(s.marks, p)
		}
	}
}

// advance moves a place within a line behind a text.
func advance(p Pos, text string) Pos {
	p.Offset += len(text)
	p.Column += utf8.RuneCountInString(text)
	return p
}

// Span is a half-open stretch of a source text, without blanks or comments at its ends. Its lines
// and columns are counted only when they are asked for.
type Span struct {
	source     *Source
	start, end int32 // bytes
}

// Range returns the span itself; every node inherits it.
func (s Span) Range() Span { return s }

// Pos returns the place where the span begins.
func (s Span) Pos() Pos {
	if s.source == nil {
		return Pos{}
	}
	return s.source.At(int(s.start))
}

// EndPos returns the place behind the span.
func (s Span) EndPos() Pos {
	if s.source == nil {
		return Pos{}
	}
	return s.source.At(int(s.end))
}

// Offsets returns the bytes of the text before the span, and those up to its end.
func (s Span) Offsets() (start, end int) { return int(s.start), int(s.end) }

// Text returns the text of the span.
func (s Span) Text() string {
	if s.source == nil {
		return ""
	}
	return s.source.Text[s.start:s.end]
}

// Source returns the text that the span is of.
func (s Span) Source() *Source { return s.source }

func (s Span) file() string {
	if s.source == nil {
		return ""
	}
	return s.source.Name
}

// Start returns the empty span where the span begins.
func (s Span) Start() Span { return Span{s.source, s.start, s.start} }

// To returns the span from the start of this one to the end of another of the same text.
func (s Span) To(last Span) Span { return Span{s.source, s.start, last.end} }

// Contains reports whether another span lies within this one.
func (s Span) Contains(o Span) bool {
	return s.file() == o.file() && s.start <= o.start && o.end <= s.end
}

// Compare orders spans by the names of their files and their starts.
func (s Span) Compare(o Span) int {
	return cmp.Or(cmp.Compare(s.file(), o.file()), cmp.Compare(s.start, o.start))
}
