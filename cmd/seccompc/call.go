package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// concrete is one system call that the command line names.
type concrete struct {
	abi   *linux.ABI
	data  policy.Data
	given [6]bool // the arguments that the text gives; the others are 0
	name  string  // the system call that is meant where a multiplexer stands before it, or ""
}

// callName stands for the text of a call in messages.
const callName = "<call>"

// concreteCalls gives the text of a call its meaning for a filter: one call, or one for each door
// that leads to it.
func concreteCalls(cmd *cobra.Command, f *stacked, arch, text string) ([]concrete, error) {
	form, err := splitCall(text)
	if err != nil {
		return nil, err
	}
	parsed, diags := dsl.ParseCall(callName, form.text)
	if diags.HasErrors() {
		return nil, reportBad(cmd, diags)
	}
	if parsed.Cond != nil {
		return nil, wrong("%q stands for many calls; give values to the arguments, or test a claim",
			text)
	}
	abi, err := form.abi(f, arch, parsed)
	if err != nil {
		return nil, err
	}
	calls, diags := resolve.Calls(abi, callName, form.text)
	if diags.HasErrors() {
		return nil, reportBad(cmd, diags)
	}
	if len(calls) == 0 {
		return nil, wrong("%q: on %s the arguments lie in memory, behind a multiplexer", text,
			abi.Name)
	}
	out := make([]concrete, len(calls))
	for i, c := range calls {
		out[i] = concreteCall(abi, parsed.Name.Name, c)
		out[i].data.IP = form.ip
		if own := explain.ABIOf(out[i].data); form.arch != nil && own != nil && f.suits(own) {
			out[i].abi = own // written as a number
		}
	}
	return out, nil
}

func concreteCall(abi *linux.ABI, name string, c resolve.Call) concrete {
	out := concrete{abi: abi, given: c.Given}
	out.data = policy.Data{Nr: c.Nr, Arch: abi.Arch, Args: c.Args}
	mux, _, ok := abi.Multiplexed(name)
	if nr, _ := abi.Number(mux); ok && nr == c.Nr && name != mux {
		out.name = name
	}
	return out
}

// reportBad prints what is wrong with a text, and is the error for it.
func reportBad(cmd *cobra.Command, diags diag.List) error {
	if err := printDiagnostics(cmd, diags); err != nil {
		return err
	}
	return exit(statusWrong)
}

// complete reports whether the text gives every argument that the call reads.
func (c concrete) complete() bool {
	name, _ := c.abi.SyscallName(c.data.Nr)
	args, known := c.abi.Prototype(name)
	if !known {
		return c.abi.Strange() || !slices.Contains(c.given[:], false)
	}
	return !slices.Contains(c.given[:len(args)], false)
}

// cached reports whether the kernel's action cache holds the call (kernel/seccomp.c, since 5.11):
// whatever its arguments, every filter allows it, and the kernel has a bit for it.
func (c concrete) cached(s *stacked) bool {
	return c.abi.IsCached(c.data.Nr) && !slices.ContainsFunc(s.filters, func(f *filter) bool {
		return !f.program.ConstantAllow(c.data.Arch, c.data.Nr)
	})
}
