package blob

import (
	"fmt"
	"strings"

	"github.com/seccompc/seccompc/diag"
)

// language is how a programming language writes a filter as an array.
type language struct {
	open, close string // of a comment
	frame       string // with places for the number of instructions and their lines
	line        string // of an instruction, with places for code, jt, jf and k
}

var languages = map[string]language{
	"c": {
		open: "/*", close: " */",
		frame: "static const struct sock_filter filter[] = {\n%[2]s};\n",
		line:  "\t{ 0x%02x, %d, %d, 0x%08x },",
	},
	"go": {
		open:  "//",
		frame: "var filter = []unix.SockFilter{\n%[2]s}\n",
		line:  "\t{Code: 0x%02x, Jt: %d, Jf: %d, K: 0x%08x},",
	},
	"rust": {
		open:  "//",
		frame: "pub const FILTER: [libc::sock_filter; %[1]d] = [\n%[2]s];\n",
		line:  "    libc::sock_filter { code: 0x%02x, jt: %d, jf: %d, k: 0x%08x },",
	},
}

// source writes the program as an array of a language, with each instruction's text beside it.
func (f *Filter) source(l language) []byte {
	comments := f.comments()
	var lines strings.Builder
	for pc, in := range f.Program {
		text := fmt.Sprintf("%03d: %s", pc, f.Program.Text(pc))
		if comments[pc] != "" {
			text += " ; " + comments[pc]
		}
		fmt.Fprintf(&lines, l.line+" %s\n", in.Op, in.Jt, in.Jf, in.K, l.comment(text))
	}
	heading := l.comment("A seccomp filter for " + f.audience() + ", by seccompc from " + f.Origin +
		".")
	return fmt.Appendf([]byte(heading+"\n"), l.frame, len(f.Program), lines.String())
}

// audience names the ABIs for a reader.
func (f *Filter) audience() string {
	if len(f.ABIs) == 0 {
		return "no known ABI"
	}
	return strings.Join(f.abiNames(), ", ")
}

// comment writes a text as a comment, which it cannot leave: by a line's end, by what ends a
// comment, or by characters that turn the order of letters round, so that code looks like comment
// or comment like code.
func (l language) comment(text string) string {
	return l.open + " " + strings.NewReplacer("*/", "* /", "/*",
		"/ *").Replace(diag.Printable(text)) + l.close
}
