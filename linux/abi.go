package linux

import (
	"encoding/binary"
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
	Bits      int      // of an argument register: 64 (x32 and n32 too) or 32
	GOARCH    string   // of Go programs with this ABI, or ""
	// the kind of kernel that runs it: those of one Machine can have the same kernel
	Machine string

	// Rare says that most kernels refuse the ABI's calls though they serve the other ABI of the
	// same Arch: x32, which is off unless the kernel is booted with syscall.x32=y.
	Rare bool

	// Shifted says that a filter is shown each argument one position further on, the number in
	// place of the first, and the sixth not at all: m68k's arch/m68k/include/asm/syscall.h,
	// syscall_get_arguments; seen so on Linux 6.12 (internal/guests).
	Shifted bool

	shared   numberSpace // how the kernel divides nr among several tables; nil: one has all
	table    string      // this ABI's part of shared
	private  uint32      // where numbers outside of the table begin; 0: there are none
	uncached bool        // the kernel keeps no action cache for the ABI's numbers
	column   int         // in syscalls.txt
	named    func() *named
	byNumber func() []Syscall

	constants  found[constant.Value]
	prototypes found[[]Arg]
	families   found[Family]
}

// The bits of AUDIT_ARCH values (include/uapi/linux/audit.h); the rest is an ELF machine number.
const (
	auditLE  = 0x40000000
	audit64  = 0x80000000
	auditN32 = 0x20000000 // __AUDIT_ARCH_CONVENTION_MIPS64_N32
)

// abis is the table of ABIs: a new one is a row here, one in gen/target.go, and the columns that
// gen writes. The package's tests say what is missing.
var abis = []*ABI{
	{Name: "x86_64", Machine: "x86", Aliases: []string{"amd64", "x86-64", "x64"},
		Arch: 62 | audit64 | auditLE, Bits: 64, GOARCH: "amd64", shared: x86Numbers,
		table: "x86_64"},
	{Name: "i386", Machine: "x86", Aliases: []string{"386", "i486", "i586", "i686", "x86"},
		Arch: 3 | auditLE, Bits: 32, GOARCH: "386"},
	{Name: "x32", Machine: "x86", Arch: 62 | audit64 | auditLE, Bits: 64, Rare: true,
		shared: x86Numbers, table: "x32", uncached: true},
	{Name: "aarch64", Machine: "arm", Aliases: []string{"arm64"}, Arch: 183 | audit64 | auditLE,
		Bits: 64, GOARCH: "arm64"},
	{Name: "arm", Machine: "arm", Aliases: []string{"armel", "armhf", "armv6l", "armv7l"},
		Arch: 40 | auditLE, Bits: 32, GOARCH: "arm", private: armPrivate},
	{Name: "riscv64", Machine: "riscv64", Arch: 243 | audit64 | auditLE, Bits: 64,
		GOARCH: "riscv64"},
	{Name: "loongarch64", Machine: "loongarch64", Aliases: []string{"loong64"},
		Arch: 258 | audit64 | auditLE, Bits: 64, GOARCH: "loong64"},
	{Name: "ppc64", Machine: "ppc64", Aliases: []string{"powerpc64"}, Arch: 21 | audit64,
		BigEndian: true, Bits: 64, GOARCH: "ppc64"},
	{Name: "ppc64le", Machine: "ppc64le", Aliases: []string{"ppc64el", "powerpc64le"},
		Arch: 21 | audit64 | auditLE, Bits: 64, GOARCH: "ppc64le"},
	{Name: "ppc", Machine: "ppc64", Aliases: []string{"powerpc", "ppc32"}, Arch: 20,
		BigEndian: true, Bits: 32},
	{Name: "s390x", Machine: "s390", Arch: 22 | audit64, BigEndian: true, Bits: 64,
		GOARCH: "s390x"},
	{Name: "s390", Machine: "s390", Arch: 22, BigEndian: true, Bits: 32},
	{Name: "mips", Machine: "mips", Arch: 8, BigEndian: true, Bits: 32, GOARCH: "mips",
		shared: mipsNumbers, table: "o32", uncached: true},
	{Name: "mipsel", Machine: "mipsel", Aliases: []string{"mipsle"}, Arch: 8 | auditLE, Bits: 32,
		GOARCH: "mipsle", shared: mipsNumbers, table: "o32", uncached: true},
	{Name: "mips64", Machine: "mips", Arch: 8 | audit64, BigEndian: true, Bits: 64,
		GOARCH: "mips64", shared: mipsNumbers, table: "n64", uncached: true},
	{Name: "mips64el", Machine: "mipsel", Aliases: []string{"mips64le", "mipsel64"},
		Arch: 8 | audit64 | auditLE, Bits: 64, GOARCH: "mips64le", shared: mipsNumbers,
		table: "n64", uncached: true},
	{Name: "mips64n32", Machine: "mips", Aliases: []string{"mipsn32"},
		Arch: 8 | audit64 | auditN32, BigEndian: true, Bits: 64, shared: mipsNumbers,
		table: "n32", uncached: true},
	{Name: "mipsel64n32", Machine: "mipsel", Aliases: []string{"mips64eln32", "mipsn32el"},
		Arch: 8 | audit64 | auditN32 | auditLE, Bits: 64, shared: mipsNumbers, table: "n32",
		uncached: true},
	{Name: "parisc", Machine: "parisc", Aliases: []string{"hppa"}, Arch: 15, BigEndian: true,
		Bits: 32},
	{Name: "parisc64", Machine: "parisc", Aliases: []string{"hppa64"}, Arch: 15 | audit64,
		BigEndian: true, Bits: 64},
	{Name: "m68k", Machine: "m68k", Arch: 4, BigEndian: true, Bits: 32, Shifted: true},
	{Name: "sh", Machine: "sh", Aliases: []string{"sh4", "shel"}, Arch: 42 | auditLE, Bits: 32},
	{Name: "sheb", Machine: "sheb", Aliases: []string{"sh4eb"}, Arch: 42, BigEndian: true,
		Bits: 32},
}

