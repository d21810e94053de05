package linux

import (
	"maps"
	"slices"
)

// multiplexers are the calls that stand before others, with the bits of their first argument that
// the kernel looks at for the other's number: net/socket.c declares an int, ipc/syscall.c takes a
// version out of the upper half.
var multiplexers = map[string]uint64{"socketcall": 0xffffffff, "ipc": 0xffff}

// Multiplexers returns the names of the multiplexers, sorted.
func Multiplexers() []string { return slices.Sorted(maps.Keys(multiplexers)) }

// MultiplexerMask returns the bits of a multiplexer's first argument that hold the number of the
// call behind it: 32 of socketcall's, 16 of ipc's.
func MultiplexerMask(mux string) uint64 { return multiplexers[mux] }

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
// multiplexer's first argument holds that number: see [MultiplexerMask].
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

// Behind returns the calls that the ABI has behind a multiplexer alone, sorted.
func (a *ABI) Behind() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(multiplexed)) {
		_, own := a.Number(name)
		if _, _, ok := a.Multiplexed(name); ok && !own {
			names = append(names, name)
		}
	}
	return names
}

// Exempt reports whether the kernel lets a call pass whatever a filter says. Newer kernels (6.1 is
// none) do so for what their own trampolines of user probes call: kernel/seccomp.c,
// seccomp_uprobe_exception.
func (a *ABI) Exempt(name string) bool {
	return a.Name == "x86_64" && (name == "uretprobe" || name == "uprobe")
}

// carrier is the call of MIPS's o32 table that makes another one, whose number is its first
// argument.
const carrier = "syscall"

// Unseen reports whether no filter is ever asked about a number although the ABI's table has it: it
// is asked about the call that is carried, with its own number and arguments. That is o32's
// "syscall" (arch/mips/kernel/scall32-o32.S and scall64-o32.S, handle_sys), which [ABI.Number]
// knows, and neither [ABI.Syscalls], [ABI.Known] nor the sets do.
func (a *ABI) Unseen(nr uint32) bool {
	own, ok := a.Number(carrier)
	return ok && nr == own
}

// neverFail are calls whose man pages know no error. Programs use what they return unseen.
var neverFail = []string{
	"getpid", "gettid", "getppid", "getpgrp", "getuid", "geteuid", "getgid", "getegid", "getuid32",
	"geteuid32", "getgid32", "getegid32", "umask", "sched_yield", "set_tid_address", "exit",
	"exit_group", "rt_sigreturn", "sigreturn",
}

// NeverFails reports whether callers of a system call do not expect it to fail: a program that is
// refused its own process id goes on with -1, and a kill(-1) signals everybody.
func NeverFails(name string) bool { return slices.Contains(neverFail, name) }
