package main

import (
	"slices"

	"github.com/seccompc/seccompc/linux"
)

// target says where the sources keep the facts of one ABI.
type target struct {
	abi    string
	arch   string   // directory in the kernel's arch/
	table  string   // its table of system calls
	rows   []string // the values of the table's second column that count
	entry  int      // the table's column with the entry point: 3, or 4 for compat
	base   uint32   // added to every number
	config []string // kernel options that choose between prototypes
	even   bool     // 64-bit parameters begin at an even register
	old    bool     // read from the older kernel, the newest that has the ABI
	// suffix of x/sys's files; for x32, n32 and s390 those of the 64-bit ABI
	goarch  string
	counted bool              // x/sys has the ABI's numbers
	private []call            // calls that the kernel keeps outside of its table
	names   map[string]string // further names of calls
	headers string            // directory in /usr/lib/linux/uapi
	layout  []string          // options that make an amd64 compiler lay out types as the ABI does
	macros  string            // what a compiler for the ABI defines
}

// lp64 and ilp32 give an amd64 gcc the macros of another architecture in place of its own. The size
// of a type on these ABIs depends on no more than the widths and alignments of the basic types.
var (
	lp64  = []string{"-m64", "-U__x86_64__", "-U__x86_64", "-U__amd64__"}
	ilp32 = []string{"-m32", "-malign-double", "-U__i386__", "-U__i386", "-Ui386"}

	words     = []string{"-m32", "-U__i386__", "-U__i386", "-Ui386"} // 64 bits aligned to 4 bytes
	halfwords = append(slices.Clone(words), "-fpack-struct=2")       // everything to at most 2
)

const (
	genericTable = "scripts/syscall.tbl"
	powerTable   = "arch/powerpc/kernel/syscalls/syscall.tbl"
	x86Tables    = "arch/x86/entry/syscalls/"
	mipsTables   = "arch/mips/kernel/syscalls/"
	pariscTable  = "arch/parisc/kernel/syscalls/syscall.tbl"
	shTable      = "arch/sh/kernel/syscalls/syscall.tbl"
	s390Table    = "arch/s390/kernel/syscalls/syscall.tbl"
)

var (
	backwards = []string{"CONFIG_CLONE_BACKWARDS"}
	power     = []string{"CONFIG_CLONE_BACKWARDS", "CONFIG_OLD_SIGSUSPEND"}
)

