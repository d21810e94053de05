package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
)

func newDecompile() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "decompile FILE",
		Short: "Write the policy that a filter is",
		Long: `Decompile reads a filter of any compiler's back into a policy with names, sets and
ranges, and proves the policy equal to it. A filter that no policy is equal to is an error. A stack
A+B becomes one policy, which answers as the kernel does when both are installed.`,
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
		text, err := s.decompile()
		if err != nil {
			return err
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

// decompile returns the policy that the filters are together.
func (s *stacked) decompile() ([]byte, error) {
	all := s.programs()
	text, err := explain.Decompile(all[0], s.order(), resolveText, all[1:]...)
	if err != nil {
		return nil, cannotRead(s.name, err)
	}
	return text, nil
}

// cannotRead is the error for a filter whose meaning cannot be told.
func cannotRead(name string, err error) error {
	if e := unknown(err); e != err {
		return e
	}
	return wrong("%s: %w", diag.Printable(name), err)
}
