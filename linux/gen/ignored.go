package main

import "strings"

// ignoredBits lists the bits within a parameter's width that the kernel clears or never tests, so
// that with them the call does what it does without. Each was read in the source of the kernel
// named by linux.KernelVersion; the test of widths tries them where a call is harmless.
//
// Bits that count for one value of another argument, or of the same, are not listed: MS_MGC_VAL of
// mount, what open and mmap drop of their flags, FUTEX_PRIVATE_FLAG.
var ignoredBits = map[string]uint64{
	"chmod.mode":     fileType, // fs/open.c: chmod_common
	"fchmod.mode":    fileType,
	"fchmodat.mode":  fileType,
	"fchmodat2.mode": fileType,
	// fs/namei.c: vfs_mkdir clears more, behind what security modules see
	"mkdir.mode":   fileType,
	"mkdirat.mode": fileType,
	"open.mode":    fileType, // fs/open.c: build_open_how
	"openat.mode":  fileType,
	"creat.mode":   fileType,
	"mq_open.mode": fileType,     // fs/namei.c: vfs_mkobj
	"umask.mask":   noPermission, // kernel/sys.c: umask

	// include/linux/mman.h: arch_validate_prot lets it pass, nothing reads it
	"mprotect.prot":      protSEM,
	"pkey_mprotect.prot": protSEM,
}

const (
	fileType     = 0xf000     // of a umode_t what is not in include/linux/stat.h's S_IALLUGO
	noPermission = 0xfffffe00 // of an int what is not in S_IRWXUGO
	protSEM      = 0x8        // include/uapi/asm-generic/mman-common.h; mips has 0x10
	ipc64        = 0x100      // include/uapi/linux/ipc.h
)

// mapped are the bits of mmap's prot that include/linux/mman.h, calc_vm_prot_bits, looks at: to
// read, to write and to execute, and what an architecture adds in its asm/mman.h.
var mapped = map[string]uint64{
	"arm64":   0x37, // PROT_BTI, PROT_MTE
	"powerpc": 0x17, // PROT_SAO
}

// ignored returns the bits within a parameter's width that the kernel ignores.
func (t *target) ignored(c call, name string) uint64 {
	switch {
	case name == "cmd" && strings.Contains(c.entry, "sys_old_"):
		return ipc64 // ipc/util.c: ipc_parse_version
	case name == "cmd" && t.facts().Bits == 32 && (c.name == "semctl" || c.name == "msgctl"):
		// On a 64-bit kernel, ipc/sem.c: compat_ksys_semctl, and ipc/msg.c: some commands are what
		// they are without the bit, the others refuse it.
		return ipc64
	case name == "prot" && (c.name == "mmap" || c.name == "mmap2"):
		if known, ok := mapped[t.arch]; ok {
			return ^known & 0xffffffff
		}
		return ^uint64(7) & 0xffffffff
	case name == "prot" && t.arch == "mips":
		return ignoredBits[c.name+"."+name] << 1
	}
	return ignoredBits[c.name+"."+name]
}
