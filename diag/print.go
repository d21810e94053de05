package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Printer writes diagnostics for people: the line that [Finding.String] returns, the source line
// with carets below the span, notes and help.
type Printer struct {
	Max  int    // at most so many diagnostics; 0 means all
	Rest string // what stands behind "and 3 more"
	// Style, where it is not nil, may add colour to a part: "error", "warning", "caret", "note" or
	// "help".
	Style func(part, text string) string
}

// Print writes the diagnostics in their order, and how many more there are than Max.
func (p Printer) Print(w io.Writer, ds List) error {
	out := bufio.NewWriter(w)
	shown := ds
	if p.Max > 0 && len(ds) > p.Max {
		shown = ds[:p.Max]
	}
	for _, d := range shown {
		severity := d.Severity.String()
		fmt.Fprintf(out, "%s: %s %s [%s]\n", Printable(d.Span.Pos().String()),
			p.style(severity, severity+":"), Printable(d.Message), d.Code)
		p.excerpt(out, d.Span)
		for _, n := range d.Notes {
			p.note(out, n)
		}
		p.help(out, d.Help)
	}
	if more := len(ds) - len(shown); more > 0 {
		fmt.Fprintf(out, "and %d more%s\n", more, p.Rest)
	}
	return out.Flush()
}

// help writes what to change. Lines behind the first are text for the policy: they are set off, so
// that they can be copied.
func (p Printer) help(out io.Writer, text string) {
	if text == "" {
		return
	}
	first, rest, _ := strings.Cut(text, "\n")
	fmt.Fprintf(out, "%5s %s %s\n", "=", p.style("help", "help:"), Printable(first))
	for line := range strings.Lines(rest) {
		fmt.Fprintf(out, "%9s%s\n", "", Printable(strings.TrimSuffix(line, "\n")))
	}
}

func (p Printer) note(out io.Writer, n Note) {
	where := ""
	if n.Span != nil {
		where = Printable(n.Span.Pos().String()) + ": "
	}
	fmt.Fprintf(out, "%5s %s %s%s\n", "=", p.style("note", "note:"), where, Printable(n.Text))
	if n.Span != nil {
		p.excerpt(out, *n.Span)
	}
}

const maxExcerpt = 120 // columns of a source line

// excerpt writes the first line of a span with carets below it, or nothing where the text has no
// lines.
func (p Printer) excerpt(out io.Writer, s Span) {
	if s.source == nil || s.source.Text == "" {
		return
	}
	src := s.source.Text
	start := strings.LastIndexByte(src[:s.start], '\n') + 1
	line, _, _ := strings.Cut(src[start:], "\n")
	before := utf8.RuneCountInString(src[start:s.start])
	marked := utf8.RuneCountInString(src[s.start:max(int(s.start),
		min(int(s.end), start+len(line)))])
	text := []rune(Printable(strings.TrimRight(line, " \t\r")))
	cut := max(0, before-maxExcerpt/2)
	text = text[min(cut, len(text)):]
	text = text[:min(len(text), maxExcerpt)]
	before -= cut
	marked = max(1, min(marked, maxExcerpt-before))
	fmt.Fprintf(out, "%5d | %s\n", s.Pos().Line, string(text))
	carets := p.style("caret", strings.Repeat("^", marked))
	fmt.Fprintf(out, "%5s | %s%s\n", "", strings.Repeat(" ", before), carets)
}

func (p Printer) style(part, text string) string {
	if p.Style == nil {
		return text
	}
	return p.Style(part, text)
}
