package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/modes"
)

// testFlags are the flags of test.
type testFlags struct {
	policyFlags
	loaderFlags
	coverage, kernel, json bool
	verbose                bool
	each                   bool // configuration
}

func newTest() *cobra.Command {
	var flags testFlags
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Prove the claims of policies' test blocks",
		Long: `Test decides every line of the test blocks on the compiled filter, for all values:
"_", missing arguments and conditions stand for every call that fits. A line that does not hold
shows one call that breaks it and the rule that decides it.

With --each it does so for every configuration: each combination of values of the parameters that
are booleans or have named values, at most 64 of them. Other parameters keep their values, and so
does what -D sets.

With --kernel it also makes calls on the running kernel, under the filter, in a child of its own:
those that claims deny, as long as they would do no harm otherwise, and a few that claims allow.

Of a stack A+B the claims of each policy are about what is in force once it is installed: its
own filter and those before it, so that the last one's are about the whole stack. And test
proves that each filter can be installed under those before it, as check does.`,
		Example: "  seccompc test policies/*.scp --coverage\n" +
			"  seccompc test policies/*.scp --each\n" +
			"  seccompc test prelude.scp+main.scp --loader landlock_restrict_self",
		Args: usageArgs(cobra.MinimumNArgs(1)),
	}
	flags.register(cmd)
	flags.registerLoader(cmd)
	cmd.Flags().BoolVar(&flags.coverage, "coverage", false, "list the rules that no claim is about")
	cmd.Flags().BoolVar(&flags.each, "each", false, "prove the claims of every configuration")
	cmd.Flags().BoolVar(&flags.kernel, "kernel", false, "also make calls on the running kernel")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the claims that do not hold as JSON")
	cmd.Flags().BoolVarP(&flags.verbose, "verbose", "v", false, "list the test blocks by name")
	cmd.MarkFlagsMutuallyExclusive("json", "coverage")
	cmd.MarkFlagsMutuallyExclusive("json", "kernel")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all, outcome := findings(cmd, args, flags.test)
		if flags.json {
			if err := printFindings(cmd, all, true); err != nil {
				return err
			}
		}
		return outcome
	}
	return cmd
}

// test decides the claims of a FILE argument: of a policy, or of each policy of a stack.
func (flags *testFlags) test(cmd *cobra.Command, name string) (diag.List, error) {
	if flags.each {
		return flags.testEach(cmd, name)
	}
	s, err := flags.loadClaims(cmd, name)
	if err != nil {
		return nil, err
	}
	opts, err := flags.options()
	if err != nil {
		return nil, err
	}
	if len(s.filters) == 1 { // claims of a stack may hold by other filters' rules
		if err := printDiagnostics(cmd, s.filters[0].unproved(opts)); err != nil {
			return nil, err
		}
	}
	return flags.prove(cmd, s, "")
}

// loadClaims loads filters with at least one policy.
func (flags *testFlags) loadClaims(cmd *cobra.Command, name string) (*stacked, error) {
	s, err := loadStack(cmd, &flags.policyFlags, name)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(s.filters, func(f *filter) bool { return f.policy != nil }) {
		return nil, notPolicy(input{name: diag.Printable(name)})
	}
	return s, nil
}

// testEach decides the claims of every configuration.
func (flags *testFlags) testEach(cmd *cobra.Command, name string) (diag.List, error) {
	one := *flags
	one.said = map[string]bool{}
	s, err := one.loadClaims(cmd, name)
	if err != nil {
		return nil, err
	}
	all, err := modes.Each(s.params())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", diag.Printable(name), err)
	}
	var found diag.List
	var outcome error
	for _, m := range all {
		one.defines = definesOf(flags.defines, m)
		s, err := one.loadClaims(cmd, name)
		if err == nil {
			var failed diag.List
			failed, err = one.prove(cmd, s, m.Name)
			found = append(found, failed...)
		} else {
			fmt.Fprintf(cmd.OutOrStdout(), "FAIL  %s%s: the policy does not compile\n",
				diag.Printable(name),
				inMode(m.Name))
		}
		outcome = worse(cmd, outcome, err)
	}
	return found, outcome
}

// definesOf returns the values of -D for a configuration.
func definesOf(defines []string, m modes.Mode) []string {
	out := slices.Clone(defines)
	for param, value := range m.Params {
		out = append(out, param+"="+value)
	}
	return out
}

// params returns the parameters of all policies: one of a name is the same in each.
func (s *stacked) params() (out []resolve.Param) {
	for _, f := range s.filters {
		if f.policy == nil {
			continue
		}
		for _, p := range f.policy.Params {
			same := func(q resolve.Param) bool { return q.Name == p.Name }
			if !slices.ContainsFunc(out, same) {
				out = append(out, p)
			}
		}
	}
	return out
}

// prove decides the claims of every policy in one configuration, and whether the filters can be
// installed in their order, and says what has become of it.
func (flags *testFlags) prove(cmd *cobra.Command, s *stacked, mode string) (diag.List, error) {
	var all diag.List
	for i, f := range s.filters {
		if f.policy == nil {
			continue
		}
		failed, err := flags.testPart(cmd, s, i, mode)
		if err != nil {
			return all, err
		}
		all = append(all, failed...)
	}
	if len(s.filters) > 1 {
		failed, err := flags.testInstalling(cmd, s, mode)
		if err != nil {
			return all, err
		}
		all = append(all, failed...)
	}
	return all, checked(all)
}

