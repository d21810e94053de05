package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

func newMerge() *cobra.Command {
	var flags policyFlags
	var output string
	var and, or bool
	cmd := &cobra.Command{
		Use:   "merge --and|--or A B",
		Short: "Write the policy that two filters are together",
		Long: `Merge reads two policies, profiles, filters or stacks and writes one policy, proved
equal to what is made of the two for every call, callers of ABIs that they do not serve included.

With --and it answers as the kernel does when A is installed, and then B: the strictest answer
counts, and between two of a kind B's errno. With --or the laxer answer counts, by the kernel's
order of actions, and between two of a kind A's errno.`,
		Example: "  seccompc merge --and theirs.json ours.scp -o both.scp\n" +
			"  seccompc merge --or recorded-1.scp recorded-2.scp",
		Args: usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&and, "and", false, "a call is let through where both let it through")
	cmd.Flags().BoolVar(&or, "or", false, "a call is let through where one of them lets it through")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "write the policy to `FILE`")
	cmd.MarkFlagsMutuallyExclusive("and", "or")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !and && !or {
			return usageError(cmd, errors.New("say --and, for the stricter answer to each call, "+
				"or --or, for the laxer one"))
		}
		text, err := merge(cmd, &flags, args[0], args[1], or)
		if err != nil {
			return err
		}
		return writeOutput(cmd, output, text)
	}
	return cmd
}

// merge returns the policy that two FILE arguments are together.
func merge(cmd *cobra.Command, flags *policyFlags, nameA, nameB string, or bool) ([]byte, error) {
	space := proof.New(linux.Arches()...)
	var both [2]proof.Function
	var first *stacked
	var late []*policy.Late
	for i, name := range []string{nameA, nameB} {
		s, err := loadStack(cmd, flags, name)
		if err != nil {
			return nil, err
		}
		for _, l := range s.late() {
			if !slices.ContainsFunc(late, func(m *policy.Late) bool { return m.Name == l.Name }) {
				late = append(late, l)
			}
		}
		if first == nil {
			first = s
		} else if isBig(first.order()) != isBig(s.order()) {
			return nil, wrong("%s is %s and %s is %s: no machine runs both", nameA,
				orderName(first.order()), nameB, orderName(s.order()))
		}
		if both[i], err = s.function(space); err != nil {
			return nil, unknown(err)
		}
	}
	f, how, err := proof.Function{}, "stricter", error(nil)
	if or {
		how = "laxer"
		f, err = space.Laxest(both[0], both[1])
	} else {
		f, err = space.Stack(both[:]...)
	}
	if err != nil {
		return nil, unknown(err)
	}
	reading := explain.Reading{Resolve: resolveText, Late: late, Head: fmt.Sprintf(
		"The %s answer of %s and of %s", how, diag.Printable(nameA), diag.Printable(nameB))}
	back, err := explain.Recover(space, f, first.order(), reading)
	if err != nil {
		return nil, cannotRead(nameA+", "+nameB, err)
	}
	if text := back.Short(); text != "" {
		return nil, wrong("%s, %s: no policy is what they are together: %s", nameA, nameB, text)
	}
	for _, text := range back.Remarks() {
		say(cmd, "%s, %s: warning: %s", nameA, nameB, text)
	}
	return back.Text, nil
}
