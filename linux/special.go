package linux

import "slices"

// multiplexed gives the number of a call within its multiplexer: include/uapi/linux/net.h (SYS_*)
// and include/uapi/linux/ipc.h.
var multiplexed = map[string]struct {
	mux  string
	call uint32
}{
	"socket": {"socketcall", 1}, "bind": {"socketcall", 2}, "connect": {"socketcall", 3},
	"listen": {"socketcall", 4}, "accept": {"socketcall", 5}, "getsockname": {"socketcall", 6},
	"getpeername": {"socketcall", 7}, "socketpair": {"socketcall", 8}, "send": {"socketcall", 9},
	"recv": {"socketcall", 10}, "sendto": {"socketcall", 11}, "recvfrom": {"socketcall", 12},
	"shutdown": {"socketcall", 13}, "setsockopt": {"socketcall", 14},
	"getsockopt": {"socketcall", 15},
	"sendmsg":    {"socketcall", 16}, "recvmsg": {"socketcall", 17}, "accept4": {"socketcall", 18},
	"recvmmsg": {"socketcall", 19}, "sendmmsg": {"socketcall", 20},

	"semop": {"ipc", 1}, "semget": {"ipc", 2}, "semctl": {"ipc", 3}, "semtimedop": {"ipc", 4},
	"msgsnd": {"ipc", 11}, "msgrcv": {"ipc", 12}, "msgget": {"ipc", 13}, "msgctl": {"ipc", 14},
	"shmat": {"ipc", 21}, "shmdt": {"ipc", 22}, "shmget": {"ipc", 23}, "shmctl": {"ipc", 24},
}

// Multiplexed returns the multiplexer (socketcall or ipc) behind which the ABI has a system call,
// and the number of the call there, whether or not the call also has a number of its own. The
// multiplexer's first argument holds that number: socketcall compares 32 bits of it, ipc the low 16
// (net/socket.c and ipc/syscall.c; the upper 16 are a version).
func (a *ABI) Multiplexed(name string) (mux string, call uint32, ok bool) {
	if !a.named().multiplexes {
		return "", 0, false
	}
	m := multiplexed[name] // of other calls, mux is empty, which is no call
	if _, ok := a.Number(m.mux); !ok {
		return "", 0, false
	}
	return m.mux, m.call, true
}

// Exempt reports whether the kernel lets a call pass whatever a filter says. Newer kernels (6.1 is
// none) do so for what their own trampolines of user probes call: kernel/seccomp.c,
// seccomp_uprobe_exception.
func (a *ABI) Exempt(name string) bool {
	return a.Name == "x86_64" && (name == "uretprobe" || name == "uprobe")
}

// neverFail are calls whose man pages know no error. Programs use what they return unseen.
var neverFail = []string{
	"getpid", "gettid", "getppid", "getpgrp", "getuid", "geteuid", "getgid", "getegid",
	"getuid32", "geteuid32",
	"getgid32", "getegid32", "umask", "sched_yield", "set_tid_address", "exit", "exit_group",
	"rt_sigreturn", "sigreturn",
}

// NeverFails reports whether callers of a system call do not expect it to fail: a program that is
// refused its own process id goes on with -1, and a kill(-1) signals everybody.
func NeverFails(name string) bool { return slices.Contains(neverFail, name) }
