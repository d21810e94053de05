package asm

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/net/bpf"
)

// Instruction is one classic BPF instruction, the kernel's struct sock_filter. Jt and Jf count the
// instructions that a conditional jump skips; K is the operand, or what [Ja] skips.
type Instruction = bpf.RawInstruction

// Program is a seccomp filter, the array that struct sock_fprog points to.
type Program []Instruction

// MaxLen is the number of instructions that the kernel takes at most, BPF_MAXINSNS of
// include/uapi/linux/bpf_common.h.
const MaxLen = 4096

// instructionSize is sizeof(struct sock_filter).
const instructionSize = 8

// Encode returns the program as an array of struct sock_filter for a machine of the byte order: 8
// bytes for each instruction.
func (p Program) Encode(order binary.ByteOrder) []byte {
	b := make([]byte, instructionSize*len(p))
	for i, in := range p {
		at := b[instructionSize*i:]
		order.PutUint16(at, in.Op)
		at[2], at[3] = in.Jt, in.Jf
		order.PutUint32(at[4:], in.K)
	}
	return b
}

// Decode reads an array of struct sock_filter. It refuses what cannot be one: nothing at all, a
// length that is not a multiple of 8 bytes, more than [MaxLen] instructions. It does not run
// [Program.Check].
func Decode(b []byte, order binary.ByteOrder) (Program, error) {
	if err := checkSize(b); err != nil {
		return nil, err
	}
	p := make(Program, len(b)/instructionSize)
	big := bigEndian(order)
	for i := range p {
		at := b[instructionSize*i:][:instructionSize]
		in := Instruction{
			Op: binary.LittleEndian.Uint16(at), Jt: at[2], Jf: at[3],
			K: binary.LittleEndian.Uint32(at[4:]),
		}
		if big {
			in.Op, in.K = bits.ReverseBytes16(in.Op), bits.ReverseBytes32(in.K)
		}
		p[i] = in
	}
	return p, nil
}

// DetectOrder tells the byte order of an encoded filter by its last instruction, which the kernel
// demands to be a return: its opcode reads as one in a single byte order. One that ends otherwise
// must have none but a filter's opcodes in one of the orders, a load of the call's data among them.
func DetectOrder(b []byte) (binary.ByteOrder, error) {
	if err := checkSize(b); err != nil {
		return nil, err
	}
	last := b[len(b)-instructionSize:]
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if op := order.Uint16(last); op == RetK || op == RetA {
			return order, nil
		}
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if p, err := Decode(b, order); err == nil && p.plausible() {
			return order, nil
		}
	}
	return nil, fmt.Errorf("last instruction is no return in either byte order (% x): "+
		"not a seccomp filter", last[:2])
}

// plausible reports whether every opcode is one of a filter's, and some data is looked at.
func (p Program) plausible() bool {
	looks := slices.ContainsFunc(p, func(in Instruction) bool { return in.Op == LdAbs })
	return looks && !slices.ContainsFunc(p, func(in Instruction) bool {
		const fine = 4 // as a constant of each of them
		one := append(Program{{Op: in.Op, K: fine}}, make(Program, fine+1)...)
		cause, _ := one.fault(0)
		return cause != ""
	})
}

func checkSize(b []byte) error {
	switch {
	case len(b) == 0:
		return fmt.Errorf("empty: a filter has at least one instruction of %d bytes",
			instructionSize)
	case len(b)%instructionSize != 0:
		return fmt.Errorf("%d bytes are not a whole number of %d-byte instructions: truncated, "+
			"or not a filter", len(b), instructionSize)
	case len(b) > MaxLen*instructionSize:
		return fmt.Errorf("%d instructions, the kernel takes at most %d",
			len(b)/instructionSize, MaxLen)
	}
	return nil
}
