package proof

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Program returns what the program answers to every call on a machine of the byte order. It refuses
// a program that [asm.Program.Check] refuses. Everything that a filter may do is exact: arithmetic
// wraps at 32 bits, a shift by X counts modulo 32, a division by an X that is 0 ends the program
// with 0, as bpf_convert_filter of net/core/filter.c has it. A program that waits for late values
// needs them declared, by number, and answers as it will when it is filled, whatever the values.
func (s *Space) Program(
	p asm.Program, order binary.ByteOrder, late ...*policy.Late,
) (f Function, err error) {
	if err := checkFilled(p, late); err != nil {
		return Function{}, err
	}
	e := newExecutor(s, p)
	e.late = late
	defer guard(&err, func() string { return fmt.Sprintf("instruction %d", e.pc) })
	e.load(order)
	root, err := e.run()
	return known(s, root), err
}

// checkFilled refuses what the kernel would refuse once late values are filled in.
func checkFilled(p asm.Program, late []*policy.Late) error {
	for _, at := range p.Places() {
		if at.Value >= len(late) {
			return p.Check()
		}
	}
	return p.Filled(make([]uint64, len(late))).Check()
}

// ref names a vector of an executor; zero names the number 0.
type ref int32

const zero ref = 0

// registers is what a program holds between two instructions.
type registers struct {
	a, x ref
	m    [16]ref
}

// state is one way to stand before an instruction: with these registers. What the program answers
// from there on does not depend on how it got there.
type state struct {
	registers       registers
	test            node     // the calls that go on with then
	then, otherwise *state   // nil where the program ends
	from            []*state // where the calls come from
	answer          node     // for the calls that come here; for others it may be any
	calls           node     // that come here, once asked for
	asked           bool
}

// fork says where the calls in a state go on.
func (st *state) fork(test node, then, otherwise *state) {
	st.test, st.then, st.otherwise = test, then, otherwise
	then.from = append(then.from, st)
	if otherwise != then {
		otherwise.from = append(otherwise.from, st)
	}
}

// executor runs a program for all calls at once. Jumps only go forwards, so that one pass in the
// order of the instructions meets every state after those that lead to it.
type executor struct {
	space   *Space
	program asm.Program
	vectors []vector
	refs    map[vector]ref
	words   [asm.DataSize / 4]ref // what a load reads, by byte offset divided by four
	late    []*policy.Late
	live    []registerSet
	states  [][]*state // by instruction
	order   binary.ByteOrder
	pc      int
}

func newExecutor(s *Space, p asm.Program) *executor {
	e := &executor{space: s, program: p, refs: map[vector]ref{}, live: liveness(p)}
	e.intern(vector{})
	return e
}

