package explain

import (
	"fmt"
	"strings"
)

// Text returns lines for a terminal. a and b are what to call the two filters.
func Text(lines []Line, a, b string) string {
	var out strings.Builder
	for i, l := range lines {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s: %s\n", l.abiNames(), listed(l.Calls))
		if c := l.Condition(); c != "" {
			fmt.Fprintf(&out, "    %s\n", c)
		}
		width := max(len(a), len(b))
		fmt.Fprintf(&out, "    %-*s  %s\n    %-*s  %s\n", width, a, l.A, width, b, l.B)
		fmt.Fprintf(&out, "    such as %s\n", l.Call)
	}
	return out.String()
}

// Markdown returns lines as a table.
func Markdown(lines []Line, a, b string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "| ABI | calls | condition | %s | %s | such as |\n", escaped(a), escaped(b))
	out.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	for _, l := range lines {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", l.abiNames(), code(listed(l.Calls)),
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
