package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// openSSH is modelled on the sandbox of OpenSSH's unprivileged child (sandbox-seccomp-filter.c of
// the portable release): a small allow list, file opening answered with EACCES, masks over 64 bits.
func openSSH() Row {
	const readWrite = 3 // PROT_READ|PROT_WRITE
	noExec := neutral.Test{Arg: 2, Width: 64, Op: neutral.Masked, Mask: ^uint64(readWrite)}
	futexOp := func(op uint64) neutral.Test {
		const flags = 0x180 // FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME
		return neutral.Test{Arg: 1, Width: 64, Op: neutral.Masked, Mask: ^uint64(flags), Value: op}
	}
	futex := []string{"futex"}
	return Row{
		Policy: neutral.Policy{
			Name:    "openssh",
			Title:   "like OpenSSH's preauth sandbox: masks on mmap, mprotect, futex",
			ABIs:    []string{"x86_64"},
			Default: policy.KillProcess,
			Rules: slices.Concat(
				on(eacces, []string{
					"lstat", "fstat", "open", "openat", "newfstatat", "stat",
					"shmget", "shmat", "shmdt",
				}),
				on(policy.Allow, []string{
					"brk", "clock_gettime", "clock_nanosleep", "close", "exit", "exit_group",
					"geteuid", "getpgid", "getpid", "getrandom", "gettid", "gettimeofday", "getuid",
					"mremap", "munmap", "nanosleep", "poll", "ppoll", "pselect6", "read",
					"restart_syscall", "rt_sigprocmask", "select", "shutdown", "time", "write",
					"writev",
				}),
				on(policy.Allow, []string{"mmap", "mprotect"}, noExec),
				on(policy.Allow, futex, futexOp(0)), // FUTEX_WAIT
				on(policy.Allow, futex, futexOp(1)), // FUTEX_WAKE
				on(policy.Allow, futex, futexOp(3)), // FUTEX_REQUEUE
				on(policy.Allow, futex, futexOp(4)), // FUTEX_CMP_REQUEUE
				on(policy.Allow, futex, futexOp(9)), // FUTEX_WAIT_BITSET
				// MADV_NORMAL, FREE, DONTNEED, DONTFORK, DONTDUMP, WIPEONFORK
				onValues64("madvise", 2, 0, 8, 4, 10, 16, 18),
			),
		},
		Probes: Probes{
			Checked: Probe{Call: "mprotect"}, // no length: nothing to do
			Denied:  Probe{Call: "shmdt"},
			Cached:  Probe{Call: "getuid"},
		},
	}
}

func onValues64(call string, arg int, values ...uint64) []neutral.Rule {
	var rules []neutral.Rule
	for _, v := range values {
		rules = append(rules, on(policy.Allow, []string{call}, wide(arg, neutral.Eq, v))...)
	}
	return rules
}
