package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/audit"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/explain"
)

func newExplain() *cobra.Command {
	var flags policyFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain FILE [CALL] | CODE",
		Short: "Say what a filter does and why, or what a diagnostic means",
		Long: `Explain says what happens to one call, and why: for a policy the rule that decides,
its line and its reason; for any filter the path through its instructions.

Of a name without arguments it says what all calls of that name get, by condition, and which rules
of a policy are about it.

Of a stack A+B it says which filter decides: the strictest answer counts, of equal ones the newest.

Without a call it says what the whole filter does, in the words of the language: for each ABI the
default, and every call that does not get it. Calls that come to a part that is too complex are
"not known"; the rest is exact.

With the code of a diagnostic, such as unknown-syscall, it says what that means.`,
		Example: "  seccompc explain policy.scp 'unshare(CLONE_NEWUSER)'\n" +
			"  seccompc explain theirs.bpf\n" +
			"  seccompc explain prelude.scp+main.scp 'mount()'\n" +
			"  seccompc explain bypass",
		Args: usageArgs(cobra.RangeArgs(1, 2)),
	}
	flags.register(cmd)
	completeExplain(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 2 {
			if m := bareName().FindStringSubmatch(args[1]); m != nil {
				return explainName(cmd, &flags, args[0], m[1], m[2], asJSON)
			}
			return explainCall(cmd, &flags, args[0], args[1], asJSON)
		}
		if code, ok := codes.Lookup(args[0]); ok {
			return explainCode(cmd, code, asJSON)
		}
		if code, ok := audit.Lookup(args[0]); ok {
			return explainAuditCode(cmd.OutOrStdout(), code, asJSON)
		}
		return explainFilter(cmd, &flags, args[0], asJSON)
	}
	return cmd
}

// explainFilter says what a filter does.
func explainFilter(cmd *cobra.Command, flags *policyFlags, name string, asJSON bool) error {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) && name != "-" && !strings.ContainsAny(name, "./+:") {
		text := fmt.Sprintf("%q is neither a file nor the code of a diagnostic", name)
		return errors.New(withNear(text, name, codeNames))
	}
	s, err := loadShown(cmd, flags, name)
	if err != nil {
		return err
	}
	all := s.programs()
	e, err := explain.Explain(all[0], s.order(), s.late(), all[1:]...)
	if err != nil {
		return cannotRead(s.name, err)
	}
	text := []byte(colorActions(cmd, e.Text(outputWidth(cmd))))
	if asJSON {
		text = document(e)
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// codeJSON is what a code means, for machines to read.
type codeJSON struct {
	Code     string `json:"code"`
	Lint     bool   `json:"lint"`
	Severity string `json:"severity,omitempty"` // of a finding of audit, which has no level
	Meaning  string `json:"meaning"`
	Example  string `json:"example,omitempty"`
	Fixed    string `json:"fixed,omitempty"`
}

func explainCode(cmd *cobra.Command, c codes.Code, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		_, err := out.Write(document(codeJSON{Code: c.Name, Lint: c.Lint, Meaning: c.Doc,
			Example: c.Example, Fixed: fixedExample(c)}))
		return err
	}
	kind := "an error of meaning"
	if c.Lint {
		kind = fmt.Sprintf("a lint: -W %s=off|warning|error sets its level,\n"+
			"a comment \"# lint: allow %s REASON\" above the statement silences it", c.Name, c.Name)
	}
	fmt.Fprintf(out, "%s: %s\n\n%s\n", c.Name, kind, wrapped(c.Doc))
	if c.Example != "" {
		fmt.Fprintf(out, "\nExample:\n\n%s", indent(c.Example))
	}
	if fixed := fixedExample(c); fixed != "" {
		fmt.Fprintf(out, "\nCorrected:\n\n%s", indent(fixed))
	}
	return nil
}

// fixedExample returns the example of a code without its mistake: as the catalogue has it, or with
// the edits made that the finding brings along. It is "" where the mistake is not in the policy.
func fixedExample(c codes.Code) string {
	if c.Fixed != "" {
		return c.Fixed
	}
	opts := compiler.Options{Params: c.Params, Disable: c.Disable}
	if c.Off {
		opts.Levels = map[string]diag.Severity{c.Name: diag.Warning}
	}
	text, made := compiler.Fix("policy.scp", []byte(c.Example), opts)
	if made == 0 {
		return ""
	}
	return string(text)
}

// codeNames yields the codes of all diagnostics.
func codeNames(yield func(string) bool) {
	for _, c := range codes.All() {
		if !yield(c.Name) {
			return
		}
	}
}

// wrapped breaks a paragraph into lines for a terminal.
func wrapped(text string) string {
	return strings.Join(broken(strings.Join(strings.Fields(text), " "), 0, 80), "\n")
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// explainCall says what happens to one call, and why.
func explainCall(cmd *cobra.Command, flags *policyFlags, name, text string, asJSON bool) error {
	s, outcomes, err := flags.simulate(cmd, name, text)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	explained := make([]explainedJSON, len(outcomes))
	for i, o := range outcomes {
		explained[i].outcome = o
		if f := o.by().filter; f.policy != nil {
			by := f.policy.Decide(o.call.data)
			explained[i].By = &by
		}
	}
	if asJSON {
		_, err = out.Write(document(fields{"calls": explained}))
		return err
	}
	for _, o := range outcomes {
		o.print(out, s.order())
		if f := o.by().filter; f.policy != nil {
			fmt.Fprint(out, f.policy.Decide(o.call.data))
		}
		fmt.Fprintln(out, "path")
		o.by().printPath(out)
	}
	return nil
}

// explainedJSON is a call with what decides it, for machines to read.
type explainedJSON struct {
	outcome
	By *resolve.Decision `json:"decided_by,omitempty"`
}
