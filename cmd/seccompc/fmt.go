package main

import (
	"bytes"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/dsl"
)

// fmtFlags choose what becomes of a text in its canonical layout; without one it is printed.
type fmtFlags struct{ list, diff, write bool }

func newFmt() *cobra.Command {
	var flags fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Lay out policies in the one canonical way",
		Long: `Fmt prints policies in their canonical layout. Words, comments and line breaks
within statements stay. With -l or -d the exit status is 1 if a file is laid out differently.`,
		Example: "  seccompc fmt -w policies/*.scp",
		Args:    usageArgs(cobra.MinimumNArgs(1)),
	}
	cmd.Flags().BoolVarP(&flags.list, "list", "l", false,
		"print the names of files laid out differently")
	cmd.Flags().BoolVarP(&flags.diff, "diff", "d", false, "print the differences")
	cmd.Flags().BoolVarP(&flags.write, "write", "w", false, "write the files anew")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var outcome error
		for _, name := range args {
			outcome = worse(cmd, outcome, flags.format(cmd, name))
		}
		return outcome
	}
	return cmd
}

func (flags fmtFlags) format(cmd *cobra.Command, name string) error {
	in, err := readInput(cmd, name)
	if err != nil {
		return err
	}
	if !in.isPolicy() {
		return notPolicy(in)
	}
	text, diags := dsl.Format(in.path, in.data)
	if diags.HasErrors() {
		return reportBad(cmd, diags)
	}
	return flags.deliver(cmd, name, in, text)
}

func (flags fmtFlags) deliver(cmd *cobra.Command, name string, in input, text []byte) error {
	out := cmd.OutOrStdout()
	if flags == (fmtFlags{}) {
		_, err := out.Write(text)
		return err
	}
	if bytes.Equal(text, in.data) {
		return nil
	}
	if flags.list {
		fmt.Fprintln(out, in.name)
	}
	if flags.diff {
		out.Write(diff.Diff(in.name, in.data, in.name+" (formatted)", text))
	}
	if flags.write {
		return writeFile(cmd, name, text)
	}
	return exit(statusWrong)
}
