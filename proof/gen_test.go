package proof

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// generator makes random policies, programs and calls. Their constants come from one small pool, so
// that rules overlap, programs reach deep, and calls meet both.
type generator struct {
	*rand.Rand
	operands int // how many arguments conditions look at; the seventh is the instruction pointer
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 1)), policy.IP + 1}
}

const (
	archX86   = 0xc000003e
	archI386  = 0x40000003
	archARM64 = 0xc00000b7
	archS390  = 0x80000016
)

var pool = []uint64{
	0, 1, 2, 3, 5, 7, 8, 63, 64, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000000,
	0x7fffffff, 0x80000000, 0xffffff9c, 0xffffffff, 1 << 32, 1<<32 | 2,
	1<<63 - 1, 1 << 63, 0xffffffff_ffffff9c, 1<<64 - 1,
}

var actions = []policy.Action{
	policy.Allow, policy.Errno | 1, policy.Errno | 38, policy.KillProcess, policy.KillThread,
	policy.Log, policy.Trap, policy.Trace | 7, policy.Notify,
}

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

// value returns a constant of the pool or a neighbour of one.
func (g generator) value() uint64 {
	if g.IntN(8) == 0 {
		return g.Uint64()
	}
	return pick(g, pool) + uint64(g.IntN(3)) - 1
}

func (g generator) order() binary.ByteOrder {
	return pick(g, []binary.ByteOrder{binary.LittleEndian, binary.BigEndian})
}

func (g generator) call() policy.Data {
	d := policy.Data{
		Nr:   uint32(g.IntN(12)),
		Arch: pick(g, []uint32{archX86, archI386, archS390, 0}),
		IP:   g.value(),
	}
	if g.IntN(4) == 0 {
		d.Nr = uint32(g.value())
	}
	for i := range d.Args {
		d.Args[i] = g.value()
	}
	return d
}

func (g generator) policy() *policy.Policy {
	if g.IntN(4) == 0 {
		abis := []policy.ABI{g.abi("s390x", archS390, true)}
		return &policy.Policy{Mismatch: pick(g, actions), ABIs: abis}
	}
	p := &policy.Policy{Mismatch: pick(g, actions), ABIs: []policy.ABI{
		g.abi("x86_64", archX86, false), g.abi("i386", archI386, false),
	}}
	p.ABIs[0].Numbers = []policy.Range{{Lo: 0, Hi: 0x3fffffff}, {Lo: 0xffffffff, Hi: 0xffffffff}}
	return p
}

func (g generator) abi(name string, arch uint32, big bool) policy.ABI {
	a := policy.ABI{
		Name: name, Arch: arch, BigEndian: big,
		Numbers: []policy.Range{{Lo: 0, Hi: 0xffffffff}},
		Known:   []policy.Range{{Lo: 0, Hi: 3}, {Lo: 5, Hi: 9}},
		Default: pick(g, actions), Unknown: pick(g, actions),
	}
	for range g.IntN(8) {
		r := policy.Rule{Action: pick(g, actions)}
		for range 1 + g.IntN(4) {
			r.Numbers = append(r.Numbers, uint32(g.IntN(12)))
		}
		if g.IntN(4) > 0 {
			r.Cond = g.cond(2)
		}
		a.Rules = append(a.Rules, r)
	}
	return a
}

func (g generator) cond(depth int) policy.Cond {
	if depth == 0 || g.IntN(3) == 0 {
		return g.test()
	}
	switch g.IntN(5) {
	case 0:
		return policy.Not{X: g.cond(depth - 1)}
	case 1, 2:
		return policy.And{g.cond(depth - 1), g.cond(depth - 1)}
	default:
		return policy.Or{g.cond(depth - 1), g.cond(depth - 1)}
	}
}

