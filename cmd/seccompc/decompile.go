package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

func newDecompile() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "decompile BLOB",
		Short: "Write the policy that a filter is",
		Long: `Decompile reads a filter of any compiler's back into a policy with names, sets and
ranges, and proves the policy equal to it. A filter that no policy is equal to is an error.`,
		Example: "  seccompc decompile theirs.bpf -o theirs.scp",
		Args:    usageArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		if in.isText() {
			return wrong("%s: this is text, and no filter", in.name)
		}
		f, err := decodeFilter(in)
		if err != nil {
			return err
		}
		text, err := explain.Decompile(f.program, f.order, resolveText)
		if err != nil {
			return cannotRead(f, err)
		}
		return writeOutput(cmd, output, text)
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

// cannotRead is the error for a filter whose meaning cannot be told.
func cannotRead(f *filter, err error) error {
	if e := unknown(err); e != err {
		return e
	}
	return wrong("%s: %w", f.name, err)
}
