package rows

import (
	"slices"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// vmMonitor is a virtual machine monitor's thread, modelled on what Firecracker's main and vCPU
// threads may do: 50 calls, five of them by 39 argument values.
func vmMonitor() Row {
	return Row{
		Policy: neutral.Policy{
			Name:    "vm-monitor",
			Title:   "a VM monitor's: 50 calls, 39 rules on argument values",
			ABIs:    []string{"x86_64"},
			Default: policy.Trap,
			Rules: slices.Concat(
				on(policy.Allow, []string{
					"accept4", "brk", "clock_gettime", "close", "connect", "dup", "epoll_ctl",
					"epoll_pwait", "eventfd2", "exit", "exit_group", "fallocate", "fstat", "fsync",
					"ftruncate", "getrandom", "gettid", "io_uring_enter", "io_uring_register",
					"io_uring_setup", "lseek", "mincore", "mprotect", "mremap", "msync", "munmap",
					"nanosleep", "open", "pread64", "pwrite64", "read", "readv", "recvfrom",
					"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "sendmsg",
					"sigaltstack", "socket", "timerfd_settime", "tkill", "uname", "write", "writev",
				}),
				// F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
				onValues(policy.Allow, "fcntl", 1, 1, 2, 3, 4, 0x406),
				// WAIT, WAKE, their private forms, REQUEUE_PRIVATE, WAIT_BITSET_PRIVATE
				onValues(policy.Allow, "futex", 1, 0, 1, 0x80, 0x81, 0x83, 0x89),
				// SHARED; PRIVATE|ANON; PRIVATE|FIXED|ANON; SHARED|POPULATE; PRIVATE|ANON|NORESERVE
				onValues(policy.Allow, "mmap", 3, 0x1, 0x22, 0x32, 0x8001, 0x4022),
				onValues(policy.Allow, "madvise", 2, 4, 16, 21), // DONTNEED, DONTDUMP, PAGEOUT
				onValues(policy.Allow, "ioctl", 1,
					0x5401, 0x5402, 0x5413, 0x5421, // TCGETS, TCSETS, TIOCGWINSZ, FIONBIO
					kvm(none, 0x80, 0), // KVM_RUN
					kvm(write, 0x42, 0x10), kvm(read, 0x7c, 0x30), kvm(read, 0x9f, 0x70),
					kvm(read, 0x98, 4), kvm(write, 0x99, 4), // MP_STATE
					kvm(read, 0x9f, 0x40), kvm(write, 0xa0, 0x40), // VCPU_EVENTS
					kvm(read, 0x8e, 0x400), kvm(write, 0x8f, 0x400), // LAPIC
					kvm(read, 0x81, 0x90), kvm(write, 0x82, 0x90), // REGS
					kvm(read, 0x83, 0x138), kvm(write, 0x84, 0x138), // SREGS
					kvm(read, 0xa4, 0x1000), kvm(write, 0xa5, 0x1000), // XSAVE
				),
			),
		},
		Probes: Probes{
			Checked: Probe{"ioctl", [6]uint64{badFD, kvm(none, 0x80, 0)}},
			Cached:  Probe{Call: "gettid"},
		},
	}
}

const none, write, read = 0, 1, 2

// kvm builds a KVM ioctl as include/uapi/asm-generic/ioctl.h's _IOC does, of KVMIO's type 0xae.
func kvm(dir, nr, size uint64) uint64 { return dir<<30 | size<<16 | 0xae<<8 | nr }
