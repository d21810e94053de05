package linux

// familyRow gives the constants of some arguments, as lists of words that [ABI.expand] reads.
type familyRow struct {
	args   string // "call.parameter"; "*" for every call that has the parameter
	given  string // "parameter CONSTANT…": only where that one has one of these values
	values string // see Family
	flags  string
	masks  string
	octal  bool
}

// families is written by hand, from the code in the kernel that reads each argument: what it takes
// there by its name in include/uapi. testdata/argconsts.tsv is another reading.
var families = []familyRow{
	{args: "*.dfd *.olddfd *.newdfd *.from_dfd *.to_dfd *.mountdirfd", values: "AT_FDCWD"},
	{
		args: "*.which_clock timerfd_create.clockid futex_waitv.clockid",
		values: "CLOCK_REALTIME* CLOCK_MONOTONIC* CLOCK_PROCESS_CPUTIME_ID " +
			"CLOCK_THREAD_CPUTIME_ID CLOCK_BOOTTIME* CLOCK_SGI_CYCLE CLOCK_TAI " +
			"CLOCK_AUX",
	},
	{args: "accept4.flags", flags: "SOCK_CLOEXEC SOCK_NONBLOCK"},
	{args: "access.mode faccessat.mode faccessat2.mode", values: "F_OK", flags: "R_OK W_OK X_OK"},
	{args: "add_key.ringid request_key.destringid", values: "KEY_SPEC_*"},
	{
		args:   "arch_prctl.option",
		values: "ARCH_* !ARCH_SHSTK_SHSTK !ARCH_SHSTK_WRSS !ARCH_XCOMP_TILE*",
	},
	{
		args: "bpf.cmd",
		values: "BPF_PROG_* !BPF_PROG_TYPE_* BPF_MAP_* !BPF_MAP_TYPE_* BPF_OBJ_GET " +
			"BPF_OBJ_PIN BPF_OBJ_GET_INFO_BY_FD BPF_BTF_LOAD BPF_BTF_GET_FD_BY_ID " +
			"BPF_BTF_GET_NEXT_ID BPF_LINK_* !BPF_LINK_TYPE_* BPF_TASK_FD_QUERY " +
			"BPF_RAW_TRACEPOINT_OPEN BPF_ENABLE_STATS BPF_ITER_CREATE " +
			"BPF_TOKEN_CREATE",
	},
	{
		args: "chmod.mode creat.mode fchmod.mode fchmodat.mode fchmodat2.mode " +
			"mkdir.mode mkdirat.mode mq_open.mode open.mode openat.mode umask.mask",
		flags: "S_ISUID S_ISGID S_ISVTX",
		octal: true,
	},
	{
		args:   "mknod.mode mknodat.mode",
		values: "S_IFBLK S_IFCHR S_IFDIR S_IFIFO S_IFLNK S_IFREG S_IFSOCK",
		flags:  "S_ISUID S_ISGID S_ISVTX",
		masks:  "S_IFMT",
		octal:  true,
	},
	{
		args:   "clone.clone_flags",
		values: "SIG* !SIG_* !SIGEV_* !SIGSTKSZ !SIGSWI",
		flags: "CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE " +
			"CLONE_VFORK CLONE_PARENT CLONE_THREAD CLONE_SYSVSEM CLONE_SETTLS " +
			"CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED CLONE_UNTRACED " +
			"CLONE_CHILD_SETTID CLONE_IO CLONE_NEW* !CLONE_NEWTIME",
	},
	{
		args: "setns.flags unshare.unshare_flags",
		flags: "CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_THREAD CLONE_SYSVSEM " +
			"CLONE_NEW*",
	},
	{args: "close_range.flags", flags: "CLOSE_RANGE_*"},
	{
		args: "clock_nanosleep.flags clock_nanosleep_time64.flags timer_settime.flags " +
			"timer_settime64.flags",
		flags: "TIMER_ABSTIME",
	},
	{args: "delete_module.flags", flags: "O_NONBLOCK O_TRUNC"},
	{args: "dup3.flags memfd_secret.flags", flags: "O_CLOEXEC"},
	{args: "epoll_create1.flags", flags: "EPOLL_CLOEXEC"},
	{args: "epoll_ctl.op", values: "EPOLL_CTL_*"},
	{args: "eventfd2.flags", flags: "EFD_*"},
	{args: "execveat.flags", flags: "AT_EMPTY_PATH AT_SYMLINK_NOFOLLOW AT_EXECVE_CHECK"},
	{args: "faccessat2.flags", flags: "AT_EACCESS AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH"},
	{
		args:   "fadvise64.advice fadvise64.advise fadvise64_64.advice arm_fadvise64_64.advice",
		values: "POSIX_FADV_*",
	},
	{args: "fallocate.mode", flags: "FALLOC_FL_* !FALLOC_FL_ALLOCATE_RANGE"},
	{
		args:   "fanotify_init.flags",
		values: "FAN_CLASS_NOTIF FAN_CLASS_CONTENT FAN_CLASS_PRE_CONTENT",
		flags: "FAN_CLOEXEC FAN_NONBLOCK FAN_UNLIMITED_* FAN_ENABLE_AUDIT FAN_REPORT_* " +
			"!FAN_REPORT_DFID_* FAN_CLASS_CONTENT FAN_CLASS_PRE_CONTENT",
		masks: "FAN_ALL_CLASS_BITS",
	},
	{
		args:   "fanotify_init.event_f_flags",
		values: "O_RDONLY O_WRONLY O_RDWR",
		flags: "O_APPEND O_ASYNC O_CLOEXEC O_CREAT O_DIRECT O_DIRECTORY O_DSYNC " +
			"O_EMPTYPATH O_EXCL O_LARGEFILE O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK " +
			"O_PATH O_SYNC O_TMPFILE O_TRUNC O_WRONLY O_RDWR",
		masks: "O_ACCMODE",
	},
	{
		args:   "fanotify_mark.flags",
		values: "FAN_MARK_INODE FAN_MARK_MOUNT FAN_MARK_FILESYSTEM FAN_MARK_MNTNS",
		flags:  "FAN_MARK_* !FAN_MARK_INODE !FAN_MARK_MNTNS !FAN_MARK_IGNORE_SURV",
	},
	{
		args: "fanotify_mark.mask fanotify_mark.mask_lo",
		flags: "FAN_ACCESS FAN_ACCESS_PERM FAN_ATTRIB FAN_CLOSE_WRITE FAN_CLOSE_NOWRITE " +
			"FAN_CREATE FAN_DELETE FAN_DELETE_SELF FAN_EVENT_ON_CHILD FAN_FS_ERROR " +
			"FAN_MNT_ATTACH FAN_MNT_DETACH FAN_MODIFY FAN_MOVED_FROM FAN_MOVED_TO " +
			"FAN_MOVE_SELF FAN_ONDIR FAN_OPEN FAN_OPEN_EXEC FAN_OPEN_EXEC_PERM " +
			"FAN_OPEN_PERM FAN_PRE_ACCESS FAN_Q_OVERFLOW FAN_RENAME",
	},
	{
		args: "fchmodat2.flags fchownat.flag file_getattr.at_flags " +
			"file_setattr.at_flags getxattrat.at_flags listxattrat.at_flags " +
			"removexattrat.at_flags setxattrat.at_flags utimensat.flags " +
			"utimensat_time64.flags",
		flags: "AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH",
	},
	{
		args:   "fcntl.cmd fcntl64.cmd",
		values: "F_DUPFD* F_GET* F_SET* F_OFD_* F_ADD_SEALS F_NOTIFY F_CANCELLK F_CREATED_QUERY",
	},
	{args: "fcntl.arg fcntl64.arg", given: "cmd F_SETFD", flags: "FD_CLOEXEC"},
	{
		args:  "fcntl.arg fcntl64.arg",
		given: "cmd F_SETFL",
		flags: "O_APPEND O_ASYNC O_CREAT O_DIRECT O_DIRECTORY O_DSYNC O_EMPTYPATH O_EXCL " +
			"O_LARGEFILE O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC " +
			"O_TMPFILE O_TRUNC",
	},
	{args: "fcntl.arg fcntl64.arg", given: "cmd F_ADD_SEALS", flags: "F_SEAL_*"},
	{args: "fcntl.arg fcntl64.arg", given: "cmd F_NOTIFY", flags: "DN_*"},
	{
		args:   "fcntl.arg fcntl64.arg",
		given:  "cmd F_SETSIG",
		values: "SIG* !SIG_* !SIGEV_* !SIGSTKSZ !SIGSWI",
	},
	{args: "fcntl.arg fcntl64.arg", given: "cmd F_SETLEASE", values: "F_RDLCK F_WRLCK F_UNLCK"},
	{args: "finit_module.flags", flags: "MODULE_INIT_*"},
	{args: "flock.cmd", values: "LOCK_SH LOCK_EX LOCK_UN", flags: "LOCK_NB"},
	{args: "fsconfig.cmd", values: "FSCONFIG_*"},
	{args: "fsetxattr.flags lsetxattr.flags setxattr.flags", flags: "XATTR_CREATE XATTR_REPLACE"},
	{
		args:   "fsmount.attr_flags",
		values: "MOUNT_ATTR_RELATIME MOUNT_ATTR_NOATIME MOUNT_ATTR_STRICTATIME",
		flags:  "MOUNT_ATTR_RDONLY MOUNT_ATTR_NO* MOUNT_ATTR_STRICTATIME MOUNT_ATTR_IDMAP",
		masks:  "MOUNT_ATTR__ATIME",
	},
	{args: "fsmount.flags", flags: "FSMOUNT_*"},
	{args: "fsopen.flags", flags: "FSOPEN_CLOEXEC"},
	{args: "fspick.flags", flags: "FSPICK_*"},
	{
		args:  "fstatat64.flag newfstatat.flag",
		flags: "AT_SYMLINK_NOFOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH",
	},
	{
		args: "futex.op futex_time64.op",
		values: "FUTEX_WAIT* FUTEX_WAKE* !FUTEX_WAITERS !FUTEX_WAITV_* FUTEX_FD " +
			"FUTEX_REQUEUE* FUTEX_CMP_* FUTEX_LOCK_* FUTEX_UNLOCK_* FUTEX_TRYLOCK_*",
		flags: "FUTEX_PRIVATE_FLAG FUTEX_CLOCK_REALTIME FUTEX_ROBUST_UNLOCK FUTEX_ROBUST_LIST32",
		masks: "FUTEX_CMD_MASK",
	},
	{
		args:   "futex_wait.flags futex_wake.flags",
		values: "FUTEX2_SIZE_U*",
		flags:  "FUTEX2_NUMA FUTEX2_MPOL FUTEX2_PRIVATE",
		masks:  "FUTEX2_SIZE_MASK",
	},
	{args: "get_mempolicy.flags", flags: "MPOL_F_NODE MPOL_F_ADDR MPOL_F_MEMS_ALLOWED"},
	{args: "getitimer.which setitimer.which", values: "ITIMER_*"},
	{args: "getpriority.which setpriority.which", values: "PRIO_PROCESS PRIO_PGRP PRIO_USER"},
	{args: "getrandom.flags", flags: "GRND_*"},
	{
		args:   "getrlimit.resource prlimit64.resource setrlimit.resource ugetrlimit.resource",
		values: "RLIMIT_*",
	},
	{args: "getrusage.who", values: "RUSAGE_*"},
	{
		args:  "inotify_add_watch.mask",
		flags: "IN_* !IN_CLASS* !IN_CLOEXEC !IN_NONBLOCK !IN_LOOPBACKNET !IN_MULTICAST_NET",
	},
	{args: "inotify_init1.flags", flags: "IN_CLOEXEC IN_NONBLOCK"},
	{args: "io_uring_enter.flags", flags: "IORING_ENTER_*"},
	{
		args: "io_uring_register.opcode",
		values: "IORING_REGISTER_* !IORING_REGISTER_LAST !IORING_REGISTER_DST_REPLACE " +
			"!IORING_REGISTER_SRC_REGISTERED !IORING_REGISTER_FILES_SKIP " +
			"!IORING_REGISTER_USE_REGISTERED_RING IORING_UNREGISTER_*",
		flags: "IORING_REGISTER_USE_REGISTERED_RING",
	},
	{
		args: "ioctl.cmd",
		values: "TCGETA TCGETS TCGETX TCSETA TCSETAF TCSETAW TCSETS TCSETSF TCSETSW " +
			"TCSETX* TCSBRK TCSBRKP TCXONC TCFLSH TIOC*@54 FIO*@54 TIOC*@74 FIO*@66 " +
			"SIOC*@89 FIO*@89 BLK*@12 FS_IOC_*@66 FS_IOC_*@58 FS_IOC_*@76 FS_IOC_*@94 " +
			"FIBMAP FIGETBSZ FIFREEZE FITHAW FITRIM FICLONE FICLONERANGE " +
			"FIDEDUPERANGE HDIO_*@03 LOOP_*@4c RND*@52 RTC_*@70 TUN*@54 USBDEVFS_*@55 " +
			"NBD_*@ab DM_*@fd MEM*@4d PERF_EVENT_IOC_*@24 UFFDIO_*@aa KVM_*@ae " +
			"VFIO_*@3b VHOST_*@af NS_*@b7 SECCOMP_IOCTL_*@21 EVIOC*@45 UI_*@55 " +
			"DRM_IOCTL_*@64 VIDIOC_*@56 PTP_*@3d PPS_*@70 PIDFD_GET_*@ff FS_IOC_*@15 " +
			"TCGETS2 TCSETS2 TCSETSW2 TCSETSF2 PAGEMAP_SCAN PROCMAP_QUERY " +
			"USERFAULTFD_IOC_NEW TFD_IOC_SET_TICKS EPIOC*@8a INOTIFY_IOC_*@49 " +
			"BTRFS_IOC_*@94 EXT4_IOC_*@66 F2FS_IOC_*@f5 FAT_IOCTL_*@72 VFAT_IOCTL_*@72 " +
			"FUSE_DEV_IOC_*@e5 AUTOFS_*@93 NVME_*@4e ND_IOCTL_*@4e UBI_*@4f UBI_*@6f " +
			"OTP*@4d ECC*@4d IOC_PR_*@70 IOC_OPAL_*@70 MTIOC*@6d CDROM*@53 " +
			"UBLK_*@75 WDIOC_*@57 IOC_WATCH_QUEUE_*@57 GPIO*@b4 PWM_IOCTL_*@75 HPET_*@68 " +
			"IPMICTL_*@69 LIRC_*@69 TEE_IOC_*@a4 VTPM_PROXY_IOC_*@a1 RFKILL_IOCTL_*@52 " +
			"HIDIOC*@48 JSIOC*@6a FW_CDEV_IOC_*@23 MEDIA_*@7c CEC_*@61 UVCIOC_*@75 " +
			"DMA_BUF_*@62 DMA_HEAP_IOCTL_*@48 SYNC_IOC_*@3e UDMABUF_*@75 FBIO*@46 " +
			"VT_*@56 KD*@4b GIO_*@4b PIO_*@4b PPPIOC*@74 GSMIOC*@47 " +
			"IOCTL_VM_SOCKETS_*@07 IOMMU_*@3b NTSYNC_IOC_*@4e VDUSE_*@81 VBG_IOCTL_*@56 " +
			"ACRN_IOCTL_*@a2 MSHV_*@b8 NE_*@ae SNP_*@53 SEV_ISSUE_CMD TDX_CMD_*@54 " +
			"CXL_MEM_*@ce KCOV_*@63 RPMSG_*@b5 TRACE_MMAP_IOCTL_*@52 DIAG_IOCS*@2a " +
			"!BTRFS_IOC_CLONE !BTRFS_IOC_CLONE_RANGE !BTRFS_IOC_FILE_EXTENT_SAME",
	},
	{args: "ioprio_get.which ioprio_set.which", values: "IOPRIO_WHO_*"},
	{
		args: "ipc.call",
		values: "SEMOP SEMGET SEMCTL SEMTIMEDOP MSGSND MSGRCV MSGGET MSGCTL SHMAT SHMDT " +
			"SHMGET SHMCTL",
	},
	{args: "kcmp.type", values: "KCMP_* !KCMP_TYPES"},
	{args: "kexec_file_load.flags", flags: "KEXEC_FILE_*"},
	{
		args:   "kexec_load.flags",
		values: "KEXEC_ARCH_* !KEXEC_ARCH_MASK",
		flags: "KEXEC_ON_CRASH KEXEC_PRESERVE_CONTEXT KEXEC_UPDATE_ELFCOREHDR " +
			"KEXEC_CRASH_HOTPLUG_SUPPORT",
		masks: "KEXEC_ARCH_MASK",
	},
	{args: "keyctl.option", values: "KEYCTL_* !KEYCTL_CAPS* !KEYCTL_SUPPORTS_* !KEYCTL_MOVE_EXCL"},
	{
		args: "kill.sig pidfd_send_signal.sig rt_sigaction.sig rt_sigqueueinfo.sig " +
			"rt_tgsigqueueinfo.sig sigaction.sig signal.sig tgkill.sig tkill.sig",
		values: "SIG* !SIG_* !SIGEV_* !SIGSTKSZ !SIGSWI",
	},
	{args: "landlock_add_rule.rule_type", values: "LANDLOCK_RULE_*"},
	{args: "landlock_create_ruleset.flags", flags: "LANDLOCK_CREATE_RULESET_*"},
	{args: "landlock_restrict_self.flags", flags: "LANDLOCK_RESTRICT_SELF_*"},
	{args: "linkat.flags", flags: "AT_SYMLINK_FOLLOW AT_EMPTY_PATH"},
	{args: "_llseek.whence lseek.whence", values: "SEEK_* !SEEK_MAX"},
	{args: "lsm_get_self_attr.attr lsm_set_self_attr.attr", values: "LSM_ATTR_*"},
	{args: "madvise.behavior process_madvise.behavior", values: "MADV_*"},
	{args: "map_shadow_stack.flags", flags: "SHADOW_STACK_*"},
	{args: "mbind.flags", flags: "MPOL_MF_STRICT MPOL_MF_MOVE MPOL_MF_MOVE_ALL"},
	{
		args: "mbind.mode set_mempolicy.mode",
		values: "MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL " +
			"MPOL_PREFERRED_MANY MPOL_WEIGHTED_INTERLEAVE",
		flags: "MPOL_F_STATIC_NODES MPOL_F_RELATIVE_NODES MPOL_F_NUMA_BALANCING",
	},
	{
		args:   "membarrier.cmd",
		values: "MEMBARRIER_CMD_* !MEMBARRIER_CMD_FLAG_* !MEMBARRIER_CMD_SHARED",
	},
	{args: "membarrier.flags", flags: "MEMBARRIER_CMD_FLAG_CPU"},
	{args: "memfd_create.flags", flags: "MFD_* !MFD_HUGE_*"},
	{args: "mlock2.flags", flags: "MLOCK_ONFAULT"},
	{args: "mlockall.flags", flags: "MCL_*"},
	{
		args:   "mmap.flags mmap2.flags",
		values: "MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE MAP_DROPPABLE",
		flags:  "MAP_* !MAP_FILE !MAP_HUGE_* !MAP_TYPE !MAP_RENAME !MAP_SHARED_VALIDATE",
		masks:  "MAP_TYPE",
	},
	{
		args:   "mmap.prot mmap2.prot mprotect.prot pkey_mprotect.prot",
		values: "PROT_NONE",
		flags:  "PROT_* !PROT_NONE",
	},
	{
		args:  "mount.flags",
		flags: "MS_* !MS_ASYNC !MS_SYNC !MS_INVALIDATE !MS_MGC_* !MS_RMT_MASK !MS_VERBOSE",
		masks: "MS_MGC_MSK",
	},
	{
		args:  "mount_setattr.flags",
		flags: "AT_EMPTY_PATH AT_RECURSIVE AT_SYMLINK_NOFOLLOW AT_NO_AUTOMOUNT",
	},
	{args: "move_mount.flags", flags: "MOVE_MOUNT_* !MOVE_MOUNT__MASK", masks: "MOVE_MOUNT__MASK"},
	{args: "move_pages.flags", flags: "MPOL_MF_MOVE MPOL_MF_MOVE_ALL"},
	{
		args:   "mq_open.oflag open.flags open_by_handle_at.flags openat.flags",
		values: "O_RDONLY O_WRONLY O_RDWR",
		flags: "O_APPEND O_ASYNC O_CLOEXEC O_CREAT O_DIRECT O_DIRECTORY O_DSYNC " +
			"O_EMPTYPATH O_EXCL O_LARGEFILE O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK " +
			"O_PATH O_SYNC O_TMPFILE O_TRUNC O_WRONLY O_RDWR",
		masks: "O_ACCMODE",
	},
	{args: "mremap.flags", flags: "MREMAP_*"},
	{
		args:   "msgctl.cmd",
		values: "IPC_RMID IPC_SET IPC_STAT IPC_INFO MSG_STAT MSG_STAT_ANY MSG_INFO",
	},
	{
		args: "semctl.cmd",
		values: "IPC_RMID IPC_SET IPC_STAT IPC_INFO GETVAL SETVAL GETALL SETALL GETPID " +
			"GETNCNT GETZCNT SEM_STAT SEM_STAT_ANY SEM_INFO",
	},
	{
		args: "shmctl.cmd",
		values: "IPC_RMID IPC_SET IPC_STAT IPC_INFO SHM_LOCK SHM_UNLOCK SHM_STAT " +
			"SHM_STAT_ANY SHM_INFO",
	},
	{args: "msgget.key semget.key shmget.key", values: "IPC_PRIVATE"},
	{args: "msgget.msgflg semget.semflg", flags: "IPC_CREAT IPC_EXCL", octal: true},
	{args: "shmget.shmflg", flags: "IPC_CREAT IPC_EXCL SHM_HUGETLB SHM_NORESERVE", octal: true},
	{args: "msgrcv.msgflg", flags: "MSG_NOERROR MSG_EXCEPT MSG_COPY IPC_NOWAIT"},
	{args: "msgsnd.msgflg", flags: "IPC_NOWAIT"},
	{args: "msync.flags", flags: "MS_ASYNC MS_SYNC MS_INVALIDATE"},
	{args: "name_to_handle_at.flag", flags: "AT_EMPTY_PATH AT_SYMLINK_FOLLOW AT_HANDLE_*"},
	{
		args:  "open_tree.flags open_tree_attr.flags",
		flags: "OPEN_TREE_* AT_EMPTY_PATH AT_NO_AUTOMOUNT AT_RECURSIVE AT_SYMLINK_NOFOLLOW",
	},
	{args: "perf_event_open.flags", flags: "PERF_FLAG_*"},
	{
		args:   "personality.personality",
		values: "PER_* !PER_MASK",
		flags: "ADDR_COMPAT_LAYOUT ADDR_LIMIT_* ADDR_NO_RANDOMIZE READ_IMPLIES_EXEC " +
			"MMAP_PAGE_ZERO STICKY_TIMEOUTS UNAME26 SHORT_INODE WHOLE_SECONDS " +
			"FDPIC_FUNCPTRS",
		masks: "PER_MASK",
	},
	{args: "pidfd_open.flags", flags: "PIDFD_NONBLOCK PIDFD_THREAD"},
	{args: "pidfd_send_signal.flags", flags: "PIDFD_SIGNAL_*"},
	{args: "pipe2.flags", flags: "O_CLOEXEC O_NONBLOCK O_DIRECT O_NOTIFICATION_PIPE"},
	{args: "pkey_alloc.init_val", flags: "PKEY_DISABLE_*"},
	{
		args: "prctl.option",
		values: "PR_SET_* !PR_SET_MM_* !PR_SET_PTRACER_ANY !PR_SET_VMA_ANON_NAME PR_GET_* " +
			"PR_CAPBSET_* PR_CAP_AMBIENT PR_FUTEX_HASH PR_LOCK_* PR_MCE_KILL " +
			"PR_MCE_KILL_GET PR_MPX_* PR_PAC_RESET_KEYS PR_PAC_GET_* PR_PAC_SET_* " +
			"PR_PPC_GET_DEXCR PR_PPC_SET_DEXCR PR_RISCV_SET_ICACHE_FLUSH_CTX " +
			"PR_RISCV_V_GET_CONTROL PR_RISCV_V_SET_CONTROL PR_RSEQ_SLICE_EXTENSION " +
			"PR_SCHED_CORE PR_SME_GET_VL PR_SME_SET_VL PR_SVE_GET_VL PR_SVE_SET_VL " +
			"PR_TASK_PERF_EVENTS_* PR_TIMER_CREATE_RESTORE_IDS",
	},
	{
		args:   "prctl.arg2",
		given:  "option PR_SET_PDEATHSIG",
		values: "SIG* !SIG_* !SIGEV_* !SIGSTKSZ !SIGSWI",
	},
	{
		args:   "prctl.arg2",
		given:  "option PR_CAPBSET_DROP PR_CAPBSET_READ",
		values: "CAP_* !CAP_LAST_CAP",
	},
	{args: "prctl.arg2", given: "option PR_CAP_AMBIENT", values: "PR_CAP_AMBIENT_*"},
	{args: "prctl.arg2", given: "option PR_MCE_KILL", values: "PR_MCE_KILL_CLEAR PR_MCE_KILL_SET"},
	{
		args:   "prctl.arg2",
		given:  "option PR_SCHED_CORE",
		values: "PR_SCHED_CORE_GET PR_SCHED_CORE_CREATE PR_SCHED_CORE_SHARE_*",
	},
	{args: "prctl.arg2", given: "option PR_SET_MDWE", flags: "PR_MDWE_*"},
	{args: "prctl.arg2", given: "option PR_SET_MM", values: "PR_SET_MM_*"},
	{
		args:   "prctl.arg2",
		given:  "option PR_SET_SECCOMP",
		values: "SECCOMP_MODE_STRICT SECCOMP_MODE_FILTER",
	},
	{args: "prctl.arg2", given: "option PR_SET_SECUREBITS", flags: "SECBIT_*"},
	{
		args:   "prctl.arg2",
		given:  "option PR_SET_SPECULATION_CTRL PR_GET_SPECULATION_CTRL",
		values: "PR_SPEC_STORE_BYPASS PR_SPEC_INDIRECT_BRANCH PR_SPEC_L1D_FLUSH",
	},
	{
		args:  "prctl.arg2",
		given: "option PR_SET_SYSCALL_USER_DISPATCH",
		values: "PR_SYS_DISPATCH_OFF PR_SYS_DISPATCH_ON PR_SYS_DISPATCH_EXCLUSIVE_ON " +
			"PR_SYS_DISPATCH_INCLUSIVE_ON",
	},
	{args: "prctl.arg2", given: "option PR_SET_TSC", values: "PR_TSC_*"},
	{args: "prctl.arg2", given: "option PR_SET_VMA", values: "PR_SET_VMA_ANON_NAME"},
	{args: "prctl.arg3", given: "option PR_CAP_AMBIENT", values: "CAP_* !CAP_LAST_CAP"},
	{
		args:  "prctl.arg3",
		given: "option PR_SET_SPECULATION_CTRL",
		flags: "PR_SPEC_ENABLE PR_SPEC_DISABLE PR_SPEC_FORCE_DISABLE PR_SPEC_DISABLE_NOEXEC",
	},
	{args: "preadv2.flags pwritev2.flags", flags: "RWF_* !RWF_SUPPORTED !RWF_WRITE_LIFE_NOT_SET"},
	{
		args: "ptrace.request",
		values: "PTRACE_* !PTRACE_O_* !PTRACE_EVENT* !PTRACE_SYSCALL_INFO_* " +
			"!PTRACE_PEEKSIGINFO_SHARED !PTRACE_CFI_* !PTRACE_GETFDPIC_*",
	},
	{
		args:  "ptrace.data",
		given: "request PTRACE_SETOPTIONS PTRACE_SEIZE",
		flags: "PTRACE_O_* !PTRACE_O_MASK",
	},
	{
		args: "ptrace.data",
		given: "request PTRACE_CONT PTRACE_DETACH PTRACE_SYSCALL PTRACE_SINGLESTEP " +
			"PTRACE_SYSEMU PTRACE_SYSEMU_SINGLESTEP",
		values: "SIG* !SIG_* !SIGEV_* !SIGSTKSZ !SIGSWI",
	},
	{args: "reboot.cmd", values: "LINUX_REBOOT_CMD_*"},
	{args: "reboot.magic1", values: "LINUX_REBOOT_MAGIC1"},
	{args: "reboot.magic2", values: "LINUX_REBOOT_MAGIC2*"},
	{
		args: "recv.flags recvfrom.flags recvmmsg.flags recvmmsg_time64.flags " +
			"recvmsg.flags send.flags sendmmsg.flags sendmsg.flags sendto.flags",
		flags: "MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_PROXY MSG_TRUNC " +
			"MSG_DONTWAIT MSG_EOR MSG_WAITALL MSG_CONFIRM MSG_ERRQUEUE MSG_NOSIGNAL " +
			"MSG_MORE MSG_WAITFORONE MSG_BATCH MSG_SOCK_DEVMEM MSG_ZEROCOPY " +
			"MSG_FASTOPEN MSG_CMSG_CLOEXEC",
	},
	{args: "remap_file_pages.flags", flags: "MAP_NONBLOCK"},
	{args: "renameat2.flags", flags: "RENAME_*"},
	{args: "rseq.flags", flags: "RSEQ_FLAG_*"},
	{args: "rt_sigprocmask.how sigprocmask.how", values: "SIG_BLOCK SIG_UNBLOCK SIG_SETMASK"},
	{
		args: "sched_get_priority_max.policy sched_get_priority_min.policy " +
			"sched_setscheduler.policy",
		values: "SCHED_NORMAL SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE SCHED_DEADLINE " +
			"SCHED_EXT",
		flags: "SCHED_RESET_ON_FORK",
	},
	{args: "seccomp.flags", given: "op SECCOMP_SET_MODE_FILTER", flags: "SECCOMP_FILTER_FLAG_*"},
	{args: "seccomp.op", values: "SECCOMP_SET_MODE_* SECCOMP_GET_*"},
	{args: "shmat.shmflg", flags: "SHM_RDONLY SHM_RND SHM_REMAP SHM_EXEC"},
	{args: "shutdown.how", values: "SHUT_*"},
	{args: "signalfd4.flags", flags: "SFD_*"},
	{args: "socket.family socketpair.family", values: "AF_* !AF_MAX"},
	{
		args:   "socket.type socketpair.type",
		values: "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP SOCK_PACKET",
		flags:  "SOCK_CLOEXEC SOCK_NONBLOCK",
	},
	{
		args:   "socket.protocol socketpair.protocol",
		given:  "family AF_INET AF_INET6",
		values: "IPPROTO_* !IPPROTO_MAX !IPPROTO_HOPOPTS",
	},
	{
		args:  "socket.protocol",
		given: "family AF_NETLINK",
		values: "NETLINK_ROUTE NETLINK_UNUSED NETLINK_USERSOCK NETLINK_FIREWALL " +
			"NETLINK_SOCK_DIAG NETLINK_NFLOG NETLINK_XFRM NETLINK_SELINUX " +
			"NETLINK_ISCSI NETLINK_AUDIT NETLINK_FIB_LOOKUP NETLINK_CONNECTOR " +
			"NETLINK_NETFILTER NETLINK_IP6_FW NETLINK_DNRTMSG NETLINK_KOBJECT_UEVENT " +
			"NETLINK_GENERIC NETLINK_SCSITRANSPORT NETLINK_ECRYPTFS NETLINK_RDMA " +
			"NETLINK_CRYPTO NETLINK_SMC",
	},
	{
		args:   "socket.protocol",
		given:  "family AF_CAN",
		values: "CAN_RAW CAN_BCM CAN_TP16 CAN_TP20 CAN_MCNET CAN_ISOTP CAN_J1939",
	},
	{args: "socketcall.call", values: "SYS_* !SYS_SECCOMP !SYS_USER_DISPATCH"},
	{
		args:   "getsockopt.level setsockopt.level",
		values: "SOL_* !SOL_CAN_BASE IPPROTO_SCTP IPPROTO_UDPLITE",
	},
	{
		args:  "getsockopt.optname",
		given: "level SOL_SOCKET",
		values: "SO_* !SO_EE_* !SO_RDS_* !SO_VM_* !SO_ORIGINAL_DST !SO_ATTACH_FILTER " +
			"!SO_DETACH_BPF",
	},
	{
		args:  "setsockopt.optname",
		given: "level SOL_SOCKET",
		values: "SO_* !SO_EE_* !SO_RDS_* !SO_VM_* !SO_ORIGINAL_DST !SO_GET_FILTER " +
			"!SO_DETACH_BPF",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_TCP",
		values: "TCP_NODELAY TCP_MAXSEG TCP_CORK TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT " +
			"TCP_SYNCNT TCP_LINGER2 TCP_DEFER_ACCEPT TCP_WINDOW_CLAMP TCP_INFO " +
			"TCP_QUICKACK TCP_CONGESTION TCP_MD5SIG TCP_COOKIE_TRANSACTIONS " +
			"TCP_THIN_LINEAR_TIMEOUTS TCP_THIN_DUPACK TCP_USER_TIMEOUT TCP_REPAIR " +
			"TCP_REPAIR_QUEUE TCP_QUEUE_SEQ TCP_REPAIR_OPTIONS TCP_FASTOPEN " +
			"TCP_TIMESTAMP TCP_NOTSENT_LOWAT TCP_CC_INFO TCP_SAVE_SYN TCP_SAVED_SYN " +
			"TCP_REPAIR_WINDOW TCP_FASTOPEN_CONNECT TCP_ULP TCP_MD5SIG_EXT " +
			"TCP_FASTOPEN_KEY TCP_FASTOPEN_NO_COOKIE TCP_ZEROCOPY_RECEIVE TCP_INQ " +
			"TCP_TX_DELAY TCP_AO_ADD_KEY TCP_AO_DEL_KEY TCP_AO_INFO TCP_AO_GET_KEYS " +
			"TCP_AO_REPAIR TCP_IS_MPTCP TCP_RTO_MAX_MS TCP_RTO_MIN_US " +
			"TCP_DELACK_MAX_US",
	},
	{
		args:   "getsockopt.optname setsockopt.optname",
		given:  "level SOL_UDP",
		values: "UDP_CORK UDP_ENCAP UDP_NO_CHECK6_TX UDP_NO_CHECK6_RX UDP_SEGMENT UDP_GRO",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_IP",
		values: "IP_TOS IP_TTL IP_HDRINCL IP_OPTIONS IP_ROUTER_ALERT IP_RECVOPTS " +
			"IP_RETOPTS IP_PKTINFO IP_PKTOPTIONS IP_MTU_DISCOVER IP_RECVERR " +
			"IP_RECVTTL IP_RECVTOS IP_MTU IP_FREEBIND IP_IPSEC_POLICY IP_XFRM_POLICY " +
			"IP_PASSSEC IP_TRANSPARENT IP_RECVORIGDSTADDR IP_MINTTL IP_NODEFRAG " +
			"IP_CHECKSUM IP_BIND_ADDRESS_NO_PORT IP_RECVFRAGSIZE IP_RECVERR_RFC4884 " +
			"IP_MULTICAST_IF IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_ADD_MEMBERSHIP " +
			"IP_DROP_MEMBERSHIP IP_UNBLOCK_SOURCE IP_BLOCK_SOURCE " +
			"IP_ADD_SOURCE_MEMBERSHIP IP_DROP_SOURCE_MEMBERSHIP IP_MSFILTER " +
			"IP_MULTICAST_ALL IP_UNICAST_IF IP_LOCAL_PORT_RANGE IP_PROTOCOL " +
			"MCAST_JOIN_* MCAST_LEAVE_* MCAST_BLOCK_SOURCE MCAST_UNBLOCK_SOURCE " +
			"MCAST_MSFILTER",
	},
	{args: "getsockopt.optname", given: "level SOL_IP", values: "SO_ORIGINAL_DST"},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_IPV6",
		values: "IPV6_ADDRFORM IPV6_2292PKTINFO IPV6_2292HOPOPTS IPV6_2292DSTOPTS " +
			"IPV6_2292RTHDR IPV6_2292PKTOPTIONS IPV6_CHECKSUM IPV6_2292HOPLIMIT " +
			"IPV6_NEXTHOP IPV6_AUTHHDR IPV6_FLOWINFO IPV6_UNICAST_HOPS " +
			"IPV6_MULTICAST_IF IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP " +
			"IPV6_ADD_MEMBERSHIP IPV6_DROP_MEMBERSHIP IPV6_ROUTER_ALERT " +
			"IPV6_MTU_DISCOVER IPV6_MTU IPV6_RECVERR IPV6_V6ONLY IPV6_JOIN_ANYCAST " +
			"IPV6_LEAVE_ANYCAST IPV6_MULTICAST_ALL IPV6_ROUTER_ALERT_ISOLATE " +
			"IPV6_RECVERR_RFC4884 IPV6_FLOWLABEL_MGR IPV6_FLOWINFO_SEND " +
			"IPV6_IPSEC_POLICY IPV6_XFRM_POLICY IPV6_HDRINCL IPV6_RECVPKTINFO " +
			"IPV6_PKTINFO IPV6_RECVHOPLIMIT IPV6_HOPLIMIT IPV6_RECVHOPOPTS " +
			"IPV6_HOPOPTS IPV6_RTHDRDSTOPTS IPV6_RECVRTHDR IPV6_RTHDR " +
			"IPV6_RECVDSTOPTS IPV6_DSTOPTS IPV6_RECVPATHMTU IPV6_PATHMTU " +
			"IPV6_DONTFRAG IPV6_RECVTCLASS IPV6_TCLASS IPV6_AUTOFLOWLABEL " +
			"IPV6_ADDR_PREFERENCES IPV6_MINHOPCOUNT IPV6_RECVORIGDSTADDR " +
			"IPV6_TRANSPARENT IPV6_UNICAST_IF IPV6_RECVFRAGSIZE IPV6_FREEBIND " +
			"MCAST_JOIN_* MCAST_LEAVE_* MCAST_BLOCK_SOURCE MCAST_UNBLOCK_SOURCE " +
			"MCAST_MSFILTER",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_PACKET",
		values: "PACKET_ADD_MEMBERSHIP PACKET_DROP_MEMBERSHIP PACKET_RECV_OUTPUT " +
			"PACKET_RX_RING PACKET_STATISTICS PACKET_COPY_THRESH PACKET_AUXDATA " +
			"PACKET_ORIGDEV PACKET_VERSION PACKET_HDRLEN PACKET_RESERVE " +
			"PACKET_TX_RING PACKET_LOSS PACKET_VNET_HDR PACKET_TX_TIMESTAMP " +
			"PACKET_TIMESTAMP PACKET_FANOUT PACKET_TX_HAS_OFF PACKET_QDISC_BYPASS " +
			"PACKET_ROLLOVER_STATS PACKET_FANOUT_DATA PACKET_IGNORE_OUTGOING " +
			"PACKET_VNET_HDR_SZ",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_NETLINK",
		values: "NETLINK_ADD_MEMBERSHIP NETLINK_DROP_MEMBERSHIP NETLINK_PKTINFO " +
			"NETLINK_BROADCAST_ERROR NETLINK_NO_ENOBUFS NETLINK_RX_RING " +
			"NETLINK_TX_RING NETLINK_LISTEN_ALL_NSID NETLINK_LIST_MEMBERSHIPS " +
			"NETLINK_CAP_ACK NETLINK_EXT_ACK NETLINK_GET_STRICT_CHK",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_TIPC",
		values: "TIPC_IMPORTANCE TIPC_SRC_DROPPABLE TIPC_DEST_DROPPABLE TIPC_CONN_TIMEOUT " +
			"TIPC_NODE_RECVQ_DEPTH TIPC_SOCK_RECVQ_DEPTH TIPC_MCAST_BROADCAST " +
			"TIPC_MCAST_REPLICAST TIPC_GROUP_JOIN TIPC_GROUP_LEAVE " +
			"TIPC_SOCK_RECVQ_USED TIPC_NODELAY",
	},
	{
		args:   "getsockopt.optname setsockopt.optname",
		given:  "level AF_VSOCK",
		values: "SO_VM_SOCKETS_* !SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_ALG",
		values: "ALG_SET_KEY ALG_SET_AEAD_AUTHSIZE ALG_SET_DRBG_ENTROPY " +
			"ALG_SET_KEY_BY_KEY_SERIAL",
	},
	{
		args:  "getsockopt.optname setsockopt.optname",
		given: "level SOL_XDP",
		values: "XDP_MMAP_OFFSETS XDP_RX_RING XDP_TX_RING XDP_UMEM_REG XDP_UMEM_FILL_RING " +
			"XDP_UMEM_COMPLETION_RING XDP_STATISTICS XDP_OPTIONS " +
			"XDP_MAX_TX_SKB_BUDGET",
	},
	{
		args:  "splice.flags tee.flags vmsplice.flags",
		flags: "SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE SPLICE_F_GIFT",
	},
	{args: "statmount.flags", flags: "STATMOUNT_BY_FD"},
	{
		args:   "statx.flags",
		values: "AT_STATX_SYNC_AS_STAT AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC",
		flags: "AT_EMPTY_PATH AT_NO_AUTOMOUNT AT_SYMLINK_NOFOLLOW AT_STATX_FORCE_SYNC " +
			"AT_STATX_DONT_SYNC",
		masks: "AT_STATX_SYNC_TYPE",
	},
	{args: "statx.mask", flags: "STATX_* !STATX_ATTR_* !STATX__RESERVED"},
	{
		args:  "swapon.swap_flags",
		flags: "SWAP_FLAG_* !SWAP_FLAG_PRIO_MASK",
		masks: "SWAP_FLAG_PRIO_MASK",
	},
	{
		args:  "sync_file_range.flags sync_file_range2.flags arm_sync_file_range.flags",
		flags: "SYNC_FILE_RANGE_*",
	},
	{args: "syslog.type", values: "SYSLOG_ACTION_*"},
	{args: "timerfd_create.flags", flags: "TFD_CLOEXEC TFD_NONBLOCK"},
	{args: "timerfd_settime.flags timerfd_settime64.flags", flags: "TFD_TIMER_*"},
	{args: "umount2.flags", flags: "MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW"},
	{args: "unlinkat.flag", flags: "AT_REMOVEDIR"},
	{args: "userfaultfd.flags", flags: "UFFD_USER_MODE_ONLY O_CLOEXEC O_NONBLOCK"},
	{
		args:  "wait4.options waitpid.options",
		flags: "WNOHANG WUNTRACED WCONTINUED WNOTHREAD WALL WCLONE",
	},
	{
		args:  "waitid.options",
		flags: "WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT WNOTHREAD WALL WCLONE",
	},
	{args: "waitid.which", values: "P_ALL P_PID P_PGID P_PIDFD"},
}

