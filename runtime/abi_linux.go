package runtime

import (
	"encoding/binary"
	"runtime"

	"golang.org/x/sys/unix"
)

// abi says how a stopped process of one ABI is made to run a system call: where the registers lie
// in its NT_PRSTATUS set, counted in words, and the numbers.
type abi struct {
	arch uint32 // AUDIT_ARCH_*
	word int    // bytes in a register
	size int    // registers in the set

	pc, sp int
	nr     int    // holds the number of the call
	args   [5]int // hold its arguments
	orig   int    // the kernel's copy of nr, which makes it restart calls; -1 where there is none

	instruction []byte // enters the kernel
	machine     uint16 // EM_*, what an executable for it says
	elfFlags    uint32 // and its EF_* where the kernel looks at them

	prctl, seccomp, close uint64
}

// abis returns the ABIs that a child of this program may have, this program's own first. The
// register sets are struct user_regs_struct and struct user_pt_regs of
// arch/*/include/(uapi/)asm/ptrace.h and user_*.h.
func abis() []abi {
	switch runtime.GOARCH {
	case "amd64":
		return []abi{x86_64(), i386()}
	case "386":
		return []abi{i386()}
	case "arm64":
		return []abi{aarch64()}
	}
	return nil
}

func x86_64() abi {
	return abi{
		arch: unix.AUDIT_ARCH_X86_64, word: 8, size: 27,
		pc: 16, sp: 19, nr: 10, args: [5]int{14, 13, 12, 7, 9}, orig: 15,
		instruction: []byte{0x0f, 0x05}, // syscall
		machine:     62, prctl: 157, seccomp: 317, close: 3,
	}
}

func i386() abi {
	return abi{
		arch: unix.AUDIT_ARCH_I386, word: 4, size: 17,
		pc: 12, sp: 15, nr: 6, args: [5]int{0, 1, 2, 3, 4}, orig: 11,
		instruction: []byte{0xcd, 0x80}, // int $0x80
		machine:     3, prctl: 172, seccomp: 354, close: 6,
	}
}

func aarch64() abi {
	return abi{
		arch: unix.AUDIT_ARCH_AARCH64, word: 8, size: 34,
		pc: 32, sp: 31, nr: 8, args: [5]int{0, 1, 2, 3, 4}, orig: -1,
		instruction: []byte{0x01, 0x00, 0x00, 0xd4}, // svc #0
		machine:     183, prctl: 167, seccomp: 277, close: 57,
	}
}

// registers is a NT_PRSTATUS set.
type registers [512]byte

func (a *abi) get(regs *registers, i int) uint64 { return a.load(regs[i*a.word:]) }

func (a *abi) set(regs *registers, i int, v uint64) { a.store(regs[i*a.word:], v) }

func (a *abi) load(b []byte) uint64 {
	if a.word == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

func (a *abi) store(b []byte, v uint64) {
	if a.word == 4 {
		binary.NativeEndian.PutUint32(b, uint32(v))
		return
	}
	binary.NativeEndian.PutUint64(b, v)
}
