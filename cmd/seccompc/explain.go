package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
)

func newExplain() *cobra.Command {
	var flags policyFlags
	cmd := &cobra.Command{
		Use:   "explain FILE CALL | CODE",
		Short: "Say which rule decides a call, or what a diagnostic means",
		Long: `Explain says what happens to one call, and why: for a policy the rule that decides, its line and its reason;
for any filter the path through its instructions.

With the code of a diagnostic, such as unknown-syscall, it says what that means.`,
		Example: "  seccompc explain policy.scp 'unshare(CLONE_NEWUSER)'\n  seccompc explain bypass",
		Args:    usageArgs(cobra.RangeArgs(1, 2)),
	}
	flags.register(cmd)
	completeExplain(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 2 {
			return explainCall(cmd, &flags, args[0], args[1])
		}
		return explainCode(cmd, args[0])
	}
	return cmd
}

func explainCode(cmd *cobra.Command, name string) error {
	c, ok := compiler.LookupCode(name)
	if !ok {
		text := fmt.Sprintf("%q is no code of a diagnostic", name)
		if near := dsl.Similar(name, codeNames); near != "" {
			text += "; " + near
		}
		return usageError(cmd, fmt.Errorf("%s", text))
	}
	out := cmd.OutOrStdout()
	kind := "an error of meaning"
	if c.Lint {
		kind = "a lint: -W " + c.Name + "=off|warning|error sets its level, a comment \"# lint: allow " + c.Name +
			" REASON\" above the statement silences it"
	}
	fmt.Fprintf(out, "%s: %s\n\n%s\n", c.Name, kind, c.Doc)
	if c.Example != "" {
		fmt.Fprintf(out, "\nExample:\n\n%s", indent(c.Example))
	}
	return nil
}

// codeNames yields the codes of all diagnostics.
func codeNames(yield func(string) bool) {
	for _, c := range compiler.Codes() {
		if !yield(c.Name) {
			return
		}
	}
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

func explainCall(cmd *cobra.Command, flags *policyFlags, name, text string) error {
	f, arch, err := flags.loadFor(cmd, name)
	if err != nil {
		return err
	}
	calls, err := concreteCalls(cmd, f, arch, text)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, c := range calls {
		o, err := simulate(f, c)
		if err != nil {
			return err
		}
		o.print(out, f, false)
		if f.policy != nil {
			decidedBy(f.policy, c.data).print(out)
		}
		fmt.Fprintln(out, "path")
		o.printPath(out, f)
	}
	return nil
}

// decision is what decides a call in a policy.
type decision struct {
	rule     *compiler.SourceRule // or nil
	fallback string               // the statement that decides where no rule does
}

func decidedBy(res *compiler.Result, d policy.Data) decision {
	abi := res.Policy.Find(d)
	if abi == nil {
		return decision{fallback: "mismatch"}
	}
	if rule := abi.Decide(d); rule != nil {
		return decision{rule: &res.Rules[rule.Source]}
	}
	if policy.Contains(abi.Known, uint64(d.Nr)) {
		return decision{fallback: "default"}
	}
	return decision{fallback: "unknown"}
}

func (d decision) print(w io.Writer) {
	if d.rule == nil {
		fmt.Fprintf(w, "no rule decides: %s\n", d.fallbackText())
		return
	}
	fmt.Fprintf(w, "%s:%d: %s\n", d.rule.Span.Pos.Filename, d.rule.Span.Pos.Line, d.rule.Text)
	for line := range strings.Lines(d.rule.Reason) {
		fmt.Fprintf(w, "  # %s\n", strings.TrimSpace(line))
	}
}

// fallbackText says which statement decides, and when.
func (d decision) fallbackText() string {
	switch d.fallback {
	case "mismatch":
		return "the policy does not list the ABI (mismatch)"
	case "unknown":
		return "the ABI's table does not hold the number (unknown, or else default)"
	}
	return "default"
}
