package asm

import (
	"maps"
	"slices"
)

// Arches returns the values that the program compares the arch word with for equality, sorted: the
// ABIs that it names. None means that it does not look at arch, or not in a way that tells one ABI
// from the others.
//
// A value is listed when it is compared by a JEQ with two different targets, to which at least one
// path leads, and on every path to which A (or X, for the operand) holds the arch word unchanged.
// It takes time linear in the length of the program.
func (p Program) Arches() []uint32 {
	found := map[uint32]bool{}
	for pc, s := range p.flow(value{kind: archWord}) {
		in := p[pc]
		if !s.reached || in.Op&^fromX != JeqK || in.Jt == in.Jf {
			continue
		}
		switch v := s.operand(in); {
		case s.a.kind == archWord && v.kind == constant:
			found[v.v] = true
		case s.a.kind == constant && v.kind == archWord:
			found[s.a.v] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Serves reports whether the program has something to say about calls of an ABI: whether the values
// that it can return to arch differ from those that it can return to arch 0, which is no machine's.
// A filter for other ABIs, one in the wrong byte order, and one that never looks at arch all serve
// nobody's arch.
//
// What it can return is found by following the program with arch known and all else unknown; both
// sides of a test are taken unless the arch word and constants decide it. An answer computed from
// other words counts as one value more. It takes time linear in the length of the program.
func (p Program) Serves(arch uint32) bool {
	return !maps.Equal(p.returns(arch), p.returns(0))
}

func (p Program) returns(arch uint32) map[value]bool {
	set := map[value]bool{}
	for pc, s := range p.flow(value{constant, arch}) {
		if !s.reached {
			continue
		}
		switch p[pc].Op {
		case RetK:
			set[value{constant, p[pc].K}] = true
		case RetA:
			set[s.a] = true
		case DivX:
			if s.x.kind != constant || s.x.v == 0 {
				set[value{constant, 0}] = true
			}
		}
	}
	return set
}

// value is what is known of a register on every path to a place.
type value struct {
	kind kind
	v    uint32 // the value of a constant
}

type kind uint8

const (
	unknown kind = iota
	constant
	archWord // the arch word, whatever it is
)

// state is what is known before an instruction.
type state struct {
	reached bool
	a, x    value
}

// operand returns the operand of an ALU or jump instruction.
func (s state) operand(in Instruction) value {
	if in.Op&fromX != 0 {
		return s.x
	}
	return value{constant, in.K}
}

// flow returns the state before each instruction, arch being what a load of the arch word gives.
// Jumps only go forward, so one pass meets every path into an instruction before the instruction
// itself.
func (p Program) flow(arch value) []state {
	states := make([]state, len(p))
	reach := func(pc int, s state) {
		if pc < len(p) {
			states[pc] = join(states[pc], s)
		}
	}
	zero := value{kind: constant}
	reach(0, state{true, zero, zero})
	for pc, in := range p {
		s := states[pc]
		if !s.reached {
			continue
		}
		next, fails := p.Next(pc)
		switch in.Op {
		case RetK, RetA:
		case Ja:
			reach(next, s)
		case JeqK, JeqX, JgtK, JgtX, JgeK, JgeX, JsetK, JsetX, Waiting:
			v := s.operand(in)
			decided := in.Op != Waiting && s.a.kind == constant && v.kind == constant
			taken := decided && Holds(in.Op, s.a.v, v.v)
			if !decided || taken {
				reach(next, s)
			}
			if !taken {
				reach(fails, s)
			}
		default:
			reach(next, s.after(in, arch))
		}
	}
	return states
}

func join(s, t state) state {
	if !s.reached {
		return t
	}
	if s.a != t.a {
		s.a = value{}
	}
	if s.x != t.x {
		s.x = value{}
	}
	return s
}

// after returns the state behind an instruction that neither jumps nor returns.
func (s state) after(in Instruction, arch value) state {
	switch in.Op {
	case LdAbs:
		s.a = value{}
		if in.K == OffArch {
			s.a = arch
		}
	case LdImm:
		s.a = value{constant, in.K}
	case LdLen:
		s.a = value{constant, DataSize}
	case LdxImm:
		s.x = value{constant, in.K}
	case LdxLen:
		s.x = value{constant, DataSize}
	case LdxMem:
		s.x = value{}
	case Tax:
		s.x = s.a
	case Txa:
		s.a = s.x
	case St, Stx:
	case LdMem:
		s.a = value{}
	default:
		s.a = combine(in.Op, s.a, s.operand(in))
	}
	return s
}

func combine(op uint16, a, v value) value {
	divides := op&^fromX == DivK
	if a.kind != constant || v.kind != constant || divides && v.v == 0 {
		return value{}
	}
	return value{constant, compute(op, a.v, v.v)}
}
