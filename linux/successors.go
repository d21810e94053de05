package linux

import "strings"

// successors are the calls that do the work of an older one on ABIs that do not have it, the first
// that there is. The generic table never had the older ones (include/uapi/asm-generic/unistd.h of
// Linux 3.10, __ARCH_WANT_SYSCALL_NO_AT, _NO_FLAGS and _DEPRECATED).
var successors = map[string]string{
	"open": "openat", "creat": "openat", "link": "linkat", "unlink": "unlinkat",
	"rmdir": "unlinkat", "mknod": "mknodat", "chmod": "fchmodat", "chown": "fchownat",
	"lchown": "fchownat", "mkdir": "mkdirat", "rename": "renameat renameat2",
	"renameat": "renameat2", "symlink": "symlinkat", "readlink": "readlinkat",
	"access": "faccessat", "utime": "utimensat", "utimes": "utimensat", "futimesat": "utimensat",
	"stat": "newfstatat fstatat64 statx", "lstat": "newfstatat fstatat64 statx",
	"fstat": "newfstatat fstatat64 statx", "newfstatat": "fstatat64 statx",
	"stat64": "newfstatat statx", "lstat64": "newfstatat statx", "fstat64": "fstat statx",
	"fstatat64": "newfstatat statx", "oldstat": "stat newfstatat", "oldfstat": "fstat",
	"pipe": "pipe2", "dup2": "dup3", "epoll_create": "epoll_create1",
	"inotify_init": "inotify_init1",
	"eventfd":      "eventfd2", "signalfd": "signalfd4", "fork": "clone", "vfork": "clone",
	"epoll_wait": "epoll_pwait", "poll": "ppoll", "select": "pselect6", "_newselect": "pselect6",
	"getdents": "getdents64", "readdir": "getdents64", "alarm": "setitimer", "pause": "ppoll",
	"getpgrp": "getpgid", "time": "gettimeofday", "stime": "settimeofday", "nice": "setpriority",
	"recv": "recvfrom", "send": "sendto", "accept": "accept4", "waitpid": "wait4",
	"getrlimit": "ugetrlimit prlimit64", "setrlimit": "prlimit64",
	"ugetrlimit": "getrlimit prlimit64",
	"signal":     "rt_sigaction", "sigaction": "rt_sigaction", "sigprocmask": "rt_sigprocmask",
	"sigreturn": "rt_sigreturn", "sigsuspend": "rt_sigsuspend", "sigpending": "rt_sigpending",
	"mmap": "mmap2", "mmap2": "mmap", "_llseek": "lseek", "umount": "umount2",
	"fadvise64_64": "fadvise64", "arm_fadvise64_64": "fadvise64", "fadvise64": "arm_fadvise64_64",
	"sync_file_range2": "sync_file_range", "sync_file_range": "sync_file_range2",
	"sysfs": "", "set_thread_area": "arch_prctl", "olduname": "uname", "oldolduname": "uname",
}

// Successor returns the call that does on the ABI what one does elsewhere that the ABI does not
// have: openat for open on aarch64, setuid for setuid32 on x86_64.
func (a *ABI) Successor(name string) (string, bool) {
	candidates := strings.Fields(successors[name])
	for _, suffix := range []string{"_time64", "32", "64"} { // of 32-bit ABIs
		if base, ok := strings.CutSuffix(name, suffix); ok {
			candidates = append(candidates, base, successors[base])
		}
	}
	for _, c := range candidates {
		if a.HasSyscall(c) {
			return c, true
		}
	}
	return "", false
}

// otherNames are the system calls behind names of the C library and of the kernel's functions that
// are no system calls.
var otherNames = map[string]string{
	"fstatat": "newfstatat", "newstat": "stat", "newlstat": "lstat", "newfstat": "fstat",
	"newuname": "uname", "open64": "open", "openat64": "openat", "lseek64": "lseek",
	"pread": "pread64", "pwrite": "pwrite64", "prlimit": "prlimit64", "sendfile32": "sendfile",
	"posix_fadvise": "fadvise64", "fadvise": "fadvise64", "posix_fallocate": "fallocate",
	"sigqueue": "rt_sigqueueinfo", "sigtimedwait": "rt_sigtimedwait",
	"sigwaitinfo": "rt_sigtimedwait",
	"wait":        "wait4", "wait3": "wait4", "_exit": "exit_group", "_Exit": "exit_group",
	"exec": "execve", "execl": "execve", "execlp": "execve", "execle": "execve", "execv": "execve",
	"execvp": "execve", "execvpe": "execve", "fexecve": "execveat", "posix_spawn": "clone",
	"pthread_create": "clone", "raise": "tgkill", "pthread_kill": "tgkill", "sbrk": "brk",
	"mkfifo": "mknodat", "mkfifoat": "mknodat", "lockf": "fcntl", "opendir": "openat",
	"statvfs": "statfs", "fstatvfs": "fstatfs", "tcgetattr": "ioctl", "tcsetattr": "ioctl",
	"isatty": "ioctl", "gethostname": "uname", "sleep": "clock_nanosleep",
	"usleep": "clock_nanosleep", "getentropy": "getrandom", "arc4random": "getrandom",
	"futimens": "utimensat", "lutimes": "utimensat", "remove": "unlinkat", "seteuid": "setresuid",
	"setegid": "setresgid", "io_uring": "io_uring_setup", "shm_open": "openat",
	"sched_get_affinity": "sched_getaffinity", "killpg": "kill", "setpgrp": "setpgid",
	"klogctl": "syslog", "eaccess": "faccessat2", "euidaccess": "faccessat2",
	"futimes": "utimensat",
	"creat64": "creat", "getrlimit64": "prlimit64", "setrlimit64": "prlimit64",
	"preadv64":  "preadv",
	"pwritev64": "pwritev", "preadv64v2": "preadv2", "pwritev64v2": "pwritev2",
	"mq_send": "mq_timedsend", "mq_receive": "mq_timedreceive", "memfd": "memfd_create",
	"perf_event":      "perf_event_open",
	"pthread_sigmask": "rt_sigprocmask",
}

