package compiler

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// ruleCost is what a rule adds to the program's length.
type ruleCost struct{ source, length int }

// costliest returns the n rules of the text that make the longest programs on their own, among
// those that look at most values.
func costliest(r *resolve.Resolved, n int) []ruleCost {
	var costs []ruleCost
	for _, source := range widest(r.Policy, 4*n) {
		if prog, err := codegen.Generate(only(r, source), codegen.Weights{}, 0); err == nil {
			costs = append(costs, ruleCost{source, len(prog)})
		}
	}
	slices.SortStableFunc(costs, func(a, b ruleCost) int { return b.length - a.length })
	return costs[:min(n, len(costs))]
}

// widest returns n rules of the text that look at most values: of numbers and of arguments.
func widest(p *policy.Policy, n int) []int {
	values := map[int]int{}
	for _, abi := range p.ABIs {
		for _, rule := range abi.Rules {
			values[rule.Source] += len(rule.Numbers) + valuesOf(rule.Cond)
		}
	}
	sources := slices.Sorted(maps.Keys(values))
	slices.SortStableFunc(sources, func(a, b int) int { return values[b] - values[a] })
	return sources[:min(n, len(sources))]
}

// valuesOf counts what a condition compares with.
func valuesOf(c policy.Cond) (n int) {
	for c := range policy.Tests(c) {
		n++
		if test, ok := c.(policy.Test); ok {
			n += len(test.Set)
		}
	}
	return n
}

// only returns the policy with one rule of the text.
func only(r *resolve.Resolved, source int) *policy.Policy {
	p := policy.Policy{
		Mismatch: r.Policy.Mismatch, ABIs: slices.Clone(r.Policy.ABIs), Late: r.Policy.Late,
	}
	for i := range p.ABIs {
		p.ABIs[i].Rules = nil
		for _, rule := range r.Policy.ABIs[i].Rules {
			if rule.Source == source {
				p.ABIs[i].Rules = append(p.ABIs[i].Rules, rule)
			}
		}
	}
	return &p
}

// beyondProof reports a policy that the prover cannot decide, at the first rule that is too much on
// its own, among those that look at most values.
func beyondProof(r *resolve.Resolved, start diag.Span, err error) diag.Finding {
	d := diag.Errorf(start, codes.TooLarge, "no filter for this policy can be proved: %v", err)
	space := proof.Part(16)
	for _, source := range widest(r.Policy, 20) {
		if _, err := space.Policy(only(r, source)); err != nil {
			d.Span = r.Rules[source].Range()
			d.Message = "no filter for this rule can be proved: its tests make too many cases"
			break
		}
	}
	return d.WithHelp("test fewer arguments in one rule, or fewer bits of them")
}

// tooLarge reports a policy for which no program could be made.
func tooLarge(r *resolve.Resolved, start diag.Span, err *codegen.TooComplexError) diag.Finding {
	if err.Source < 0 {
		return diag.Errorf(start, codes.TooLarge, "%v", err).WithHelp("name fewer numbers")
	}
	d := diag.Errorf(r.Rules[err.Source].Range(), codes.TooLarge, "%v", err)
	return d.WithHelp("test fewer arguments in one rule, or fewer bits")
}

// tooLong reports a program that no kernel takes, and the rules that cost it most: those without
// which it would be the shortest.
func tooLong(r *resolve.Resolved, start diag.Span, length int) diag.Finding {
	d := diag.Errorf(start, codes.TooLong,
		"the filter has %d instructions, the kernel takes %d at most", length, asm.MaxLen)
	for _, c := range costliest(r, 5) {
		at := r.Rules[c.source].Range()
		d.Notes = append(d.Notes, diag.Note{
			Span: &at,
			Text: fmt.Sprintf("this rule alone makes %d: %s", c.length,
				shorten(r.Rules[c.source].Text)),
		})
	}
	return d.WithHelp("join the values of these rules into ranges, " +
		"or split the policy into two filters that are stacked")
}

// shorten returns the beginning of a text, on one line.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}
