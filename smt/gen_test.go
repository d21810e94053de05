package smt

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// generator makes programs and policies whose constants meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 15))} }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func (g generator) order() binary.ByteOrder {
	return pick[binary.ByteOrder](g, binary.LittleEndian, binary.LittleEndian, binary.BigEndian)
}

// word is a constant: small, at the edge of a range, a mask, an arch, or any.
func (g generator) word() uint32 {
	return pick(g, uint32(g.IntN(6)), uint32(g.IntN(400)), 1<<g.IntN(32), 1<<g.IntN(32)-1,
		0xffffffff-uint32(g.IntN(3)), 0xc000003e, 0x40000003, g.Uint32())
}

var actions = []policy.Action{policy.Allow, policy.Allow, policy.Errno | 1, policy.Errno | 38,
	policy.Log,
	policy.KillProcess, policy.KillThread, policy.Trap | 7, policy.Trace | 2, policy.Notify,
	0x7ffe0000, 0x12345678, policy.Allow | 1}

func (g generator) action() policy.Action { return pick(g, actions...) }

// program makes a program of all instructions that a filter may have: loads, arithmetic with
// constants and with X, scratch memory, jumps of each kind, both returns.
func (g generator) program() asm.Program {
	for {
		p := asm.Program{}
		stored := []uint32{} // on every path: no jump has been made before
		for n := 3 + g.IntN(14); len(p) < n; {
			in := g.instruction(stored, n-len(p))
			if in.Op == asm.St || in.Op == asm.Stx {
				if !slices.ContainsFunc(p, jumps) {
					stored = append(stored, in.K)
				}
			}
			p = append(p, in)
		}
		p = append(p, g.ret(), g.ret(), g.ret())
		if p.Check() == nil {
			return p
		}
	}
}

func jumps(in asm.Instruction) bool { return in.Op&7 == 5 }

func (g generator) ret() asm.Instruction {
	if g.IntN(8) == 0 {
		return asm.Instruction{Op: asm.RetA}
	}
	return asm.Instruction{Op: asm.RetK, K: uint32(g.action())}
}

var compute = []uint16{asm.AddK, asm.SubK, asm.MulK, asm.DivK, asm.AndK, asm.AndK, asm.OrK,
	asm.XorK,
	asm.LshK, asm.RshK}

// instruction makes one with so many behind it.
func (g generator) instruction(stored []uint32, left int) asm.Instruction {
	skip := func() uint8 { return uint8(g.IntN(min(left+2, 8))) }
	const fromX = 8
	switch g.IntN(13) {
	case 0, 1, 2:
		return asm.Instruction{Op: asm.LdAbs,
			K: 4 * uint32(pick(g, 0, 0, 1, 1, 4, 5, 6, 7, g.IntN(16)))}
	case 3:
		return asm.Instruction{Op: pick(g, uint16(asm.LdImm), asm.LdxImm, asm.LdLen, asm.LdxLen),
			K: 0}
	case 4:
		return asm.Instruction{Op: pick(g, uint16(asm.LdxImm), asm.LdImm), K: g.word()}
	case 5:
		return asm.Instruction{Op: pick(g, uint16(asm.Tax), asm.Tax, asm.Txa, asm.Neg)}
	case 6:
		return asm.Instruction{Op: pick(g, uint16(asm.St), asm.Stx), K: uint32(g.IntN(4))}
	case 7:
		if len(stored) > 0 {
			return asm.Instruction{Op: pick(g, uint16(asm.LdMem), asm.LdxMem),
				K: pick(g, stored...)}
		}
	case 8, 9:
		op := pick(g, compute...)
		if g.IntN(3) == 0 && op != asm.MulK {
			return asm.Instruction{Op: op | fromX}
		}
		k := g.word()
		if op == asm.LshK || op == asm.RshK {
			k %= 32
		}
		if op == asm.DivK {
			k = max(1, k)
		}
		return asm.Instruction{Op: op, K: k}
	case 10:
		if left > 2 {
			return asm.Instruction{Op: asm.Ja, K: uint32(skip())}
		}
	}
	op := pick(g, uint16(asm.JeqK), asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK)
	if g.IntN(6) == 0 {
		return asm.Instruction{Op: op | fromX, Jt: skip(), Jf: skip()}
	}
	return asm.Instruction{Op: op, K: g.word(), Jt: skip(), Jf: skip()}
}

// mutant edits a program once or twice: a constant, a bit, a jump, an instruction left out or
// doubled. It may wait for late values.
func (g generator) mutant(p asm.Program, late ...*policy.Late) asm.Program {
	for {
		q := slices.Clone(p)
		for range 1 + g.IntN(2) {
			i := g.IntN(len(q))
			switch in := &q[i]; g.IntN(7) {
			case 0:
				in.K += pick(g, uint32(1), ^uint32(0))
			case 1:
				in.K ^= 1 << g.IntN(32)
			case 2:
				in.Jt, in.Jf = in.Jf, in.Jt
			case 3:
				in.Jt += pick(g, uint8(1), ^uint8(0))
			case 4:
				in.Jf += pick(g, uint8(1), ^uint8(0))
			case 5:
				j := g.IntN(len(q))
				q[i], q[j] = q[j], q[i]
			default:
				in.Op ^= pick(g, uint16(0x10), 0x20, 0x08, 0x30)
			}
		}
		unknown := func(at asm.Place) bool {
			return at.Value >= len(late) || at.High && late[at.Value].Width == 32
		}
		if slices.ContainsFunc(q.Places(), unknown) || slices.Equal(p, q) {
			continue
		}
		if q.Filled(make([]uint64, len(late))).Check() == nil {
			return q
		}
	}
}

