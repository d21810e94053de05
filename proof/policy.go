package proof

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// Policy returns the action that the policy gives to every call. It works from the resolved policy
// alone, with nothing of the compiler.
func (s *Space) Policy(p *policy.Policy) (f Function, err error) {
	var place string
	defer guard(&err, func() string { return place })
	root := s.leaf(uint32(p.Mismatch))
	for i := len(p.ABIs) - 1; i >= 0; i-- {
		abi := &p.ABIs[i]
		known := s.member(wordNr.field(), policy.Ones(32), abi.Known)
		decided := s.ite(known, s.leaf(uint32(abi.Default)), s.leaf(uint32(abi.Unknown)))
		for rules := abi.Rules; len(rules) > 0; {
			last := len(rules) - 1
			place = fmt.Sprintf("%s, rule %d", abi.Name, last)
			r, first := lastOf(rules)
			matched, err := s.rule(&r)
			if err != nil {
				return Function{}, fmt.Errorf("%s: %w", place, err)
			}
			decided = s.ite(matched, s.leaf(uint32(r.Action)), decided)
			rules = rules[:first]
		}
		place = abi.Name
		root = s.ite(s.abi(abi), decided, root)
	}
	for i := range p.ABIs {
		s.prefer(p.ABIs[i].Arch)
	}
	return known(s, root), nil
}

// lastOf returns the last of some rules, with the numbers of those before it that have its action
// and, as it, no condition: in whatever order these are looked at, the answer is the same. It
// returns where they begin.
func lastOf(rules []policy.Rule) (r policy.Rule, first int) {
	first = len(rules) - 1
	r = rules[first]
	r.Numbers = slices.Clip(r.Numbers) // those of the policy stay as they are
	for first > 0 && r.Cond == nil && rules[first-1].Cond == nil &&
		rules[first-1].Action == r.Action {
		first--
		r.Numbers = append(r.Numbers, rules[first].Numbers...)
	}
	return r, first
}

// Number returns what the policy answers to the calls with an arch and a number, as a function of
// their arguments alone.
func (s *Space) Number(p *policy.Policy, arch, nr uint32) (f Function, err error) {
	defer guard(&err, func() string { return fmt.Sprintf("arch %#x, number %d", arch, nr) })
	abi := p.Find(policy.Data{Arch: arch, Nr: nr})
	if abi == nil {
		return known(s, s.leaf(uint32(p.Mismatch))), nil
	}
	answer := s.leaf(uint32(abi.Unknown))
	if policy.Contains(abi.Known, uint64(nr)) {
		answer = s.leaf(uint32(abi.Default))
	}
	for i := len(abi.Rules) - 1; i >= 0; i-- {
		r := &abi.Rules[i]
		if !slices.Contains(r.Numbers, nr) {
			continue
		}
		holds, err := s.condition(r.Cond)
		if err != nil {
			return Function{}, fmt.Errorf("%s, rule %d: %w", abi.Name, i, err)
		}
		answer = s.ite(holds, s.leaf(uint32(r.Action)), answer)
	}
	return known(s, answer), nil
}

// abi returns the calls that the ABI's section serves.
func (s *Space) abi(a *policy.ABI) node { return s.numbers(a.Arch, a.Numbers) }

// numbers returns the calls with the arch and one of the numbers.
func (s *Space) numbers(arch uint32, ranges []policy.Range) node {
	return s.and(
		s.member(wordArch.field(), policy.Ones(32), point(uint64(arch))),
		s.member(wordNr.field(), policy.Ones(32), ranges))
}

// rule returns the calls that the rule names and whose condition holds, on any ABI.
func (s *Space) rule(r *policy.Rule) (node, error) {
	ranges := make([]policy.Range, len(r.Numbers))
	for i, nr := range r.Numbers {
		ranges[i] = policy.Range{Lo: uint64(nr), Hi: uint64(nr)}
	}
	holds, err := s.condition(r.Cond)
	return s.and(s.member(wordNr.field(), policy.Ones(32), ranges), holds), err
}

// condition returns the calls for which the condition holds; a nil condition always does.
func (s *Space) condition(c policy.Cond) (node, error) {
	switch c := c.(type) {
	case nil:
		return yes, nil
	case policy.Test:
		return s.test(c)
	case policy.LateTest:
		return s.lateTest(c)
	case policy.Not:
		if c.X == nil {
			return no, errors.New("a negation of nothing")
		}
		x, err := s.condition(c.X)
		return s.not(x), err
	case policy.And:
		return s.fold(c, yes, s.and)
	case policy.Or:
		return s.fold(c, no, s.or)
	}
	return no, fmt.Errorf("unknown condition %T", c)
}

func (s *Space) fold(parts []policy.Cond, all node, join func(a, b node) node) (node, error) {
	for _, part := range parts {
		if part == nil {
			return no, errors.New("a condition with an empty part")
		}
		n, err := s.condition(part)
		if err != nil {
			return no, err
		}
		all = join(all, n)
	}
	return all, nil
}

// test returns the calls for which the test holds. Every comparison is a membership: of the
// operand, or of some of its bits, in one or two ranges.
func (s *Space) test(t policy.Test) (node, error) {
	width := t.Operand.Width
	if t.Operand.Arg < 0 || t.Operand.Arg > policy.IP || width < 1 || width > 64 {
		return no, fmt.Errorf("no operand has argument %d and %d bits", t.Operand.Arg, width)
	}
	f := operandField(t.Operand.Arg, width)
	all := policy.Ones(width)
	if t.Operand.Signed {
		t.Value &= all
	}
	switch t.Op {
	case policy.In:
		return s.member(f, t.Mask, t.Set), nil
	case policy.Lt:
		return s.member(f, all, below(t)), nil
	case policy.Ge:
		return s.not(s.member(f, all, below(t))), nil
	case policy.Gt:
		return s.not(s.or(s.member(f, all, below(t)), s.member(f, all, point(t.Value)))), nil
	case policy.Le:
		return s.or(s.member(f, all, below(t)), s.member(f, all, point(t.Value))), nil
	case policy.Any:
		return s.not(s.member(f, t.Mask, point(0))), nil
	case policy.All:
		return s.member(f, t.Mask, point(t.Mask)), nil
	case policy.Only:
		return s.member(f, all&^t.Mask, point(0)), nil
	}
	return no, fmt.Errorf("unknown comparison %d", t.Op)
}

func point(v uint64) []policy.Range { return []policy.Range{{Lo: v, Hi: v}} }

// below returns the bit patterns that stand before t.Value in the operand's order. In two's
// complement the order begins at the sign bit and wraps around at -1.
func below(t policy.Test) []policy.Range {
	all := policy.Ones(t.Operand.Width)
	if !t.Operand.Signed {
		if t.Value == 0 {
			return nil
		}
		return []policy.Range{{Lo: 0, Hi: t.Value - 1}}
	}
	first, value := all&^(all>>1), t.Value
	switch {
	case value == first:
		return nil
	case value > first:
		return []policy.Range{{Lo: first, Hi: value - 1}}
	case value == 0:
		return []policy.Range{{Lo: first, Hi: all}}
	}
	return []policy.Range{{Lo: first, Hi: all}, {Lo: 0, Hi: value - 1}}
}
