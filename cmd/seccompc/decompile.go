package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

func newDecompile() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "decompile FILE",
		Short: "Write the policy that a filter is",
		Long: `Decompile reads a filter of any compiler's back into a policy with names, sets and
ranges, and proves the policy equal to it. A stack A+B becomes one policy, which answers as the
kernel does when both are installed.

With --arch it reads what the filter does for these ABIs alone, also one that does not look at
arch. What the kernel does not look at, such as the data of allow, is left out. A call under
conditions that cannot be written, or of which it is not known what it gets, has the strictest action
that it may get. Comments and warnings say so.`,
		Example: "  seccompc decompile theirs.bpf -o theirs.scp\n" +
			"  seccompc decompile prelude.bpf+main.scp",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	var flags policyFlags
	flags.register(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := loadStack(cmd, &flags, args[0])
		if err != nil {
			return err
		}
		back, err := s.decompile(flags.arch)
		if err != nil {
			return err
		}
		for _, text := range back.Remarks() {
			say(cmd, "%s: warning: %s", s.name, text)
		}
		return writeOutput(cmd, output, back.Text)
	}
	return cmd
}

// resolveText gives the meaning of a policy that has been read from a filter.
func resolveText(text []byte) (*policy.Policy, error) {
	res, diags := resolve.Text("decompiled", text, resolve.Options{})
	if res == nil {
		return nil, errors.New(diags[0].String())
	}
	return res.Policy, nil
}

// decompile returns the policy that the filters are together, for all ABIs or for some alone.
func (s *stacked) decompile(arch []string) (*explain.ReadBack, error) {
	abis, err := s.chooseAll(arch)
	if err != nil {
		return nil, err
	}
	reading := explain.Reading{Resolve: resolveText, ABIs: abis, Late: s.late()}
	back, err := explain.Decompile(s.order(), reading, s.programs()...)
	if err != nil {
		return nil, cannotRead(s.name, err)
	}
	return back, nil
}

// cannotRead is the error for a filter whose meaning cannot be told.
func cannotRead(name string, err error) error {
	if errors.Is(err, proof.ErrTooComplex) {
		return unknown(fmt.Errorf("%s: what it does for all calls is not known: %w; sim answers "+
			"for one call", diag.Printable(name), err))
	}
	return wrong("%s: %w", diag.Printable(name), err)
}
