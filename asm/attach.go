package asm

// retAllow is SECCOMP_RET_ALLOW.
const retAllow = 0x7fff0000

// MaxPathLen bounds a chain of filters on one thread, MAX_INSNS_PER_PATH of kernel/seccomp.c: the
// kernel answers ENOMEM to a filter when its own [Program.KernelLen], and KernelLen + 4 of each
// filter that the thread has already, together exceed it.
const MaxPathLen = 32768

// KernelLen returns the length that the kernel counts against [MaxPathLen]: that of the program
// after the conversion to eBPF by bpf_convert_filter of net/core/filter.c. Constant blinding (the
// sysctl net.core.bpf_jit_harden) makes it longer still.
func (p Program) KernelLen() int {
	n := 3 // clear A, clear X, save the context
	for _, in := range p {
		n += convertedLen(in)
	}
	return n
}

func convertedLen(in Instruction) int {
	switch in.Op {
	case RetK:
		return 2 // move, exit
	case DivX:
		return 5 // the test for X == 0 and its way out
	case Waiting: // for any value, a negative one too
		return 1 + branchLen(in)
	case JeqK, JgtK, JgeK, JsetK:
		if int32(in.K) < 0 { // eBPF would sign-extend it: loaded into a register first
			return 1 + branchLen(in)
		}
		return branchLen(in)
	case JeqX, JgtX, JgeX, JsetX:
		return branchLen(in)
	}
	return 1
}

// branchLen counts a second jump where neither side falls through; eBPF has no opposite of JSET.
func branchLen(in Instruction) int {
	inverts := in.Op&^fromX != JsetK
	if in.Jf == 0 || in.Jt == 0 && inverts {
		return 1
	}
	return 2
}

// ConstantAllow reports whether the kernel (5.11 or newer) learns when the filter is loaded that it
// allows every call of the number, whatever its arguments, and then never runs the filter for it.
// It is seccomp_is_const_allow of kernel/seccomp.c: only loads of nr and arch, JA, comparisons with
// constants and AND with a constant may lie on the path, and it must end in RET K with
// SECCOMP_RET_ALLOW and no data.
//
// Which numbers and arch values the kernel asks for is the caller's to know: x32 numbers, for one,
// never.
func (p Program) ConstantAllow(arch, nr uint32) bool {
	var a uint32
	for pc := 0; pc < len(p); {
		in := p[pc]
		next, fails := p.Next(pc)
		switch in.Op {
		case LdAbs:
			switch in.K {
			case OffNr:
				a = nr
			case OffArch:
				a = arch
			default:
				return false
			}
		case AndK:
			a &= in.K
		case Ja:
		case RetK:
			return in.K == retAllow
		case JeqK, JgtK, JgeK, JsetK:
			if !Holds(in.Op, a, in.K) {
				next = fails
			}
		default:
			return false
		}
		pc = next
	}
	return false
}
