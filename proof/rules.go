package proof

import (
	"fmt"

	"github.com/seccompc/seccompc/policy"
)

// RuleReport says what a rule of a policy is good for.
type RuleReport struct {
	ABI, Rule int // p.ABIs[ABI].Rules[Rule]

	// Decides is a call that the rule decides, or nil: it can never decide one.
	Decides *policy.Data

	// HiddenBy lists the earlier rules that decide, between them, all calls that the rule is about,
	// where Decides is nil. It is empty when there are no such calls: the condition never holds, or
	// none of the numbers belongs to the ABI.
	HiddenBy []int

	// Always and Never report that the rule's condition holds for every call, or for none. A rule
	// without a condition is neither.
	Always, Never bool
}

// Rules reports on every rule of the policy, ABI by ABI in the order of the rules.
func (s *Space) Rules(p *policy.Policy) (reports []RuleReport, err error) {
	var place string
	defer guard(&err, func() string { return place })
	elsewhere := no // what earlier ABIs serve
	for i := range p.ABIs {
		abi := &p.ABIs[i]
		s.prefer(abi.Arch)
		left := s.without(s.abi(abi), elsewhere)
		elsewhere = s.or(elsewhere, left)
		served := left
		decided := make([]node, len(abi.Rules))
		for j := range abi.Rules {
			place = fmt.Sprintf("%s, rule %d", abi.Name, j)
			matched, err := s.rule(&abi.Rules[j])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", place, err)
			}
			decided[j] = s.and(left, matched)
			left = s.without(left, matched)
			report, err := s.report(&abi.Rules[j], s.and(served, matched), decided[:j+1])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", place, err)
			}
			report.ABI, report.Rule = i, j
			reports = append(reports, report)
		}
	}
	return reports, nil
}

// report judges the rule that is about the calls in claimed and decides the last of decided; the
// others are what the rules before it decide.
func (s *Space) report(r *policy.Rule, claimed node, decided []node) (RuleReport, error) {
	var report RuleReport
	last := len(decided) - 1
	if decided[last] != no {
		call := s.witness(decided[last])
		report.Decides = &call
	} else {
		for j, earlier := range decided[:last] {
			if s.and(earlier, claimed) != no {
				report.HiddenBy = append(report.HiddenBy, j)
			}
		}
	}
	if r.Cond == nil {
		return report, nil
	}
	holds, err := s.condition(r.Cond)
	report.Always, report.Never = holds == yes, holds == no
	return report, err
}

// Constant reports whether the condition has the same value for every call, and which.
func (s *Space) Constant(c policy.Cond) (value, constant bool, err error) {
	defer guard(&err, func() string { return "condition" })
	holds, err := s.condition(c)
	return holds == yes, err == nil && s.isLeaf(holds), err
}
