package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/internal/lazy"
	"github.com/seccompc/seccompc/linux"
)

// bareName is a system call without arguments, on one ABI or on all.
var bareName = lazy.Regexp(`^\s*(?:(\w+):\s*)?([a-z_][a-z0-9_]*)\s*$`)

// explainName says what a filter does for all calls of a name, and which rules are about it.
func explainName(cmd *cobra.Command, flags *policyFlags, file, abiName, name string,
	asJSON bool) error {
	s, err := loadShown(cmd, flags, file)
	if err != nil {
		return err
	}
	abis, err := askedABIs(s, flags, abiName)
	if err != nil {
		return err
	}
	has := func(a *linux.ABI) bool { return a.HasSyscall(name) }
	if !slices.ContainsFunc(abis, has) {
		return unknownCall(cmd, abis, name)
	}
	answers, err := explain.OfCall(name, abis, s.order(), s.late(), s.programs()...)
	if err != nil {
		return cannotRead(s.name, err)
	}
	out := cmd.OutOrStdout()
	if asJSON {
		_, err := out.Write(document(fields{"answers": answers}))
		return err
	}
	for _, a := range answers {
		fmt.Fprintf(out, "%s %s", name, colorActions(cmd, a.Text(outputWidth(cmd))))
	}
	for _, abi := range abis {
		if mux, nr, ok := abi.Multiplexed(name); ok {
			fmt.Fprintf(out, "on %s it is also behind %s, as number %d there: explain %s tells "+
				"of that\n",
				abi.Name, mux, nr, mux)
		}
	}
	for _, f := range s.filters {
		if f.policy != nil {
			fmt.Fprint(out, rulesAbout(f.policy.Resolved, abis, name))
		}
	}
	return nil
}

// askedABIs returns the ABIs that a question is about: one that is named, or those that the
// filters are for.
func askedABIs(s *stacked, flags *policyFlags, abiName string) ([]*linux.ABI, error) {
	if abiName == "" && s.top().policy == nil && len(flags.arch) == 1 {
		abiName = flags.arch[0]
	}
	if abis := s.abis(); abiName == "" && len(abis) > 0 {
		return abis, nil
	}
	abi, err := s.choose(abiName)
	return []*linux.ABI{abi}, err
}

// unknownCall is the error for a name that no ABI has.
func unknownCall(cmd *cobra.Command, abis []*linux.ABI, name string) error {
	_, diags := resolve.Calls(abis[0], callName, name)
	if diags.HasErrors() {
		return reportBad(cmd, diags)
	}
	return wrong("%s: %s has no such call", diag.Printable(name), names(abis))
}

// rulesAbout lists the rules about a call, in their order, with their reasons.
func rulesAbout(r *resolve.Resolved, abis []*linux.ABI, name string) string {
	var out strings.Builder
	var said []int
	for i, own := range r.Policy.ABIs {
		abi := r.ABIs[i]
		nr, ok := abi.Number(name)
		if !ok || !slices.Contains(abis, abi) {
			continue
		}
		for _, rule := range own.Rules {
			if slices.Contains(rule.Numbers, nr) && !slices.Contains(said, rule.Source) {
				said = append(said, rule.Source)
			}
		}
	}
	slices.Sort(said)
	for _, source := range said {
		out.WriteString(resolve.Decision{Rule: &r.Rules[source]}.String())
	}
	switch listed := slices.ContainsFunc(abis, func(a *linux.ABI) bool {
		return slices.Contains(r.ABIs, a)
	}); {
	case !listed:
		out.WriteString("the policy does not list the ABI: mismatch\n")
	case len(said) == 0:
		out.WriteString("no rule is about it: default\n")
	}
	return out.String()
}
