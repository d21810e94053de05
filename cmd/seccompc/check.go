package main

import (
	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/modes"
)

// newCheck returns the command that reports every finding about policies.
func newCheck() *cobra.Command {
	var flags policyFlags
	var asJSON, asSARIF bool
	cmd := &cobra.Command{
		Use:   "check POLICY...",
		Short: "Report everything that is wrong with policies",
		Long: `Check compiles policies, proves the filters, and reports every error and warning. It
writes no filter. Warnings leave the exit status 0; -W CODE=error makes errors of them.`,
		Example: "  seccompc check policy.scp -W bypass=error",
		Args:    usageArgs(cobra.MinimumNArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&asSARIF, "sarif", false, "print the findings as SARIF 2.1.0")
	cmd.MarkFlagsMutuallyExclusive("json", "sarif")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		opts, err := flags.options()
		if err != nil {
			return err
		}
		var all diag.List
		var outcome error
		for _, name := range args {
			diags, err := checkPolicy(cmd, opts, name, asJSON || asSARIF)
			all = append(all, diags...)
			outcome = worse(cmd, outcome, err)
		}
		if err := printFindings(cmd, all, asJSON, asSARIF); err != nil {
			return err
		}
		return outcome
	}
	return cmd
}

func checkPolicy(
	cmd *cobra.Command, opts compiler.Options, name string, quiet bool,
) (diag.List, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if !in.isText() {
		return nil, notPolicy(in)
	}
	res, diags := compiler.Compile(in.path, in.data, opts)
	if res != nil {
		diags = append(diags, modes.Unproved(in.path, in.data, opts, res.Resolved)...)
		diags.Sort()
	}
	if !quiet {
		if err := printDiagnostics(cmd, diags); err != nil {
			return nil, err
		}
	}
	return diags, checked(diags)
}

// checked is the outcome of a check.
func checked(diags diag.List) error {
	if diags.HasErrors() {
		return failure(diags)
	}
	return nil
}

// printFindings prints findings for machines.
func printFindings(cmd *cobra.Command, diags diag.List, asJSON, asSARIF bool) error {
	var err error
	switch {
	case asJSON:
		_, err = cmd.OutOrStdout().Write(toJSON(diags))
	case asSARIF:
		_, err = cmd.OutOrStdout().Write(toJSON(tool().SARIF(diags)))
	}
	return err
}

// tool names this program and its findings to who reads a log.
func tool() diag.Tool {
	t := diag.Tool{Name: "seccompc", Version: moduleVersion()}
	for _, c := range codes.All() {
		t.Rules = append(t.Rules, diag.Rule{Code: c.Name, Doc: c.Doc})
	}
	return t
}
