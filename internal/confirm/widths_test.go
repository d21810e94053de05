//go:build linux && amd64

package confirm

import (
	"fmt"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/linux"
)

// harmless are calls of x86_64 that touch nothing but the prober and its namespaces, with arguments
// of which as many as possible change the answer when they change. The page is empty: as a path it
// is "", as a structure all 0. Descriptor 0 is a pipe, 99 is none.
var harmless = []probe{
	{"read", []any{99, page{}, wide(8)}, 0}, {"write", []any{99, page{}, wide(8)}, 0},
	{"open", []any{page{}, 0, 0}, 0}, {"close", []any{99}, 0}, {"fstat", []any{0, page{}}, 0},
	{"poll", []any{page{}, 0, 0}, 0}, {"lseek", []any{0, wide(0), 0}, 0},
	{"mmap", []any{wide(0), wide(4096), 3, 0x22, -1, wide(0)}, 0},
	{"mprotect", []any{page{}, wide(4096), 3}, 0}, {"munmap", []any{wide(1), wide(0)}, 0},
	{"rt_sigaction", []any{40, wide(0), page{}, wide(8)}, 0},
	{"rt_sigprocmask", []any{0, page{}, wide(0), wide(8)}, 0},
	{"ioctl", []any{0, unix.TIOCINQ, page{}}, 0},
	{"pread64", []any{99, page{}, wide(8), wide(0)}, 0},
	{"readv", []any{0, page{}, 0}, 0}, {"writev", []any{99, page{}, 0}, 0},
	{"access", []any{page{}, 0}, 0},
	{"dup", []any{0}, 0}, {"dup2", []any{0, 50}, 0}, {"dup3", []any{0, 50, unix.O_CLOEXEC}, 0},
	{"getitimer", []any{0, page{}}, 0}, {"alarm", []any{0}, 0},
	{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, 0},
	{"socketpair", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0, page{}}, 0},
	{"listen", []any{0, 1}, 0}, {"shutdown", []any{0, 0}, 0},
	{"accept4", []any{0, wide(0), wide(0), 0}, 0},
	{"setsockopt", []any{0, 1, 2, page{}, 4}, 0}, {"getsockopt", []any{0, 1, 2, page{}, page{}}, 0},
	{"wait4", []any{-1, wide(0), unix.WNOHANG, wide(0)}, 0}, {"kill", []any{1, 0}, 0},
	{"tkill", []any{1, 0}, 0}, {"tgkill", []any{1, 1, 0}, 0}, {"semget", []any{0, 1, 0o600}, 0},
	{"semctl", []any{0, 0, 19, page{}}, 0}, {"msgget", []any{0, 0o600}, 0},
	{"msgctl", []any{0, 12, page{}}, 0},
	{"shmget", []any{0, wide(4096), 0o600}, 0}, {"shmctl", []any{0, 14, page{}}, 0},
	{"shmat", []any{99, wide(0), 0}, 0},
	{"semop", []any{99, page{}, 1}, 0}, {"msgsnd", []any{99, page{}, wide(1), unix.IPC_NOWAIT}, 0},
	{"msgrcv", []any{99, page{}, wide(1), wide(0), unix.IPC_NOWAIT}, 0},
	{"fcntl", []any{0, unix.F_GETFD, wide(0)}, 0}, {"flock", []any{99, unix.LOCK_UN}, 0},
	{"fsync", []any{99}, 0},
	{"ftruncate", []any{99, wide(0)}, 0}, {"creat", []any{page{}, 0o600}, 0},
	{"mkdir", []any{page{}, 0o700}, 0},
	{"chmod", []any{page{}, 0o700}, 0}, {"fchmod", []any{0, 0o600}, 0},
	{"fchown", []any{0, -1, -1}, 0},
	{"umask", []any{0o22}, 0}, {"getrlimit", []any{7, page{}}, 0},
	{"getrusage", []any{0, page{}}, 0},
	{"syslog", []any{10, wide(0), 0}, 0}, {"setuid", []any{0}, 0}, {"setgid", []any{0}, 0},
	{"setpgid", []any{0, 0}, 0},
	{"setreuid", []any{-1, -1}, 0}, {"setregid", []any{-1, -1}, 0},
	{"getgroups", []any{0, page{}}, 0},
	{"setresuid", []any{-1, -1, -1}, 0}, {"setresgid", []any{-1, -1, -1}, 0},
	{"getpgid", []any{0}, 0},
	{"setfsuid", []any{0}, 0}, {"setfsgid", []any{0}, 0}, {"getsid", []any{0}, 0},
	{"capget", []any{page{}, wide(0)}, 0},
	{"rt_sigqueueinfo", []any{99, 0, page{}}, 0}, {"personality", []any{-1}, 0},
	{"statfs", []any{page{}, page{}}, 0},
	{"getpriority", []any{0, 0}, 0}, {"setpriority", []any{0, 0, 0}, 0},
	{"sched_getparam", []any{0, page{}}, 0},
	{"sched_setscheduler", []any{0, 0, page{}}, 0}, {"sched_getscheduler", []any{0}, 0},
	{"sched_get_priority_max", []any{1}, 0}, {"sched_rr_get_interval", []any{0, page{}}, 0},
	{"mlockall", []any{0}, 0}, {"prctl", []any{unix.PR_GET_DUMPABLE, wide(0), wide(0), wide(0),
		wide(0)}, 0},
	{"arch_prctl", []any{0x1003, page{}}, 0}, {"readahead", []any{99, wide(0), wide(0)}, 0},
	{"fgetxattr", []any{0, page{}, wide(0), wide(0)}, 0},
	{"futex", []any{page{}, 1, 1, wide(0), wide(0), 0}, 0},
	{"sched_getaffinity", []any{0, 128, page{}}, 0}, {"epoll_create", []any{1}, 0},
	{"fadvise64", []any{99, wide(0), wide(0), 0}, 0},
	{"timer_create", []any{0, wide(0), page{}}, 0},
	{"clock_gettime", []any{0, page{}}, 0}, {"clock_getres", []any{0, page{}}, 0},
	{"clock_nanosleep", []any{0, 0, page{}, wide(0)}, 0}, {"epoll_ctl", []any{99, 1, 0, page{}}, 0},
	{"epoll_wait", []any{99, page{}, 1, 0}, 0},
	{"get_mempolicy", []any{wide(0), wide(0), wide(0), wide(0), 0}, 0},
	{"mbind", []any{page{}, wide(4096), 0, wide(0), wide(0), 0}, 0},
	{"mq_open", []any{page{}, 0, 0o600, wide(0)}, 0},
	{"kexec_load", []any{wide(0), wide(99), wide(0), 0}, 0},
	{"waitid", []any{0, 0, page{}, unix.WEXITED | unix.WNOHANG, wide(0)}, 0},
	{"keyctl", []any{0, wide(0xfffffffd), wide(0), wide(0), wide(0)}, 0},
	{"ioprio_get", []any{1, 0}, 0},
	{"ioprio_set", []any{1, 0, 0}, 0}, {"inotify_add_watch", []any{99, page{}, 1}, 0},
	{"openat", []any{-100, page{}, 0, 0}, 0}, {"mkdirat", []any{-100, page{}, 0o700}, 0},
	{"fchownat", []any{0, page{}, -1, -1, unix.AT_EMPTY_PATH}, 0},
	{"newfstatat", []any{0, page{}, page{}, unix.AT_EMPTY_PATH}, 0},
	{"unlinkat", []any{-100, page{}, 0}, 0}, {"linkat", []any{-100, page{}, -100, page{}, 0}, 0},
	{"readlinkat", []any{-100, page{}, page{}, 8}, 0}, {"fchmodat", []any{-100, page{}, 0o700}, 0},
	{"faccessat", []any{-100, page{}, 0}, 0}, {"unshare", []any{0}, 0},
	{"splice", []any{99, wide(0), 99, wide(0), wide(1), 0}, 0},
	{"tee", []any{99, 99, wide(1), 0}, 0},
	{"vmsplice", []any{99, page{}, 1, 0}, 0}, {"sync_file_range", []any{0, wide(0), wide(0), 0}, 0},
	{"utimensat", []any{0, wide(0), wide(0), 0}, 0},
	{"signalfd4", []any{-1, page{}, wide(8), 0}, 0},
	{"timerfd_create", []any{1, 0}, 0}, {"eventfd2", []any{0, 0}, 0},
	{"epoll_create1", []any{0}, 0},
	{"fallocate", []any{0, 0, wide(0), wide(1)}, 0}, {"pipe2", []any{page{}, 0}, 0},
	{"inotify_init1", []any{0}, 0},
	{"preadv", []any{0, page{}, 0, wide(0), wide(0)}, 0},
	{"prlimit64", []any{0, 7, wide(0), page{}}, 0},
	{"name_to_handle_at", []any{0, page{}, page{}, page{}, unix.AT_EMPTY_PATH}, 0},
	{"syncfs", []any{99}, 0},
	{"setns", []any{0, 0}, 0}, {"process_vm_readv", []any{1, page{}, 0, page{}, wide(0), 0}, 0},
	{"kcmp", []any{1, 1, 1, 0, wide(0)}, 0}, {"sched_getattr", []any{0, page{}, 48, 0}, 0},
	{"renameat2", []any{-100, page{}, -100, page{}, 0}, 0}, {"seccomp", []any{2, 0, page{}}, 0},
	{"getrandom", []any{page{}, wide(8), 0}, 0}, {"memfd_create", []any{page{}, 0}, 0},
	{"execveat", []any{99, page{}, wide(0), wide(0), unix.AT_EMPTY_PATH}, 0},
	{"userfaultfd", []any{-1}, 0},
	{"membarrier", []any{0, 0, 0}, 0}, {"mlock2", []any{page{}, wide(0), 0}, 0},
	{"copy_file_range", []any{99, wide(0), 99, wide(0), wide(1), 0}, 0},
	{"pkey_mprotect", []any{page{}, wide(4096), 3, -1}, 0},
	{"statx", []any{0, page{}, unix.AT_EMPTY_PATH, 0, page{}}, 0},
	{"pidfd_send_signal", []any{99, 0, wide(0), 0}, 0}, {"io_uring_setup", []any{0, page{}}, 0},
	{"open_tree", []any{-100, page{}, 0}, 0}, {"fsopen", []any{page{}, 0}, 0},
	{"pidfd_open", []any{1, 0}, 0},
	{"close_range", []any{90, 100, 0}, 0}, {"faccessat2", []any{0, page{}, 0, unix.AT_EMPTY_PATH},
		0},
	{"process_madvise", []any{99, page{}, 0, 4, 0}, 0},
	{"epoll_pwait2", []any{99, page{}, 1, wide(0), wide(0), wide(8)}, 0},
	{"mount_setattr", []any{-100, page{}, 0, page{}, wide(32)}, 0},
	{"landlock_create_ruleset", []any{wide(0), wide(0), 1}, 0}, {"memfd_secret", []any{-1}, 0},
	{"futex_wake", []any{page{}, 1, 1, 2}, 0},
	{"fchmodat2", []any{0, page{}, 0o600, unix.AT_EMPTY_PATH}, 0},
	{"mseal", []any{page{}, wide(0), 0}, 0}, {"perf_event_open", []any{page{}, 0, -1, -1, 0}, 0},
	{"pkey_alloc", []any{0, 0}, 0}, {"remap_file_pages", []any{page{}, wide(0), 0, wide(0), 0}, 0},
}

