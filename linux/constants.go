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
