package asm

import "errors"

// Waiting is the opcode of an instruction that waits for a late value: [JeqK] with a bit that no
// opcode of a seccomp filter has, so that seccomp_check_filter of kernel/seccomp.c refuses the
// program. Filled in, it is JeqK with half of the value as K. Until then K says which, see
// [Place.K].
const Waiting uint16 = JeqK | 0x0100

// Place is an instruction that waits for half of a late value.
type Place struct {
	Instruction int  // from 0
	Value       int  // which of the program's late values, from 0
	High        bool // bits 32 to 63 of it, or else the lower ones
}

// K returns what the instruction holds while it waits: twice the number of the value, and 1 more
// for its high half.
func (l Place) K() uint32 {
	k := 2 * uint32(l.Value)
	if l.High {
		k++
	}
	return k
}

// Places returns the instructions that wait for late values, in order.
func (p Program) Places() []Place {
	var places []Place
	for pc, in := range p {
		if in.Op == Waiting {
			places = append(places, Place{pc, int(in.K / 2), in.K%2 == 1})
		}
	}
	return places
}

// Waits reports whether an instruction waits for a late value.
func (p Program) Waits() bool {
	for _, in := range p {
		if in.Op == Waiting {
			return true
		}
	}
	return false
}

// Half returns the bits of a value that the place wants.
func (l Place) Half(value uint64) uint32 {
	if l.High {
		value >>= 32
	}
	return uint32(value)
}

// Filled returns a copy of the program with late values, by number, in the places that wait for
// them; bits above a value's width do not matter.
func (p Program) Filled(values []uint64) Program {
	out := append(Program(nil), p...)
	for _, at := range p.Places() {
		in := &out[at.Instruction]
		in.Op, in.K = JeqK, at.Half(values[at.Value])
	}
	return out
}

// ErrUnfilled is what the [CheckError] of a program wraps that waits for late values.
var ErrUnfilled = errors.New("the filter waits for late values")
