package asm

import (
	"encoding/binary"
	"fmt"
)

// Result is what a program makes of one call.
type Result struct {
	Ret   uint32 // the returned value: SECCOMP_RET_* and its 16 bits of data
	PC    int    // the instruction that returned
	Steps int    // the number of instructions executed, the return included
}

// Step is the state of the machine just before it executes an instruction.
type Step struct {
	PC   int
	A, X uint32
}

// Run executes the program for one call as the kernel would on a machine of the byte order: A and X
// start as 0, arithmetic wraps at 32 bits, comparisons are unsigned, shifts by X use its low 5
// bits, and a division by X == 0 returns 0 (bpf_convert_filter of net/core/filter.c).
//
// A program that [Program.Check] accepts always returns. Run is safe for any other: jumps only go
// forward, and it stops with an error at the first instruction that the kernel would have refused.
// A load of scratch memory that was not stored gives 0.
func (p Program) Run(d Data, order binary.ByteOrder) (Result, error) {
	return p.Trace(d, order, nil)
}

// Trace is [Program.Run] that calls visit before each instruction.
func (p Program) Trace(d Data, order binary.ByteOrder, visit func(Step)) (Result, error) {
	m := machine{words: d.Words(order)}
	pc := uint64(0)
	for steps := 1; pc < uint64(len(p)); steps++ {
		if visit != nil {
			visit(Step{PC: int(pc), A: m.a, X: m.x})
		}
		if cause, remedy := p.fault(int(pc)); cause != "" {
			return Result{}, p.refuse(int(pc), cause, remedy)
		}
		in := p[pc]
		if ret, done := m.returns(in); done {
			return Result{Ret: ret, PC: int(pc), Steps: steps}, nil
		}
		pc += 1 + m.execute(in)
	}
	return Result{}, fmt.Errorf("program: runs past its end after instruction %d; "+
		"end every path with ret", len(p)-1)
}

type machine struct {
	a, x    uint32
	scratch [scratchWords]uint32
	words   [DataSize / 4]uint32
}

// returns reports whether the instruction ends the program, and with which value.
func (m *machine) returns(in Instruction) (ret uint32, done bool) {
	switch in.Op {
	case RetK:
		return in.K, true
	case RetA:
		return m.a, true
	case DivX:
		return 0, m.x == 0
	}
	return 0, false
}

// execute runs an instruction that does not return, and returns how many to skip after it.
func (m *machine) execute(in Instruction) (skip uint64) {
	switch in.Op {
	case LdAbs:
		m.a = m.words[in.K/4]
	case LdLen:
		m.a = DataSize
	case LdImm:
		m.a = in.K
	case LdMem:
		m.a = m.scratch[in.K]
	case LdxLen:
		m.x = DataSize
	case LdxImm:
		m.x = in.K
	case LdxMem:
		m.x = m.scratch[in.K]
	case St:
		m.scratch[in.K] = m.a
	case Stx:
		m.scratch[in.K] = m.x
	case Tax:
		m.x = m.a
	case Txa:
		m.a = m.x
	case Ja:
		return uint64(in.K)
	case JeqK, JeqX, JgtK, JgtX, JgeK, JgeX, JsetK, JsetX:
		if Holds(in.Op, m.a, m.operand(in)) {
			return uint64(in.Jt)
		}
		return uint64(in.Jf)
	default:
		m.a = compute(in.Op, m.a, m.operand(in))
	}
	return 0
}

// fromX is the bit of an ALU or jump opcode that makes X the operand, BPF_X.
const fromX = 0x08

func (m *machine) operand(in Instruction) uint32 {
	if in.Op&fromX != 0 {
		return m.x
	}
	return in.K
}

// Holds evaluates the comparison of a conditional jump, by its opcode: a is what A holds, v the
// operand, K or X.
func Holds(op uint16, a, v uint32) bool {
	switch op &^ fromX {
	case JeqK:
		return a == v
	case JgtK:
		return a > v
	case JgeK:
		return a >= v
	}
	return a&v != 0
}

// compute evaluates an ALU instruction; v is not 0 where it divides.
func compute(op uint16, a, v uint32) uint32 {
	switch op &^ fromX {
	case AddK:
		return a + v
	case SubK:
		return a - v
	case MulK:
		return a * v
	case DivK:
		return a / v
	case OrK:
		return a | v
	case AndK:
		return a & v
	case LshK:
		return a << (v % 32)
	case RshK:
		return a >> (v % 32)
	case XorK:
		return a ^ v
	}
	return -a
}
