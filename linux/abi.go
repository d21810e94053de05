package linux

import (
	"go/constant"
	"runtime"
	"slices"
	"sync"
)

// ABI is one calling convention of the kernel: a table of system calls with its constants and the
// AUDIT_ARCH value under which seccomp reports it.
type ABI struct {
	Name      string   // as the policy language writes it: "x86_64"
	Aliases   []string // other names of the same: Go's, Debian's, and the usual ones
	Arch      uint32   // AUDIT_ARCH_* of include/uapi/linux/audit.h, what seccomp_data.arch holds
	BigEndian bool     // the byte order of seccomp_data
	Bits      int      // of an argument register: 64 (x32 too) or 32

	goarch   string // runtime.GOARCH of programs of this ABI, or ""
	column   int    // in syscalls.txt
	named    func() *named
	byNumber func() []Syscall

	constants  found[constant.Value]
	prototypes found[[]Arg]
}

// The bits of AUDIT_ARCH values (include/uapi/linux/audit.h); the rest is an ELF machine number.
const (
	auditLE = 0x40000000
	audit64 = 0x80000000
)

// x32Bit marks the numbers of x32 (arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT).
const x32Bit = 0x40000000

var abis = []*ABI{
	{Name: "x86_64", Aliases: []string{"amd64", "x86-64", "x64"}, Arch: 62 | audit64 | auditLE,
		Bits: 64, goarch: "amd64"},
	{Name: "i386", Aliases: []string{"386", "i486", "i586", "i686", "x86"}, Arch: 3 | auditLE,
		Bits: 32, goarch: "386"},
	{Name: "x32", Arch: 62 | audit64 | auditLE, Bits: 64},
	{Name: "aarch64", Aliases: []string{"arm64"}, Arch: 183 | audit64 | auditLE, Bits: 64,
		goarch: "arm64"},
	{Name: "arm", Aliases: []string{"armel", "armhf", "armv6l", "armv7l"}, Arch: 40 | auditLE,
		Bits: 32, goarch: "arm"},
	{Name: "riscv64", Arch: 243 | audit64 | auditLE, Bits: 64, goarch: "riscv64"},
	{Name: "loongarch64", Aliases: []string{"loong64"}, Arch: 258 | audit64 | auditLE, Bits: 64,
		goarch: "loong64"},
	{Name: "ppc64", Aliases: []string{"powerpc64"}, Arch: 21 | audit64, BigEndian: true, Bits: 64,
		goarch: "ppc64"},
	{Name: "ppc64le", Aliases: []string{"ppc64el", "powerpc64le"}, Arch: 21 | audit64 | auditLE,
		Bits: 64, goarch: "ppc64le"},
	{Name: "s390x", Arch: 22 | audit64, BigEndian: true, Bits: 64, goarch: "s390x"},
	{Name: "s390", Arch: 22, BigEndian: true, Bits: 32},
	{Name: "mips", Arch: 8, BigEndian: true, Bits: 32, goarch: "mips"},
	{Name: "mipsel", Aliases: []string{"mipsle"}, Arch: 8 | auditLE, Bits: 32, goarch: "mipsle"},
	{Name: "mips64", Arch: 8 | audit64, BigEndian: true, Bits: 64, goarch: "mips64"},
	{Name: "mips64el", Aliases: []string{"mips64le"}, Arch: 8 | audit64 | auditLE, Bits: 64,
		goarch: "mips64le"},
}

func init() {
	for i, a := range abis {
		a.column = i
		a.named, a.byNumber = sync.OnceValue(a.readNames), sync.OnceValue(a.sortNumbers)
	}
}

// ABIs returns every ABI, in a fixed order. The caller must not change them.
func ABIs() []*ABI { return slices.Clone(abis) }

// Lookup returns the ABI that has the given name or alias.
func Lookup(name string) (*ABI, bool) {
	for _, a := range abis {
		if a.Name == name || slices.Contains(a.Aliases, name) {
			return a, true
		}
	}
	return nil, false
}

// Native returns the ABI of the running program, and false where it is none of Linux's that the
// tables hold. The operating system plays no part: a compiler on another system takes its own
// architecture.
func Native() (*ABI, bool) {
	for _, a := range abis {
		if a.goarch == runtime.GOARCH {
			return a, true
		}
	}
	return nil, false
}

// NumberRange is an inclusive range of values of seccomp_data.nr.
type NumberRange struct{ Lo, Hi uint32 }

// Numbers returns the values of nr that belong to the ABI, in the table or not, ascending. Only
// x86_64 and x32 share an Arch, and divide its numbers: -1, what a tracer leaves when it skips a
// call, is x86_64's (arch/x86/include/asm/syscall.h and arch/x86/entry/syscall_64.c test the sign
// before the x32 bit).
func (a *ABI) Numbers() []NumberRange {
	switch a.Name {
	case "x86_64":
		return []NumberRange{{0, x32Bit - 1}, {0xffffffff, 0xffffffff}}
	case "x32":
		return []NumberRange{{x32Bit, 0xfffffffe}}
	}
	return []NumberRange{{0, 0xffffffff}}
}
