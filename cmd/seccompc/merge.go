package main

import (
	"github.com/spf13/cobra"
)

func newMerge() *cobra.Command {
	var flags policyFlags
	var output string
	var and bool
	cmd := &cobra.Command{
		Use:   "merge --and A B",
		Short: "Write the policy that two filters are together",
		Long: `Merge reads two policies, profiles or filters and writes the one policy that
answers every call as the kernel does when A is installed, and then B: the strictest answer
counts, and between two of a kind B's errno. The policy is proved equal to the two.`,
		Example: "  seccompc merge --and theirs.json ours.scp -o both.scp",
		Args:    usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&and, "and", false, "a call is let through where both let it through")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.MarkFlagRequired("and")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		both := &stacked{name: args[0] + "+" + args[1]}
		for _, name := range args {
			s, err := loadStack(cmd, &flags, name)
			if err != nil {
				return err
			}
			both.filters = append(both.filters, s.filters...)
		}
		if a, b := both.filters[0], both.top(); isBig(a.order) != isBig(b.order) {
			return wrong("%s is %s and %s is %s: no machine runs both", a.name, orderName(a.order),
				b.name, orderName(b.order))
		}
		text, err := both.decompile()
		if err != nil {
			return err
		}
		return writeOutput(cmd, output, text)
	}
	return cmd
}
