package proof

import "github.com/seccompc/seccompc/asm"

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
