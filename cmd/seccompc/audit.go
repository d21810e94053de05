package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/audit"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/linux"
)

// auditFlags are the flags of audit.
type auditFlags struct {
	policyFlags
	json, sarif bool
	failOn      *choice
}

func newAudit() *cobra.Command {
	flags := auditFlags{failOn: newChoice("error", "error", "warning", "note", "never")}
	flags.asWritten = true
	cmd := &cobra.Command{
		Use:   "audit FILE",
		Short: "Give one verdict over a filter, a stack or a policy",
		Long: `Audit says what gets through a filter that should not: by another ABI, by bits that
the kernel does not read, by a call that does the same as one that is stopped, and which powerful
calls it allows. Each finding has a call that is proved to get what is said, and what to
change. A stack A+B is judged as the kernel takes it.

It judges the ABIs of --arch, or those that the filter is for, the machine's own first. What could
not be judged is an error. "seccompc explain CODE" says what a code means; its severity is fixed.

The exit status is 1 where there is a finding of the severity of --fail-on, or a worse one.`,
		Example: "  seccompc audit policy.scp --fail-on warning\n  seccompc audit default.json " +
			"--cap CAP_SYS_ADMIN --sarif\n  seccompc audit pid:4711",
		Args: usageArgs(cobra.ExactArgs(1)),
	}
	flags.register(cmd)
	cmd.Flags().Var(flags.failOn, "fail-on", "exit 1 from this severity on")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&flags.sarif, "sarif", false, "print the findings as SARIF 2.1.0")
	cmd.MarkFlagsMutuallyExclusive("json", "sarif")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args[0]) }
	return cmd
}

func (flags *auditFlags) run(cmd *cobra.Command, name string) error {
	var compiled diag.List
	loading := flags.policyFlags
	loading.found = &compiled
	s, err := loadShown(cmd, &loading, name)
	if err != nil {
		if printed := printDiagnostics(cmd, compiled); printed != nil {
			return printed
		}
		return err
	}
	judged, err := flags.judged(s)
	if err != nil {
		return err
	}
	filters := audit.Filters{
		Name: s.name, Stack: s.programs(), Order: s.order(), Late: s.late(), ABIs: judged,
	}
	if f := s.filters[0]; len(s.filters) == 1 && f.policy != nil {
		filters.Policy = &audit.Policy{Resolved: f.policy.Resolved, Found: compiled}
	}
	found := audit.Audit(filters)
	if flags.json || flags.sarif {
		err = flags.print(cmd.OutOrStdout(), found)
	} else {
		err = report{names(judged), coloredOutput(cmd)}.print(cmd.OutOrStdout(), s, found)
	}
	if err != nil {
		return err
	}
	return flags.outcome(found)
}

// judged returns the ABIs that are judged: those that are asked for, or those that the filters
// are for, of each machine the one first that is its own. Filters that do not look at arch are
// judged for one.
func (flags *auditFlags) judged(s *stacked) ([]*linux.ABI, error) {
	out, err := s.chooseAll(flags.arch)
	if err != nil || len(out) > 0 {
		return out, err
	}
	host, native := linux.Native()
	served := s.abis()
	switch {
	case len(served) == 0 && native && s.suits(host):
		return []*linux.ABI{host}, nil
	case len(served) == 0:
		return []*linux.ABI{linux.Commonest(isBig(s.order()))}, nil
	}
	out = slices.Clone(served)
	slices.SortStableFunc(out, func(a, b *linux.ABI) int {
		return order(a == host, b == host, a.Bits == 64 && !a.Rare, b.Bits == 64 && !b.Rare)
	})
	return out, nil
}

// order puts the first of two before the second for the first claim that only one of them fulfils.
func order(claims ...bool) int {
	for i := 0; i < len(claims); i += 2 {
		switch {
		case claims[i] && !claims[i+1]:
			return -1
		case claims[i+1] && !claims[i]:
			return 1
		}
	}
	return 0
}

// print writes the findings for machines.
func (flags *auditFlags) print(out io.Writer, found diag.List) error {
	if flags.json {
		_, err := out.Write(document(fields{"findings": found}))
		return err
	}
	t := diag.Tool{Name: "seccompc", Version: moduleVersion()}
	for _, c := range audit.Codes() {
		t.Rules = append(t.Rules, diag.Rule{Code: c.Name, Doc: c.Doc})
	}
	_, err := out.Write(toJSON(t.SARIF(found)))
	return err
}

// outcome is the exit status for findings.
func (flags *auditFlags) outcome(found diag.List) error {
	least := map[string]diag.Severity{
		"error": diag.Error, "warning": diag.Warning, "note": diag.Remark,
	}[flags.failOn.String()]
	if flags.failOn.String() == "never" || !slices.ContainsFunc(found, func(f diag.Finding) bool {
		return f.Severity >= least
	}) {
		return nil
	}
	return exit(statusWrong)
}

// report prints findings for people.
type report struct {
	abis    string
	colored bool
}

func (r report) print(out io.Writer, s *stacked, found diag.List) error {
	count := map[diag.Severity]int{}
	for _, f := range found {
		count[f.Severity]++
		severity := f.Severity.String()
		if r.colored {
			severity = style(severity, severity)
		}
		where, line := "", ""
		if text := f.Span.Text(); text != "" {
			where = diag.Printable(f.Span.Pos().String()) + ": "
			line, _, _ = strings.Cut(text, "\n")
		}
		fmt.Fprintf(out, "%s: %s%s [%s]\n", severity, where, diag.Printable(f.Message), f.Code)
		if line != "" {
			fmt.Fprintf(out, "     rule: %s\n", diag.Printable(line))
		}
		if f.Call != "" {
			fmt.Fprintf(out, "     such as %s%s\n", f.Call, got(f.Gets))
		}
		for _, n := range f.Notes {
			fmt.Fprintf(out, "     %s\n", diag.Printable(n.Text))
		}
		if f.Help != "" {
			fmt.Fprintf(out, "     remedy: %s\n", printableLines(f.Help, "         "))
		}
	}
	_, err := fmt.Fprintf(out, "%s, %s on %s: %s\n", diag.Printable(s.name), s.counted(), r.abis,
		verdict(count))
	return err
}

// printableLines returns a text for a terminal, all lines but the first indented.
func printableLines(text, indent string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = diag.Printable(lines[i])
	}
	return strings.Join(lines, "\n"+indent)
}

// got says what a call gets.
func got(action string) string {
	if action == "" {
		return ""
	}
	return ", which gets " + action
}

// counted says how many filters and instructions there are.
func (s *stacked) counted() string {
	if len(s.filters) == 1 {
		return fmt.Sprintf("%d instructions", s.length())
	}
	return fmt.Sprintf("%d filters of %d instructions", len(s.filters), s.length())
}

func verdict(count map[diag.Severity]int) string {
	var parts []string
	for _, severity := range []diag.Severity{diag.Error, diag.Warning, diag.Remark} {
		switch n := count[severity]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+severity.String())
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, severity))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}

// explainAuditCode says what the code of an audit's finding means.
func explainAuditCode(out io.Writer, c audit.Code, asJSON bool) error {
	text := fmt.Appendf(nil, "%s: a finding of audit, always of the severity %s\n\n%s\n", c.Name,
		c.Severity, wrapped(c.Doc))
	if asJSON {
		text = document(codeJSON{Code: c.Name, Severity: c.Severity.String(), Meaning: c.Doc})
	}
	_, err := out.Write(text)
	return err
}
