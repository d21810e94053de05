package neutral

import (
	"slices"

	"github.com/elastic/go-seccomp-bpf/arch"
)

// ABI is one of the system call interfaces of an x86_64 kernel. Its numbers come from
// go-seccomp-bpf's tables, which are not ours: a wrong number in either shows as a wrong decision.
type ABI struct {
	Name    string
	Arch    uint32 // AUDIT_ARCH_* of include/uapi/linux/audit.h
	Width   int    // of an argument register, in bits
	Bit     uint32 // __X32_SYSCALL_BIT of arch/x86/include/uapi/asm/unistd.h where the ABI sets it
	numbers map[string]uint32
}

const x32Bit = 0x40000000

// ABIs are the interfaces that a policy can name.
var ABIs = map[string]ABI{
	"x86_64": newABI(arch.X86_64, 64, 0),
	"i386":   newABI(arch.I386, 32, 0),
	"x32":    newABI(arch.X32, 64, x32Bit),
}

// native are calls that the table gives x32 and the kernel does not: ABI "64" in syscall_64.tbl.
var native = []string{"set_thread_area", "get_thread_area", "epoll_ctl_old", "epoll_wait_old"}

// newABI turns a table around. Where two numbers have one name, the higher is meant: from 512 on,
// x32 has calls of its own, and their native numbers are no calls there
// (arch/x86/entry/syscalls/syscall_64.tbl).
func newABI(info *arch.Info, width int, bit uint32) ABI {
	a := ABI{info.Name, uint32(info.ID), width, bit, map[string]uint32{}}
	for nr, name := range info.SyscallNumbers {
		if bit == x32Bit && slices.Contains(native, name) {
			continue
		}
		a.numbers[name] = max(a.numbers[name], uint32(nr)|bit)
	}
	return a
}

// Number returns the value of nr for the named call, and whether the ABI has it.
func (a ABI) Number(call string) (uint32, bool) {
	nr, ok := a.numbers[call]
	return nr, ok
}

// serves tells the two ABIs of AUDIT_ARCH_X86_64 apart: x32 has the numbers from 0x40000000 to
// 0xfffffffe, as -1 is what a tracer leaves of a call that it skips.
func (a ABI) serves(arch, nr uint32) bool {
	if arch != a.Arch {
		return false
	}
	isX32 := nr >= x32Bit && nr != 0xffffffff
	return a.Name == "i386" || isX32 == (a.Bit != 0)
}
