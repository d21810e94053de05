package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/proof"
	"github.com/seccompc/seccompc/words"
)

func newProve() *cobra.Command {
	var flags policyFlags
	cmd := &cobra.Command{
		Use:   "prove POLICY BLOB",
		Short: "Prove that a filter is a policy",
		Long: `Prove shows that a filter, whoever compiled it, answers every call as the policy
says, or prints a call that it answers otherwise. It works from the meaning of the policy and the
bytes of the filter; the code generator has no part in it.

The exit status is 0 if it is proved, 1 if there is a difference, and 4 if it is not known.`,
		Example: "  seccompc prove policy.scp filter.bpf",
		Args:    usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		res, err := flags.resolve(cmd, args[0])
		if err != nil {
			return err
		}
		in, err := readInput(cmd, args[1])
		if err != nil {
			return err
		}
		f, err := decodeFilter(in)
		if err != nil {
			return err
		}
		return prove(cmd, res, f)
	}
	return cmd
}

// resolve reads a policy without compiling it.
func (p *policyFlags) resolve(cmd *cobra.Command, name string) (*compiler.Resolved, error) {
	opts, err := p.options()
	if err != nil {
		return nil, err
	}
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if !in.isText() {
		return nil, notPolicy(in)
	}
	res, diags := compiler.Resolve(in.name, in.data, opts)
	if res == nil {
		return nil, reportBad(cmd, in, diags)
	}
	return res, nil
}

func prove(cmd *cobra.Command, res *compiler.Resolved, f *filter) error {
	if big := res.ABIs[0].BigEndian; big != isBig(f.order) {
		return wrong("%s: the filter is %s, and the policy is for %s", f.name, orderName(f.order),
			names(res.ABIs))
	}
	difference, err := proof.Equal(res.Policy, f.program)
	if err != nil {
		return unknown(fmt.Errorf("%s: not known whether this is the policy: %w", f.name, err))
	}
	out := cmd.OutOrStdout()
	if difference == nil {
		fmt.Fprintf(out, "proved: %s is the policy for every call (%s; %d instructions)\n", f.name,
			names(res.ABIs), len(f.program))
		return nil
	}
	abi := words.ABIOf(difference.Call)
	fmt.Fprintf(out, "different: %s\n", words.Call(difference.Call))
	fmt.Fprintf(out, "  the policy  %s\n", words.Action(difference.A, abi))
	fmt.Fprintf(out, "  the filter  %s\n", words.Action(difference.B, abi))
	decidedBy(res, difference.Call).print(out)
	return exit(statusWrong)
}
