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
	soFar := make([]ruled, len(p.ABIs))
	longest := 0
	for i, abi := range p.ABIs {
		named := 0
		for _, r := range abi.Rules {
			named += len(r.Numbers)
		}
		named = min(named, usualNumbers)
		soFar[i] = ruled{make(map[uint32]number, named), make([]taken, 0, named)}
		longest = max(longest, len(abi.Rules))
	}
	reports = make([]RuleReport, 0, longest*len(p.ABIs))
	for rule = range longest {
		for i, abi := range p.ABIs {
			if rule >= len(abi.Rules) {
				continue
			}
			name = abi.Name
			report, err := s.report(p, i, rule, &soFar[i])
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

// ruled is what the rules so far make of an ABI's calls.
type ruled struct {
	numbers map[uint32]number
	taken   []taken
}

// number is what the rules so far make of a number's calls.
type number struct {
	left  node // what none of them decides, but for minus
	minus node // what the last one is about
	taken int  // the last of its parts that a rule decides, in ruled.taken from 1
}

// taken is what a rule decides of a number's calls.
type taken struct {
	rule   int
	calls  node
	before int // the part before it, as in number
}

// report judges rule j of ABI i, given what the rules before it make of its numbers. Numbers that
// the ABI does not serve are not among them.
func (s *Space) report(p *policy.Policy, i, j int, soFar *ruled) (RuleReport, error) {
	abi, r := &p.ABIs[i], &p.ABIs[i].Rules[j]
	report := RuleReport{ABI: i, Rule: j}
	holds, err := s.condition(r.Cond)
	if err != nil {
		return report, err
	}
	for _, nr := range r.Numbers {
		n, met := soFar.numbers[nr]
		if !met {
			if p.Find(policy.Data{Arch: abi.Arch, Nr: nr}) != abi {
				continue
			}
			n.left = yes
		}
		n.left, n.minus = s.without(n.left, n.minus), no
		decided := s.and(n.left, holds)
		if decided != no {
			soFar.taken = append(soFar.taken, taken{j, decided, n.taken})
			n.minus, n.taken = holds, len(soFar.taken)
		}
		soFar.numbers[nr] = n
		if decided != no && (report.Decides == nil || nr < report.Decides.Nr) {
			call := s.smallest(decided)
			call.Arch, call.Nr = abi.Arch, nr
			report.Decides = &call
		}
	}
	if report.Decides == nil {
		report.HiddenBy = s.hiders(r, holds, soFar)
	}
	report.Always, report.Never = r.Cond != nil && holds == yes, r.Cond != nil && holds == no
	return report, nil
}

// hiders returns the rules that decide what the rule is about: one that decides some call of it, then one that
// decides a call that is left, and so on. No call is decided by two.
func (s *Space) hiders(r *policy.Rule, holds node, soFar *ruled) []int {
	var hiders []int
	for _, nr := range r.Numbers {
		n, met := soFar.numbers[nr]
		for left := holds; left != no && met; {
			by := s.partWith(s.smallest(left), n, soFar)
			hiders = append(hiders, by.rule)
			left = s.without(left, by.calls)
		}
	}
	slices.Sort(hiders)
	return slices.Compact(hiders)
}

// partWith returns the part of a number's calls that has a call, which some rule decides.
func (s *Space) partWith(call policy.Data, n number, soFar *ruled) taken {
	for {
		s.spend(1)
		part := soFar.taken[n.taken-1]
		if s.eval(part.calls, call) == s.value(yes) {
			return part
		}
		n.taken = part.before
	}
}

// Constant reports whether the condition has the same value for every call, and which.
func (s *Space) Constant(c policy.Cond) (value, constant bool, err error) {
	defer guard(&err, func() string { return "condition" })
	holds, err := s.condition(c)
	return holds == yes, err == nil && s.isLeaf(holds), err
}
