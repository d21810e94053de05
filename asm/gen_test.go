package asm

import (
	"encoding/binary"
	"math/rand/v2"
)

var orders = []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}

// interesting are constants at the edges of what instructions tell apart.
var interesting = []uint32{0, 1, 2, 4, 5, 15, 16, 31, 32, 33, 60, 63, 64,
	0x50001, 0x7fff0000, 0x7fff0001, 0x7fffffff, 0x80000000, 0x80000001,
	0xc000003e, 0xfffffff0, 0xffffffff}

func randomConstant(r *rand.Rand) uint32 {
	switch r.IntN(4) {
	case 0:
		return r.Uint32()
	case 1:
		return uint32(r.IntN(40))
	}
	return interesting[r.IntN(len(interesting))]
}

func randomWide(r *rand.Rand) uint64 {
	return uint64(randomConstant(r))<<32 | uint64(randomConstant(r))
}

func randomData(r *rand.Rand) Data {
	d := Data{Nr: randomConstant(r), Arch: randomConstant(r), IP: randomWide(r)}
	for i := range d.Args {
		d.Args[i] = randomWide(r)
	}
	return d
}

// randomProgram returns a program of at least two instructions, most of which the kernel accepts.
func randomProgram(r *rand.Rand, n int) Program {
	p := make(Program, n)
	for pc := range p {
		p[pc] = randomInstruction(r, n-pc-1)
	}
	p[n-1] = Instruction{Op: []uint16{RetK, RetA}[r.IntN(2)], K: randomReturn(r)}
	return p
}

func randomReturn(r *rand.Rand) uint32 {
	if r.IntN(4) > 0 {
		return actions[r.IntN(len(actions))].value | uint32(r.IntN(200))
	}
	return randomConstant(r)
}

// randomInstruction returns a good instruction that has left more behind it. Scratch memory is
// mostly stored to, so that loads from it are often good.
func randomInstruction(r *rand.Rand, left int) Instruction {
	in := Instruction{Op: syntaxes[r.IntN(len(syntaxes))].op, K: randomConstant(r)}
	switch in.Op {
	case LdAbs:
		in.K = 4 * uint32(r.IntN(16))
	case LshK, RshK:
		in.K %= 32
	case DivK:
		in.K = max(in.K, 1)
	case St, Stx:
		in.K = uint32(r.IntN(3))
	case LdMem, LdxMem:
		in = Instruction{Op: in.Op, K: uint32(r.IntN(3))}
		if r.IntN(3) > 0 {
			in.Op = []uint16{St, Stx}[r.IntN(2)]
		}
	case Ja:
		in.K = uint32(r.IntN(max(1, min(left, 3))))
	case JeqK, JeqX, JgtK, JgtX, JgeK, JgeX, JsetK, JsetX:
		in.Jt = uint8(r.IntN(max(1, min(left, 5))))
		in.Jf = uint8(r.IntN(max(1, min(left, 5))))
	case RetK, RetA:
		if r.IntN(3) > 0 {
			return Instruction{Op: LdAbs, K: 4 * uint32(r.IntN(16))}
		}
		in.K = randomReturn(r)
	}
	return in
}

// damage changes one field of one instruction, often to a value at the edge of what is good there.
func damage(r *rand.Rand, p Program) {
	pc := r.IntN(len(p))
	in, edge := &p[pc], uint32(len(p)-pc-2+r.IntN(2))
	switch r.IntN(8) {
	case 0:
		in.Op = uint16(r.IntN(256))
	case 1:
		in.Op = uint16(r.Uint32())
	case 2:
		in.Jt = uint8(r.Uint32())
	case 3:
		in.Jf = uint8(r.Uint32())
	case 4:
		in.K = []uint32{0, 15, 16, 31, 32, 60, 64, 0xfffff000}[r.IntN(8)]
	case 5:
		in.K = edge
	case 6:
		in.Jt, in.Jf = in.Jf, uint8(edge)
	case 7:
		p[len(p)-1].Op = uint16(r.IntN(256))
	}
}

// maybeDamaged returns a random program that the kernel accepts about as often as not.
func maybeDamaged(r *rand.Rand) Program {
	p := randomProgram(r, 2+r.IntN(30))
	if r.IntN(2) == 0 {
		damage(r, p)
	}
	return p
}

// mustParse is Parse for programs written in tests.
func mustParse(text string) Program {
	p, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return p
}
