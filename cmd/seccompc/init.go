package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/examples/policies"
)

const initHelp = `Init writes a policy to start from: NAME.scp in this directory or that of -d, and the
files that it includes. What is there already is not replaced. Without a NAME it lists the
policies. Each has claims, which "seccompc test" proves, and has been tested on the program that
it is for; "seccompc run --report" and "seccompc record --merge" fit it to yours.`

func newInit() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:     "init [flags] [NAME]",
		Short:   "Write a policy to start from",
		Long:    initHelp,
		Example: "  seccompc init\n  seccompc init nginx",
		Args:    usageArgs(cobra.MaximumNArgs(1)),

		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVarP(&dir, "directory", "d", ".", "write below `DIR`")
	completeArg(cmd, func() []string { return slices.Collect(policyNames) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			for _, p := range policies.All() {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n    %s\n", p.Name, p.About)
			}
			return nil
		}
		files, err := policies.Named(args[0])
		if err != nil {
			text := fmt.Sprintf("%v; without a name, init lists them", err)
			return usageError(cmd, errors.New(withNear(text, args[0], policyNames)))
		}
		return writePolicies(cmd, dir, files)
	}
	return cmd
}

// policyNames yields the names of the library's policies.
func policyNames(yield func(string) bool) {
	for _, p := range policies.All() {
		if !yield(p.Name) {
			return
		}
	}
}

// writePolicies writes all files, or none where one is there already.
func writePolicies(cmd *cobra.Command, dir string, files []policies.Policy) error {
	for _, p := range files {
		name := filepath.Join(dir, filepath.FromSlash(p.File()))
		if _, err := os.Lstat(name); err == nil {
			return &statusError{code: statusUsage, err: fmt.Errorf("%s: there is such a file "+
				"already; nothing is written", diag.Printable(name))}
		}
	}
	for _, p := range files {
		name := filepath.Join(dir, filepath.FromSlash(p.File()))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return fileError(name, err)
		}
		if err := writeFile(cmd, name, []byte(p.Text)); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), name)
	}
	return nil
}
