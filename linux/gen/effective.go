package main

// narrower lists the parameters that are declared as wide as a register although no bit above the
// code's width can change what the kernel does: it casts the value to a narrower type, or refuses
// it (EINVAL). The key is "call.parameter", in the kernel's names, or a parameter of every call.
// Each was read in the source of the kernel named by linux.KernelVersion. The first group was also
// tried on kernels of several architectures, and most of the second on x86_64: with garbage above,
// the call did the same.
//
// A register whose meaning depends on another argument (the last of fcntl, ioctl, keyctl, prctl,
// semctl) is an integer here and a pointer there, so all of it counts. The other parameters of 64
// bits were read, too: see wide.
var narrower = map[string]string{
	"clone.clone_flags":       "u32", // kernel/fork.c: lower_32_bits
	"unshare.unshare_flags":   "u32", // refused, kernel/fork.c: check_unshare_flags
	"mmap.prot":               "u32", // mm/mmap.c: calc_vm_prot_bits looks at known bits
	"mmap.flags":              "u32", // likewise; refused with MAP_SHARED_VALIDATE
	"mmap.fd":                 "s32", // mm/mmap.c: fget takes an int, and -1 stands for none
	"mmap2.prot":              "u32", // as mmap's
	"mmap2.flags":             "u32",
	"mmap2.fd":                "s32",
	"mount.flags":             "u32", // refused, fs/namespace.c: path_mount
	"mprotect.prot":           "u32", // refused, mm/mprotect.c: arch_validate_prot
	"pkey_mprotect.prot":      "u32",
	"mremap.flags":            "u32", // refused, mm/mremap.c
	"process_vm_readv.flags":  "u32", // refused unless 0, mm/process_vm_access.c
	"process_vm_writev.flags": "u32",

	"mbind.mode":  "s32", // cast to int, mm/mempolicy.c: kernel_mbind
	"ptrace.pid":  "s32", // cast to pid_t, kernel/ptrace.c: find_get_task_by_vpid
	"kcmp.idx1":   "u32", // cast to unsigned int, kernel/kcmp.c: get_file_raw_ptr
	"fstat64.fd":  "u32", // parisc64: cast to int, fs/stat.c: vfs_fstat
	"readv.fd":    "u32", // cast to int, fs/read_write.c: CLASS(fd_pos), CLASS(fd)
	"writev.fd":   "u32",
	"preadv.fd":   "u32",
	"preadv2.fd":  "u32",
	"pwritev.fd":  "u32",
	"pwritev2.fd": "u32",
	"readv.vlen":  "u32", // cast to unsigned, lib/iov_iter.c: import_iovec
	"writev.vlen": "u32",

	"preadv.vlen":               "u32",
	"preadv2.vlen":              "u32",
	"pwritev.vlen":              "u32",
	"pwritev2.vlen":             "u32",
	"process_vm_readv.liovcnt":  "u32",
	"process_vm_writev.liovcnt": "u32",
	"vmsplice.nr_segs":          "u32",
	"process_madvise.vlen":      "u32", // cast to unsigned, mm/madvise.c: import_iovec
	// kernel/kexec.c: ~KEXEC_ARCH_MASK, an unsigned int, clears the upper half
	"kexec_load.flags":        "u32",
	"pciconfig_read.bus":      "u32", // passed on as an unsigned int, drivers/pci/syscall.c
	"pciconfig_read.dfn":      "u32",
	"pciconfig_read.off":      "u32", // as an int
	"pciconfig_write.bus":     "u32",
	"pciconfig_write.dfn":     "u32",
	"pciconfig_write.off":     "u32",
	"personality.personality": "u32", // ppc64: cast by ksys_personality, include/linux/syscalls.h
	"remap_file_pages.flags":  "u32", // mm/mmap.c: only MAP_NONBLOCK is looked at

	"futex_wait.val":                "u32", // refused, kernel/futex/futex.h: futex_validate_input
	"futex_wait.mask":               "u32",
	"futex_wake.mask":               "u32",
	"get_mempolicy.flags":           "u32", // refused, mm/mempolicy.c: do_get_mempolicy
	"set_mempolicy_home_node.flags": "u32", // refused unless 0
	"kexec_file_load.flags":         "u32", // refused, kernel/kexec_file.c
	"mseal.flags":                   "u32", // refused unless 0, mm/mseal.c
	"perf_event_open.flags":         "u32", // refused, kernel/events/core.c: PERF_FLAG_ALL
	"pkey_alloc.flags":              "u32", // refused unless 0, mm/mprotect.c
	"pkey_alloc.init_val":           "u32", // refused, likewise: PKEY_ACCESS_MASK
	"remap_file_pages.prot":         "u32", // refused unless 0, mm/mmap.c
	"riscv_flush_icache.flags":      "u32", // refused, arch/riscv/kernel/sys_riscv.c
	"s390_sthyi.flags":              "u32", // refused unless 0, arch/s390/kernel/sthyi.c

	"dfd": "s32", // unsigned in some compat functions, but AT_FDCWD is one
}

// effective returns the code of a parameter that is narrower than its type.
func effective(call, name string) (string, bool) {
	if code, ok := narrower[call+"."+name]; ok {
		return code, true
	}
	code, ok := narrower[name]
	return code, ok
}