// inMode names a configuration behind a file's name.
func inMode(mode string) string {
	if mode == "" {
		return ""
	}
	return " [" + mode + "]"
}

// testPart decides the claims of the filter i of a stack, on what is in force when it is installed:
// the filters before it, and itself.
func (flags *testFlags) testPart(
	cmd *cobra.Command, s *stacked, i int, mode string,
) (diag.List, error) {
	f, under := s.filters[i], s.under(i)
	failed, err := checkClaims(f.policy, under...)
	if err != nil || flags.json {
		return failed, err
	}
	if err := reportClaims(cmd, f, mode, failed, under...); err != nil {
		return nil, err
	}
	if flags.verbose {
		printTests(cmd.OutOrStdout(), f.policy.Claims, failed)
	}
	if flags.coverage {
		if err := printCoverage(cmd, f.policy); err != nil {
			return nil, err
		}
	}
	if flags.kernel && len(failed) == 0 {
		return failed, testKernel(cmd, f.policy, under...)
	}
	return failed, nil
}

// under returns the filters of a stack before the one with the index.
func (s *stacked) under(i int) (out []claims.Under) {
	for _, f := range s.filters[:i] {
		u := claims.Under{Name: f.name, Program: f.program}
		if f.policy != nil {
			u.Policy = f.policy.Resolved
		}
		out = append(out, u)
	}
	return out
}

// testInstalling proves that the filters of a stack can be installed in their order.
func (flags *testFlags) testInstalling(
	cmd *cobra.Command, s *stacked, mode string,
) (diag.List, error) {
	places, err := s.places()
	if err != nil {
		return nil, err
	}
	failed, err := s.obstacles(places, flags.loader)
	if err != nil || flags.json {
		return failed, err
	}
	out, name := cmd.OutOrStdout(), diag.Printable(s.name)+inMode(mode)
	if len(failed) == 0 {
		fmt.Fprintf(out, "ok    %s: each of %d filters can be installed under those before (%s)\n",
			name, len(s.filters), names(s.abis()))
		return nil, nil
	}
	fmt.Fprintf(out, "FAIL  %s: not every filter can be installed under those before\n", name)
	return failed, printDiagnostics(cmd, failed)
}

func reportClaims(
	cmd *cobra.Command, f *filter, mode string, failed diag.List, under ...claims.Under,
) error {
	if err := printDiagnostics(cmd, failed); err != nil {
		return err
	}
	out, res, name := cmd.OutOrStdout(), f.policy, f.name+inMode(mode)
	if len(under) > 0 {
		name += " under " + underNames(under)
	}
	on := fmt.Sprintf("%s; %d instructions", names(res.ABIs), len(res.Program))
	switch n := claims.Lines(res.Claims); {
	case n == 0:
		fmt.Fprintf(out, "?     %s: no claims (%s)\n", name, on)
	case len(failed) > 0:
		fmt.Fprintf(out, "FAIL  %s: %d of %d claims do not hold (%s)\n", name,
			countPlaces(failed), n, on)
	default:
		fmt.Fprintf(out, "ok    %s: %d claims proved for all values (%s)\n", name, n, on)
	}
	return nil
}

// printTests lists the test blocks with what has become of each.
func printTests(out io.Writer, list []resolve.Claim, failed diag.List) {
	type block struct{ claims, failed []diag.Span }
	var names []string
	blocks := map[string]*block{}
	for _, c := range list {
		b := blocks[c.Test]
		if b == nil {
			b = &block{}
			blocks[c.Test] = b
			names = append(names, c.Test)
		}
		if !slices.Contains(b.claims, c.Span) { // it is there once for each ABI
			b.claims = append(b.claims, c.Span)
			if slices.ContainsFunc(failed, func(f diag.Finding) bool { return f.Span == c.Span }) {
				b.failed = append(b.failed, c.Span)
			}
		}
	}
	for _, name := range names {
		b, state := blocks[name], "ok  "
		if len(b.failed) > 0 {
			state = "FAIL"
		}
		if name == "" {
			name = "(no name)"
		}
		fmt.Fprintf(out, "      %s  %s: %d of %d claims\n", state, diag.Printable(name),
			len(b.claims)-len(b.failed), len(b.claims))
	}
}

func underNames(under []claims.Under) string {
	var list []string
	for _, u := range under {
		list = append(list, u.Name)
	}
	return strings.Join(list, ", ")
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
		fmt.Fprintf(out, "%s:%d: no claim is about: %s\n", diag.Printable(at.Filename), at.Line,
			r.Text)
	}
	fmt.Fprintf(out, "      %d of %d rules are in claims\n", cover.Rules-len(cover.Without),
		cover.Rules)
	return nil
}

// checkClaims returns an error for each claim that the emitted program does not keep, with the
// filters under it.
func checkClaims(res *compiler.Result, under ...claims.Under) (diag.List, error) {
	checker, err := claims.New(res.Resolved, res.Program, res.Order, under...)
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
