package explain

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Table is lines for people to read.
type Table struct {
	Lines []Line
	A, B  string // what to call the two filters
	All   bool   // long lists of calls are written to their end
}

// maxListed is how many calls a line lists, unless all are asked for.
const maxListed = 64

// calls writes the calls of a line.
func (t Table) calls(l Line) string {
	if n := len(l.Calls) - maxListed; n > 0 && !t.All {
		return fmt.Sprintf("%s and %d more", listed(l.Calls[:maxListed]), n)
	}
	return listed(l.Calls)
}

// Text returns the lines for a terminal.
func (t Table) Text() string {
	var out strings.Builder
	width := max(utf8.RuneCountInString(t.A), utf8.RuneCountInString(t.B))
	for i, l := range t.Lines {
		if i > 0 {
			out.WriteByte('\n')
		}
		if l.Incomplete {
			fmt.Fprintf(&out, "%s\n", incomplete)
			continue
		}
		fmt.Fprintf(&out, "%s: %s\n", l.heading(), t.calls(l))
		if c := l.Condition(); c != "" {
			fmt.Fprintf(&out, "    %s\n", c)
		}
		fmt.Fprintf(&out, "    %-*s  %s\n    %-*s  %s\n", width, t.A, l.A, width, t.B, l.B)
		fmt.Fprintf(&out, "    such as %s\n", l.Call)
	}
	return out.String()
}

// incomplete is what a line says that stands for the rest.
const incomplete = "further calls, too complex to describe"

// heading says whom a line is about, and whose names it uses.
func (l Line) heading() string {
	if l.NamedAs != "" {
		return l.whose + ", with " + l.NamedAs + "'s names"
	}
	return l.whose
}

// Markdown returns the lines as a table.
func (t Table) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "| ABI | calls | condition | %s | %s | such as |\n", code(t.A), code(t.B))
	out.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	for _, l := range t.Lines {
		if l.Incomplete {
			fmt.Fprintf(&out, "| | %s | | | | |\n", incomplete)
			continue
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", l.heading(), code(t.calls(l)),
			code(l.Condition()), code(l.A), code(l.B), code(l.Call))
	}
	return out.String()
}

// code writes a cell of a table in a typewriter's letters. In a table a bar ends the cell, even
// there.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + escaped(text) + "`"
}

func escaped(text string) string { return escaper.Replace(text) }

var escaper = strings.NewReplacer("|", `\|`, "\n", " ", "`", "'")
