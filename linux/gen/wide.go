package main

// wide holds what was found about each parameter of 64 bits that is no pointer and that narrower
// does not list: read in the source of the kernel named by linux.KernelVersion, looking for a cast,
// a call of a function with a narrower parameter, a test against ~CONSTANT of an unsigned int. The
// keys say why all 64 bits count, the values are "call.parameter" in the kernel's names.
var wide = map[string]string{
	// Compared, added to or handed on as a size_t or unsigned long. What no object can have is
	// refused or cut to a limit, by its full value: count > MAX_RW_COUNT, plen > 1024 * 1024 - 1,
	// usize < VER0.
	"a size of memory or a file": `
		add_key.plen copy_file_range.len fallocate.len fadvise64.len fadvise64_64.len
		ftruncate.length ftruncate64.length getcwd.size
		getrandom.len init_module.len kexec_file_load.cmdline_len modify_ldt.bytecount
		mq_timedreceive.msg_len mq_timedreceive_time64.msg_len
		mq_timedsend.msg_len mq_timedsend_time64.msg_len msgrcv.msgsz msgsnd.msgsz pread64.count
		pwrite64.count read.count readahead.count recv.size recvfrom.size send.len sendfile.count sendfile64.count
		sendto.len shmget.size splice.len statmount.bufsize sync_file_range.nbytes
		sync_file_range2.nbytes tee.len truncate.length truncate64.length write.count
		fgetxattr.size flistxattr.size fsetxattr.size getxattr.size lgetxattr.size listxattr.size
		listxattrat.size llistxattr.size lsetxattr.size setxattr.size s390_pci_mmio_read.length
		s390_pci_mmio_write.length cacheflush.bytes`,

	// copy_struct_from_user and its like compare the whole value with what the kernel knows; a set
	// of signals has one size (sigsetsize != sizeof(sigset_t)).
	"the size of a structure": `
		clone3.size file_getattr.usize file_setattr.usize fstatfs64.sz getxattrat.usize
		io_uring_enter.argsz landlock_create_ruleset.size mount_setattr.usize open_tree_attr.usize
		openat2.usize set_robust_list.len setxattrat.usize statfs64.sz swapcontext.ctx_size
		epoll_pwait.sigsetsize epoll_pwait2.sigsetsize ppoll.sigsetsize rt_sigaction.sigsetsize
		rt_sigpending.sigsetsize rt_sigprocmask.sigsetsize rt_sigsuspend.sigsetsize
		rt_sigtimedwait.sigsetsize signalfd.sizemask signalfd4.sizemask`,

	"an offset": `
		_llseek.offset_lo fadvise64.offset fadvise64_64.offset fallocate.offset lseek.offset mmap.off mmap.offset mmap2.pgoff
		pread64.pos preadv.pos preadv.pos_lo preadv2.pos preadv2.pos_lo pwrite64.pos pwritev.pos
		pwritev.pos_lo pwritev2.pos pwritev2.pos_lo readahead.offset remap_file_pages.pgoff
		sync_file_range.offset sync_file_range2.offset`,

	"an address, or the length of memory from there": `
		brk.brk cacheflush.addr clone.newsp clone.tls get_mempolicy.addr kexec_load.entry
		madvise.len_in madvise.start map_shadow_stack.addr map_shadow_stack.size mbind.len
		mbind.start mincore.len mincore.start mlock.len mlock.start mlock2.len mlock2.start mmap.addr
		mmap.len mmap2.addr mmap2.len mprotect.len mprotect.start mremap.addr mremap.new_addr mremap.new_len
		mremap.old_len mseal.len mseal.start msync.len msync.start munlock.len munlock.start
		munmap.addr munmap.len pkey_mprotect.len pkey_mprotect.start remap_file_pages.size
		remap_file_pages.start riscv_flush_icache.end riscv_flush_icache.start
		s390_pci_mmio_read.mmio_addr s390_pci_mmio_write.mmio_addr set_mempolicy_home_node.len
		set_mempolicy_home_node.start set_thread_area.addr subpage_prot.addr subpage_prot.len`,

	// An unsigned long, compared with a limit before anything else: nr > UIO_MAXIOV, maxnode >
	// PAGE_SIZE * 8, nr_segments > KEXEC_SEGMENT_MAX, home_node >= MAX_NUMNODES.
	"a number of things": `
		get_mempolicy.maxnode io_getevents.min_nr io_getevents.nr io_pgetevents.min_nr
		io_pgetevents.nr io_submit.nr ioperm.from ioperm.num kexec_load.nr_segments
		listmount.nr_mnt_ids listns.nr_ns_ids mbind.maxnode migrate_pages.maxnode
		move_pages.nr_pages process_vm_readv.riovcnt process_vm_writev.riovcnt
		riscv_hwprobe.cpusetsize riscv_hwprobe.pair_count set_mempolicy.maxnode
		set_mempolicy_home_node.home_node pciconfig_read.len pciconfig_write.len`,

	"a value that is compared or stored whole": `
		arch_prctl.arg2 fanotify_mark.mask io_cancel.ctx_id io_destroy.ctx io_getevents.ctx_id io_pgetevents.ctx_id
		io_submit.ctx_id msgrcv.msgtyp ptrace.request s390_sthyi.function_code sigsuspend.mask
		sysmips.arg1 sysmips.arg2 sysmips.cmd`,

	// Lint dependent-width: see compiler/resolve.
	"as another argument says": `
		fcntl.arg fcntl64.arg ioctl.arg ipc.fifth ipc.second ipc.third kcmp.idx2 keyctl.arg2
		keyctl.arg3 keyctl.arg4 keyctl.arg5 prctl.arg2 prctl.arg3 prctl.arg4 prctl.arg5 ptrace.addr
		ptrace.data semctl.arg sysfs.arg1 sysfs.arg2`,

	// On a 64-bit kernel pos_from_hilo shifts all of it out.
	"nothing of it is read": `preadv.pos_hi preadv2.pos_hi pwritev.pos_hi pwritev2.pos_hi`,
}
