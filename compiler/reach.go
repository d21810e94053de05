package compiler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
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
// never true. Where the prover gives up, it finds them among the rules whose parts, one for each ABI, all
// come before, and says how many others there are.
func (r *Resolved) reach(space *proof.Space) diag.List {
	reports, _ := space.Rules(r.Policy)
	// The reports come by rule; what is said of a rule follows the ABIs.
	slices.SortFunc(reports, func(a, b proof.RuleReport) int { return cmp.Or(a.ABI-b.ABI, a.Rule-b.Rule) })
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
			diags = append(diags, r.judge(source, reps)...)
		}
	}
	if len(unknown) > 0 {
		d := warningAt(r.Rules[unknown[0]].Range(), lintUnreachableRule, "it is not known whether this rule can decide a call")
		if more := len(unknown) - 1; more > 0 {
			d.Message = fmt.Sprintf("it is not known whether this rule and %d more can decide a call", more)
		}
		diags = append(diags, help(d, "test fewer arguments in one rule, or fewer bits of them: the prover gave up"))
	}
	return diags
}

// ruleCost is what a rule adds to the program's length.
type ruleCost struct{ source, length int }

// costliest returns the n rules of the text that make the longest programs on their own.
func (r *Resolved) costliest(n int) []ruleCost {
	var costs []ruleCost
	for source := range r.Rules {
		if prog, err := generate(r.only(source), callWeights{}, 0); err == nil {
			costs = append(costs, ruleCost{source, len(prog)})
		}
	}
	slices.SortStableFunc(costs, func(a, b ruleCost) int { return b.length - a.length })
	return costs[:min(n, len(costs))]
}

// only returns the policy with one rule of the text.
func (r *Resolved) only(source int) *policy.Policy {
	p := policy.Policy{Mismatch: r.Policy.Mismatch, ABIs: slices.Clone(r.Policy.ABIs)}
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

// beyondProof reports a policy that the prover cannot decide, at the first rule that is too much on its own.
func (r *Resolved) beyondProof(start diag.Span, err error) diag.Finding {
	d := errorAt(start, codeTooLarge, "no filter for this policy can be proved: %v", err)
	for source := range r.Rules {
		if _, err := proof.New().Policy(r.only(source)); err != nil {
			d.Span = r.Rules[source].Range()
			d.Message = "no filter for this rule can be proved: its tests of several arguments make too many cases"
			break
		}
	}
	return help(d, "test fewer arguments in one rule, or fewer bits of them")
}

// judge returns what there is to say about one rule of the text, given the report of each part of it.
func (r *Resolved) judge(source int, reps []proof.RuleReport) diag.List {
	rule := r.Rules[source]
	never, always, dead := true, true, true
	for _, rep := range reps {
		never = never && rep.Never
		always = always && rep.Always
		dead = dead && rep.Decides == nil
	}
	switch {
	case never:
		return diag.List{constantCondition(rule, "never", "the rule decides nothing")}
	case dead:
		return diag.List{r.unreachable(source, reps)}
	case always:
		return diag.List{constantCondition(rule, "always", "the rule decides every call that it names")}
	}
	return nil
}

func constantCondition(rule SourceRule, when, effect string) diag.Finding {
	return errorAt(rule.Cond.Range(), lintConstantCondition, "the condition is %s true: %s", when, effect)
}

const maxHiders = 10 // rules that a finding names one by one

// unreachable reports a rule whose every call earlier rules decide: an error where the rule is stricter than
// one of them, for then something is open that the author believes closed.
func (r *Resolved) unreachable(source int, reps []proof.RuleReport) diag.Finding {
	rule := r.Rules[source]
	d := warningAt(rule.Range(), lintUnreachableRule, "the rule can never decide a call")
	seen := map[int]bool{}
	for _, rep := range reps {
		abi := r.Policy.ABIs[rep.ABI]
		for _, by := range rep.HiddenBy {
			hider := abi.Rules[by]
			if abi.Rules[rep.Rule].Action.Strictness() < hider.Action.Strictness() {
				d.Severity = diag.Error
				d.Message = fmt.Sprintf("the rule can never decide a call: %s does, and is less strict",
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
			d.Notes = append(d.Notes, diag.Note{Span: &at, Text: "this earlier rule decides its calls: " + r.Rules[hider.Source].Text})
		}
	}
	if more := len(seen) - maxHiders; more > 0 {
		d = notes(d, fmt.Sprintf("and %d more", more))
	}
	if d.Severity == diag.Error {
		return help(d, "put the rule above the one that hides it")
	}
	return help(d, "remove the rule")
}

// tooLong reports a program that no kernel takes, and the rules that cost it most: those without which it
// would be the shortest.
func (r *Resolved) tooLong(start diag.Span, length int) diag.Finding {
	d := errorAt(start, codeTooLong, "the filter has %d instructions, the kernel takes %d at most", length, asm.MaxLen)
	for _, c := range r.costliest(5) {
		at := r.Rules[c.source].Range()
		d.Notes = append(d.Notes, diag.Note{
			Span: &at,
			Text: fmt.Sprintf("this rule alone makes %d: %s", c.length, shorten(r.Rules[c.source].Text)),
		})
	}
	return help(d, "join the values of these rules into ranges, or split the policy into two filters that are stacked")
}

// shorten returns the beginning of a text, on one line.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 60 {
		return text[:57] + "..."
	}
	return text
}