// TestWidths makes harmless calls on the running kernel with garbage in every bit of an argument
// that the tables say does not count: the answer is that of the clean call, or the kernel refuses
// the garbage with EINVAL, so that nothing gets past a comparison. An argument that changes the
// answer with its lowest bits shows that it is looked at.
func TestWidths(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	e := native(t)
	calls, arguments, seen, refused := 0, 0, 0, 0
	for _, p := range harmless {
		params, ok := e.table(t).Prototype(p.call)
		if !ok || len(params) < len(p.args) {
			t.Errorf("%s has %d parameters", p.call, len(params))
			continue
		}
		for i := range p.args {
			if _, ok := p.args[i].(int); !ok {
				if p.args[i] != (page{}) && params[i].Width != 64 {
					t.Errorf("%s: %s has %d bits", p.call, params[i].Name, params[i].Width)
				}
				continue
			}
			var got [3]syscall.Errno
			lines := e.soiled(t, p, i, params[i])
			for j, line := range lines { // in a process each: they change what they are made in
				got[j] = e.errnos(t, []string{line})[0]
			}
			calls, arguments = calls+3, arguments+1
			if got[0] != got[2] {
				seen++
			}
			switch {
			case got[1] == got[0]:
			case got[1] == syscall.EINVAL && refuses[p.call+"."+params[i].Name]:
				refused++
			default:
				t.Errorf("%s: errno %d, with garbage in %s %d", lines[0], got[0], params[i].Name,
					got[1])
			}
		}
	}
	t.Logf("%d calls of %d system calls: garbage in %d arguments; %d of them change the answer "+
		"by their lowest bits, "+
		"%d refuse garbage", calls, len(harmless), arguments, seen, refused)
	if arguments < 300 || seen < 150 {
		t.Errorf("%d arguments, %d of them seen", arguments, seen)
	}
}