func (g generator) test() policy.Test {
	o := policy.Operand{
		Arg: g.IntN(g.operands), Width: pick(g, []int{16, 32, 64}), Signed: g.IntN(2) == 0,
	}
	all := policy.Ones(o.Width)
	t := policy.Test{Operand: o, Op: policy.Op(g.IntN(int(policy.Only) + 1)), Mask: all}
	if t.Op >= policy.Any || g.IntN(2) == 0 {
		t.Mask = g.value() & all
	}
	t.Value = g.value() & all
	for range g.IntN(4) {
		v := g.value() & all & t.Mask
		t.Set = append(t.Set, policy.Range{Lo: v, Hi: max(v, g.value()&all)})
	}
	return t
}

var aluOps = []uint16{
	asm.AddK, asm.AddX, asm.SubK, asm.SubX, asm.OrK, asm.OrX, asm.AndK, asm.AndK, asm.AndX,
	asm.LshK, asm.LshX, asm.RshK, asm.RshX, asm.Neg, asm.XorK, asm.XorX, asm.MulK, asm.DivK,
}

var jumpOps = []uint16{
	asm.JeqK, asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.JeqX, asm.JgtX, asm.JgeX, asm.JsetX,
}

// program returns a random program that the kernel would accept. Only one word of the call at a
// time is ever in reach of arithmetic: X and scratch memory hold constants, so that nothing is too
// complex.
func (g generator) program(length int) asm.Program {
	p := make(asm.Program, 0, length+1)
	p = append(p, asm.Instruction{Op: asm.LdxImm, K: uint32(g.value())},
		asm.Instruction{Op: asm.Stx, K: 3})
	for left := length - len(p); left > 0; left-- {
		p = append(p, g.instruction(left))
	}
	return append(p, asm.Instruction{Op: asm.RetK, K: uint32(pick(g, actions))})
}

// wild returns the program with some of its instructions replaced by others that move values about.
// It may no longer be one that the kernel accepts.
func (g generator) wild(p asm.Program) asm.Program {
	for range 1 + g.IntN(4) {
		p[g.IntN(len(p)-1)] = pick(g, []asm.Instruction{
			{Op: asm.Tax}, {Op: asm.Txa}, {Op: asm.St, K: 3}, {Op: asm.Stx, K: 3}, {Op: asm.RetA},
			{Op: asm.LdMem, K: 3}, {Op: asm.LdxMem, K: 3}, {Op: pick(g, aluOps), K: 3},
			{Op: asm.DivX}, {Op: asm.MulX}, {Op: asm.AndK, K: 15},
		})
	}
	return p
}

// instruction returns one with left-1 instructions and a return after it.
func (g generator) instruction(left int) asm.Instruction {
	switch g.IntN(10) {
	case 0, 1, 2:
		return asm.Instruction{Op: asm.LdAbs, K: uint32(pick(g, []int{0, 0, 4, 4 * g.IntN(16)}))}
	case 3:
		op := pick(g, aluOps)
		k := uint32(g.value())
		switch op {
		case asm.LshK, asm.RshK:
			k %= 32
		case asm.MulK:
			k = k%7 + 1
		case asm.DivK: // small or very large, so that few remainders are possible
			k = pick(g, []uint32{k%7 + 1, k | 0xf0000000})
		}
		return asm.Instruction{Op: op, K: k}
	case 4:
		return pick(g, []asm.Instruction{
			{Op: asm.LdMem, K: 3}, {Op: asm.LdxMem, K: 3}, {Op: asm.LdxImm, K: uint32(g.value())},
			{Op: asm.Txa}, {Op: asm.LdLen}, {Op: asm.LdxLen},
			{Op: asm.Ja, K: uint32(g.IntN(min(left, 4)))},
		})
	case 5:
		return asm.Instruction{Op: asm.RetK, K: uint32(pick(g, actions))}
	}
	skip := func() uint8 { return uint8(g.IntN(min(left, 255, 1+g.IntN(12)))) }
	k := uint32(g.value())
	if g.IntN(3) == 0 {
		k = pick(g, []uint32{archX86, archI386, archS390, uint32(g.IntN(12))})
	}
	return asm.Instruction{Op: pick(g, jumpOps), Jt: skip(), Jf: skip(), K: k}
}
