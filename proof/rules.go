package proof

import (
	"fmt"
	"slices"

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

// Rules reports on every rule of the policy: on the first one of each ABI, then on the second ones.
// With an error it returns the reports on the rules before the one where it gave up. It takes the
// calls of each number by themselves, so that no diagram is about numbers.
func (s *Space) Rules(p *policy.Policy) (reports []RuleReport, err error) {
	var name string
	var rule int
	place := func() string { return fmt.Sprintf("%s, rule %d", name, rule) }
	defer guard(&err, place)
	numbers := make([]map[uint32]number, len(p.ABIs))
	longest := 0
	for i, abi := range p.ABIs {
		named := 0
		for _, r := range abi.Rules {
			named += len(r.Numbers)
		}
		numbers[i] = make(map[uint32]number, min(named, usualNumbers))
		longest = max(longest, len(abi.Rules))
	}
	reports = make([]RuleReport, 0, longest*len(p.ABIs))
	for rule = range longest {
		for i, abi := range p.ABIs {
			if rule >= len(abi.Rules) {
				continue
			}
			name = abi.Name
			report, err := s.report(p, i, rule, numbers[i])
			if err != nil {
				return reports, fmt.Errorf("%s: %w", place(), err)
			}
			reports = append(reports, report)
		}
	}
	return reports, nil
}

// usualNumbers is more than an ABI has names of system calls.
const usualNumbers = 512

// number is what the rules so far make of a number's calls.
type number struct {
	left  node // what none of them decides, but for minus
	minus node // what the last one is about
	taken []takenBy
}

// takenBy is what a rule decides of a number's calls.
type takenBy struct {
	rule  int
	calls node
}

// report judges rule j of ABI i, given what the rules before it make of its numbers. Numbers that
// the ABI does not serve are not among them.
func (s *Space) report(
	p *policy.Policy, i, j int, numbers map[uint32]number,
) (RuleReport, error) {
	abi, r := &p.ABIs[i], &p.ABIs[i].Rules[j]
	report := RuleReport{ABI: i, Rule: j}
	holds, err := s.condition(r.Cond)
	if err != nil {
		return report, err
	}
	for _, nr := range r.Numbers {
		n, met := numbers[nr]
		if !met {
			if p.Find(policy.Data{Arch: abi.Arch, Nr: nr}) != abi {
				continue
			}
			n.left = yes
		}
		n.left, n.minus = s.without(n.left, n.minus), no
		decided := s.and(n.left, holds)
		if decided == no {
			numbers[nr] = n
			continue
		}
		n.minus = holds
		n.taken = append(n.taken, takenBy{j, decided})
		numbers[nr] = n
		if report.Decides == nil || nr < report.Decides.Nr {
			call := s.smallest(decided)
			call.Arch, call.Nr = abi.Arch, nr
			report.Decides = &call
		}
	}
	if report.Decides == nil {
		report.HiddenBy = s.hiders(r, holds, numbers)
	}
	report.Always, report.Never = r.Cond != nil && holds == yes, r.Cond != nil && holds == no
	return report, nil
}

// hiders returns the rules that decide what the rule is about: one that decides some call of it, then one that
// decides a call that is left, and so on. No call is decided by two.
func (s *Space) hiders(r *policy.Rule, holds node, numbers map[uint32]number) []int {
	var hiders []int
	for _, nr := range r.Numbers {
		taken := numbers[nr].taken
		for left := holds; left != no && len(taken) > 0; {
			s.spend(len(taken))
			call := s.smallest(left)
			by := taken[slices.IndexFunc(taken, func(t takenBy) bool { return s.eval(t.calls, call) == s.value(yes) })]
			hiders = append(hiders, by.rule)
			left = s.without(left, by.calls)
		}
	}
	slices.Sort(hiders)
	return slices.Compact(hiders)
}

// Constant reports whether the condition has the same value for every call, and which.
func (s *Space) Constant(c policy.Cond) (value, constant bool, err error) {
	defer guard(&err, func() string { return "condition" })
	holds, err := s.condition(c)
	return holds == yes, err == nil && s.isLeaf(holds), err
}