// load makes the words that the program loads.
func (e *executor) load(order binary.ByteOrder) {
	e.order = order
	words := wordsOf(order)
	for _, in := range e.program {
		if in.Op == asm.LdAbs {
			e.words[in.K/4] = e.intern(e.space.load(words[in.K/4]))
		}
	}
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

// The part of the budget that a program may take backwards: so many steps for each instruction, of
// which what compilers emit mostly takes a twentieth.
const (
	backwardsSteps    = 1 << 11
	maxBackwardsSteps = 1 << 20
)

// run returns what the program answers from its start. Backwards is tried first, as no state needs
// its set of calls then. But it may have to do hard things in states that no call comes to, or find
// very many such states: where its part of the budget is spent, forwards gets the rest.
func (e *executor) run() (root node, err error) {
	part := min(maxBackwardsSteps, backwardsSteps*len(e.program))
	if e.space.within(part, func() { root, err = e.backwards() }) {
		return root, err
	}
	return e.forwards()
}

// backwards finds the states that some path leads to, whether a call takes it or not. Then it works
// out, from the ends of the program to its start, what is answered from each.
func (e *executor) backwards() (node, error) {
	start, err := e.explore(func(*state) bool { return true })
	if err != nil {
		return no, err
	}
	for e.pc = len(e.program) - 1; e.pc >= 0; e.pc-- {
		for _, st := range e.states[e.pc] {
			if st.then != nil {
				st.answer = e.join(st)
			}
		}
	}
	return start.answer, nil
}

// forwards finds the states that some call comes to, and puts together what the calls are answered
// in those where the program ends. It ends with 0, which is what is there before, where a program
// divides by 0.
func (e *executor) forwards() (node, error) {
	reached := func(st *state) bool { return e.calls(st) != no }
	if _, err := e.explore(reached); err != nil {
		return no, err
	}
	s, result := e.space, no
	for e.pc = range e.program {
		for _, st := range e.states[e.pc] {
			if st.then == nil {
				result = s.ite(e.calls(st), st.answer, result)
			}
		}
	}
	return result, nil
}

// explore executes every instruction in those of the states before it that are wanted. It returns
// the state at the start.
func (e *executor) explore(wanted func(*state) bool) (start *state, err error) {
	start = e.begin()
	for e.pc = range e.program {
		for _, st := range e.states[e.pc] {
			if !wanted(st) {
				continue
			}
			e.space.spend(32)
			if err := e.step(e.program[e.pc], st); err != nil {
				return nil, fmt.Errorf("instruction %d: %w", e.pc, err)
			}
		}
	}
	return start, nil
}

// begin returns the state at the start, to which every call comes.
func (e *executor) begin() *state {
	e.states = make([][]*state, len(e.program))
	start := e.enter(0, registers{})
	start.asked, start.calls = true, yes
	return start
}

// join returns the answer in a state from those in the states after it. Where these ask for a word
// that stands before the one of the test, each of their cases would get the test in it: those in
// which no call comes here are left out first.
func (e *executor) join(st *state) node {
	s, then, otherwise := e.space, st.then.answer, st.otherwise.answer
	first := min(s.level(then), s.level(otherwise))
	if then != otherwise && !s.isLeaf(st.test) && first/32 < s.level(st.test)/32 {
		calls := e.calls(st)
		then, otherwise = s.ite(calls, then, no), s.ite(calls, otherwise, no)
	}
	return s.ite(st.test, then, otherwise)
}

// calls returns the calls that come to a state.
func (e *executor) calls(st *state) node {
	if st.asked {
		return st.calls
	}
	st.asked, st.calls = true, no
	for _, p := range st.from {
		some := e.calls(p)
		switch {
		case p.then == p.otherwise:
		case p.then == st:
			some = e.space.and(some, p.test)
		default:
			some = e.space.without(some, p.test)
		}
		st.calls = e.space.or(st.calls, some)
	}
	return st.calls
}

// step executes one instruction in one state.
func (e *executor) step(in asm.Instruction, st *state) error {
	r, next := st.registers, e.pc+1
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
		st.answer = e.space.leaf(in.K)
		return nil
	case asm.RetA:
		st.answer = e.space.number(e.vectors[r.a])
		return nil
	case asm.Ja:
		next += int(in.K)
	default:
		switch in.Op & 0x07 {
		case 0x04:
			return e.compute(in, st)
		case 0x05:
			return e.branch(in, st)
		}
		return unknownOpcode(in)
	}
	after := e.enter(next, r)
	st.fork(yes, after, after)
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
func (e *executor) compute(in asm.Instruction, st *state) error {
	s, r := e.space, st.registers
	by0 := no // the calls for which the program ends here
	a, b := e.vectors[r.a], e.operand(in, r)
	switch in.Op {
	case asm.AddK, asm.AddX:
		a = s.add(a, b, no)
	case asm.SubK, asm.SubX:
		a = s.sub(a, b)
	case asm.MulK, asm.MulX:
		a = s.mul(a, b)
	case asm.DivK, asm.DivX:
		by0 = s.equal(b, vector{})
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
	st.fork(by0, &state{answer: no}, e.enter(e.pc+1, r))
	return nil
}

// branch executes a conditional jump.
func (e *executor) branch(in asm.Instruction, st *state) error {
	s, r := e.space, st.registers
	a, b := e.vectors[r.a], e.operand(in, r)
	var taken node
	switch in.Op {
	case asm.JeqK, asm.JeqX:
		if in.Op == asm.JeqK && r.a != zero && r.a == e.words[asm.OffArch/4] {
			s.prefer(in.K)
		}
		taken = s.equal(a, b)
	case asm.JgtK, asm.JgtX:
		taken = s.above(a, b)
	case asm.JgeK, asm.JgeX:
		taken = s.atLeast(a, b)
	case asm.JsetK, asm.JsetX:
		taken = s.meets(a, b)
	case asm.Waiting:
		var err error
		if taken, err = e.waiting(in, r.a); err != nil {
			return err
		}
	default:
		return unknownOpcode(in)
	}
	then, otherwise := e.pc+1+int(in.Jt), e.pc+1+int(in.Jf)
	switch taken {
	case yes:
		otherwise = then
	case no:
		then = otherwise
	}
	st.fork(taken, e.enter(then, r), e.enter(otherwise, r))
	return nil
}

// waiting returns the inputs for which A is the half of a late value that an instruction waits for.
// A must be that half of an argument: of anything else it is not known when it is the same.
func (e *executor) waiting(in asm.Instruction, a ref) (node, error) {
	at := asm.Place{Value: int(in.K / 2), High: in.K%2 == 1}
	for arg := 0; arg <= policy.IP; arg++ {
		offset := asm.LowWord(arg, e.order)
		if at.High {
			offset = asm.HighWord(arg, e.order)
		}
		if a != zero && e.words[offset/4] == a {
			return e.space.sameHalf(arg, e.late[at.Value], at.High)
		}
	}
	return no, errors.New("a late value is compared with what is not the same half of an argument")
}

// enter returns a state before an instruction. Registers that nobody reads any more count as 0, so
// that ways which differ only in those become one.
func (e *executor) enter(pc int, r registers) *state {
	r = e.live[pc].keep(r)
	at := e.states[pc]
	e.space.spend(1 + len(at)/8)
	for _, st := range at {
		if st.registers == r {
			return st
		}
	}
	st := &state{registers: r}
	e.states[pc] = append(at, st)
	return st
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
