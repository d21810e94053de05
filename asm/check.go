package asm

import (
	"fmt"
	"slices"
)

// CheckError says why the kernel would refuse a program.
type CheckError struct {
	PC     int    // the instruction at fault, or -1 where it is the program as a whole
	Text   string // that instruction as the assembler writes it
	Cause  string
	Remedy string

	unfilled bool
}

// Unwrap returns [ErrUnfilled] for a program that waits for late values.
func (e *CheckError) Unwrap() error {
	if e.unfilled {
		return ErrUnfilled
	}
	return nil
}

// Error implements error.
func (e *CheckError) Error() string {
	if e.PC < 0 {
		return fmt.Sprintf("program: %s; %s", e.Cause, e.Remedy)
	}
	return fmt.Sprintf("instruction %d (%s): %s; %s", e.PC, e.Text, e.Cause, e.Remedy)
}

// scratchWords is BPF_MEMWORDS, the size of M.
const scratchWords = 16

// Check accepts exactly the programs that seccomp(2) accepts, and tells of the others why the
// kernel would answer EINVAL: the error is a [*CheckError].
//
// It follows bpf_check_classic and check_load_and_stores of net/core/filter.c and
// seccomp_check_filter of kernel/seccomp.c. The limit on a chain of filters (ENOMEM) is not a
// property of one program: see [Program.KernelLen].
func (p Program) Check() error {
	if len(p) == 0 || len(p) > MaxLen {
		return &CheckError{PC: -1, Cause: fmt.Sprintf("%d instructions", len(p)),
			Remedy: fmt.Sprintf("the kernel takes 1 to %d", MaxLen)}
	}
	for pc, in := range p {
		if in.Op == RetK || in.Op == JeqK && int(max(in.Jt, in.Jf)) < len(p)-pc-1 {
			continue // nearly all of them, and nothing else to say about them
		}
		if cause, remedy := p.fault(pc); cause != "" {
			return p.refuse(pc, cause, remedy)
		}
	}
	if last := len(p) - 1; p[last].Op != RetK && p[last].Op != RetA {
		return p.refuse(last, "the last instruction is no return", "end the program with ret")
	}
	return p.checkScratch()
}

// Ended returns a program that runs off its end with one return more, to which all ways past the
// last instruction lead. It reports false for a program that does not, or has another fault.
func (p Program) Ended() (Program, bool) {
	ended := append(slices.Clone(p), Instruction{Op: RetK})
	for pc := range p {
		in, left := &ended[pc], len(p)-pc-1
		switch {
		case in.Op == Ja:
			in.K = min(in.K, uint32(left))
		case in.Op&0x07 == 0x05: // the class JMP
			in.Jt, in.Jf = uint8(min(int(in.Jt), left)), uint8(min(int(in.Jf), left))
		}
	}
	if len(p) == 0 || p.Check() == nil || ended.Check() != nil {
		return nil, false
	}
	return ended, true
}

func (p Program) refuse(pc int, cause, remedy string) *CheckError {
	return &CheckError{
		PC: pc, Text: p.Text(pc), Cause: cause, Remedy: remedy, unfilled: p[pc].Op == Waiting,
	}
}

// fault returns what is wrong with one instruction on its own, or "".
func (p Program) fault(pc int) (cause, remedy string) {
	in, left := p[pc], len(p)-pc-1
	switch in.Op {
	case LdAbs:
		if in.K%4 != 0 || in.K >= DataSize {
			return fmt.Sprintf("no word of seccomp_data is at offset %d", in.K),
				"load from a multiple of 4, 0 to 60"
		}
	case DivK:
		if in.K == 0 {
			return "division by zero", "divide by another constant"
		}
	case LshK, RshK:
		if in.K >= 32 {
			return fmt.Sprintf("a shift by %d bits", in.K), "shift by 0 to 31"
		}
	case St, Stx, LdMem, LdxMem:
		if in.K >= scratchWords {
			return fmt.Sprintf("M[%d] does not exist", in.K), "use M[0] to M[15]"
		}
	case Ja:
		if uint64(in.K) >= uint64(left) {
			return pastEnd(pc, uint64(in.K)), "jump forward to an instruction"
		}
	case JeqK, JeqX, JgtK, JgtX, JgeK, JgeX, JsetK, JsetX:
		if far := max(in.Jt, in.Jf); int(far) >= left {
			return pastEnd(pc, uint64(far)), "jump forward to an instruction"
		}
	case Waiting:
		return "it waits for a late value", "fill the filter first, by its list of relocations"
	case LdLen, LdImm, LdxLen, LdxImm, Neg, Tax, Txa, RetK, RetA,
		AddK, SubK, MulK, OrK, AndK, XorK,
		AddX, SubX, MulX, OrX, AndX, XorX, DivX, LshX, RshX:
	default:
		return fmt.Sprintf("opcode %#x is not allowed in a seccomp filter", in.Op),
			"express it with allowed ones (there is no mod, ldb, ldh or ret x)"
	}
	return "", ""
}

func pastEnd(pc int, skip uint64) string {
	return fmt.Sprintf("the jump to %d is past the end", uint64(pc)+1+skip)
}

func (p Program) usesScratch() bool {
	for _, in := range p {
		if in.Op == LdMem || in.Op == LdxMem {
			return true
		}
	}
	return false
}

// checkScratch refuses loads of scratch words that some path has not stored, with the single
// forward pass of check_load_and_stores. Like the kernel's, it does not reset the running set after
// a return, so that an instruction behind a return inherits what was stored there: a few good
// programs are refused.
func (p Program) checkScratch() error {
	if !p.usesScratch() {
		return nil
	}
	const all = 1<<scratchWords - 1
	missing := make([]uint16, len(p)) // what some jump to here has not stored
	var stored uint16
	for pc, in := range p {
		stored &^= missing[pc]
		switch in.Op {
		case St, Stx:
			stored |= 1 << in.K
		case LdMem, LdxMem:
			if stored&(1<<in.K) == 0 {
				return p.refuse(pc, fmt.Sprintf("M[%d] is not stored on every path to here", in.K),
					"store it first on all of them (the kernel counts a return between as one)")
			}
		case Ja, JeqK, JeqX, JgtK, JgtX, JgeK, JgeX, JsetK, JsetX:
			holds, fails := p.Next(pc)
			missing[holds] |= ^stored
			missing[fails] |= ^stored
			stored = all
		}
	}
	return nil
}
