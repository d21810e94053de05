package compiler

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
)

// Profile tells how often each system call was made, by name.
type Profile map[string]uint64

// ParseProfile reads a profile: lines of a name and a count, in either order, or what "strace -c"
// and "perf trace -s" print. Lines of other shapes, such as headings, are passed over; a text
// without any call in it is an error. The names are not looked up: see [Profile.Unknown].
func ParseProfile(name string, text []byte) (Profile, diag.List) {
	p := Profile{}
	src := &diag.Source{Name: name, Text: string(text)}
	first, at := src.Start(), 0 // the first line that is neither empty nor a comment
	for line := range strings.Lines(src.Text) {
		words := strings.TrimSpace(line)
		if words != "" && !strings.HasPrefix(words, "#") {
			if first.Text() == "" {
				start := at + strings.Index(line, words)
				first = src.Span(start, start+len(words))
			}
			if name, n, ok := profileLine(strings.Fields(words)); ok {
				p[name] += n
			}
		}
		at += len(line)
	}
	if len(p) > 0 {
		return p, nil
	}
	message := "a profile has lines of another form"
	if first.Text() == "" {
		message = "the profile is empty"
	}
	found := diag.Errorf(first, codes.Syntax, "%s", message)
	found.Help = "write a name and a count on each line, or what strace -c or perf trace -s prints"
	return nil, diag.List{found}
}

// profileLine reads one line:
//
//	read 120                                     name, count
//	120 read                                     count, name
//	 45.12  0.000123  3  41  2 read               strace -c: the fourth is the count
//	   read  120  0  0.123 ...                    perf trace -s: the second is the count
func profileLine(f []string) (name string, calls uint64, ok bool) {
	switch {
	case len(f) == 2 && isName(f[1]):
		f[0], f[1] = f[1], f[0]
	case len(f) >= 5 && isNumber(f[0]) && isName(f[len(f)-1]):
		f = []string{f[len(f)-1], f[3]}
	}
	if len(f) < 2 || !isName(f[0]) || f[0] == "total" {
		return "", 0, false
	}
	calls, err := strconv.ParseUint(f[1], 10, 64)
	return f[0], calls, err == nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func isName(s string) bool {
	return s != "" && (s[0] == '_' || 'a' <= s[0] && s[0] <= 'z') &&
		strings.IndexFunc(s, func(r rune) bool {
			return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
		}) < 0
}

// Unknown returns the names that no ABI has, sorted.
func (p Profile) Unknown() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		known := false
		for _, abi := range linux.ABIs() {
			_, ok := abi.Number(name)
			known = known || ok
		}
		if !known {
			names = append(names, name)
		}
	}
	return names
}

// counts returns the profile by ABI and number.
func (p Profile) counts(abis []*linux.ABI) map[string]map[uint32]uint64 {
	out := map[string]map[uint32]uint64{}
	for _, abi := range abis {
		out[abi.Name] = map[uint32]uint64{}
		for name, n := range p {
			if nr, ok := abi.Number(name); ok {
				out[abi.Name][nr] += n
			}
		}
	}
	return out
}
