package runtime

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

const installing = "install the filter"

// refused explains an errno of seccomp(2) for a program that passed asm's Check
// (kernel/seccomp.c, seccomp_set_mode_filter and what it calls).
func refused(errno unix.Errno, p asm.Program, bits uintptr) error {
	if errno == feigned {
		return &Error{installing, errFeigned, feignedHelp}
	}
	return &Error{installing, errno, remedy(errno, p, bits)}
}

// enotsupp is ENOTSUPP of include/linux/errno.h, which no program should see: bpf_prog_select_runtime of
// kernel/bpf/core.c returns it where a program has to be compiled (CONFIG_BPF_JIT_ALWAYS_ON) and cannot.
const enotsupp = unix.Errno(524)

func remedy(errno unix.Errno, p asm.Program, bits uintptr) string {
	switch errno {
	case unix.EACCES:
		return "without no_new_privs this needs CAP_SYS_ADMIN in the user namespace; drop KeepPrivileges"
	case unix.EINVAL:
		return unknownFlag(bits)
	case unix.ENOMEM:
		return fmt.Sprintf("all filters of a thread may take %d instructions as the kernel counts them, "+
			"4 more for each; this one takes %d; merge filters into one", asm.MaxPathLen, p.KernelLen())
	case unix.EBUSY:
		return "a filter of this thread has a listener already, and the kernel allows one; " +
			"compile what is to be supervised into one filter"
	case unix.ESRCH:
		return divergedHelp
	case unix.ENOSYS:
		return "this needs Linux 3.17 with CONFIG_SECCOMP_FILTER, or a filter installed before answers so"
	case unix.EPERM:
		return "a filter installed before refuses seccomp; install the strictest last"
	case enotsupp:
		return "the kernel has no memory left for compiled filters; raise the limit, " +
			"sysctl net.core.bpf_jit_limit, or end processes that have filters"
	case unix.EMFILE, unix.ENFILE:
		return "the listener needs a file descriptor; close some, or raise the limit"
	}
	return "a filter installed before may answer so, or the kernel is in trouble"
}

// unknownFlag finds the flag that the kernel does not know, by asking with an address that it
// cannot read: EFAULT for flags that it does.
func unknownFlag(bits uintptr) string {
	for flag := uintptr(1); flag <= bits; flag <<= 1 {
		if bits&flag != 0 && probeFlag(flag) == unix.EINVAL {
			return fmt.Sprintf("this kernel does not know the flag %#x of seccomp(2); do without it", flag)
		}
	}
	return "the thread is in seccomp's strict mode, or the kernel lacks CONFIG_SECCOMP_FILTER"
}

// probeFlag asks the kernel for a filter at address 0.
func probeFlag(flag uintptr) unix.Errno {
	switch flag {
	case unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: // refused unless there is a listener
		flag |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flag, 0)
	return errno
}

const divergedHelp = "a thread has a filter of its own, so that all cannot get the same; " +
	"install for the process before any thread installs for itself"

func diverged(which string) error {
	return &Error{installing, unix.ESRCH, which + " stands in the way: " + divergedHelp}
}
