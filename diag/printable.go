package diag

import (
	"strings"
	"unicode"
)

// Printable returns a text of one line as it may stand on a terminal or in a generated file: each
// character takes one column, a tab is a blank, and what could move the cursor, turn the order of
// letters round or end the line, or is no UTF-8, is a question mark.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, s)
}
