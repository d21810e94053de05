package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// testFlags are the flags of test.
type testFlags struct {
	policyFlags
	coverage, kernel, json bool
}

func newTest() *cobra.Command {
	var flags testFlags
	cmd := &cobra.Command{
		Use:   "test POLICY...",
		Short: "Prove the claims of policies' test blocks",
		Long: `Test decides every line of the test blocks on the compiled filter, for all values:
"_", missing arguments and conditions stand for every call that fits. A line that does not hold
shows one call that breaks it and the rule that decides it.

With --kernel it also makes calls on the running kernel, under the filter, in a child of its own:
those that claims deny, as long as they would do no harm otherwise, and a few that claims allow.`,
		Example: "  seccompc test policies/*.scp --coverage",
		Args:    usageArgs(cobra.MinimumNArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&flags.coverage, "coverage", false, "list the rules that no claim is about")
	cmd.Flags().BoolVar(&flags.kernel, "kernel", false, "also make calls on the running kernel")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the claims that do not hold as JSON")
	cmd.MarkFlagsMutuallyExclusive("json", "coverage")
	cmd.MarkFlagsMutuallyExclusive("json", "kernel")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var all dsl.Diagnostics
		var outcome error
		for _, name := range args {
			diags, err := flags.test(cmd, name)
			all = append(all, diags...)
			outcome = worse(cmd, outcome, err)
		}
		if flags.json {
			cmd.OutOrStdout().Write(toJSON(findingsOf(all)))
		}
		return outcome
	}
	return cmd
}

// test decides the claims of one policy.
func (flags *testFlags) test(cmd *cobra.Command, name string) (dsl.Diagnostics, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	res, err := flags.compile(cmd, in, false)
	if err != nil {
		return nil, err
	}
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

// report prints for people what has become of the claims, and what else is asked for.
func (flags *testFlags) report(
	cmd *cobra.Command, in input, res *compiler.Result, failed dsl.Diagnostics,
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
	cmd *cobra.Command, in input, res *compiler.Result, failed dsl.Diagnostics,
) error {
	if err := printDiagnostics(cmd, failed); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	on := fmt.Sprintf("%s; %d instructions", names(res.ABIs), len(res.Program))
	switch n := countLines(res.Claims); {
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

// countLines counts the lines that claims come from: each makes one for every ABI.
func countLines(claims []compiler.Claim) int {
	lines := map[dsl.Span]bool{}
	for _, c := range claims {
		lines[c.Span.Start()] = true
	}
	return len(lines)
}

func countPlaces(diags dsl.Diagnostics) int {
	places := map[dsl.Span]bool{}
	for _, d := range diags {
		places[d.Span.Start()] = true
	}
	return len(places)
}

// checkClaims returns an error for each claim that the emitted program does not keep.
func checkClaims(res *compiler.Result) (dsl.Diagnostics, error) {
	space := proof.New()
	program, err := space.Program(res.Program, res.Order)
	if err != nil {
		return nil, &statusError{statusUnknown, err}
	}
	var failed dsl.Diagnostics
	for _, c := range res.Claims {
		bad, err := breaks(space, program, res, c)
		if err != nil {
			return nil, &statusError{statusUnknown, fmt.Errorf("%v: %w", c.Span.Pos(), err)}
		}
		if bad != nil {
			failed = append(failed, failedClaim(res, c, *bad, program.Eval(*bad)))
		}
	}
	return failed, nil
}

// breaks returns a call that does not get what the claim says, or nil.
func breaks(
	space *proof.Space, program proof.Function, res *compiler.Result, c compiler.Claim,
) (*policy.Data, error) {
	for _, call := range c.Calls {
		other := func(a policy.Action) bool { return a != c.Want }
		bad, err := space.Find(program, callsOf(res, c, call), other)
		if bad != nil || err != nil {
			return bad, err
		}
	}
	return nil, nil
}

func callsOf(res *compiler.Result, c compiler.Claim, call compiler.Call) proof.Calls {
	nr := policy.Range{Lo: uint64(call.Nr), Hi: uint64(call.Nr)}
	return proof.Calls{Arch: res.ABIs[c.ABI].Arch, Numbers: []policy.Range{nr}, Cond: call.Cond}
}

func failedClaim(
	res *compiler.Result, c compiler.Claim, bad policy.Data, got policy.Action,
) dsl.Diagnostic {
	abi := res.ABIs[c.ABI]
	d := dsl.Diagnostic{
		Severity: dsl.Error,
		Code:     "test-failed",
		Span:     c.Span,
		Message:  fmt.Sprintf("on %s a call that fits gets %s", abi.Name, explain.Action(got, abi)),
		Notes:    []dsl.Note{{Text: "one such call: " + explain.Call(bad)}},
	}
	by := decidedBy(res.Resolved, bad)
	if by.rule == nil {
		d.Notes = append(d.Notes, dsl.Note{Text: "no rule decides it: " + by.fallbackText()})
		return d
	}
	text := "this rule decides it"
	if by.rule.Reason != "" {
		text += ": " + strings.Join(strings.Fields(by.rule.Reason), " ")
	}
	d.Notes = append(d.Notes, dsl.Note{Span: &by.rule.Span, Text: text})
	return d
}

// printCoverage lists the rules that decide none of the calls that some claim is about.
func printCoverage(cmd *cobra.Command, res *compiler.Result) error {
	touched, err := touchedRules(res)
	if err != nil {
		return &statusError{statusUnknown, err}
	}
	out := cmd.OutOrStdout()
	n := 0
	for i, r := range res.Rules {
		if used := touched[i]; used != nil && !*used {
			at := r.Span.Pos()
			fmt.Fprintf(out, "%s:%d: no claim is about: %s\n", at.Filename, at.Line, r.Text)
			n++
		}
	}
	fmt.Fprintf(out, "      %d of %d rules are in claims\n", len(touched)-n, len(touched))
	return nil
}

// touchedRules tells for each rule that counts on some ABI whether a claim is about calls that it
// decides. It marks the rules by actions of their own, and looks for these.
func touchedRules(res *compiler.Result) (map[int]*bool, error) {
	touched := map[int]*bool{}
	marked := *res.Policy
	marked.ABIs = slices.Clone(marked.ABIs)
	for i := range marked.ABIs {
		a := &marked.ABIs[i]
		a.Default, a.Unknown = policy.Allow, policy.Allow
		a.Rules = slices.Clone(a.Rules)
		for j := range a.Rules {
			r := &a.Rules[j]
			touched[r.Source] = new(bool)
			r.Action = mark(r.Source)
		}
	}
	marked.Mismatch = policy.Allow
	space := proof.New()
	f, err := space.Policy(&marked)
	if err != nil {
		return nil, err
	}
	fresh := func(a policy.Action) bool { return a != policy.Allow && !*touched[source(a)] }
	for _, c := range res.Claims {
		for _, call := range c.Calls {
			for {
				d, err := space.Find(f, callsOf(res, c, call), fresh)
				if err != nil {
					return nil, err
				}
				if d == nil {
					break
				}
				*touched[source(f.Eval(*d))] = true
			}
		}
	}
	return touched, nil
}

// mark gives a rule an action that no other rule and no fallback has.
func mark(source int) policy.Action { return policy.Action(source) }

func source(a policy.Action) int { return int(a) }
