package seccompiler

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/policy"
)

// constantNames are the names at the beginning of a comment, behind libc:: or another path, and
// what follows: nothing, or what is said of them behind a mark.
var constantNames = lazy.Regexp(
	`^\s*((?:(?:\w+::)*[A-Z][A-Z0-9_]{2,}\s*\|?\s*)+)(?:$|[:;,(=]|- )`)

// constants returns the constants that a comment gives for a value, as an expression with its
// value. Words that are no constants are words.
func (im *importer) constants(c condition) (text string, value uint64, ok bool) {
	if len(c.comment) > 300 {
		return "", 0, false
	}
	m := constantNames().FindStringSubmatch(c.comment)
	if m == nil {
		return "", 0, false
	}
	var names []string
	for _, part := range strings.Split(m[1], "|") {
		part = strings.TrimSpace(part)
		name := part[strings.LastIndex(part, ":")+1:]
		v, ok := im.abi.Constant(name)
		if !ok {
			return "", 0, false
		}
		n, err := strconv.ParseInt(v.ExactString(), 10, 64)
		if err != nil {
			return "", 0, false
		}
		value |= uint64(n)
		names = append(names, name)
	}
	if c.dword {
		value &= policy.Ones(32)
	}
	return strings.Join(names, " | "), value, true
}

// comment notes which constants a comment gives for a value.
func (im *importer) comment(nr uint32, c condition) {
	text, value, ok := im.constants(c)
	// smaller numbers stand for other things in the same condition
	if !ok || value != c.value || c.op == interop.Masked || c.value <= 9 {
		return
	}
	if im.names[nr] == nil {
		im.names[nr] = map[uint64]string{}
	}
	im.names[nr][c.value] = text
}

// checkComment warns where the kernel's headers have another value for the constants of a comment.
func (im *importer) checkComment(f *interop.Filter, nr uint32, call string, c condition) {
	val := c.value | c.outside
	if c.dword {
		val &= policy.Ones(32)
	}
	text, value, ok := im.constants(c)
	if !ok || value == val {
		return
	}
	im.warn(c.line, "%s: the comment says %s, which is %d on %s, and val is %d: val counts%s", call,
		show(text), value, im.abi.Name, val, f.Such(nr, im.comparison(c).Exact(im.abi)))
}

// words are the comments of a rule and its conditions that say more than the names of constants.
func words(r *rule) string {
	out := []string{r.comment}
	for _, c := range r.args {
		if strings.ToUpper(c.comment) != strings.ReplaceAll(c.comment, "libc::", "LIBC::") &&
			!slices.Contains(out, c.comment) {
			out = append(out, c.comment)
		}
	}
	if out[0] == "" {
		out = out[1:]
	}
	return strings.Join(out, "; ")
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
