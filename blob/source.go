package blob

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// language is how a programming language writes a filter as an array.
type language struct {
	open, close string // of a comment
	line        string // of an instruction, with places for code, jt, jf, k and k's halves
}

var languages = map[string]language{
	"c": {
		open: "/*", close: " */",
		line: "\t{ 0x%02[1]x, %[2]d, %[3]d, 0x%08[4]x },",
	},
	"go": {
		open: "//",
		line: "\t{Code: 0x%02[1]x, Jt: %[2]d, Jf: %[3]d, K: 0x%08[4]x},",
	},
	"rust": {
		open: "//",
		line: "    op(0x%02[1]x, %[2]d, %[3]d, 0x%04[5]x_%04[6]x),",
	},
}

// rows writes the instructions of a filter, a line each, with each one's text beside it.
func (l language) rows(f *Filter) string {
	comments := f.comments()
	var b strings.Builder
	for pc, in := range f.Program {
		text := fmt.Sprintf("%03d: %s", pc, f.Program.Text(pc))
		if comments[pc] != "" {
			text += " ; " + comments[pc]
		}
		fmt.Fprintf(&b, l.line, in.Op, in.Jt, in.Jf, in.K, in.K>>16, in.K&0xffff)
		b.WriteString(" " + l.comment(text) + "\n")
	}
	return b.String()
}

// comment writes a text as a comment, which it cannot leave: by a line's end, by what ends a
// comment, or by characters that turn the order of letters round, so that code looks like comment
// or comment like code.
func (l language) comment(text string) string {
	return l.open + " " + strings.NewReplacer("*/", "* /", "/*",
		"/ *").Replace(diag.Printable(text)) + l.close
}
