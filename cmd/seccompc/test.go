package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/modes"
)

// testFlags are the flags of test.
type testFlags struct {
	policyFlags
	coverage, kernel, json bool
	each                   bool // configuration
}

func newTest() *cobra.Command {
	var flags testFlags
	cmd := &cobra.Command{
		Use:   "test POLICY...",
		Short: "Prove the claims of policies' test blocks",
		Long: `Test decides every line of the test blocks on the compiled filter, for all values:
"_", missing arguments and conditions stand for every call that fits. A line that does not hold
shows one call that breaks it and the rule that decides it.

With --each it does so for every configuration: each combination of values of the parameters that
are booleans or have named values, at most 64 of them. Other parameters keep their values, and so
does what -D sets.

With --kernel it also makes calls on the running kernel, under the filter, in a child of its own:
those that claims deny, as long as they would do no harm otherwise, and a few that claims allow.`,
		Example: "  seccompc test policies/*.scp --coverage\n" +
			"  seccompc test policies/*.scp --each",
		Args: usageArgs(cobra.MinimumNArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&flags.coverage, "coverage", false, "list the rules that no claim is about")
	cmd.Flags().BoolVar(&flags.each, "each", false, "prove the claims of every configuration")
	cmd.Flags().BoolVar(&flags.kernel, "kernel", false, "also make calls on the running kernel")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the claims that do not hold as JSON")
	cmd.MarkFlagsMutuallyExclusive("json", "coverage")
	cmd.MarkFlagsMutuallyExclusive("json", "kernel")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var all diag.List
		var outcome error
		for _, name := range args {
			diags, err := flags.test(cmd, name)
			all = append(all, diags...)
			outcome = worse(cmd, outcome, err)
		}
		if flags.json {
			cmd.OutOrStdout().Write(toJSON(all))
		}
		return outcome
	}
	return cmd
}

// test decides the claims of one policy.
func (flags *testFlags) test(cmd *cobra.Command, name string) (diag.List, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	opts, err := flags.options()
	if err != nil {
		return nil, err
	}
	if flags.each {
		return flags.testEach(cmd, in, opts)
	}
	res, err := compile(cmd, in, opts)
	if err != nil {
		return nil, err
	}
	if err := printDiagnostics(cmd, modes.Unproved(in.path, in.data, opts, res.Resolved)); err != nil {
		return nil, err
	}
	return flags.prove(cmd, in, res)
}

// prove decides the claims of a policy in one configuration and says what has become of them.
func (flags *testFlags) prove(
	cmd *cobra.Command, in input, res *compiler.Result,
) (diag.List, error) {
	failed, err := checkClaims(res)
	if err != nil {
		return nil, err
	}
	if !flags.json {
		err = flags.report(cmd, in, res, failed)
	}
	if err != nil {
		return nil, err
	}
	return failed, checked(failed)
}

// testEach decides the claims of every configuration.
func (flags *testFlags) testEach(
	cmd *cobra.Command, in input, opts compiler.Options,
) (diag.List, error) {
	said := map[string]bool{}
	res, err := compileOnce(cmd, in, opts, said)
	if err != nil {
		return nil, err
	}
	all, err := modes.Each(res.Params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	var found diag.List
	var outcome error
	for _, m := range all {
		named := in
		if m.Name != "" {
			named.name += " [" + m.Name + "]"
		}
		res, err := compileOnce(cmd, in, m.Options(opts), said)
		if err == nil {
			var failed diag.List
			failed, err = flags.prove(cmd, named, res)
			found = append(found, failed...)
		} else {
			fmt.Fprintf(cmd.OutOrStdout(), "FAIL  %s: the policy does not compile\n", named.name)
		}
		outcome = worse(cmd, outcome, err)
	}
	return found, outcome
}

// report prints for people what has become of the claims, and what else is asked for.
func (flags *testFlags) report(
	cmd *cobra.Command, in input, res *compiler.Result, failed diag.List,
) error {
	if err := reportClaims(cmd, in, res, failed); err != nil {
		return err
	}
	if flags.coverage {
		if err := printCoverage(cmd, res); err != nil {
			return err
		}
	}
	if flags.kernel && len(failed) == 0 {
		return testKernel(cmd, res)
	}
	return nil
}

func reportClaims(
	cmd *cobra.Command, in input, res *compiler.Result, failed diag.List,
) error {
	if err := printDiagnostics(cmd, failed); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	on := fmt.Sprintf("%s; %d instructions", names(res.ABIs), len(res.Program))
	switch n := claims.Lines(res.Claims); {
	case n == 0:
		fmt.Fprintf(out, "?     %s: no claims (%s)\n", in.name, on)
	case len(failed) > 0:
		fmt.Fprintf(out, "FAIL  %s: %d of %d claims do not hold (%s)\n", in.name,
			countPlaces(failed), n, on)
	default:
		fmt.Fprintf(out, "ok    %s: %d claims proved for all values (%s)\n", in.name, n, on)
	}
	return nil
}

// printCoverage lists the rules that decide none of the calls that some claim is about.
func printCoverage(cmd *cobra.Command, res *compiler.Result) error {
	cover, err := claims.Cover(res.Resolved)
	if err != nil {
		return &statusError{code: statusUnknown, err: err}
	}
	out := cmd.OutOrStdout()
	for _, r := range cover.Without {
		at := r.Span.Pos()
		fmt.Fprintf(out, "%s:%d: no claim is about: %s\n", diag.Printable(at.Filename), at.Line, r.Text)
	}
	fmt.Fprintf(out, "      %d of %d rules are in claims\n", cover.Rules-len(cover.Without), cover.Rules)
	return nil
}

// checkClaims returns an error for each claim that the emitted program does not keep.
func checkClaims(res *compiler.Result) (diag.List, error) {
	checker, err := claims.New(res.Resolved, res.Program, res.Order)
	if err != nil {
		return nil, &statusError{code: statusUnknown, err: err}
	}
	failed, err := checker.Check()
	if err != nil {
		return nil, &statusError{code: statusUnknown, err: err}
	}
	return claims.Diagnostics(res.Resolved, failed), nil
}

func countPlaces(diags diag.List) int {
	places := map[diag.Span]bool{}
	for _, d := range diags {
		places[d.Span.Start()] = true
	}
	return len(places)
}
