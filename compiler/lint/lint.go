// Package lint finds, by proof, what is odd about a policy: rules that decide nothing, conditions
// that always or never hold, and rules with a way round.
package lint

import (
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/proof"
)

// share is the part of a proof's budget that the findings about reach, and those about ways round,
// may cost: the proof of the program comes behind them.
const share = 8

// Find returns the findings, those filtered that the policy or its options silence, without those
// that are known already: within the place of one with the same code. Beside are the filters that
// are in force together with the policy's: what one of them stops is no way round a rule. It takes
// the edits from all findings, those known too: to judge them costs more than to find them.
func Find(r *resolve.Resolved, known diag.List, beside ...asm.Program) diag.List {
	found := all(r, known, beside...)
	for _, list := range []diag.List{known, found} {
		for i := range list {
			list[i].Edits = nil
		}
	}
	return found
}

// FindEdits is [Find] where somebody wants the edits. From all findings, those known too, it takes
// only those after which the policy would allow more.
func FindEdits(r *resolve.Resolved, known diag.List, beside ...asm.Program) diag.List {
	found := all(r, known, beside...)
	judgeEdits(r, known, found)
	return found
}

func all(r *resolve.Resolved, known diag.List, beside ...asm.Program) diag.List {
	space := proof.Part(share)
	found := r.Lint(news(reach(r, space), known))
	// one part for all of these: what it knows serves the next
	search := newSearch(r, space.Renewed())
	if len(beside) > 0 {
		search.stacked = newSearch(r, space.Renewed())
		search.stacked.with(beside)
	}
	for _, look := range []func(*bypassSearch) diag.List{
		wide, abiDoors, nothingRuns, openPolicy, noFallback, sibling,
	} {
		found = append(found, r.Lint(look(search))...)
	}
	return append(found, r.Lint(bypass(r, space.Renewed(), beside...))...)
}

// news returns the findings that are not there already.
func news(found, there diag.List) diag.List {
	return slices.DeleteFunc(found, func(d diag.Finding) bool {
		return slices.ContainsFunc(there, func(e diag.Finding) bool {
			return e.Code == d.Code && d.Span.Contains(e.Span)
		})
	})
}
