package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/proof"
)

// reach finds, by proof, the rules that decide nothing on any ABI and the conditions that are
// always or never true. Where the prover gives up, it finds them among the rules whose parts, one
// for each ABI, all come before, and says how many others there are.
func reach(r *resolve.Resolved, space *proof.Space) diag.List {
	reports, _ := space.Rules(r.Policy)
	// The reports come by rule; what is said of a rule follows the ABIs.
	slices.SortFunc(reports, func(a, b proof.RuleReport) int {
		return cmp.Or(a.ABI-b.ABI, a.Rule-b.Rule)
	})
	bySource := make([][]proof.RuleReport, len(r.Rules))
	for _, rep := range reports {
		source := r.Policy.ABIs[rep.ABI].Rules[rep.Rule].Source
		bySource[source] = append(bySource[source], rep)
	}
	parts := make([]int, len(r.Rules))
	for _, abi := range r.Policy.ABIs {
		for _, rule := range abi.Rules {
			parts[rule.Source]++
		}
	}
	var diags diag.List
	var unknown []int
	for source := range r.Rules {
		switch reps := bySource[source]; {
		case len(reps) < parts[source]:
			unknown = append(unknown, source)
		case len(reps) > 0:
			diags = append(diags, judge(r, source, reps)...)
		}
	}
	if len(unknown) > 0 {
		d := diag.Warningf(r.Rules[unknown[0]].Range(), codes.UnreachableRule,
			"it is not known whether this rule can decide a call")
		if more := len(unknown) - 1; more > 0 {
			d.Message = fmt.Sprintf("it is not known whether this rule and %d more can decide a "+
				"call", more)
		}
		diags = append(diags, d.WithHelp(
			"test fewer arguments in one rule, or fewer bits of them: the prover gave up"))
	}
	return diags
}

// judge returns what there is to say about one rule of the text, given the report of each part of
// it.
func judge(r *resolve.Resolved, source int, reps []proof.RuleReport) diag.List {
	rule := r.Rules[source]
	never, always, dead := true, true, true
	for _, rep := range reps {
		never = never && rep.Never
		always = always && rep.Always
		dead = dead && rep.Decides == nil
	}
	switch {
	case never:
		d := constantCondition(rule, "never", "the rule decides nothing")
		return diag.List{d.WithHelp("remove the rule, or the part that contradicts another one")}
	case dead:
		return diag.List{unreachable(r, source, reps)}
	case always:
		d := constantCondition(rule, "always", "the rule decides every call that it names")
		return diag.List{d.WithHelp("leave the condition out, or mend it")}
	}
	return nil
}

func constantCondition(rule resolve.SourceRule, when, effect string) diag.Finding {
	return diag.Errorf(rule.Cond.Range(), codes.ConstantCondition,
		"the condition is %s true: %s", when, effect)
}

const maxHiders = 10 // rules that a finding names one by one

// unreachable reports a rule whose every call earlier rules decide: an error where the rule is
// stricter than one of them, for then something is open that the author believes closed.
func unreachable(r *resolve.Resolved, source int, reps []proof.RuleReport) diag.Finding {
	rule := r.Rules[source]
	d := diag.Warningf(rule.Range(), codes.UnreachableRule, "the rule can never decide a call")
	seen := map[int]bool{}
	for _, rep := range reps {
		abi := r.Policy.ABIs[rep.ABI]
		for _, by := range rep.HiddenBy {
			hider := abi.Rules[by]
			if abi.Rules[rep.Rule].Action.Strictness() < hider.Action.Strictness() {
				d.Severity = diag.Error
				d.Message = fmt.Sprintf("the rule can never decide a call: %s does, and is less "+
					"strict",
					r.Rules[hider.Source].Text)
			}
			if seen[hider.Source] {
				continue
			}
			seen[hider.Source] = true
			if len(seen) > maxHiders {
				continue
			}
			at := r.Rules[hider.Source].Range()
			d.Notes = append(d.Notes, diag.Note{
				Span: &at, Text: "this earlier rule decides its calls: " +
					r.Rules[hider.Source].Text,
			})
		}
	}
	if more := len(seen) - maxHiders; more > 0 {
		d = d.WithNotes(fmt.Sprintf("and %d more", more))
	}
	if d.Severity == diag.Error {
		return d.WithHelp("put the rule above the one that hides it")
	}
	d.Edits = withoutRule(r, rule)
	return d.WithHelp("remove the rule")
}
