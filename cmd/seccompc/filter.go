package main

import (
	"encoding/binary"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/blob"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
)

// filter is one of those that a FILE argument stands for: a compiled policy, or what was a filter
// already.
type filter struct {
	name    string
	program asm.Program
	order   binary.ByteOrder
	policy  *compiler.Result // nil for what was a filter already
	text    input            // of the policy
}

// check returns an error for a filter that the kernel would refuse.
func (f *filter) check() error {
	if err := f.program.Check(); err != nil {
		return wrong("%s: the kernel would refuse this filter: %w", f.name, err)
	}
	return nil
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
