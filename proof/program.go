package proof

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/asm"
)

// Program returns what the program answers to every call on a machine of the byte order. It refuses
// a program that [asm.Program.Check] refuses. Everything that a filter may do is exact: arithmetic
// wraps at 32 bits, a shift by X counts modulo 32, a division by an X that is 0 ends the program
// with 0, as bpf_convert_filter of net/core/filter.c has it.
func (s *Space) Program(p asm.Program, order binary.ByteOrder) (f Function, err error) {
	if err := p.Check(); err != nil {
		return Function{}, err
	}
	e := executor{
		space:   s,
		program: p,
		refs:    map[vector]ref{},
		live:    liveness(p),
		reached: make([][]arrival, len(p)),
		returns: map[node]node{},
	}
	defer guard(&err, func() string { return fmt.Sprintf("instruction %d", e.pc) })
	e.intern(vector{})
	for i, w := range wordsOf(order) {
		e.words[i] = e.intern(s.load(w))
	}
	root, err := e.run()
	return Function{s, root}, err
}

// ref names a vector of an executor; zero names the number 0.
type ref int32

const zero ref = 0

// registers is what a program holds between two instructions.
type registers struct {
	a, x ref
	m    [16]ref
}

// arrival is one way to stand before an instruction: with these registers, for the calls in when.
// The arrivals at one instruction are disjoint.
type arrival struct {
	registers registers
	when      node
}

// executor runs a program forwards for all calls at once. Jumps only go forwards, so that all
// arrivals at an instruction are known when its turn comes.
type executor struct {
	space   *Space
	program asm.Program
	vectors []vector
	refs    map[vector]ref
	words   [asm.DataSize / 4]ref // what a load reads, by byte offset divided by four
	live    []registerSet
	reached [][]arrival
	returns map[node]node // what is returned, and the calls for which it is
	values  []node        // the keys of returns in the order met
	pc      int
}

func (e *executor) intern(v vector) ref {
	r, ok := e.refs[v]
	if !ok {
		r = ref(len(e.vectors))
		e.vectors = append(e.vectors, v)
		e.refs[v] = r
	}
	return r
}

// run executes the program and joins what it returns.
func (e *executor) run() (node, error) {
	e.reached[0] = []arrival{{when: yes}}
	for e.pc = range e.program {
		for _, a := range e.reached[e.pc] {
			e.space.spend(32)
			if err := e.step(e.program[e.pc], a.registers, a.when); err != nil {
				return no, fmt.Errorf("instruction %d: %w", e.pc, err)
			}
		}
		e.reached[e.pc] = nil
	}
	result, answered := no, no
	for _, v := range e.values {
		result = e.space.ite(e.returns[v], v, result)
		answered = e.space.or(answered, e.returns[v])
	}
	if answered != yes {
		return no, errors.New("some call gets no answer")
	}
	return result, nil
}

// step executes one instruction for one arrival.
func (e *executor) step(in asm.Instruction, r registers, when node) error {
	next := e.pc + 1
	switch in.Op {
	case asm.LdAbs:
		r.a = e.words[in.K/4]
	case asm.LdLen:
		r.a = e.intern(constant(asm.DataSize))
	case asm.LdImm:
		r.a = e.intern(constant(in.K))
	case asm.LdMem:
		r.a = r.m[in.K]
	case asm.LdxLen:
		r.x = e.intern(constant(asm.DataSize))
	case asm.LdxImm:
		r.x = e.intern(constant(in.K))
	case asm.LdxMem:
		r.x = r.m[in.K]
	case asm.St:
		r.m[in.K] = r.a
	case asm.Stx:
		r.m[in.K] = r.x
	case asm.Tax:
		r.x = r.a
	case asm.Txa:
		r.a = r.x
	case asm.RetK:
		e.answer(e.space.leaf(in.K), when)
		return nil
	case asm.RetA:
		e.answer(e.space.number(e.vectors[r.a]), when)
		return nil
	case asm.Ja:
		next += int(in.K)
	case asm.DivX:
		by0 := e.space.equal(e.vectors[r.x], vector{})
		e.answer(no, e.space.and(when, by0))
		when = e.space.without(when, by0)
		fallthrough
	default:
		switch in.Op & 0x07 {
		case 0x04:
			return e.compute(in, r, when)
		case 0x05:
			return e.branch(in, r, when)
		}
		return unknownOpcode(in)
	}
	e.arrive(next, r, when)
	return nil
}

// operand returns what the instruction combines with A: X or its own constant.
func (e *executor) operand(in asm.Instruction, r registers) vector {
	if in.Op&0x08 != 0 {
		return e.vectors[r.x]
	}
	return constant(in.K)
}

