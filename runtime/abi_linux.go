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
	args   [5]int // hold its arguments; onStack where there are no more
	orig   int    // the kernel's copy of nr, which makes it restart calls; 0 where there is none

	mode     int    // the register that says which instruction set is meant
	otherSet uint64 // its bits that are set where instruction is not of that set

	instruction []byte // enters the kernel
	machine     uint16 // EM_*, what an executable for it says
	elfFlags    uint32 // and its EF_* where the kernel looks at them

	prctl, seccomp, close uint64
}

// onStack is an argument of which the kernel reads a word of the caller's stack.
const onStack = -1

// abis returns the ABIs that a child of this program may have, this program's own first.
func abis() []abi { return ports[runtime.GOARCH] }

// ports are the ABIs of abis by GOARCH. The register sets are what arch/*/kernel/ptrace.c copies
// for NT_PRSTATUS: struct user_regs_struct, user_pt_regs, pt_regs or s390_regs of
// arch/*/include/(uapi/)asm/ptrace.h and user_*.h.
var ports = map[string][]abi{
	"386":      {i386},
	"amd64":    {x86_64, i386},
	"arm":      {arm},
	"arm64":    {aarch64},
	"loong64":  {loongarch64},
	"mips":     {o32(unix.AUDIT_ARCH_MIPS, 0, 0, 0, 12)},
	"mipsle":   {o32(unix.AUDIT_ARCH_MIPSEL, 12, 0, 0, 0)},
	"mips64":   {n64(unix.AUDIT_ARCH_MIPS64, 0, 0, 0, 12)},
	"mips64le": {n64(unix.AUDIT_ARCH_MIPSEL64, 12, 0, 0, 0)},
	"ppc64":    {ppc64(unix.AUDIT_ARCH_PPC64, 0x44, 0, 0, 0x02)},
	"ppc64le":  {ppc64(unix.AUDIT_ARCH_PPC64LE, 0x02, 0, 0, 0x44)},
	"riscv64":  {riscv64},
	"s390x":    {s390x},
}

var x86_64 = abi{
	arch: unix.AUDIT_ARCH_X86_64, word: 8, size: 27,
	pc: 16, sp: 19, nr: 10, args: [5]int{14, 13, 12, 7, 9}, orig: 15,
	instruction: []byte{0x0f, 0x05}, // syscall
	machine:     62, prctl: 157, seccomp: 317, close: 3,
}

var i386 = abi{
	arch: unix.AUDIT_ARCH_I386, word: 4, size: 17,
	pc: 12, sp: 15, nr: 6, args: [5]int{0, 1, 2, 3, 4}, orig: 11,
	instruction: []byte{0xcd, 0x80}, // int $0x80
	machine:     3, prctl: 172, seccomp: 354, close: 6,
}

// A program may begin in Thumb, which the T bit of the CPSR says (arch/arm/include/asm/processor.h,
// start_thread).
var arm = abi{
	arch: unix.AUDIT_ARCH_ARM, word: 4, size: 18,
	pc: 15, sp: 13, nr: 7, args: [5]int{0, 1, 2, 3, 4},
	mode: 16, otherSet: 1 << 5,
	instruction: []byte{0x00, 0x00, 0x00, 0xef}, // svc #0
	machine:     40, elfFlags: 0x05000000,       // EF_ARM_EABI_VER5
	prctl: 172, seccomp: 383, close: 6,
}

var aarch64 = abi{
	arch: unix.AUDIT_ARCH_AARCH64, word: 8, size: 34,
	pc: 32, sp: 31, nr: 8, args: [5]int{0, 1, 2, 3, 4},
	instruction: []byte{0x01, 0x00, 0x00, 0xd4}, // svc #0
	machine:     183, prctl: 167, seccomp: 277, close: 57,
}

var riscv64 = abi{
	arch: unix.AUDIT_ARCH_RISCV64, word: 8, size: 32,
	pc: 0, sp: 2, nr: 17, args: [5]int{10, 11, 12, 13, 14},
	instruction: []byte{0x73, 0x00, 0x00, 0x00}, // ecall
	machine:     243, prctl: 167, seccomp: 277, close: 57,
}

var loongarch64 = abi{
	arch: unix.AUDIT_ARCH_LOONGARCH64, word: 8, size: 45,
	pc: 33, sp: 3, nr: 11, args: [5]int{4, 5, 6, 7, 8},
	instruction: []byte{0x00, 0x00, 0x2b, 0x00}, // syscall 0
	machine:     258, prctl: 167, seccomp: 277, close: 57,
}

var s390x = abi{
	arch: unix.AUDIT_ARCH_S390X, word: 8, size: 27,
	pc: 1, sp: 17, nr: 3, args: [5]int{4, 5, 6, 7, 8},
	instruction: []byte{0x0a, 0x00}, // svc 0, which takes the number from %r1
	machine:     22, prctl: 172, seccomp: 348, close: 6,
}

func ppc64(arch uint32, sc ...byte) abi {
	return abi{
		arch: arch, word: 8, size: 48,
		pc: 32, sp: 1, nr: 0, args: [5]int{3, 4, 5, 6, 7},
		instruction: sc,
		machine:     21, elfFlags: 2, // ELFv2: the entry is an address, not a descriptor's
		prctl: 171, seccomp: 358, close: 6,
	}
}

// mips64_dump_regs and mips_dump_regs32 of arch/mips/kernel/ptrace.c.
func n64(arch uint32, syscall ...byte) abi {
	return abi{
		arch: arch, word: 8, size: 45,
		pc: 34, sp: 29, nr: 2, args: [5]int{4, 5, 6, 7, 8},
		instruction: syscall,
		machine:     8, prctl: 5153, seccomp: 5312, close: 5003,
	}
}

func o32(arch uint32, syscall ...byte) abi {
	return abi{
		arch: arch, word: 4, size: 45,
		pc: 40, sp: 6 + 29, nr: 6 + 2, args: [5]int{6 + 4, 6 + 5, 6 + 6, 6 + 7, onStack},
		instruction: syscall,
		machine:     8, elfFlags: 0x1000, // EF_MIPS_ABI_O32
		prctl: 4192, seccomp: 4352, close: 4006,
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
