package proof

import (
	"encoding/binary"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// naive is a compiler without a thought, so that these tests need no other: it builds a program
// from the end, every rule a chain of comparisons. A label is the number of instructions behind its
// target.
type naive struct {
	reversed asm.Program
	order    binary.ByteOrder
}

type label int

func compile(p *policy.Policy) asm.Program {
	order, err := byteOrder(p)
	if err != nil {
		panic(err)
	}
	n := &naive{order: order}
	next := n.ret(p.Mismatch)
	for i := len(p.ABIs) - 1; i >= 0; i-- {
		next = n.abi(&p.ABIs[i], next)
	}
	program := make(asm.Program, 0, len(n.reversed))
	for i := len(n.reversed) - 1; i >= 0; i-- {
		program = append(program, n.reversed[i])
	}
	return program
}

func (n *naive) abi(a *policy.ABI, other label) label {
	next := n.numbers(a.Known, n.ret(a.Default), n.ret(a.Unknown))
	for i := len(a.Rules) - 1; i >= 0; i-- {
		r := &a.Rules[i]
		matched := n.ret(r.Action)
		if r.Cond != nil {
			matched = n.cond(r.Cond, matched, next)
		}
		next = n.numbers(points(r.Numbers), matched, next)
	}
	next = n.numbers(a.Numbers, next, other)
	n.jump(asm.JeqK, a.Arch, next, other)
	return n.add(asm.Instruction{Op: asm.LdAbs, K: asm.OffArch})
}

func points(numbers []uint32) []policy.Range {
	var ranges []policy.Range
	for _, nr := range numbers {
		ranges = append(ranges, policy.Range{Lo: uint64(nr), Hi: uint64(nr)})
	}
	return sorted(ranges)
}

func (n *naive) add(in asm.Instruction) label {
	n.reversed = append(n.reversed, in)
	return label(len(n.reversed) - 1)
}

func (n *naive) ret(a policy.Action) label {
	return n.add(asm.Instruction{Op: asm.RetK, K: uint32(a)})
}

// near returns a label that a conditional jump can reach from one or two instructions ahead.
func (n *naive) near(to label) label {
	if skip := len(n.reversed) - int(to) - 1; skip > 250 {
		return n.add(asm.Instruction{Op: asm.Ja, K: uint32(skip)})
	}
	return to
}

func (n *naive) jump(op uint16, k uint32, yes, no label) label {
	yes = n.near(yes)
	no = n.near(no)
	skip := func(to label) uint8 { return uint8(len(n.reversed) - int(to) - 1) }
	return n.add(asm.Instruction{Op: op, Jt: skip(yes), Jf: skip(no), K: k})
}

func (n *naive) numbers(ranges []policy.Range, yes, no label) label {
	for _, r := range ranges {
		if r.Lo == r.Hi {
			no = n.jump(asm.JeqK, uint32(r.Lo), yes, no)
			continue
		}
		inside := n.jump(asm.JgtK, uint32(r.Hi), no, yes)
		no = n.jump(asm.JgeK, uint32(r.Lo), inside, no)
	}
	if int(no) != len(n.reversed)-1 {
		n.add(asm.Instruction{Op: asm.Ja, K: uint32(len(n.reversed) - int(no) - 1)})
	}
	return n.add(asm.Instruction{Op: asm.LdAbs, K: asm.OffNr})
}

func (n *naive) cond(c policy.Cond, yes, no label) label {
	switch c := c.(type) {
	case policy.Not:
		return n.cond(c.X, no, yes)
	case policy.And:
		for i := len(c) - 1; i >= 0; i-- {
			yes = n.cond(c[i], yes, no)
		}
		return yes
	case policy.Or:
		for i := len(c) - 1; i >= 0; i-- {
			no = n.cond(c[i], yes, no)
		}
		return no
	}
	return n.test(c.(policy.Test), yes, no)
}

// test compares the operand's bits under mask, xor flip, with ranges.
func (n *naive) test(t policy.Test, yes, no label) label {
	mask, flip := policy.Ones(t.Operand.Width), uint64(0)
	if t.Operand.Signed && t.Op >= policy.Lt && t.Op <= policy.Ge {
		flip = mask &^ (mask >> 1)
	}
	v := t.Value ^ flip
	switch t.Op {
	case policy.In:
		for _, r := range t.Set {
			inside := n.above(t.Operand, t.Mask, 0, r.Hi, no, yes)
			no = n.atLeast(t.Operand, t.Mask, 0, r.Lo, inside, no)
		}
		return no
	case policy.Lt:
		return n.atLeast(t.Operand, mask, flip, v, no, yes)
	case policy.Ge:
		return n.atLeast(t.Operand, mask, flip, v, yes, no)
	case policy.Gt:
		return n.above(t.Operand, mask, flip, v, yes, no)
	case policy.Le:
		return n.above(t.Operand, mask, flip, v, no, yes)
	case policy.Any:
		return n.above(t.Operand, t.Mask, 0, 0, yes, no)
	case policy.All:
		return n.atLeast(t.Operand, t.Mask, 0, t.Mask, yes, no)
	default:
		return n.above(t.Operand, mask&^t.Mask, 0, 0, no, yes)
	}
}

func (n *naive) above(o policy.Operand, mask, flip, v uint64, yes, no label) label {
	return n.compare(asm.JgtK, o, mask, flip, v, yes, no)
}

func (n *naive) atLeast(o policy.Operand, mask, flip, v uint64, yes, no label) label {
	return n.compare(asm.JgeK, o, mask, flip, v, yes, no)
}

func (n *naive) compare(op uint16, o policy.Operand, mask, flip, v uint64, yes, no label) label {
	mask &= policy.Ones(o.Width)
	n.jump(op, uint32(v), yes, no)
	low := n.load(asm.LowWord(o.Arg, n.order), uint32(mask), uint32(flip))
	equal := n.jump(asm.JeqK, uint32(v>>32), low, no)
	n.jump(asm.JgtK, uint32(v>>32), yes, equal)
	return n.load(asm.HighWord(o.Arg, n.order), uint32(mask>>32), uint32(flip>>32))
}

func (n *naive) load(offset, mask, flip uint32) label {
	n.add(asm.Instruction{Op: asm.XorK, K: flip})
	n.add(asm.Instruction{Op: asm.AndK, K: mask})
	return n.add(asm.Instruction{Op: asm.LdAbs, K: offset})
}
