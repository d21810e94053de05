package linux

import (
	"cmp"
	"go/constant"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// Constant returns the value that a constant of the kernel's user interface has on the ABI, a go/constant
// Int, and false where the ABI does not have it.
func (a *ABI) Constant(name string) (constant.Value, bool) {
	row, ok := constantTable.find(name)
	if !ok {
		return nil, false
	}
	text, ok := a.value(row)
	if !ok {
		return nil, false
	}
	digits, negative := strings.CutPrefix(text, "-")
	v := constant.MakeFromLiteral(digits, token.INT, 0)
	if negative {
		v = constant.UnaryOp(token.SUB, v, 0)
	}
	return v, true
}

// ConstantNames returns the constants of the ABI whose names start with prefix, sorted.
func (a *ABI) ConstantNames(prefix string) []string {
	var names []string
	for name, row := range constantTable.from(prefix) {
		if _, ok := a.value(row); ok {
			names = append(names, name)
		}
	}
	return names
}

// ConstantNames returns the constants of all ABIs, sorted.
func ConstantNames() []string {
	var names []string
	for name := range constantTable.from("") {
		names = append(names, name)
	}
	return names
}

// value picks the ABI's value from "VALUE TAB abi,abi=VALUE TAB ..." where the first, which may be empty,
// is for the ABIs that no other names. "-" says that the ABI has none.
func (a *ABI) value(row string) (string, bool) {
	text, variants, more := strings.Cut(row, "\t")
	for more {
		var variant string
		variant, variants, more = strings.Cut(variants, "\t")
		abis, v, _ := strings.Cut(variant, "=")
		if slices.Contains(strings.Split(abis, ","), a.Name) {
			text = v
			break
		}
	}
	return text, text != "" && text != "-"
}

// errnoSynonyms are the names of error numbers that the man pages treat under another name, errno(3).
// (EDEADLOCK and ENOTSUP have numbers of their own on some ABIs.)
var errnoSynonyms = []string{"EWOULDBLOCK", "EDEADLOCK", "ENOTSUP", "EREFUSED"}

// ErrnoName returns the name of an error number on the ABI: "EPERM" for 1. Where several names share a
// number it is the one under which errno(3) explains it: EAGAIN, not EWOULDBLOCK.
func (a *ABI) ErrnoName(n uint32) (string, bool) {
	found := ""
	for name, row := range constantTable.from("E") {
		if !isErrno(name) {
			continue
		}
		text, ok := a.value(row)
		v, err := strconv.ParseUint(text, 0, 32)
		if !ok || err != nil || uint32(v) != n {
			continue
		}
		if found == "" || synonym(name) < synonym(found) {
			found = name
		}
	}
	return found, found != ""
}

func isErrno(name string) bool {
	return len(name) > 1 && strings.IndexFunc(name, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) < 0
}

func synonym(name string) int { return cmp.Compare(slices.Index(errnoSynonyms, name), -1) }

// ArgFamilies returns the prefixes of the constants that an argument of a system call takes.
func ArgFamilies(syscall string, arg int) []string { return nil }