// targets are the ABIs of package linux. The rows are those of arch/*/kernel/Makefile.syscalls, the
// options those that arch/*/Kconfig selects.
var targets = []target{
	{abi: "x86_64", arch: "x86", table: x86Tables + "syscall_64.tbl",
		rows:   []string{"common", "64"},
		goarch: "amd64", counted: true, headers: "x86",
		layout: []string{"-m64"}},
	{abi: "i386", arch: "x86", table: x86Tables + "syscall_32.tbl", rows: []string{"i386"},
		config: []string{"CONFIG_CLONE_BACKWARDS", "CONFIG_OLD_SIGSUSPEND3"},
		goarch: "386", counted: true, headers: "x86",
		layout: []string{"-m32"}},
	{abi: "x32", arch: "x86", table: x86Tables + "syscall_64.tbl", rows: []string{"common", "x32"},
		base: 0x40000000, goarch: "amd64", headers: "x86",
		layout: []string{"-mx32"}},
	{abi: "aarch64", arch: "arm64", table: genericTable,
		rows: []string{"common", "64", "renameat", "rlimit", "memfd_secret"}, config: backwards,
		goarch: "arm64", counted: true, headers: "arm64",
		layout: lp64, macros: "__aarch64__ __AARCH64EL__"},
	{abi: "arm", arch: "arm", table: "arch/arm/tools/syscall.tbl", rows: []string{"common"},
		config: []string{"CONFIG_CLONE_BACKWARDS", "CONFIG_OLD_SIGSUSPEND3"}, even: true,
		goarch: "arm", counted: true, private: armPrivate, names: armNames, headers: "arm",
		layout: ilp32, macros: "__arm__ __ARMEL__ __ARM_EABI__"},
	{abi: "riscv64", arch: "riscv", table: genericTable,
		rows: []string{"common", "64", "riscv", "rlimit", "memfd_secret"}, config: backwards,
		goarch: "riscv64", counted: true, headers: "riscv",
		layout: lp64, macros: "__riscv __riscv_xlen=64"},
	{abi: "loongarch64", arch: "loongarch", table: genericTable,
		rows:   []string{"common", "64", "memfd_secret"},
		goarch: "loong64", counted: true, headers: "loongarch",
		layout: lp64, macros: "__loongarch__ __loongarch64"},
	{abi: "ppc64", arch: "powerpc", table: powerTable, rows: []string{"common", "64", "nospu"},
		config: power, goarch: "ppc64", counted: true, headers: "powerpc",
		layout: lp64, macros: "__powerpc__ __powerpc64__ __BIG_ENDIAN__"},
	{abi: "ppc64le", arch: "powerpc", table: powerTable, rows: []string{"common", "64", "nospu"},
		config: power, goarch: "ppc64le", counted: true, headers: "powerpc",
		layout: lp64, macros: "__powerpc__ __powerpc64__ __LITTLE_ENDIAN__"},
	{abi: "ppc", arch: "powerpc", table: powerTable, rows: []string{"common", "32", "nospu"},
		config: power, even: true, goarch: "ppc", counted: true, headers: "powerpc",
		layout: ilp32, macros: "__powerpc__ __BIG_ENDIAN__"},
	{abi: "s390x", arch: "s390", table: s390Table, rows: []string{"common", "64"},
		config: []string{"CONFIG_CLONE_BACKWARDS2", "CONFIG_OLD_SIGSUSPEND3"},
		goarch: "s390x", counted: true, headers: "s390",
		layout: lp64, macros: "__s390__ __s390x__"},
	{abi: "s390", arch: "s390", table: s390Table, rows: []string{"common", "32"}, entry: 4,
		old: true, config: []string{"CONFIG_CLONE_BACKWARDS2", "CONFIG_OLD_SIGSUSPEND3"},
		goarch: "s390x", headers: "s390",
		layout: ilp32, macros: "__s390__"},
	{abi: "mips", arch: "mips", table: mipsTables + "syscall_o32.tbl", rows: []string{"o32"},
		base: 4000, config: backwards, even: true, goarch: "mips", counted: true, headers: "mips",
		layout: ilp32, macros: "__mips__ __MIPSEB__ _MIPS_SZLONG=32 _MIPS_SIM=1"},
	{abi: "mipsel", arch: "mips", table: mipsTables + "syscall_o32.tbl", rows: []string{"o32"},
		base: 4000, config: backwards, even: true, goarch: "mipsle", counted: true, headers: "mips",
		layout: ilp32, macros: "__mips__ __MIPSEL__ _MIPS_SZLONG=32 _MIPS_SIM=1"},
	{abi: "mips64", arch: "mips", table: mipsTables + "syscall_n64.tbl",
		rows: []string{"n64", "common"}, base: 5000, config: backwards,
		goarch: "mips64", counted: true, headers: "mips",
		layout: lp64, macros: "__mips__ __mips64 __MIPSEB__ _MIPS_SZLONG=64 _MIPS_SIM=3"},
	{abi: "mips64el", arch: "mips", table: mipsTables + "syscall_n64.tbl",
		rows: []string{"n64", "common"}, base: 5000, config: backwards,
		goarch: "mips64le", counted: true, headers: "mips",
		layout: lp64, macros: "__mips__ __mips64 __MIPSEL__ _MIPS_SZLONG=64 _MIPS_SIM=3"},
	{abi: "mips64n32", arch: "mips", table: mipsTables + "syscall_n32.tbl", rows: []string{"n32"},
		base: 6000, config: backwards, goarch: "mips64", headers: "mips",
		layout: ilp32, macros: "__mips__ __mips64 __MIPSEB__ _MIPS_SZLONG=32 _MIPS_SIM=2"},
	{abi: "mipsel64n32", arch: "mips", table: mipsTables + "syscall_n32.tbl", rows: []string{"n32"},
		base: 6000, config: backwards, goarch: "mips64le", headers: "mips",
		layout: ilp32, macros: "__mips__ __mips64 __MIPSEL__ _MIPS_SZLONG=32 _MIPS_SIM=2"},
	{abi: "parisc", arch: "parisc", table: pariscTable, rows: []string{"common", "32"},
		config: backwards, even: true, headers: "parisc",
		layout: ilp32, macros: "__hppa__ __hppa __BIG_ENDIAN__"},
	{abi: "parisc64", arch: "parisc", table: pariscTable, rows: []string{"common", "64"},
		config: backwards, headers: "parisc",
		layout: lp64, macros: "__hppa__ __hppa __LP64__ __BIG_ENDIAN__"},
	{abi: "m68k", arch: "m68k", table: "arch/m68k/kernel/syscalls/syscall.tbl",
		rows: []string{"common"}, config: []string{"CONFIG_OLD_SIGSUSPEND3"}, headers: "m68k",
		layout: halfwords, macros: "__m68k__ __mc68000__"},
	{abi: "sh", arch: "sh", table: shTable, rows: []string{"common"},
		config: []string{"CONFIG_OLD_SIGSUSPEND"}, headers: "sh",
		layout: words, macros: "__sh__ __LITTLE_ENDIAN__"},
	{abi: "sheb", arch: "sh", table: shTable, rows: []string{"common"},
		config: []string{"CONFIG_OLD_SIGSUSPEND"}, headers: "sh",
		layout: words, macros: "__sh__ __BIG_ENDIAN__"},
}

// facts returns what package linux itself says about the ABI.
func (t *target) facts() *linux.ABI {
	a, ok := linux.Lookup(t.abi)
	if !ok {
		panic("gen: package linux has no ABI " + t.abi)
	}
	return a
}
