package neutral

import (
	"github.com/elastic/go-seccomp-bpf/arch"
)

// ABI is one of the system call interfaces of an x86_64 kernel. Its numbers come from go-seccomp-bpf's
// tables, which are not ours: a wrong number in either shows as a wrong decision.
type ABI struct {
	Name  string
	Arch  uint32 // AUDIT_ARCH_* of include/uapi/linux/audit.h
	Width int    // of an argument register, in bits
	Bit   uint32 // __X32_SYSCALL_BIT of arch/x86/include/uapi/asm/unistd.h where the ABI sets it
	table *arch.Info
}

const x32Bit = 0x40000000

// ABIs are the interfaces that a policy can name.
var ABIs = map[string]ABI{
	"x86_64": {"x86_64", uint32(arch.X86_64.ID), 64, 0, arch.X86_64},
	"i386":   {"i386", uint32(arch.I386.ID), 32, 0, arch.I386},
	"x32":    {"x32", uint32(arch.X32.ID), 64, x32Bit, arch.X32},
}

// Number returns the value of nr for the named call, and whether the ABI has it.
func (a ABI) Number(call string) (uint32, bool) {
	nr, ok := a.table.SyscallNames[call]
	return uint32(nr) | a.Bit, ok
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
