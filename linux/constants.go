package linux

import (
	"go/constant"
	"go/token"
	"strings"
)

// Constant returns the value that a constant of the kernel's user interface has on the ABI, a
// go/constant Int, and false where the ABI does not have it.
func (a *ABI) Constant(name string) (constant.Value, bool) {
	return a.constants.get(name, a.findConstant)
}

func (a *ABI) findConstant(name string) (constant.Value, bool) {
	row, ok := constantTable.find(name)
	if !ok {
		return nil, false
	}
	text, ok := a.value(row)
	if !ok {
		return nil, false
	}
	return parseValue(text), true
}

func parseValue(text string) constant.Value {
	digits, negative := strings.CutPrefix(text, "-")
	v := constant.MakeFromLiteral(digits, token.INT, 0)
	if negative {
		v = constant.UnaryOp(token.SUB, v, 0)
	}
	return v
}

// LibcConstant returns the value of a constant that C libraries define and the kernel's user
// interface does not, and the kernel's name of the same thing, or "" where there is none.
func (a *ABI) LibcConstant(name string) (v constant.Value, kernel string, ok bool) {
	row, ok := libcTable.find(name)
	if !ok {
		return nil, "", false
	}
	text, ok := a.value(row)
	if !ok {
		return nil, "", false
	}
	if text[0] == '-' || '0' <= text[0] && text[0] <= '9' {
		return parseValue(text), "", true
	}
	v, ok = a.Constant(text)
	return v, text, ok
}

// LibcNames returns the constants of [ABI.LibcConstant], sorted.
func LibcNames() []string {
	var names []string
	for name := range libcTable.from("") {
		names = append(names, name)
	}
	return names
}

// LibcDiffers says of a constant what C libraries say of it where it is not what the kernel's
// headers say, and returns "" for others. The sources are glibc's headers: bits/signum-generic.h,
// sysdeps/unix/sysv/linux/bits/sigstksz.h, bits/socket.h.
func LibcDiffers(name string) string { return libcDiffers[name] }

var libcDiffers = map[string]string{
	"NSIG":        "the C library's is one above the last signal, 65 on most ABIs",
	"_NSIG":       "the kernel's is the number of signals, 64 on most ABIs",
	"SIGRTMIN":    "the C library keeps two signals for itself: its first is 34",
	"MINSIGSTKSZ": "the C library's is no constant since glibc 2.34: it asks the kernel",
	"SIGSTKSZ":    "the C library's is no constant since glibc 2.34: it asks the kernel",
	"SOMAXCONN":   "the C library's was 128 before glibc 2.31 and Linux 5.4",
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

// value picks the ABI's value from "VALUE TAB abi,abi=VALUE TAB ..." where the first, which may be
// empty, is for the ABIs that no other names. "-" says that the ABI has none.
func (a *ABI) value(row string) (string, bool) {
	text, variants, more := strings.Cut(row, "\t")
	for more {
		var variant string
		variant, variants, more = strings.Cut(variants, "\t")
		abis, v, _ := strings.Cut(variant, "=")
		if lists(abis, a.Name) {
			text = v
			break
		}
	}
	return text, text != "" && text != "-"
}

// ErrnoName returns the name of an error number on the ABI: "EPERM" for 1. Where several names
// share a number it is the one that the kernel's headers define the others by: EAGAIN, not
// EWOULDBLOCK.
func (a *ABI) ErrnoName(n uint32) (string, bool) {
	want := constant.MakeUint64(uint64(n))
	for name := range errnoTable.from("") {
		if v, ok := a.Constant(name); ok && constant.Compare(v, token.EQL, want) {
			return name, true
		}
	}
	return "", false
}
