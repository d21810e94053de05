package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/stack"
)

// loaderFlags say what a stack's loader does.
type loaderFlags struct{ loader []string }

func (l *loaderFlags) registerLoader(cmd *cobra.Command) {
	cmd.Flags().Var(newList(&l.loader), "loader",
		"a `CALL` that a stack's loader makes before each filter but the first, besides seccomp "+
			"and prctl")
}

// obstacles returns an error for each filter of a stack that cannot be installed under those before
// it. The results have the places of what is in the way.
func (s *stacked) obstacles(places []*resolve.Resolved, loader []string) (diag.List, error) {
	if len(s.filters) < 2 {
		return nil, nil
	}
	kernel := s.kernel()
	if len(kernel.ABIs) == 0 {
		return nil, wrong("%s: the filters are for no ABI in common: a caller of any gets what "+
			"one of them "+
			"has for strangers", s.name)
	}
	found, err := kernel.Installable(loader...)
	if err != nil {
		return nil, unknown(err)
	}
	var out diag.List
	for len(found) > 0 {
		first := found[0]
		same := func(o stack.Obstacle) bool {
			return o.Next == first.Next && o.By == first.By && o.Why == first.Why &&
				(o.Why != "" || o.Call == first.Call && o.Got.Kind() == first.Got.Kind())
		}
		var abis []string
		found = slices.DeleteFunc(found, func(o stack.Obstacle) bool {
			if same(o) && o.ABI != nil {
				abis = append(abis, o.ABI.Name)
			}
			return same(o)
		})
		out = append(out, s.obstacle(first, abis, places))
	}
	return out, nil
}

// obstacle reports what is in the way, on the ABIs.
func (s *stacked) obstacle(o stack.Obstacle, abis []string,
	places []*resolve.Resolved) diag.Finding {
	next := diag.Printable(s.filters[o.Next].name)
	if o.By < 0 || o.Why != "" {
		return diag.Errorf(places[o.Next].Sources[0].Start(), codes.NotInstallable,
			"%s cannot be installed: %s", next, o.Why).
			WithHelp("make one policy of the filters; decompile A+B writes it")
	}
	by := places[o.By]
	at, note := by.Sources[0].Start(), "no rule decides it: "
	if d := by.Decide(o.Data); d.Rule != nil {
		at, note = d.Rule.Span, "this rule decides it"
	} else {
		note += d.Why()
	}
	f := diag.Errorf(at, codes.NotInstallable, "%s cannot be installed under %s: %s", next,
		diag.Printable(s.filters[o.By].name), o)
	texts := []string{note}
	if len(abis) > 1 {
		texts = append(texts, "the same on "+strings.Join(abis[1:], ", "))
	}
	return f.WithNotes(texts...).WithHelp("install %s behind %s",
		diag.Printable(s.filters[o.By].name), next)
}
