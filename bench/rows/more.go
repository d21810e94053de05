package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// goService is what a static Go HTTP server needs, with the arguments that it may use.
func goService() Row {
	const af, typ, proto = 0, 1, 2
	stream := masked(typ, 0xf, 1)
	return Row{
		Policy: neutral.Policy{
			Name:    "go-service",
			Title:   "a static Go HTTP server: families, protections, clone flags",
			ABIs:    []string{"x86_64"},
			Default: eperm,
			Rules: slices.Concat(
				on(policy.Allow, []string{
					"accept4", "arch_prctl", "bind", "brk", "clock_gettime", "close", "connect",
					"epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2", "exit", "exit_group",
					"fstat", "futex", "getpeername", "getpid", "getrandom", "getsockname",
					"getsockopt", "gettid", "listen", "lseek", "mincore", "munmap", "nanosleep",
					"newfstatat", "openat", "pread64", "prlimit64", "read", "recvfrom",
					"restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
					"sched_getaffinity", "sched_yield", "sendto", "shutdown", "sigaltstack",
					"tgkill", "timer_create", "timer_delete", "timer_settime", "uname", "write",
					"writev",
				}),
				on(policy.Allow, []string{"socket"}, eq(af, 1), stream),
				on(policy.Allow, []string{"socket"}, eq(af, 2), stream),
				on(policy.Allow, []string{"socket"}, eq(af, 10), stream),
				on(policy.Allow, []string{"socket"}, eq(af, 16), masked(typ, 0xf, 3), eq(proto, 0)),
				on(policy.Allow, []string{"mmap", "mprotect"}, masked(2, 4, 0)), // no PROT_EXEC
				on(policy.Allow, []string{"clone"}, masked(0, 0x7e030d00, 0x10d00)),
				on(enosys, []string{"clone3"}),
				onValues(policy.Allow, "fcntl", 1, 1, 2, 3, 4, 0x406),
				onValues(policy.Allow, "madvise", 2, 4, 8, 14, 15, 25),
				onValues(policy.Allow, "prctl", 0, 0x53564d41), // PR_SET_VMA
				onValues(policy.Allow, "setsockopt", 1, 1, 6, 41),
			),
		},
		Probes: Probes{
			Checked: Probe{"fcntl", [6]uint64{badFD, 3}},
			Denied:  Probe{Call: "shmdt"},
			Cached:  Probe{Call: "getpid"},
		},
	}
}

// browser is shaped like a renderer's baseline policy: short sets of values and of ranges on many
// calls, three ways to say no.
func browser() Row {
	return Row{
		Policy: neutral.Policy{
			Name:    "browser",
			Title:   "like a browser renderer's baseline: sets and ranges on many calls",
			ABIs:    []string{"x86_64"},
			Default: policy.Trap,
			Rules:   browserRules(),
		},
		Probes: Probes{
			Checked: Probe{"fcntl", [6]uint64{badFD, 3}},
			Denied:  Probe{Call: "open"},
			Cached:  getppid,
		},
	}
}

func browserRules() []neutral.Rule {
	return slices.Concat(
		on(policy.Allow, []string{
			"brk", "close", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
			"epoll_wait", "eventfd2", "exit", "exit_group", "fdatasync", "fstat", "fsync",
			"ftruncate", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpid", "getppid",
			"getresgid", "getresuid", "gettid", "gettimeofday", "getuid", "lseek", "mlock",
			"mremap", "munlock", "munmap", "nanosleep", "pause", "pipe", "pipe2", "poll", "ppoll",
			"pread64", "preadv", "pselect6", "pwrite64", "pwritev", "read", "readv", "recvfrom",
			"recvmsg", "restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
			"sched_yield", "select", "sendmsg", "sendto", "set_robust_list", "shutdown",
			"sigaltstack", "splice", "tee", "time", "times", "umask", "wait4", "waitid", "write",
			"writev",
		}),
		on(eacces, []string{
			"access", "chmod", "creat", "faccessat", "lstat", "mkdir", "mkdirat", "newfstatat",
			"open", "openat", "readlink", "readlinkat", "rename", "renameat", "rmdir", "stat",
			"statx", "symlink", "unlink", "unlinkat",
		}),
		on(eperm, []string{
			"capget", "capset", "chroot", "fork", "setgid", "setgroups", "setpgid",
			"setpriority", "setresgid", "setresuid", "setuid", "vfork",
		}),
		on(enosys, []string{"clone3", "rseq", "membarrier", "pidfd_open"}),
		ranges("clock_gettime", 0, 0, 7), ranges("clock_gettime", 0, 9, 11),
		ranges("clock_nanosleep", 0, 0, 1), ranges("clock_getres", 0, 0, 7),
		ranges("madvise", 2, 0, 4), ranges("madvise", 2, 8, 16),
		ranges("madvise", 2, 18, 19),
		ranges("fcntl", 1, 1, 7), ranges("fcntl", 1, 0x406, 0x40a),
		onValues(policy.Allow, "fcntl", 1, 0),
		onValues(policy.Allow, "prctl", 0, 3, 4, 15, 16, 38, 39, 0x53564d41),
		onValues(policy.Allow, "ioctl", 1, 0x5401, 0x541b, 0x5421),
		on(policy.Allow, []string{"mmap"}, only(3, 0x7e077), only(2, 7)),
		on(policy.Allow, []string{"mprotect"}, only(2, 7)),
		on(policy.Allow, []string{"futex"}, masked(1, 0xfffffe7f, 0)),
		on(policy.Allow, []string{"futex"}, masked(1, 0xfffffe7f, 1)),
		ranges("futex", 1, 0x83, 0x8a),
		on(policy.Allow, []string{"clone"}, eq(0, 0x3d0f00)),
		on(eperm, []string{"clone"}, masked(0, 0x7e020000, 0)),
		onValues(policy.Allow, "socketpair", 0, 1), onValues(policy.Allow, "kill", 1, 0),
		onValues(policy.Allow, "getpriority", 0, 0),
		onValues(policy.Allow, "sched_getscheduler", 0, 0),
		onValues(policy.Allow, "prlimit64", 0, 0),
	)
}