// packed are the arguments of which the kernel reads a value out of the middle of a word: macros
// put it there, and its constants are not values of the argument.
var packed = []Packed{
	// include/uapi/linux/quota.h, QCMD; fs/quota/quota.c, SYSCALL_DEFINE4(quotactl)
	{args: "quotactl.cmd quotactl_fd.cmd", Prefix: "Q_", Shift: 8, Mask: 0xffff_ff00},
	// include/uapi/linux/ioprio.h, IOPRIO_PRIO_CLASS
	{args: "ioprio_set.ioprio", Prefix: "IOPRIO_CLASS_", Shift: 13, Mask: 0xe000},
	// packet(7): "a protocol is in network byte order"; net/packet/af_packet.c, packet_create
	{args: "socket.protocol", Prefix: "ETH_P_", Swapped: true, Mask: 0xffff},
}

// synonyms are names for one thing, the usual one first: the kernel's header defines the others by
// it, or says so beside them.
var synonyms = []string{
	"AF_UNIX AF_LOCAL AF_FILE",
	"AF_NETLINK AF_ROUTE",
	"BPF_PROG_TEST_RUN BPF_PROG_RUN",
	"F_GETLK F_GETLK64",
	"F_SETLK F_SETLK64",
	"F_SETLKW F_SETLKW64",
	"FIONREAD TIOCINQ",
	"MAP_ANONYMOUS MAP_ANON",
	"PR_SYS_DISPATCH_ON PR_SYS_DISPATCH_EXCLUSIVE_ON",
	"SIGABRT SIGIOT",
	"SIGCHLD SIGCLD",
	"SIGIO SIGPOLL",
	"SIGSYS SIGUNUSED",
	"SIOCGSTAMP SIOCGSTAMP_OLD",
	"SIOCGSTAMPNS SIOCGSTAMPNS_OLD",
	"SO_RCVTIMEO SO_RCVTIMEO_OLD SO_RCVTIMEO_NEW",
	"SO_SNDTIMEO SO_SNDTIMEO_OLD SO_SNDTIMEO_NEW",
	"SO_TIMESTAMP SO_TIMESTAMP_OLD SO_TIMESTAMP_NEW",
	"SO_TIMESTAMPING SO_TIMESTAMPING_OLD SO_TIMESTAMPING_NEW",
	"SO_TIMESTAMPNS SO_TIMESTAMPNS_OLD SO_TIMESTAMPNS_NEW",
	"SO_TYPE SO_STYLE",
	"USBDEVFS_REAPURB USBDEVFS_REAPURB32",
	"USBDEVFS_REAPURBNDELAY USBDEVFS_REAPURBNDELAY32",
}
