package main

import (
	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
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
		var all dsl.Diagnostics
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
) (dsl.Diagnostics, error) {
	in, err := readInput(cmd, name)
	if err != nil {
		return nil, err
	}
	if !in.isText() {
		return nil, notPolicy(in)
	}
	_, diags := compiler.Compile(in.name, in.data, opts)
	if !quiet {
		if err := printDiagnostics(cmd, diags); err != nil {
			return nil, err
		}
	}
	return diags, checked(diags)
}

// checked is the outcome of a check.
func checked(diags dsl.Diagnostics) error {
	if diags.HasErrors() {
		return failure(diags)
	}
	return nil
}

// printFindings prints findings for machines.
func printFindings(cmd *cobra.Command, diags dsl.Diagnostics, asJSON, asSARIF bool) error {
	var err error
	switch {
	case asJSON:
		_, err = cmd.OutOrStdout().Write(toJSON(findingsOf(diags)))
	case asSARIF:
		_, err = cmd.OutOrStdout().Write(toJSON(sarifOf(diags)))
	}
	return err
}

// findingJSON is a diagnostic for machines to read. Offsets count bytes from 0, lines and columns
// from 1, columns in characters; the end is behind the last one.
type findingJSON struct {
	Severity dsl.Severity `json:"severity"`
	Code     string       `json:"code"`
	Message  string       `json:"message"`
	Place    placeJSON    `json:"place"`
	Notes    []noteJSON   `json:"notes,omitempty"`
	Help     string       `json:"help,omitempty"`
	Edits    []editJSON   `json:"edits,omitempty"`
}

type placeJSON struct {
	File  string  `json:"file"`
	Start posJSON `json:"start"`
	End   posJSON `json:"end"`
}

type posJSON struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

type noteJSON struct {
	Text  string     `json:"text"`
	Place *placeJSON `json:"place,omitempty"`
}

type editJSON struct {
	Place placeJSON `json:"place"`
	New   string    `json:"new"`
}

func findingsOf(diags dsl.Diagnostics) []findingJSON {
	out := make([]findingJSON, 0, len(diags))
	for _, d := range diags {
		f := findingJSON{
			Severity: d.Severity,
			Code:     d.Code,
			Message:  d.Message,
			Place:    placeOf(d.Span),
			Help:     d.Help,
		}
		for _, n := range d.Notes {
			note := noteJSON{Text: n.Text}
			if n.Span != nil {
				place := placeOf(*n.Span)
				note.Place = &place
			}
			f.Notes = append(f.Notes, note)
		}
		for _, e := range d.Edits {
			f.Edits = append(f.Edits, editJSON{placeOf(e.Span), e.New})
		}
		out = append(out, f)
	}
	return out
}

func placeOf(s dsl.Span) placeJSON {
	pos := func(p dsl.Pos) posJSON { return posJSON{p.Offset, p.Line, p.Column} }
	return placeJSON{s.Pos().Filename, pos(s.Pos()), pos(s.EndPos())}
}