// ranges allows a call where an argument of 32 bits is between two values.
func ranges(call string, arg int, least, most uint64) []neutral.Rule {
	return on(policy.Allow, []string{call},
		neutral.Test{Arg: arg, Width: 32, Op: neutral.Ge, Value: least},
		neutral.Test{Arg: arg, Width: 32, Op: neutral.Le, Value: most})
}

// denyList refuses what needs privilege or is obsolete, with two errnos.
func denyList() Row {
	return Row{
		Policy: neutral.Policy{
			Name:    "deny-list",
			Title:   "a hundred calls denied, no arguments",
			ABIs:    []string{"x86_64"},
			Default: policy.Allow,
			Rules: slices.Concat(
				on(eperm, []string{
					"acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime",
					"clock_settime", "delete_module", "fanotify_init", "fanotify_mark",
					"finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "get_mempolicy",
					"init_module", "io_uring_enter", "io_uring_register", "io_uring_setup",
					"ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
					"lookup_dcookie", "mbind", "migrate_pages", "mount", "mount_setattr",
					"move_mount", "move_pages", "name_to_handle_at", "open_by_handle_at",
					"open_tree", "perf_event_open", "personality", "pidfd_getfd", "pivot_root",
					"process_madvise", "process_vm_readv", "process_vm_writev", "ptrace",
					"quotactl", "quotactl_fd", "reboot", "request_key", "set_mempolicy",
					"setdomainname", "sethostname", "setns", "settimeofday", "swapoff", "swapon",
					"syslog", "umount2", "unshare", "userfaultfd", "vhangup", "vmsplice",
					"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
					"memfd_secret", "mlock2", "modify_ldt", "pkey_alloc", "pkey_free",
					"pkey_mprotect", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sched_setattr",
					"setfsgid", "setfsuid", "shmctl",
				}),
				on(enosys, []string{
					"_sysctl", "afs_syscall", "clone3", "create_module", "epoll_ctl_old",
					"epoll_wait_old", "get_kernel_syms", "get_thread_area", "getpmsg", "nfsservctl",
					"putpmsg", "query_module", "remap_file_pages", "security", "set_thread_area",
					"sysfs", "tuxcall", "uselib", "ustat", "vserver", "openat2", "futex_waitv",
					"epoll_pwait2",
				}),
			),
		},
		Probes: Probes{Denied: Probe{Call: "bpf"}, Cached: getppid},
	}
}

// ranges64 bounds sizes and offsets, which are 64 bits wide.
func ranges64() Row {
	bound := func(call string, tests ...neutral.Test) []neutral.Rule {
		return on(policy.Allow, []string{call}, tests...)
	}
	return Row{
		Policy: neutral.Policy{
			Name:    "ranges-64",
			Title:   "bounds on 64-bit sizes and offsets",
			ABIs:    []string{"x86_64"},
			Default: eperm,
			Rules: slices.Concat(
				on(policy.Allow, []string{
					"brk", "close", "exit", "exit_group", "futex", "getpid", "getppid", "munmap",
					"rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
				}),
				bound("read", wide(2, neutral.Le, 1<<20)),
				bound("write", wide(2, neutral.Le, 1<<20)),
				bound("pread64", wide(2, neutral.Lt, 1<<16), wide(3, neutral.Lt, 1<<40)),
				bound("pwrite64", wide(2, neutral.Lt, 1<<16), wide(3, neutral.Lt, 1<<40)),
				bound("mmap", wide(1, neutral.Le, 1<<32), wide(5, neutral.Lt, 1<<44)),
				bound("mremap", wide(2, neutral.Le, 1<<33+4096)),
				bound("lseek", wide(1, neutral.Lt, 1<<63)),
				bound("ftruncate", wide(1, neutral.Le, 0x12345_6789abcd)),
				bound("fallocate", wide(2, neutral.Lt, 1<<40), wide(3, neutral.Lt, 1<<40)),
				bound("madvise", wide(0, neutral.Ge, 1<<16), wide(1, neutral.Gt, 4095)),
				bound("getrandom", wide(1, neutral.Le, 256)),
				bound("sendfile", wide(3, neutral.Ne, 0xdead_beef_0000), wide(2, neutral.Gt, 7)),
			),
		},
		Probes: Probes{
			Checked: Probe{"lseek", [6]uint64{badFD}},
			Denied:  Probe{Call: "shmdt"},
			Cached:  getppid,
		},
	}
}

