package record

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// purpose is what calls are for, as a heading over them.
type purpose struct {
	heading string
	names   string // calls, and built-in sets
}

// purposes are in the order of a policy; a call belongs to the first that has it.
var purposes = []purpose{
	{"Processes and threads", "@process execve exit exit_group wait4 waitid set_tid_address " +
		"set_robust_list get_robust_list futex futex_time64 futex_waitv rseq arch_prctl " +
		"set_thread_area get_thread_area membarrier restart_syscall sched_yield seccomp @sandbox"},
	{"Memory", "mmap mmap2 munmap mprotect brk mremap madvise msync mincore mseal memfd_create " +
		"@memlock @pkey"},
	{"Files", "@basic-io @file-system fadvise64 fadvise64_64 readahead copy_file_range splice " +
		"tee vmsplice sendfile sendfile64 ioctl umask flock @sync @chown @aio"},
	{"Waiting for events", "@io-event"},
	{"Network", "@network-io"},
	{"Signals", "@signal rt_sigreturn sigreturn pause alarm getitimer setitimer"},
	{"Time", "@timer @clock clock_getres clock_gettime clock_nanosleep clock_gettime64 " +
		"clock_getres_time64 clock_nanosleep_time64 nanosleep gettimeofday time"},
	{"Between processes", "@ipc"},
	{"Users, limits, the system", "@default @setuid @resources uname sysinfo getrandom " +
		"getpriority getcpu"},
	{"What needs privileges", "@privileged @mount @module @reboot @swap @raw-io @debug @keyring " +
		"@obsolete"},
}

const otherPurpose = "Others"

// purposeOf returns the heading for a system call.
func purposeOf(name string) string {
	for _, p := range purposes {
		for _, entry := range strings.Fields(p.names) {
			members, isSet := linux.Set(entry)
			if entry == name || isSet && slices.Contains(members, name) {
				return p.heading
			}
		}
	}
	return otherPurpose
}

// always are the calls that every program needs, seen or not: who closes a descriptor, returns from
// a handler, goes on after a stop or ends must not fail.
var always = []string{"close", "exit", "exit_group", "restart_syscall", "rt_sigreturn", "sigreturn"}

// twins are calls that do the same, or one what the other does and more: which of them a program
// makes depends on its C library and on the kernel.
var twins = twinsOf(`
access faccessat faccessat2
accept accept4
chmod fchmodat fchmodat2
chown lchown fchownat
chown32 lchown32 fchownat
clock_getres clock_getres_time64
clock_gettime clock_gettime64 gettimeofday time
clock_nanosleep clock_nanosleep_time64 nanosleep
dup2 dup3
epoll_create epoll_create1
epoll_wait epoll_pwait epoll_pwait2
eventfd eventfd2
fcntl fcntl64
fork vfork clone
fstat fstat64 newfstatat fstatat64 statx
futex futex_time64
getdents getdents64
getrlimit setrlimit ugetrlimit prlimit64
inotify_init inotify_init1
link linkat
lseek _llseek
lstat lstat64 newfstatat fstatat64 statx
mkdir mkdirat
mknod mknodat
mmap mmap2
open openat openat2 creat
pipe pipe2
poll ppoll ppoll_time64
preadv preadv2
pwritev pwritev2
readlink readlinkat
recvmmsg recvmmsg_time64
rename renameat renameat2
rt_sigtimedwait rt_sigtimedwait_time64
sched_rr_get_interval sched_rr_get_interval_time64
select _newselect pselect6 pselect6_time64
semop semtimedop semtimedop_time64
sendfile sendfile64
signalfd signalfd4
stat stat64 newfstatat fstatat64 statx
statfs statfs64
fstatfs fstatfs64
symlink symlinkat
timer_gettime timer_gettime64
timer_settime timer_settime64
timerfd_gettime timerfd_gettime64
timerfd_settime timerfd_settime64
truncate truncate64
ftruncate ftruncate64
unlink rmdir unlinkat
utime utimes futimesat utimensat utimensat_time64
waitpid wait4 waitid
`)

func twinsOf(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if names := strings.Fields(line); len(names) > 0 {
			out = append(out, names)
		}
	}
	return out
}