// refuses are the arguments of which the kernel answers EINVAL to a bit above those that count.
var refuses = map[string]bool{
	"unshare.unshare_flags": true, "mprotect.prot": true, "pkey_mprotect.prot": true,
	"process_vm_readv.flags": true, "get_mempolicy.flags": true, "mseal.flags": true,
	"perf_event_open.flags": true,
	"pkey_alloc.flags":      true, "pkey_alloc.init_val": true, "futex_wake.mask": true,
	"remap_file_pages.prot": true,
}

// soiled returns the lines of a call: as it is, with garbage in the bits of an argument that do not
// count, and with other low bits that do.
func (e entry) soiled(t *testing.T, p probe, i int, a linux.Arg) (lines [3]string) {
	t.Helper()
	with := func(v uint64) string {
		args := append([]any{}, p.args...)
		args[i] = wide(v)
		return e.line(t, probe{p.call, args, p.want}, 0)
	}
	v := uint64(uint32(p.args[i].(int)))
	if a.Width < 32 {
		v &= 1<<a.Width - 1
	}
	return [...]string{with(v), with(v | 0x5eadbeef_a5a5f180&^a.Counts()), with(v ^ 0x3d)}
}

func (v wide) String() string { return fmt.Sprintf("%#x", uint64(v)) }