// compute executes an instruction of the class ALU.
func (e *executor) compute(in asm.Instruction, r registers, when node) error {
	s := e.space
	a, b := e.vectors[r.a], e.operand(in, r)
	switch in.Op {
	case asm.AddK, asm.AddX:
		a = s.add(a, b, no)
	case asm.SubK, asm.SubX:
		a = s.sub(a, b)
	case asm.MulK, asm.MulX:
		a = s.mul(a, b)
	case asm.DivK, asm.DivX:
		a = s.div(a, b)
	case asm.AndK, asm.AndX:
		a = s.bitwise(s.and, a, b)
	case asm.OrK, asm.OrX:
		a = s.bitwise(s.or, a, b)
	case asm.XorK, asm.XorX:
		a = s.bitwise(s.xor, a, b)
	case asm.LshK, asm.LshX:
		a = s.shift(shiftLeft, a, b)
	case asm.RshK, asm.RshX:
		a = s.shift(shiftRight, a, b)
	case asm.Neg:
		a = s.sub(vector{}, a)
	default:
		return unknownOpcode(in)
	}
	r.a = e.intern(a)
	e.arrive(e.pc+1, r, when)
	return nil
}

// branch executes a conditional jump.
func (e *executor) branch(in asm.Instruction, r registers, when node) error {
	s := e.space
	a, b := e.vectors[r.a], e.operand(in, r)
	var taken node
	switch in.Op {
	case asm.JeqK, asm.JeqX:
		if in.Op == asm.JeqK && r.a == e.words[asm.OffArch/4] {
			s.prefer(in.K)
		}
		taken = s.equal(a, b)
	case asm.JgtK, asm.JgtX:
		taken = s.above(a, b)
	case asm.JgeK, asm.JgeX:
		taken = s.atLeast(a, b)
	case asm.JsetK, asm.JsetX:
		taken = s.meets(a, b)
	default:
		return unknownOpcode(in)
	}
	e.arrive(e.pc+1+int(in.Jt), r, s.and(when, taken))
	e.arrive(e.pc+1+int(in.Jf), r, s.without(when, taken))
	return nil
}

// arrive adds an arrival. Registers that nobody reads any more count as 0, so that ways which
// differ only in those become one.
func (e *executor) arrive(pc int, r registers, when node) {
	if when == no {
		return
	}
	r = e.live[pc].keep(r)
	at := e.reached[pc]
	e.space.spend(1 + len(at)/8)
	for i := range at {
		if at[i].registers == r {
			at[i].when = e.space.or(at[i].when, when)
			return
		}
	}
	e.reached[pc] = append(at, arrival{r, when})
}

// answer adds the calls in when to those that get the value.
func (e *executor) answer(value, when node) {
	before, met := e.returns[value]
	if !met {
		e.values = append(e.values, value)
	}
	e.returns[value] = e.space.or(before, when)
}

func unknownOpcode(in asm.Instruction) error {
	return fmt.Errorf("opcode %#x is none of a seccomp filter's", in.Op)
}

// prefer remembers an arch value for witnesses.
func (s *Space) prefer(arch uint32) {
	for _, a := range s.arches {
		if a == arch {
			return
		}
	}
	s.arches = append(s.arches, arch)
}

// registerSet is a set of registers: A, X and the 16 words of scratch memory.
type registerSet uint32

const (
	inA registerSet = 1 << 16
	inX registerSet = 1 << 17
)

func inM(k uint32) registerSet { return 1 << k }

// keep returns the registers with those outside the set made 0.
func (live registerSet) keep(r registers) registers {
	if live&inA == 0 {
		r.a = zero
	}
	if live&inX == 0 {
		r.x = zero
	}
	for k := range r.m {
		if live&inM(uint32(k)) == 0 {
			r.m[k] = zero
		}
	}
	return r
}

// liveness returns, for each instruction, the registers that it or an instruction after it may
// read.
func liveness(p asm.Program) []registerSet {
	live := make([]registerSet, len(p)+1)
	for pc := len(p) - 1; pc >= 0; pc-- {
		in := p[pc]
		after := live[pc+1]
		switch in.Op & 0x07 {
		case 0x06: // RET
			after = 0
		case 0x05: // JMP
			if in.Op == asm.Ja {
				after = live[pc+1+int(in.K)]
			} else {
				after = live[pc+1+int(in.Jt)] | live[pc+1+int(in.Jf)]
			}
		}
		reads, writes := uses(in)
		live[pc] = after&^writes | reads
	}
	return live
}

// uses returns the registers that an instruction reads and those that it writes.
func uses(in asm.Instruction) (reads, writes registerSet) {
	switch in.Op {
	case asm.LdAbs, asm.LdLen, asm.LdImm:
		return 0, inA
	case asm.LdMem:
		return inM(in.K), inA
	case asm.LdxLen, asm.LdxImm:
		return 0, inX
	case asm.LdxMem:
		return inM(in.K), inX
	case asm.St:
		return inA, inM(in.K)
	case asm.Stx:
		return inX, inM(in.K)
	case asm.Tax:
		return inA, inX
	case asm.Txa:
		return inX, inA
	case asm.RetA:
		return inA, 0
	case asm.RetK, asm.Ja:
		return 0, 0
	}
	if reads = inA; in.Op&0x08 != 0 {
		reads |= inX
	}
	return reads, 0
}
