package main

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
)

// filter is what a FILE argument stands for: a compiled policy or a blob.
type filter struct {
	name    string
	program asm.Program
	order   binary.ByteOrder
	policy  *compiler.Result // nil for a blob
}

// loadFilter reads a FILE argument, compiles it if it is a policy, and refuses a blob that the
// kernel would.
func loadFilter(cmd *cobra.Command, flags *policyFlags, name string) (*filter, error) {
	f, err := loadUnchecked(cmd, flags, name)
	if err != nil {
		return nil, err
	}
	return f, f.check()
}

// decodeFilter reads a blob that the kernel would accept.
func decodeFilter(in input) (*filter, error) {
	f, err := decodeBlob(in)
	if err != nil {
		return nil, err
	}
	return f, f.check()
}

// check returns an error for a filter that the kernel would refuse.
func (f *filter) check() error {
	if err := f.program.Check(); err != nil {
		return wrong("%s: the kernel would refuse this filter: %w", f.name, err)
	}
	return nil
}

// loadUnchecked is loadFilter for a blob that need not be a valid filter.
func loadUnchecked(cmd *cobra.Command, flags *policyFlags, name string) (*filter, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if !in.isText() {
		return decodeBlob(in)
	}
	res, err := flags.compile(cmd, in)
	if err != nil {
		return nil, err
	}
	return &filter{in.name, res.Program, res.Order, res}, nil
}

// decodeBlob reads a blob that need not be a valid filter.
func decodeBlob(in input) (*filter, error) {
	if len(in.data) > asm.MaxLen*8 {
		return nil, wrong("%s: %d bytes are more than the %d instructions that the kernel takes",
			in.name, len(in.data), asm.MaxLen)
	}
	order, err := asm.DetectOrder(in.data)
	if err != nil {
		return nil, wrong("%s: this is neither a policy nor a filter: %w", in.name, err)
	}
	program, err := asm.Decode(in.data, order)
	if err != nil {
		return nil, wrong("%s: this is neither a policy nor a filter: %w", in.name, err)
	}
	return &filter{name: in.name, program: program, order: order}, nil
}

// abis returns the ABIs that the filter is for.
func (f *filter) abis() []*linux.ABI {
	if f.policy != nil {
		return f.policy.ABIs
	}
	return explain.Served(f.program, f.order)
}

// blob is the filter as it is written.
func (f *filter) blob() *blob.Filter {
	return &blob.Filter{Program: f.program, Order: f.order, ABIs: f.abis(), Origin: f.name}
}

// write writes the filter to a file, in one of the blob's formats.
func (f *filter) write(cmd *cobra.Command, name, format string) error {
	data, err := f.blob().Encode(format)
	if err != nil {
		return err
	}
	return writeOutput(cmd, name, data)
}

// suits reports whether the filter has the byte order of an ABI.
func (f *filter) suits(abi *linux.ABI) bool { return abi.BigEndian == isBig(f.order) }

// choose returns the ABI that a command is about: the one that is asked for, or this machine's, or the
// filter's first.
func (f *filter) choose(name string) (*linux.ABI, error) {
	if name == "" {
		abis := f.abis()
		if len(abis) == 0 {
			return nil, wrong("%s: the filter does not look at arch, or names no known ABI; "+
				"choose one with --arch", f.name)
		}
		if native, ok := linux.Native(); ok && slices.Contains(abis, native) {
			return native, nil
		}
		return abis[0], nil
	}
	abi, err := lookupABI(name)
	if err != nil {
		return nil, err
	}
	if !f.suits(abi) {
		return nil, wrong("%s: the filter is %s, and %s is not; it is for %s", f.name,
			orderName(f.order), abi.Name, names(f.abis()))
	}
	return abi, nil
}

// names lists ABIs for people.
func names(abis []*linux.ABI) string {
	if len(abis) == 0 {
		return "no known ABI"
	}
	return strings.Join(nameList(abis), ", ")
}

func nameList(abis []*linux.ABI) []string {
	out := make([]string, len(abis))
	for i, a := range abis {
		out[i] = a.Name
	}
	return out
}

func isBig(order binary.ByteOrder) bool { return order.Uint16([]byte{0, 1}) == 1 }

func orderName(order binary.ByteOrder) string {
	if isBig(order) {
		return "big-endian"
	}
	return "little-endian"
}

// orderFor returns the byte order of the machines that a program names, this machine's where it names
// none.
func orderFor(p asm.Program) (binary.ByteOrder, error) {
	var little, big bool
	for _, arch := range p.Arches() {
		little = little || !linux.BigEndian(arch)
		big = big || linux.BigEndian(arch)
	}
	switch {
	case little && big:
		return nil, errors.New("the program names ABIs of both byte orders; choose one with --arch")
	case big:
		return binary.BigEndian, nil
	case little:
		return binary.LittleEndian, nil
	}
	if isBig(binary.NativeEndian) {
		return binary.BigEndian, nil
	}
	return binary.LittleEndian, nil
}