// masks looks at flag words: bits that must be set, must not be set, and fields with a value.
func masks() Row {
	const oAccMode, oPath = 3, 0x200000
	return Row{
		Policy: neutral.Policy{
			Name:    "masks",
			Title:   "flag words: bits set, bits clear, fields",
			ABIs:    []string{"x86_64"},
			Default: eperm,
			Rules: slices.Concat(
				on(policy.Allow, []string{
					"brk", "close", "exit", "exit_group", "fstat", "futex", "getpid", "getppid",
					"munmap", "read", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "write",
				}),
				on(policy.Allow, []string{"openat"}, only(2, 0xa8800)),
				on(policy.Allow, []string{"openat"}, masked(2, oPath, oPath)),
				on(policy.Allow, []string{"open"}, masked(1, oAccMode, 0)),
				on(policy.Allow, []string{"mmap"}, masked(2, 6, 0)),
				on(policy.Allow, []string{"mmap"}, masked(2, 6, 2)),
				on(policy.Allow, []string{"mmap"}, masked(2, 6, 4), masked(3, 0x20, 0)),
				on(policy.Allow, []string{"mprotect", "pkey_mprotect"}, masked(2, 6, 2)),
				on(policy.Allow, []string{"mprotect", "pkey_mprotect"}, masked(2, 6, 0)),
				on(policy.Allow, []string{"clone"}, masked(0, 0x7e020000, 0)),
				on(policy.Allow, []string{"socket"}, only(0, 3), masked(1, 0xf, 1)),
				on(policy.Allow, []string{"socket"}, only(0, 3), masked(1, 0xf, 2)),
				on(policy.Allow, []string{"accept4"}, only(3, 0x80800)),
				on(policy.Allow, []string{"pipe2"}, only(1, 0x80800)),
				on(policy.Allow, []string{"memfd_create"}, only(1, 0x3)),
				on(policy.Allow, []string{"fchmodat"}, masked(2, 0o6000, 0)),
				on(policy.Allow, []string{"mknodat"}, masked(2, 0xf000, 0x8000)),
				on(policy.Allow, []string{"mknodat"}, masked(2, 0xf000, 0x1000)),
				on(policy.Allow, []string{"mknodat"}, masked(2, 0xf000, 0xc000)),
			),
		},
		Probes: Probes{
			Checked: Probe{"accept4", [6]uint64{badFD}},
			Denied:  Probe{Call: "shmdt"},
			Cached:  getppid,
		},
	}
}

// mixedActions answers one call in several ways, so that the order of the rules matters.
func mixedActions() Row {
	call := func(a policy.Action, name string, tests ...neutral.Test) []neutral.Rule {
		return on(a, []string{name}, tests...)
	}
	return Row{
		Policy: neutral.Policy{
			Name:    "mixed-actions",
			Title:   "several answers for one call, decided in order",
			ABIs:    []string{"x86_64"},
			Default: eperm,
			Rules: slices.Concat(
				call(einval, "prctl", eq(0, 22)), call(policy.Allow, "prctl"),
				call(policy.Allow, "socket", eq(0, 1)),
				call(neutral.Denies(97), "socket", eq(0, 10)),
				call(eacces, "socket"),
				call(policy.KillProcess, "ioctl", eq(1, 0x5412)), call(policy.Allow, "ioctl"),
				call(eperm, "clone", masked(0, 0x10000000, 0x10000000)),
				call(policy.Allow, "clone"),
				call(policy.Allow, "mmap", masked(2, 4, 0)),
				call(eacces, "mmap", masked(3, 0x20, 0)),
				call(eperm, "mmap"),
				call(policy.Allow, "fcntl", eq(1, 3)), call(policy.Allow, "fcntl", eq(1, 1)),
				call(einval, "fcntl", eq(1, 0x407)), call(eperm, "fcntl"),
				on(policy.Allow, []string{
					"brk", "close", "exit", "exit_group", "fstat", "futex", "getpid", "getppid",
					"munmap", "read", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "write",
				}),
				on(enosys, []string{"ptrace", "bpf", "mount", "unshare", "setns", "kexec_load"}),
			),
		},
		Probes: Probes{
			Checked: Probe{"fcntl", [6]uint64{badFD, 3}},
			Denied:  Probe{Call: "bpf"},
			Cached:  getppid,
		},
	}
}
