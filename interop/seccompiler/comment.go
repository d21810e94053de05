package seccompiler

import (
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/policy"
)

// constantName is what a name in a comment looks like, behind libc:: or another path.
var constantName = lazy.Regexp(`^(?:\w+::)*([A-Z][A-Z0-9_]{2,})$`)

// comment notes which constants a comment gives for a value. Where the kernel's headers have others
// for them that is a warning; words that are no constants are words.
func (im *importer) comment(nr uint32, call string, c condition) {
	if c.comment == "" || len(c.comment) > 300 {
		return
	}
	var names []string
	var sum uint64
	for _, part := range strings.Split(c.comment, "|") {
		m := constantName().FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return
		}
		v, ok := im.abi.Constant(m[1])
		if !ok {
			return
		}
		n, err := strconv.ParseInt(v.ExactString(), 10, 64)
		if err != nil {
			return
		}
		sum |= uint64(n)
		names = append(names, m[1])
	}
	width := 64
	if c.dword {
		width = 32
	}
	text := strings.Join(names, " | ")
	if sum&policy.Ones(width) != c.value&policy.Ones(width) {
		im.warn(c.line, "%s: the comment says %s, which is %d on %s, and val is %d: val counts",
			call, show(text),
			sum&policy.Ones(width), im.abi.Name, c.value)
		return
	}
	// smaller numbers stand for other things in the same condition
	if c.op != interop.Masked && c.value > 9 {
		if im.names[nr] == nil {
			im.names[nr] = map[uint64]string{}
		}
		im.names[nr][c.value] = text
	}
}

// numeral is a number that stands by itself.
var numeral = lazy.Regexp(`\b(?:0x[0-9a-f]+|[0-9]+)\b`)

// renamed puts the constants of comments in the place of the numbers for which there is no other
// name.
func renamed(cond string, names map[uint64]string) string {
	if len(names) == 0 {
		return cond
	}
	return numeral().ReplaceAllStringFunc(cond, func(n string) string {
		v, err := strconv.ParseUint(n, 0, 64)
		name, ok := names[v]
		if err != nil || !ok {
			return n
		}
		return name
	})
}
