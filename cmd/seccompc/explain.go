package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/words"
)

func newExplain() *cobra.Command {
	var flags policyFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain FILE [CALL] | CODE",
		Short: "Say what a filter does and why, or what a diagnostic means",
		Long: `Explain says what happens to one call, and why: for a policy the rule that decides,
its line and its reason; for any filter the path through its instructions.

Without a call it says what the whole filter does, in the words of the language: for each ABI the
default, and every call that does not get it.

With the code of a diagnostic, such as unknown-syscall, it says what that means.`,
		Example: "  seccompc explain policy.scp 'unshare(CLONE_NEWUSER)'\n" +
			"  seccompc explain theirs.bpf\n" +
			"  seccompc explain bypass",
		Args: usageArgs(cobra.RangeArgs(1, 2)),
	}
	flags.register(cmd)
	completeExplain(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what the filter does as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 2 {
			return explainCall(cmd, &flags, args[0], args[1])
		}
		if code, ok := compiler.LookupCode(args[0]); ok {
			return explainCode(cmd, code)
		}
		return explainFilter(cmd, &flags, args[0], asJSON)
	}
	return cmd
}

// explainFilter says what a filter does.
func explainFilter(cmd *cobra.Command, flags *policyFlags, name string, asJSON bool) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		if near := dsl.Similar(name, codeNames); near != "" {
			return fmt.Errorf("%q is neither a file nor the code of a diagnostic; %s", name, near)
		}
	}
	f, err := loadFilter(cmd, flags, name)
	if err != nil {
		return err
	}
	e, err := words.Explain(f.program, f.order)
	if err != nil {
		return cannotRead(f, err)
	}
	text := []byte(e.String())
	if asJSON {
		text = toJSON(e)
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

func explainCode(cmd *cobra.Command, c compiler.Code) error {
	out := cmd.OutOrStdout()
	kind := "an error of meaning"
	if c.Lint {
		kind = fmt.Sprintf("a lint: -W %s=off|warning|error sets its level,\n"+
			"a comment \"# lint: allow %s REASON\" above the statement silences it", c.Name, c.Name)
	}
	fmt.Fprintf(out, "%s: %s\n\n%s\n", c.Name, kind, wrapped(c.Doc))
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

// wrapped breaks a paragraph into lines for a terminal.
func wrapped(text string) string {
	const width = 80
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		case i > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
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
			decidedBy(f.policy.Resolved, c.data).print(out)
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

func decidedBy(res *compiler.Resolved, d policy.Data) decision {
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
