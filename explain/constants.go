package explain

import (
	"cmp"
	"fmt"
	"go/constant"
	"math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// named is a constant, its value cut to the width of the argument that it belongs to.
type named struct {
	name  string
	value uint64
}

// family is the constants that one argument takes, each kind in the order of preference.
type family struct {
	values []named
	flags  []named
	masks  []named
	octal  bool // numbers are modes of files
}

// preferred are the usual names where there are several for one value.
var preferred = []string{
	"AF_UNIX", "AF_NETLINK", "MAP_ANONYMOUS", "O_NONBLOCK", "SIGCHLD", "SIGABRT", "SIGIO",
	"SOL_SOCKET", "FUTEX_WAIT_PRIVATE", "FIONREAD",
}

// familyOf returns the constants of a system call's argument.
func familyOf(abi *linux.ABI, syscall string, arg, width int, given linux.Given) family {
	f := abi.ArgFamily(syscall, arg, given)
	return family{
		values: withValues(abi, f.Values, width), flags: withValues(abi, f.Flags, width),
		masks: withValues(abi, f.Masks, width), octal: f.Octal,
	}
}

// withValues looks constants up; those that no value of the width is are left out.
func withValues(abi *linux.ABI, names []string, width int) []named {
	var out []named
	for _, name := range names {
		v, _ := abi.Constant(name)
		if value, ok := pattern(v, width); ok {
			out = append(out, named{name: name, value: value})
		}
	}
	slices.SortStableFunc(out, func(a, b named) int {
		return cmp.Or(rank(a.name)-rank(b.name), len(a.name)-len(b.name),
			strings.Compare(a.name, b.name))
	})
	return out
}

func rank(name string) int {
	if slices.Contains(preferred, name) {
		return 0
	}
	return 1
}

// pattern returns a number as width bits, and false where it does not fit.
func pattern(v constant.Value, width int) (uint64, bool) {
	if u, ok := constant.Uint64Val(v); ok {
		return u, u <= policy.Ones(width)
	}
	i, ok := constant.Int64Val(v)
	return uint64(i) & policy.Ones(width), ok && i >= -1<<(width-1)
}

// value writes one value of an argument: by its name, as flags, or as a number.
func (f family) value(v uint64, width int, signed bool) string {
	if name, ok := f.exact(v); ok {
		return name
	}
	if text, whole := f.join(v); whole {
		return text
	}
	const fileType = 0o170000 // S_IFMT
	if name, ok := f.exact(v & fileType); ok && f.octal {
		return name + " | " + f.number(v&^fileType)
	}
	if more := policy.Ones(width) - v; signed && v != 0 && more < 4096 {
		return fmt.Sprintf("-%d", more+1)
	}
	return f.number(v)
}

// under writes what the bits in a mask are: by a name only where the mask does not leave open which
// of several values it is.
func (f family) under(mask, v uint64, width int) string {
	if mask == policy.Ones(width) {
		return f.value(v, width, false)
	}
	if slices.ContainsFunc(f.values, func(c named) bool {
		return c.value&mask == v && c.value != v && f.rest(c.value&^v) != 0
	}) {
		return f.number(v)
	}
	return f.value(v, width, false)
}

// rest returns the bits that are no flags.
func (f family) rest(m uint64) uint64 {
	for _, c := range f.flags {
		m &^= c.value
	}
	return m
}

// mask writes bits of an argument: as flags, and what is left as a number. Of modes there is one
// number for all.
func (f family) mask(m uint64) string {
	if c, ok := find(f.masks, m); ok {
		return c.name
	}
	found, rest := cover(f.flags, m)
	if f.octal && rest != 0 {
		return f.number(m)
	}
	return f.list(found, rest)
}

// exact returns the constant with a value.
func (f family) exact(v uint64) (string, bool) {
	c, ok := find(f.values, v)
	if !ok && v != 0 {
		c, ok = find(f.flags, v)
	}
	return c.name, ok
}

func find(constants []named, v uint64) (named, bool) {
	i := slices.IndexFunc(constants, func(c named) bool { return c.value == v })
	if i < 0 {
		return named{}, false
	}
	return constants[i], true
}

// join writes a value as flags, with one of the values beside them where that is more than they
// are; whole reports that everything has a name.
func (f family) join(v uint64) (text string, whole bool) {
	pure := slices.DeleteFunc(slices.Clone(f.flags), func(c named) bool {
		return slices.Contains(f.values, c)
	})
	for _, singleFirst := range []bool{true, false} {
		found, rest := pick(pure, v, singleFirst)
		if c, ok := find(f.values, rest); ok && rest != 0 {
			found, rest = slices.Insert(found, 0, c), 0
		}
		if len(found) > 0 && rest == 0 {
			return f.list(found, 0), true
		}
	}
	return "", false
}

// list writes flags, and bits without a name as a number at the end.
func (f family) list(found []named, rest uint64) string {
	var parts []string
	for _, c := range found {
		parts = append(parts, c.name)
	}
	if rest != 0 || len(parts) == 0 {
		parts = append(parts, f.bits(rest))
	}
	return strings.Join(parts, " | ")
}

// cover returns flags that lie in m and no other of them, by ascending value, and the rest of m: of
// single bits, or where these leave more without a name, of several bits in one.
func cover(flags []named, m uint64) (found []named, rest uint64) {
	found, rest = pick(flags, m, true)
	if rest != 0 {
		other, left := pick(flags, m, false)
		if bits.OnesCount64(left) < bits.OnesCount64(rest) {
			found, rest = other, left
		}
	}
	return found, rest
}

func pick(flags []named, m uint64, singleFirst bool) (found []named, rest uint64) {
	rest = m
	for _, single := range []bool{singleFirst, !singleFirst} {
		for _, c := range flags {
			wanted := (bits.OnesCount64(c.value) == 1) == single
			if wanted && c.value != 0 && c.value&^rest == 0 {
				found = append(found, c)
				rest &^= c.value
			}
		}
	}
	slices.SortStableFunc(found, func(a, b named) int { return cmp.Compare(a.value, b.value) })
	return found, rest
}

func (f family) number(v uint64) string {
	if f.octal && v > 7 {
		return fmt.Sprintf("0o%o", v)
	}
	return number(v)
}

// bits writes bits without names.
func (f family) bits(v uint64) string {
	if v < 10 || f.octal {
		return f.number(v)
	}
	return fmt.Sprintf("%#x", v)
}

// number writes a number as people do: small ones in decimal.
func number(v uint64) string {
	if v < 1000 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}