// libraryCalls are the system calls that functions of the C library make, "" for one that makes
// none. Who names the function may mean more or less than these.
var libraryCalls = map[string]string{
	"malloc": "brk, mmap and munmap", "calloc": "brk, mmap and munmap",
	"realloc": "brk, mmap, mremap and munmap", "free": "brk, munmap and madvise",
	"abort":  "rt_sigprocmask, gettid, getpid and tgkill",
	"system": "clone3 or clone, execve, wait4",
	"popen":  "pipe2, clone3 or clone, execve", "sem_open": "openat, fstat and mmap",
	"dlopen": "openat, read, fstat, mmap, mprotect and close", "dlsym": "",
	"getaddrinfo":   "socket, connect, sendto, recvfrom, poll, openat and read",
	"gethostbyname": "socket, connect, sendto, recvfrom, poll, openat and read",
	"getpwnam":      "openat, read, fstat, lseek, close, and socket and connect to nscd",
	"ttyname":       "ioctl, readlink, newfstatat", "ptsname": "ioctl",
	"daemon":    "clone, setsid, chdir, openat, dup2",
	"aio_read":  "clone3 or clone, pread64 and futex",
	"aio_write": "clone3 or clone, pwrite64 and futex",
	"realpath":  "readlink", "glob": "openat, getdents64 and newfstatat",
	"ftw": "openat, getdents64 and newfstatat", "nftw": "openat, getdents64 and newfstatat",
	"sysconf": "sched_getaffinity, prlimit64, sysinfo or openat", "getenv": "",
	"getopt": "",
	"rand":   "", "strcpy": "", "memcpy": "", "inb": "",
	"outb": "", "setjmp": "rt_sigprocmask", "errno": "",
	"sem_destroy": "futex", "sem_wait": "futex", "sem_post": "futex",
	"pthread_mutex_lock": "futex", "pthread_cond_wait": "futex", "thrd_create": "clone",
	"closedir": "close", "fclose": "close", "fdopendir": "fcntl", "mkstemp": "openat",
	"mkostemp": "openat", "tmpfile": "openat", "fopen": "openat", "fopen64": "openat",
	"freopen": "openat", "mkdtemp": "mkdirat", "rewinddir": "lseek", "fseek": "lseek",
	"ftell": "lseek", "fread": "read", "fgets": "read", "getchar": "read", "fwrite": "write",
	"printf": "write", "puts": "write", "fputs": "write", "fflush": "write", "openpty": "ioctl",
	"tcflush": "ioctl", "tcsetpgrp": "ioctl", "ftok": "newfstatat", "getifaddrs": "socket",
	"if_nametoindex": "ioctl", "pthread_exit": "exit",
}

// LibraryCalls returns the system calls that a function of the C library makes, in words.
func LibraryCalls(name string) (string, bool) {
	calls, ok := libraryCalls[name]
	return calls, ok
}

// prefixes stand before a system call's name in C.
var prefixes = []string{"SYS_", "__NR_", "NR_", "sys_", "__x64_sys_", "__arm64_sys_", "__sys_",
	"ksys_", "__se_sys_", "__do_sys_", "do_sys_", "__ia32_sys_", "__ia32_compat_sys_",
	"compat_sys_",
	"__riscv_sys_", "__s390x_sys_", "TARGET_NR_", "SCMP_SYS_", "__NR3264_"}

// CallOf returns the system call that somebody means by a name of C: newfstatat by fstatat, openat
// by SYS_openat.
func CallOf(name string) (string, bool) {
	for _, p := range prefixes {
		if base, ok := strings.CutPrefix(name, p); ok {
			name = base
			break
		}
	}
	if HasSyscall(name) {
		return name, true
	}
	call, ok := otherNames[name]
	return call, ok
}
