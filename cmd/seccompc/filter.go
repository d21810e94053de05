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
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/relocation"
)

// filter is one of those that a FILE argument stands for: a compiled policy, or what was a filter
// already.
type filter struct {
	name    string
	program asm.Program
	order   binary.ByteOrder
	policy  *compiler.Result // nil for what was a filter already
	text    input            // of the policy
	list    *relocation.List // of what was one and waits for late values, where it is given
}

// check returns an error for a filter that the kernel would refuse. That of a policy may wait for
// late values: what needs them asks for them, see ready.
func (f *filter) check() error {
	program := f.program
	if f.policy != nil {
		program = program.Filled(make([]uint64, len(f.late())))
	}
	if err := program.Check(); err != nil {
		return wrong("%s: the kernel would refuse this filter: %w", f.name, err)
	}
	return nil
}

// late returns the late values that the filter waits for.
func (f *filter) late() []*policy.Late {
	if f.policy == nil {
		return nil
	}
	return f.policy.Policy.Late
}

// ready returns an error for a filter that waits for late values.
func (f *filter) ready() error {
	if f.policy == nil || !f.program.Waits() {
		return nil
	}
	return needsValues(f.name, f.policy)
}

// needsValues asks for the late values of a policy.
func needsValues(name string, res *compiler.Result) error {
	var flags []string
	for _, l := range res.Policy.Late {
		flags = append(flags, "-D "+l.Name+"=VALUE")
	}
	return wrong("%s: the policy has late values, which this needs to know; add %s", name,
		strings.Join(flags, " "))
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
	out := &blob.Filter{
		Program: f.program, Order: f.order, ABIs: f.abis(), Origin: f.name, Relocations: f.list,
	}
	if f.policy != nil {
		out.Relocations = f.policy.Relocations()
	}
	return out
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
