package proof

import (
	"fmt"
	"math/bits"
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
		soFar[i] = ruled{numbers: make(map[uint32]number, named),
			holds: make([]node, len(abi.Rules))}
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
	// by rule, the calls for which its condition holds, no where that is not yet known
	holds []node
}

// number is what the rules so far make of a number's calls.
type number struct {
	// the only rule that names it, from 1, if there is no diagram yet: what follows is not known
	only  int32
	left  node  // what none of them decides, but for minus
	minus node  // what the last one is about
	taken int32 // the last of its parts that a rule decides, in ruled.taken from 1
}

// taken is what a rule decides of a number's calls.
type taken struct {
	rule   int
	calls  node
	before int32 // the part before it, as in number
}

// take notes what a rule decides, and returns its place from 1.
func (r *ruled) take(t taken) int32 {
	r.taken = append(r.taken, t)
	return int32(len(r.taken))
}

// report judges rule j of ABI i, given what the rules before it make of its numbers. Numbers that
// the ABI does not serve are not among them.
func (s *Space) report(p *policy.Policy, i, j int, soFar *ruled) (RuleReport, error) {
	abi, r := &p.ABIs[i], &p.ABIs[i].Rules[j]
	report := RuleReport{ABI: i, Rule: j}
	numbers := served(p, abi, r.Numbers)
	call, plain := sometimes(r.Cond)
	if (plain || r.Cond == nil) && len(numbers) > 0 && soFar.none(numbers) {
		for _, nr := range numbers {
			soFar.numbers[nr] = number{only: int32(j + 1)}
		}
		call.Arch, call.Nr = abi.Arch, slices.Min(numbers)
		report.Decides = &call
		return report, nil
	}
	holds, err := s.holds(abi, j, soFar)
	if err != nil {
		return report, err
	}
	for _, nr := range numbers {
		n, err := s.ruledNumber(abi, nr, soFar)
		if err != nil {
			return report, err
		}
		n.left, n.minus = s.without(n.left, n.minus), no
		decided := s.and(n.left, holds)
		if decided != no {
			n.minus, n.taken = holds, soFar.take(taken{j, decided, n.taken})
		}
		soFar.numbers[nr] = n
		if decided != no && (report.Decides == nil || nr < report.Decides.Nr) {
			in := s.smallest(decided)
			call := in.call()
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

// ruledNumber returns what the rules so far make of a number's calls, with diagrams.
func (s *Space) ruledNumber(abi *policy.ABI, nr uint32, soFar *ruled) (number, error) {
	n, met := soFar.numbers[nr]
	switch {
	case !met:
		return number{left: yes}, nil
	case n.only == 0:
		return n, nil
	}
	rule := int(n.only - 1)
	calls, err := s.holds(abi, rule, soFar)
	return number{left: yes, minus: calls, taken: soFar.take(taken{rule, calls, 0})}, err
}

// served returns those of the numbers that belong to an ABI of the policy.
func served(p *policy.Policy, abi *policy.ABI, numbers []uint32) []uint32 {
	other := func(nr uint32) bool { return p.Find(policy.Data{Arch: abi.Arch, Nr: nr}) != abi }
	if !slices.ContainsFunc(numbers, other) {
		return numbers
	}
	return slices.DeleteFunc(slices.Clone(numbers), other)
}

// none reports whether no rule so far names one of the numbers.
func (r *ruled) none(numbers []uint32) bool {
	return !slices.ContainsFunc(numbers, func(nr uint32) bool {
		_,
			met := r.numbers[nr]
		return met
	})
}

// holds returns the calls for which the condition of a rule holds.
func (s *Space) holds(abi *policy.ABI, rule int, soFar *ruled) (node, error) {
	if n := soFar.holds[rule]; n != no {
		return n, nil
	}
	cond := abi.Rules[rule].Cond
	n, err := s.condition(cond)
	if err != nil {
		return no, err
	}
	for slot, x := range s.slots { // what a range leaves out is no call of the rule
		if slices.Contains(policy.LateOf(cond), x.late) {
			n = s.and(n, s.inRange(slot))
		}
	}
	soFar.holds[rule] = n
	return n, err
}

// sometimes returns a call for which a condition holds, where it is plain without a diagram that
// there are such calls and others: the condition looks for different arguments in sets.
func sometimes(c policy.Cond) (call policy.Data, ok bool) {
	tests, several := c.(policy.And)
	if !several {
		tests = policy.And{c}
	}
	var seen [policy.IP + 1]bool
	for _, x := range tests {
		t, isTest := x.(policy.Test)
		arg := t.Operand.Arg
		if !isTest || !someMembers(t) || seen[arg] {
			return call, false
		}
		seen[arg] = true
		if arg == policy.IP {
			call.IP = t.Set[0].Lo
		} else {
			call.Args[arg] = t.Set[0].Lo
		}
	}
	return call, len(tests) > 0
}

// someMembers reports whether a test looks for its operand in a set that has its first value, and
// fewer values than there are.
func someMembers(t policy.Test) bool {
	width, mask := t.Operand.Width, t.Mask&policy.Ones(max(1, min(t.Operand.Width, 64)))
	if t.Op != policy.In || t.Operand.Arg < 0 || t.Operand.Arg > policy.IP || width < 1 ||
		width > 64 || len(t.Set) == 0 {
		return false
	}
	values := uint64(0)
	for _, r := range t.Set {
		if r.Lo > r.Hi || r.Hi-r.Lo > 1<<32 {
			return false
		}
		values += r.Hi - r.Lo + 1
	}
	return t.Set[0].Lo&^mask == 0 && values < 1<<min(bits.OnesCount64(mask), 63)
}

// hiders returns the rules that decide what the rule is about: one that decides some call of it,
// then one that decides a call that is left, and so on. No call is decided by two.
func (s *Space) hiders(r *policy.Rule, holds node, soFar *ruled) []int {
	var hiders []int
	for _, nr := range r.Numbers {
		n, met := soFar.numbers[nr]
		for left := holds; left != no && met; {
			in := s.smallest(left)
			by := s.partWith(&in, n, soFar)
			hiders = append(hiders, by.rule)
			left = s.without(left, by.calls)
		}
	}
	slices.Sort(hiders)
	return slices.Compact(hiders)
}

// partWith returns the part of a number's calls that has an input, which some rule decides.
func (s *Space) partWith(in *input, n number, soFar *ruled) taken {
	for {
		s.spend(1)
		part := soFar.taken[n.taken-1]
		if s.eval(part.calls, in) == s.value(yes) {
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
