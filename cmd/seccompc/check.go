package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/modes"
)

// checkFlags are the flags of check.
type checkFlags struct {
	policyFlags
	loaderFlags
	json, sarif bool
	fix, diff   bool
	all         bool
	tally       tally
}

// newCheck returns the command that reports every finding about policies.
func newCheck() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Report everything that is wrong with policies and filters",
		Long: `Check compiles policies, proves the filters, and reports every error and warning. It
writes no filter. Warnings leave the exit status 0; -W CODE=error makes errors of them. Of each
policy the first 20 findings are printed, with --all all of them.

With --fix it changes the policies first: where a help says exactly what to write, and it is proved
that no call is allowed that was not allowed before, it is written. As long as a text has errors,
it is not known what it allows, so errors are mended first. A name that is only similar is put in
where it refuses calls. What is left is reported. -d prints the changes and writes nothing.

A filter that is no policy is read back into one, as decompile does, and the findings show that
text.

Of a stack A+B each filter is looked at as a part: what another one stops is no way round a
rule. And check proves that each can be installed under those before it: that seccomp, prctl
with PR_SET_NO_NEW_PRIVS, and what else is given with --loader, get through.`,
		Example: "  seccompc check policy.scp -W bypass=error\n" +
			"  seccompc check -d policy.scp\n" +
			"  seccompc check prelude.scp+theirs.bpf --loader landlock_restrict_self",
		Args: usageArgs(cobra.MinimumNArgs(1)),
	}
	flags.register(cmd)
	flags.registerLoader(cmd)
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&flags.sarif, "sarif", false, "print the findings as SARIF 2.1.0")
	cmd.Flags().BoolVar(&flags.outdated, "outdated", false,
		"list the system calls that are newer than a policy and that no rule names")
	cmd.Flags().BoolVar(&flags.fix, "fix", false, "change the policies as the findings say")
	cmd.Flags().BoolVarP(&flags.diff, "diff", "d", false, "print what --fix would change")
	cmd.Flags().BoolVar(&flags.all, "all", false, "print all findings")
	cmd.MarkFlagsMutuallyExclusive("json", "sarif")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all, outcome := findings(cmd, args, flags.check)
		if flags.json || flags.sarif {
			if err := printFindings(cmd, all, flags.json); err != nil {
				return err
			}
			return outcome
		}
		flags.tally.add(all)
		if text := flags.tally.String(); text != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), text)
		}
		return outcome
	}
	return cmd
}

// check fixes what it is asked to, and returns all findings about a FILE argument.
func (flags *checkFlags) check(cmd *cobra.Command, name string) (diag.List, error) {
	if flags.fix || flags.diff {
		fixed, err := flags.mend(cmd, name)
		if err != nil {
			return nil, err
		}
		flags.tally.fixed += fixed
	}
	diags, err := flags.find(cmd, name)
	if flags.json || flags.sarif {
		return diags, err
	}
	show := printDiagnostics
	if flags.all {
		show = printAllDiagnostics
	}
	if err := show(cmd, diags); err != nil {
		return nil, err
	}
	return diags, err
}

// find loads filters and looks at each as a part of the stack. A filter that is no policy is looked
// at as the policy that it is.
func (flags *checkFlags) find(cmd *cobra.Command, name string) (diag.List, error) {
	var found diag.List
	loading := flags.policyFlags
	loading.found = &found
	s, err := loadStack(cmd, &loading, name)
	if err != nil {
		return found, err
	}
	opts, err := flags.options()
	if err != nil {
		return nil, err
	}
	if len(s.filters) == 1 && s.filters[0].policy != nil {
		found = append(found, s.filters[0].unproved(opts)...)
		found.Sort()
		return found, checked(found)
	}
	found = nil
	places := make([]*resolve.Resolved, len(s.filters))
	for i, f := range s.filters {
		opts.Beside = s.beside(i)
		res, diags, err := f.lint(opts)
		if err != nil {
			return nil, err
		}
		places[i] = res.Resolved
		found = append(found, diags...)
	}
	obstacles, err := s.obstacles(places, flags.loader)
	if err != nil {
		return found, err
	}
	found = append(found, obstacles...)
	return found, checked(found)
}

// beside returns the filters of a stack but one.
func (s *stacked) beside(i int) []asm.Program { return slices.Delete(s.programs(), i, i+1) }

// lint returns the findings about a filter, and what its places are in.
func (f *filter) lint(opts compiler.Options) (*compiler.Result, diag.List, error) {
	in, err := f.asPolicy()
	if err != nil {
		return nil, nil, err
	}
	opts.Params, opts.Edits = f.params(), true
	if f.policy == nil {
		opts.ABIs = nil
	}
	res, diags := compiler.Compile(in.path, in.data, opts)
	if res == nil {
		return nil, diags, wrong("%s: not known what is wrong with it: %w", f.name, diags.Err())
	}
	return res, diags, nil
}

// checked is the outcome of a check.
func checked(diags diag.List) error {
	if diags.HasErrors() {
		return failure(diags)
	}
	return nil
}

// params returns the values that a policy was compiled with.
func (f *filter) params() map[string]string {
	if f.policy == nil {
		return nil
	}
	out := map[string]string{}
	for _, p := range f.policy.Params {
		if p.Given {
			out[p.Name] = p.Value
		}
	}
	return out
}

// unproved finds what modes.Unproved does about a policy.
func (f *filter) unproved(opts compiler.Options) diag.List {
	if f.policy == nil {
		return nil
	}
	opts.Params = f.params()
	return modes.Unproved(f.text.path, f.text.data, opts, f.policy.Resolved)
}

// asPolicy returns the text of a policy, or of the one that a filter is.
func (f *filter) asPolicy() (input, error) {
	if f.policy != nil {
		return f.text, nil
	}
	back, err := explain.Decompile(f.order, explain.Reading{Resolve: resolveText}, f.program)
	if err != nil {
		return input{}, cannotRead(f.name, err)
	}
	if text := back.Short(); text != "" {
		return input{}, wrong("%s: it cannot be judged as a policy: %s", f.name, text)
	}
	return input{path: f.name + ", decompiled", data: back.Text}, nil
}

// places returns what the filters mean, with the places of their rules.
func (s *stacked) places() ([]*resolve.Resolved, error) {
	out := make([]*resolve.Resolved, len(s.filters))
	for i, f := range s.filters {
		if f.policy != nil {
			out[i] = f.policy.Resolved
			continue
		}
		in, err := f.asPolicy()
		if err != nil {
			return nil, err
		}
		res, diags := resolve.Text(in.path, in.data, resolve.Options{})
		if res == nil {
			return nil, wrong("%s: %w", f.name, diags.Err())
		}
		out[i] = res
	}
	return out, nil
}

// printFindings prints findings for machines, as JSON or else as SARIF.
func printFindings(cmd *cobra.Command, diags diag.List, asJSON bool) error {
	text := document(fields{"findings": diags})
	if !asJSON {
		text = toJSON(tool().SARIF(diags))
	}
	_, err := cmd.OutOrStdout().Write(text)
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
