// Package blob writes filters in the forms in which other programs take them: the kernel's array of
// struct sock_filter, raw or as text, and source of C, Go and Rust.
package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/relocation"
)

// Filter is a program and what a reader of its text wants to know besides.
type Filter struct {
	Program asm.Program
	Order   binary.ByteOrder // of the machines that it is for
	ABIs    []*linux.ABI     // that it is for; comments use their names
	Origin  string           // the file that it was made from, for a heading

	// Relocations says where the program waits for late values, nil where that is not known.
	Relocations *relocation.List
}

// Formats returns the names of the forms that [Filter.Encode] knows: raw, the array of struct
// sock_filter in the filter's byte order, first.
func Formats() []string {
	return []string{"raw", "hex", "base64", "c", "go", "rust", "json", "asm"}
}

// Encode writes the filter in one of the [Formats]. Raw, hex and base64 have the filter's byte
// order; source is independent of it, since what compiles it knows the order.
func (f *Filter) Encode(format string) ([]byte, error) {
	switch raw := f.Program.Encode(f.Order); format {
	case "raw":
		return raw, nil
	case "hex":
		return hexLines(raw), nil
	case "base64":
		return []byte(base64.StdEncoding.EncodeToString(raw) + "\n"), nil
	case "json":
		return f.json()
	case "asm":
		return f.Listing(), nil
	}
	if slices.Contains(Modules(), format) {
		one := Module{
			Name: "filter", Origin: f.Origin, Configs: []Variant{{Machines: []*Filter{f}}},
		}
		return one.Encode(format)
	}
	return nil, fmt.Errorf("unknown format %q", format)
}

// hexLines writes each instruction on a line of its own.
func hexLines(raw []byte) []byte {
	var b bytes.Buffer
	for at := 0; at < len(raw); at += 8 {
		fmt.Fprintf(&b, "%x\n", raw[at:at+8])
	}
	return b.Bytes()
}

// Listing writes the program as the assembler's text, with comments.
func (f *Filter) Listing() []byte {
	comments := f.comments()
	var b bytes.Buffer
	f.Program.Format(&b, func(pc int) string { return comments[pc] }) // a Buffer cannot fail
	return b.Bytes()
}

// Pseudo writes the program as statements, for people; nothing reads them back.
func (f *Filter) Pseudo() []byte {
	return []byte(explain.Pseudo(f.Program, f.Order, f.ABIs, f.late()...))
}

// Graph writes how the program decides the calls of one number, as a digraph of DOT.
func (f *Filter) Graph(abi *linux.ABI, nr uint32) (string, error) {
	return explain.Graph(f.Program, f.Order, abi, nr, f.late()...)
}

func (f *Filter) comments() []string {
	return explain.Annotate(f.Program, f.Order, f.ABIs, f.late()...)
}

func (f *Filter) abiNames() []string {
	names := []string{}
	for _, abi := range f.ABIs {
		names = append(names, abi.Name)
	}
	return names
}
