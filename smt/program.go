package smt

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// machine is what a program's registers hold before an instruction.
type machine struct {
	a, x Term
	m    [16]Term
}

// arrival is a way to come to an instruction: the calls that take it, and what the registers hold
// then.
type arrival struct {
	when Term
	machine
}

// run is a program under way. Jumps only go forward, so that every way to an instruction is known
// when it is reached; where several meet, a register is the one way's or the other's.
type run struct {
	*Script
	bigEndian bool
	late      []*policy.Late
	arrivals  [][]arrival
	returns   []answer
}

type answer struct{ when, value Term }

// Program returns what the program answers on machines of a byte order, a word. It refuses a
// program that [asm.Program.Check] refuses, but for late values that it waits for, by number.
func (s *Script) Program(p asm.Program, bigEndian bool, late ...*policy.Late) (Term, error) {
	for _, at := range p.Places() {
		if at.Value >= len(late) {
			return "", p.Check()
		}
	}
	if err := p.Filled(make([]uint64, len(late))).Check(); err != nil {
		return "", err
	}
	r := &run{Script: s, bigEndian: bigEndian, late: late, arrivals: make([][]arrival, len(p))}
	start := arrival{when: "true", machine: machine{a: number(0, 32), x: number(0, 32)}}
	for i := range start.m {
		start.m[i] = number(0, 32)
	}
	r.arrivals[0] = []arrival{start}
	for pc, in := range p {
		if len(r.arrivals[pc]) > 0 {
			if err := r.step(pc, in, r.meet(r.arrivals[pc])); err != nil {
				return "", fmt.Errorf("instruction %d: %w", pc, err)
			}
		}
	}
	result := number(0, 32) // of a division by 0
	for _, a := range r.returns {
		result = s.word(s.apply("ite", a.when, a.value, result))
	}
	return result, nil
}

// meet joins the ways to an instruction.
func (r *run) meet(ways []arrival) arrival {
	if len(ways) == 1 {
		return ways[0]
	}
	var when []Term
	for _, w := range ways {
		when = append(when, w.when)
	}
	joined := arrival{when: r.truth(r.some(when)), machine: ways[0].machine}
	for _, w := range ways[1:] {
		joined.a = r.either(w.when, w.a, joined.a)
		joined.x = r.either(w.when, w.x, joined.x)
		for i := range joined.m {
			joined.m[i] = r.either(w.when, w.m[i], joined.m[i])
		}
	}
	return joined
}

func (r *run) either(when, then, otherwise Term) Term {
	if then == otherwise {
		return then
	}
	return r.word(r.apply("ite", when, then, otherwise))
}

func (r *run) arrive(pc int, when Term, m machine) {
	r.arrivals[pc] = append(r.arrivals[pc], arrival{when, m})
}

// step executes an instruction.
func (r *run) step(pc int, in asm.Instruction, at arrival) error {
	m, k := at.machine, number(uint64(in.K), 32)
	switch in.Op {
	case asm.RetK:
		r.returns = append(r.returns, answer{at.when, k})
		return nil
	case asm.RetA:
		r.returns = append(r.returns, answer{at.when, m.a})
		return nil
	case asm.Ja:
		r.arrive(pc+1+int(in.K), at.when, m)
		return nil
	case asm.LdAbs:
		m.a = r.load(in.K)
	case asm.LdImm:
		m.a = k
	case asm.LdxImm:
		m.x = k
	case asm.LdLen:
		m.a = number(64, 32)
	case asm.LdxLen:
		m.x = number(64, 32)
	case asm.LdMem:
		m.a = m.m[in.K]
	case asm.LdxMem:
		m.x = m.m[in.K]
	case asm.St:
		m.m[in.K] = m.a
	case asm.Stx:
		m.m[in.K] = m.x
	case asm.Tax:
		m.x = m.a
	case asm.Txa:
		m.a = m.x
	default:
		return r.operate(pc, in, at)
	}
	r.arrive(pc+1, at.when, m)
	return nil
}

// operate executes an instruction that has two operands: A, and X or a constant.
func (r *run) operate(pc int, in asm.Instruction, at arrival) error {
	const fromX = 8
	m, second := at.machine, number(uint64(in.K), 32)
	if in.Op&fromX != 0 {
		second = m.x
	}
	compare := func(test Term) error {
		taken := r.truth(r.apply("and", at.when, test))
		not := r.truth(r.apply("and", at.when, r.apply("not", test)))
		r.arrive(pc+1+int(in.Jt), taken, m)
		r.arrive(pc+1+int(in.Jf), not, m)
		return nil
	}
	if in.Op == asm.Waiting {
		half, err := r.half(r.late[in.K/2], in.K%2 == 1)
		if err != nil {
			return err
		}
		return compare(r.apply("=", m.a, half))
	}
	when := at.when
	switch in.Op &^ fromX {
	case asm.JeqK:
		return compare(r.apply("=", m.a, second))
	case asm.JgtK:
		return compare(r.apply("bvugt", m.a, second))
	case asm.JgeK:
		return compare(r.apply("bvuge", m.a, second))
	case asm.JsetK:
		return compare(r.apply("distinct", r.apply("bvand", m.a, second), number(0, 32)))
	case asm.DivK:
		zero := r.apply("=", second, number(0, 32))
		when = r.truth(r.apply("and", when, r.apply("not", zero))) // the others return 0
		m.a = r.word(r.apply("bvudiv", m.a, second))
	case asm.LshK:
		m.a = r.word(r.apply("bvshl", m.a, r.apply("bvand", second, number(31, 32))))
	case asm.RshK:
		m.a = r.word(r.apply("bvlshr", m.a, r.apply("bvand", second, number(31, 32))))
	case asm.Neg:
		m.a = r.word(r.apply("bvneg", m.a))
	default:
		name := map[uint16]string{asm.AddK: "bvadd", asm.SubK: "bvsub", asm.MulK: "bvmul",
			asm.AndK: "bvand", asm.OrK: "bvor", asm.XorK: "bvxor"}[in.Op&^fromX]
		if name == "" {
			return fmt.Errorf("opcode %#x is none of a seccomp filter's", in.Op)
		}
		m.a = r.word(r.apply(name, m.a, second))
	}
	r.arrive(pc+1, when, m)
	return nil
}

// load returns the word at an offset of struct seccomp_data (include/uapi/linux/seccomp.h):
//
//	int nr; __u32 arch; __u64 instruction_pointer; __u64 args[6];
func (r *run) load(offset uint32) Term {
	switch offset {
	case 0:
		return "nr"
	case 4:
		return "arch"
	}
	field := Term("ip")
	if offset >= 16 {
		field = Term(fmt.Sprintf("arg%d", (offset-16)/8))
	}
	if second := offset%8 == 4; second == r.bigEndian {
		return r.apply("(_ extract 31 0)", field)
	}
	return r.apply("(_ extract 63 32)", field)
}