func init() {
	for i, a := range abis {
		a.column = i
		a.named, a.byNumber = sync.OnceValue(a.readNames), sync.OnceValue(a.sortNumbers)
	}
}

// ByteOrder returns the byte order of the ABI's machines.
func (a *ABI) ByteOrder() binary.ByteOrder {
	if a.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// ABIs returns every ABI, in a fixed order. The caller must not change them.
func ABIs() []*ABI { return slices.Clone(abis) }

// Arches returns the values of seccomp_data.arch that the ABIs have, each once, in the order of
// [ABIs].
func Arches() []uint32 {
	var out []uint32
	for _, a := range abis {
		if !slices.Contains(out, a.Arch) {
			out = append(out, a.Arch)
		}
	}
	return out
}

// Of returns the ABIs with a value of seccomp_data.arch, in the order of [ABIs].
func Of(arch uint32) []*ABI {
	return slices.DeleteFunc(ABIs(), func(a *ABI) bool { return a.Arch != arch })
}

// BigEndian reports the byte order of the machines with a value of seccomp_data.arch: that of its
// ABIs, and of an unknown one what __AUDIT_ARCH_LE of include/uapi/linux/audit.h says.
func BigEndian(arch uint32) bool {
	if known := Of(arch); len(known) > 0 {
		return known[0].BigEndian
	}
	return arch&auditLE == 0
}

// Commonest returns the ABI that most machines of a byte order run.
func Commonest(bigEndian bool) *ABI {
	name := "x86_64"
	if bigEndian {
		name = "s390x"
	}
	a, _ := Lookup(name)
	return a
}

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
		if a.GOARCH == runtime.GOARCH {
			return a, true
		}
	}
	return nil, false
}
