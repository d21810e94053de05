package compiler

import (
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// The codes that compiling reports.
const (
	codeOptions         = "bad-option"
	codeTooLong         = "too-long"
	codeNotProved       = "not-proved"
	lintUnreachableRule = "unreachable-rule"
)

// reach finds, by proof, the rules that decide nothing on any ABI and the conditions that are always or
// never true.
func (r *Resolved) reach() dsl.Diagnostics {
	reports, err := proof.New().Rules(r.Policy)
	if err != nil {
		return nil // the proof of the program itself meets the same bound and reports it
	}
	bySource := map[int][]proof.RuleReport{}
	for _, rep := range reports {
		source := r.Policy.ABIs[rep.ABI].Rules[rep.Rule].Source
		bySource[source] = append(bySource[source], rep)
	}
	var diags dsl.Diagnostics
	for source := range r.Rules {
		if reps := bySource[source]; len(reps) > 0 {
			diags = append(diags, r.judge(source, reps)...)
		}
	}
	return diags
}

// ruleCost is what a rule adds to the program's length.
type ruleCost struct{ source, length int }

// costliest returns the n rules of the text that make the longest programs on their own.
func (r *Resolved) costliest(n int) []ruleCost {
	bySource := make([][]rulePlace, len(r.Rules))
	for i, a := range r.Policy.ABIs {
		for j, rule := range a.Rules {
			bySource[rule.Source] = append(bySource[rule.Source], rulePlace{i, j})
		}
	}
	var costs []ruleCost
	for source, places := range bySource {
		costs = append(costs, ruleCost{source, r.lengthOf(places)})
	}
	slices.SortStableFunc(costs, func(a, b ruleCost) int { return b.length - a.length })
	return costs[:min(n, len(costs))]
}

// rulePlace is a rule of a policy's ABI.
type rulePlace struct{ abi, rule int }

// lengthOf returns the length of the program of a policy that has these rules only.
func (r *Resolved) lengthOf(places []rulePlace) int {
	p := policy.Policy{Mismatch: r.Policy.Mismatch, ABIs: slices.Clone(r.Policy.ABIs)}
	for i := range p.ABIs {
		p.ABIs[i].Rules = nil
	}
	for _, at := range places {
		a := &p.ABIs[at.abi]
		a.Rules = append(a.Rules, r.Policy.ABIs[at.abi].Rules[at.rule])
	}
	prog, err := generate(&p, callWeights{}, 0)
	if err != nil {
		return 0
	}
	return len(prog)
}

// judge returns what there is to say about one rule of the text, given the report of each part of it.
func (r *Resolved) judge(source int, reps []proof.RuleReport) dsl.Diagnostics {
	rule := r.Rules[source]
	never, always, dead := true, true, true
	for _, rep := range reps {
		never = never && rep.Never
		always = always && rep.Always
		dead = dead && rep.Decides == nil
	}
	switch {
	case never:
		return dsl.Diagnostics{r.constant(rule, "never", dsl.Error, "the rule decides nothing")}
	case dead:
		return dsl.Diagnostics{r.unreachable(source, reps)}
	case always:
		return dsl.Diagnostics{r.constant(rule, "always", dsl.Warning, "the rule decides every call that it names")}
	}
	return nil
}

func (r *Resolved) constant(rule SourceRule, when string, level dsl.Severity, effect string) dsl.Diagnostic {
	d := errorAt(rule.Cond.Range(), lintConstantCondition, "the condition is %s true: %s", when, effect)
	d.Severity = level
	return d
}

// unreachable reports a rule whose every call earlier rules decide: an error where the rule is stricter than
// one of them, for then something is open that the author believes closed.
func (r *Resolved) unreachable(source int, reps []proof.RuleReport) dsl.Diagnostic {
	rule := r.Rules[source]
	d := warningAt(rule.Range(), lintUnreachableRule, "the rule can never decide a call")
	seen := map[int]bool{}
	for _, rep := range reps {
		abi := r.Policy.ABIs[rep.ABI]
		for _, by := range rep.HiddenBy {
			hider := abi.Rules[by]
			if abi.Rules[rep.Rule].Action.Strictness() < hider.Action.Strictness() {
				d.Severity = dsl.Error
				d.Message = fmt.Sprintf("the rule can never decide a call, and %s lets through what it would stop",
					r.Rules[hider.Source].Text)
			}
			if seen[hider.Source] {
				continue
			}
			seen[hider.Source] = true
			at := r.Rules[hider.Source].Range()
			d.Notes = append(d.Notes, dsl.Note{Span: &at, Text: "this earlier rule decides its calls: " + r.Rules[hider.Source].Text})
		}
	}
	if d.Severity == dsl.Error {
		return help(d, "put the rule above the one that hides it")
	}
	return help(d, "remove the rule")
}

// tooLong reports a program that no kernel takes, and the rules that cost it most: those without which it
// would be the shortest.
func (r *Resolved) tooLong(start dsl.Span, length int) dsl.Diagnostic {
	d := errorAt(start, codeTooLong, "the filter has %d instructions, the kernel takes %d at most", length, asm.MaxLen)
	for _, c := range r.costliest(5) {
		at := r.Rules[c.source].Range()
		d.Notes = append(d.Notes, dsl.Note{
			Span: &at,
			Text: fmt.Sprintf("this rule alone makes %d: %s", c.length, shorten(r.Rules[c.source].Text)),
		})
	}
	return help(d, "join the values of these rules into ranges, or split the policy into two filters that are stacked")
}

func shorten(text string) string {
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}
