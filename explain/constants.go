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
	kind  string // the prefix that it belongs to the argument by
	flag  bool   // it can be combined with others
}

// family is the constants that one argument takes, in the order of preference.
type family struct {
	constants []named
	octal     bool // numbers are modes of files
	several   bool // which kind of constants it is depends on another argument
}

// preferred are the usual names where there are several for one value, or several kinds of
// constants.
var preferred = []string{
	"AF_UNIX", "AF_NETLINK", "MAP_ANONYMOUS", "O_NONBLOCK", "SIGCHLD", "SIGABRT", "SIGIO",
	"SOL_SOCKET", "FUTEX_WAIT_PRIVATE", "FIONREAD",
}

// familyOf returns the constants of a system call's argument.
func familyOf(abi *linux.ABI, syscall string, arg, width int) family {
	var f family
	if (abi.Name == "s390x" || abi.Name == "s390") && syscall == "clone" && arg < 2 {
		arg = 1 - arg // CONFIG_CLONE_BACKWARDS2 of kernel/fork.c
	}
	_, f.several = deciding[argument{syscall, arg}]
	for _, prefix := range linux.ArgFamilies(syscall, arg) {
		if prefix == "PF_" {
			continue // twins of AF_, and bits of ELF headers
		}
		f.octal = f.octal || prefix == "S_I"
		var part []named
		for _, name := range abi.ConstantNames(prefix) {
			v, _ := abi.Constant(name)
			if value, ok := pattern(v, width); ok && belongs(name, prefix) {
				part = append(part, named{name: name, value: value, kind: prefix})
			}
		}
		slices.SortStableFunc(part, func(a, b named) int {
			return cmp.Or(len(a.name)-len(b.name), strings.Compare(a.name, b.name))
		})
		combine := flags(part)
		for i := range part {
			part[i].flag = combine && !choices().MatchString(part[i].name)
		}
		f.constants = append(f.constants, part...)
	}
	slices.SortStableFunc(f.constants, func(a, b named) int { return rank(a.name) - rank(b.name) })
	return f
}

// choices matches constants of which a value has one, beside flags.
var choices = expression(`^(SOCK_(STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET)$|S_IF)`)

// flags reports whether constants are to be combined: where more of the bits than of the other
// values have a name.
func flags(constants []named) bool {
	single, other := map[uint64]bool{}, map[uint64]bool{}
	for _, c := range constants {
		switch bits.OnesCount64(c.value) {
		case 0:
		case 1:
			single[c.value] = true
		default:
			other[c.value] = true
		}
	}
	return len(single) > len(other)
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
	if text, whole := f.join(v); whole && v != 0 {
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

// mask writes bits of an argument.
func (f family) mask(m uint64) string {
	for _, c := range f.constants {
		if c.value == m && (c.flag || strings.HasSuffix(c.name, "_MASK") || c.name == "S_IFMT") {
			return c.name
		}
	}
	text, _ := f.join(m)
	return text
}

// exact returns the constant with a value, unless it cannot be told which of several.
func (f family) exact(v uint64) (string, bool) {
	var found []named
	for _, c := range f.constants {
		if c.value == v {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return "", false
	}
	first, last := found[0], found[len(found)-1]
	return first.name, !f.several || first.kind == last.kind || rank(first.name) == 0
}

// join writes bits as a disjunction of flags: of single bits, or where these leave some without a
// name, of several bits in one. What has no name still is a number at the end; whole reports that
// there is none.
func (f family) join(m uint64) (text string, whole bool) {
	found, rest := f.cover(m, true)
	i := slices.IndexFunc(f.constants, func(c named) bool { return c.value == rest })
	if len(found) > 0 && rest != 0 && i >= 0 {
		found, rest = slices.Insert(found, 0, f.constants[i]), 0 // a choice beside the flags
	}
	if rest != 0 {
		if other, left := f.cover(m, false); left == 0 {
			found, rest = other, 0
		}
	}
	var parts []string
	for _, c := range found {
		parts = append(parts, c.name)
	}
	if rest != 0 || len(parts) == 0 {
		parts = append(parts, f.bits(rest))
	}
	return strings.Join(parts, " | "), rest == 0 && len(found) > 0
}

// cover returns flags that lie in m and no other of them, by ascending value, and the rest of m.
func (f family) cover(m uint64, singleFirst bool) (found []named, rest uint64) {
	rest = m
	for _, single := range []bool{singleFirst, !singleFirst} {
		for _, c := range f.constants {
			wanted := c.flag && (bits.OnesCount64(c.value) == 1) == single
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