// policy makes a policy of one to three ABIs, two of which may share an arch.
func (g generator) policy() *policy.Policy {
	p := &policy.Policy{Mismatch: g.action()}
	big := g.IntN(4) == 0
	abis := []policy.ABI{
		{Name: "a", Arch: 0xc000003e, Numbers: []policy.Range{{Lo: 0, Hi: 1<<30 - 1},
			{Lo: 1<<32 - 1, Hi: 1<<32 - 1}}},
		{Name: "b", Arch: 0xc000003e, Numbers: []policy.Range{{Lo: 1 << 30, Hi: 1<<32 - 2}}},
		{Name: "c", Arch: 0x40000003, Numbers: []policy.Range{{Lo: 0, Hi: 1<<32 - 1}}},
	}
	for i, abi := range abis {
		if i > 0 && g.IntN(2) == 0 {
			continue
		}
		abi.BigEndian, abi.Default, abi.Unknown = big, g.action(), g.action()
		base := abi.Numbers[0].Lo
		abi.Known = []policy.Range{{Lo: base, Hi: base + 20}, {Lo: base + 25, Hi: base + 40}}
		for range g.IntN(8) {
			rule := policy.Rule{Action: g.action(), Source: len(abi.Rules)}
			for range 1 + g.IntN(3) {
				rule.Numbers = append(rule.Numbers, uint32(base)+uint32(g.IntN(45)))
			}
			if g.IntN(3) > 0 {
				rule.Cond = g.cond(2)
			}
			abi.Rules = append(abi.Rules, rule)
		}
		p.ABIs = append(p.ABIs, abi)
	}
	return p
}

// late returns a policy that compares with late values in the place of some of its comparisons.
func (g generator) late(p *policy.Policy) *policy.Policy {
	for i, width := range []int{32, 64, 32, 64} {
		l := &policy.Late{Name: string(rune('w' + i)), Width: width, Signed: i > 1}
		l.Values = []policy.Range{{Hi: policy.Ones(width)}}
		if g.IntN(2) == 0 {
			lo := uint64(g.IntN(3))
			l.Values = []policy.Range{{Lo: lo, Hi: lo + uint64(g.IntN(3))<<g.IntN(width-2)}}
		}
		p.Late = append(p.Late, l)
	}
	var replace func(c policy.Cond) policy.Cond
	parts := func(in []policy.Cond) (out []policy.Cond) {
		for _, c := range in {
			out = append(out, replace(c))
		}
		return out
	}
	replace = func(c policy.Cond) policy.Cond {
		switch c := c.(type) {
		case policy.And:
			return policy.And(parts(c))
		case policy.Or:
			return policy.Or(parts(c))
		case policy.Not:
			return policy.Not{X: replace(c.X)}
		case policy.Test:
			if l := pick(g, p.Late...); l.Width == c.Operand.Width {
				return policy.LateTest{Operand: c.Operand, Late: l}
			}
		}
		return c
	}
	for i := range p.ABIs {
		for j := range p.ABIs[i].Rules {
			rule := &p.ABIs[i].Rules[j]
			rule.Cond = replace(rule.Cond)
		}
	}
	return p
}

func (g generator) cond(depth int) policy.Cond {
	if depth == 0 || g.IntN(2) == 0 {
		return g.test()
	}
	parts := []policy.Cond{}
	for range g.IntN(4) {
		parts = append(parts, g.cond(depth-1))
	}
	return pick[policy.Cond](g, policy.And(parts), policy.Or(parts),
		policy.Not{X: g.cond(depth - 1)})
}

func (g generator) test() policy.Cond {
	width := pick(g, 16, 32, 32, 64)
	value := func() uint64 {
		return pick(g, uint64(g.IntN(5)), uint64(g.word()), uint64(g.word())<<32|uint64(g.word()),
			^uint64(0)-uint64(g.IntN(3)), 1<<g.IntN(64)) & policy.Ones(width)
	}
	t := policy.Test{
		Operand: policy.Operand{Arg: pick(g, 0, 0, 1, 2, 5, policy.IP), Width: width,
			Signed: g.IntN(2) == 0},
		Op:   policy.Op(g.IntN(int(policy.Only) + 1)),
		Mask: value(), Value: value(),
	}
	if t.Op == policy.In {
		if g.IntN(2) == 0 {
			t.Mask = policy.Ones(width)
		}
		for range 1 + g.IntN(3) {
			lo := value()
			t.Set = append(t.Set, policy.Range{Lo: lo, Hi: max(lo, pick(g, lo, lo, value()))})
		}
		t.Set = policy.Union(t.Set)
	}
	return t
}
