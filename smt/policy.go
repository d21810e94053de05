package smt

import (
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/policy"
)

// Policy returns what the policy answers, a word.
func (s *Script) Policy(p *policy.Policy) (Term, error) {
	result := number(uint64(p.Mismatch), 32)
	for i := len(p.ABIs) - 1; i >= 0; i-- {
		abi := &p.ABIs[i]
		s.Comment("ABI " + abi.Name)
		known := s.among("nr", abi.Known, 32)
		answer := s.word(s.apply("ite", known, number(uint64(abi.Default), 32),
			number(uint64(abi.Unknown), 32)))
		for j := len(abi.Rules) - 1; j >= 0; j-- {
			rule := &abi.Rules[j]
			when, err := s.Calls(Calls{Numbers: points(rule.Numbers), Cond: rule.Cond})
			if err != nil {
				return "", fmt.Errorf("%s, rule %d: %w", abi.Name, j, err)
			}
			answer = s.word(s.apply("ite", when, number(uint64(rule.Action), 32), answer))
		}
		own := s.apply("and", s.apply("=", "arch", number(uint64(abi.Arch), 32)),
			s.among("nr", abi.Numbers, 32))
		result = s.word(s.apply("ite", own, answer, result))
	}
	return result, nil
}

// points returns numbers as ranges, those that touch as one.
func points(numbers []uint32) []policy.Range {
	var ranges []policy.Range
	for _, nr := range numbers {
		ranges = append(ranges, policy.Range{Lo: uint64(nr), Hi: uint64(nr)})
	}
	return policy.Union(ranges)
}

// Calls is a set of calls: those with one of the values of arch and one of the numbers for which
// the condition holds. Nil stands for all of them.
type Calls struct {
	Arches, Numbers []policy.Range
	Cond            policy.Cond
}

// Calls returns whether a call is in a set.
func (s *Script) Calls(c Calls) (Term, error) {
	holds, err := s.cond(c.Cond)
	if err != nil {
		return "", err
	}
	parts := []Term{holds}
	if c.Arches != nil {
		parts = append(parts, s.among("arch", c.Arches, 32))
	}
	if c.Numbers != nil {
		parts = append(parts, s.among("nr", c.Numbers, 32))
	}
	return s.truth(s.all(parts)), nil
}

// among returns whether a value of a width lies in one of the ranges.
func (s *Script) among(value Term, ranges []policy.Range, width int) Term {
	largest := ^uint64(0) >> (64 - width)
	var parts []Term
	for _, r := range ranges {
		switch {
		case r.Lo > largest || r.Lo > r.Hi:
		case r.Lo == r.Hi:
			parts = append(parts, s.apply("=", value, number(r.Lo, width)))
		default:
			parts = append(parts, s.apply("and", s.apply("bvuge", value, number(r.Lo, width)),
				s.apply("bvule", value, number(min(r.Hi, largest), width))))
		}
	}
	return s.truth(s.some(parts))
}

// cond returns whether a condition holds.
func (s *Script) cond(c policy.Cond) (Term, error) {
	switch c := c.(type) {
	case nil:
		return "true", nil
	case policy.Not:
		x, err := s.cond(c.X)
		return s.apply("not", x), err
	case policy.And:
		parts, err := s.conds(c)
		return s.all(parts), err
	case policy.Or:
		parts, err := s.conds(c)
		return s.some(parts), err
	case policy.Test:
		return s.test(c)
	case policy.LateTest:
		return s.lateTest(c)
	}
	return "", fmt.Errorf("unknown condition %T", c)
}

func (s *Script) conds(parts []policy.Cond) ([]Term, error) {
	var out []Term
	for _, part := range parts {
		x, err := s.cond(part)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// registerOf returns the 64 bits that an operand lies in.
func registerOf(o policy.Operand) Term {
	if o.Arg == policy.IP {
		return "ip"
	}
	return Term(fmt.Sprintf("arg%d", o.Arg))
}

// test compares the low bits of an argument: as 64 bits without them, or for a signed order alone.
func (s *Script) test(t policy.Test) (Term, error) {
	o := t.Operand
	if o.Arg < 0 || o.Arg > policy.IP || o.Width < 1 || o.Width > 64 {
		return "", errors.New("a test of what no call has")
	}
	register := registerOf(o)
	x := s.apply("bvand", register, number(^uint64(0)>>(64-o.Width), 64))
	mask := number(t.Mask, 64)
	switch t.Op {
	case policy.In:
		return s.among(s.apply("bvand", x, mask), t.Set, 64), nil
	case policy.Any:
		return s.apply("distinct", s.apply("bvand", x, mask), number(0, 64)), nil
	case policy.All:
		return s.apply("=", s.apply("bvand", x, mask), mask), nil
	case policy.Only:
		return s.apply("=", s.apply("bvand", x, s.apply("bvnot", mask)), number(0, 64)), nil
	}
	order, value := "bvu", number(t.Value, 64)
	if o.Signed {
		x = s.apply(fmt.Sprintf("(_ extract %d 0)", o.Width-1), register)
		order, value = "bvs", number(t.Value, o.Width)
	}
	switch t.Op {
	case policy.Lt:
		return s.apply(order+"lt", x, value), nil
	case policy.Le:
		return s.apply(order+"le", x, value), nil
	case policy.Gt:
		return s.apply(order+"gt", x, value), nil
	case policy.Ge:
		return s.apply(order+"ge", x, value), nil
	}
	return "", fmt.Errorf("unknown comparison %d", t.Op)
}
