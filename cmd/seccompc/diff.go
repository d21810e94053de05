package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/proof"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	policyFlags
	subset, json, markdown bool
}

func newDiff() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Show exactly where two filters differ",
		Long: `Diff compares two filters, policies or blobs of any origin, for every call that
there can be. Each row is a set of calls with the actions that they get, and one of the calls.

A+B stands for filters that are installed one after the other: the strictest answer counts.

The exit status is 0 if there is no difference, 1 if there is one, and 4 if it is not known.`,
		Example: "  seccompc diff old.scp new.scp --markdown\n" +
			"  seccompc diff --subset policy.scp theirs.bpf+ours.bpf",
		Args: usageArgs(cobra.ExactArgs(2)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&flags.subset, "subset", false,
		"show only what B grants and A does not")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the rows as JSON")
	cmd.Flags().BoolVar(&flags.markdown, "markdown", false, "print the rows as a Markdown table")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows, err := flags.rows(cmd, args[0], args[1])
		if err != nil {
			return err
		}
		lines := explain.Differences(rows)
		switch out := cmd.OutOrStdout(); {
		case flags.json:
			out.Write(toJSON(append([]explain.Line{}, lines...)))
		case len(lines) == 0:
			fmt.Fprintln(out, flags.none())
		case flags.markdown:
			fmt.Fprint(out, explain.Markdown(lines, args[0], args[1]))
		default:
			fmt.Fprint(out, explain.Text(lines, args[0], args[1]))
		}
		if len(lines) > 0 {
			return exit(statusWrong)
		}
		return nil
	}
	return cmd
}

// none says that there are no rows.
func (flags *diffFlags) none() string {
	if flags.subset {
		return "B grants nothing that A does not: proved for every call"
	}
	return "no difference: proved for every call"
}

// rows compares the filters that two arguments name.
func (flags *diffFlags) rows(cmd *cobra.Command, nameA, nameB string) ([]proof.Row, error) {
	space := proof.New()
	a, err := flags.function(cmd, space, nameA)
	if err != nil {
		return nil, err
	}
	b, err := flags.function(cmd, space, nameB)
	if err != nil {
		return nil, err
	}
	if flags.subset {
		laxer, err := space.Subset(a, b)
		if err != nil || laxer == nil {
			return nil, unknown(err)
		}
	}
	if flags.subset {
		rows, err := space.Laxer(a, b)
		return rows, unknown(err)
	}
	rows, err := space.Diff(a, b)
	return rows, unknown(err)
}

// unknown gives the failure of a proof its exit status.
func unknown(err error) error {
	if errors.Is(err, proof.ErrTooComplex) {
		return &statusError{statusUnknown, err}
	}
	return err
}

// function returns what a filter does, or what several do that are stacked.
func (flags *diffFlags) function(
	cmd *cobra.Command, space *proof.Space, name string,
) (proof.Function, error) {
	var stack []proof.Function
	for _, part := range stacked(name) {
		f, err := loadFilter(cmd, &flags.policyFlags, part)
		if err != nil {
			return proof.Function{}, err
		}
		function, err := space.Program(f.program, f.order)
		if err != nil {
			return proof.Function{}, unknown(fmt.Errorf("%s: %w", f.name, err))
		}
		stack = append(stack, function)
	}
	f, err := space.Stack(stack...)
	return f, unknown(err)
}

// stacked splits A+B, unless that is the name of a file.
func stacked(name string) []string {
	if _, err := os.Stat(name); err == nil {
		return []string{name}
	}
	return strings.Split(name, "+")
}
