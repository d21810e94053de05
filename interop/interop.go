// Package interop holds what the readers of other tools' filters have in common: what they warn of,
// how they write names and headers, and the proof at the end. Each format is a directory below.
package interop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/policy"
)

// Warning is something about a text that its author should know.
type Warning struct {
	File string // "": the text itself, not one that it includes or that goes with it
	Line int    // of the text, from 1; 0: the text as a whole
	Text string
}

// String returns the warning without the name of the text.
func (w Warning) String() string {
	switch {
	case w.File != "":
		return fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Text)
	case w.Line == 0:
		return w.Text
	}
	return fmt.Sprintf("line %d: %s", w.Line, w.Text)
}

// Warnings are in the order of the text, each once.
type Warnings []Warning

// Add adds a warning unless it is there already.
func (w *Warnings) Add(line int, format string, args ...any) {
	w.AddIn("", line, format, args...)
}

// AddIn is [Warnings.Add] for a file that the text includes or that goes with it.
func (w *Warnings) AddIn(file string, line int, format string, args ...any) {
	n := Warning{file, line, fmt.Sprintf(format, args...)}
	if !slices.Contains(*w, n) {
		*w = append(*w, n)
	}
}

// Sorted returns the warnings by their lines.
func (w Warnings) Sorted() Warnings {
	out := slices.Clone(w)
	slices.SortFunc(out, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Text, b.Text))
	})
	return out
}

// Refused is what an exporter cannot write, with a call that it is about.
type Refused struct {
	Call policy.Data
	Err  error
}

// Error implements error.
func (r *Refused) Error() string { return r.Err.Error() }

// Unwrap returns what was refused.
func (r *Refused) Unwrap() error { return r.Err }

// lineWidth is how long the lines of a policy get.
const lineWidth = 96

// List writes a statement with a list behind it, on as many lines as it takes.
func List(indent, head string, items []string) string {
	var out strings.Builder
	line := indent + head
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		if len(line)+1+len(item) > lineWidth && i > 0 {
			out.WriteString(line + "\n")
			line = indent + "   "
		}
		line += " " + item
	}
	out.WriteString(line + "\n")
	return out.String()
}

// Comment writes a text as comments, on as many lines as it takes. Nothing in it ends a comment, or
// is taken for what silences a lint.
func Comment(indent, text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, text)
	var out strings.Builder
	line := indent + "#"
	for _, word := range strings.Fields(strings.ReplaceAll(clean, "lint:", "lint")) {
		if len(line)+1+len(word) > lineWidth && line != indent+"#" {
			out.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	out.WriteString(line + "\n")
	return out.String()
}
