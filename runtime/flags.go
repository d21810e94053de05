package runtime

import (
	"errors"
	"fmt"
)

// Flags say whom a filter confines and how the kernel treats it. [Install] wants exactly one of
// Process and Thread; [Start] confines a child and wants neither.
type Flags uint32

// The values below 1<<16 are SECCOMP_FILTER_FLAG_* of include/uapi/linux/seccomp.h.
const (
	// Log has the kernel's audit log record every call that the filter does not allow (4.14).
	// Without it only kills are recorded, and calls that the filter answers with the action log.
	Log Flags = 1 << 1
	// SpecAllow leaves Speculative Store Bypass unmitigated (4.17): faster on kernels before 5.16,
	// which otherwise turn the mitigation on for confined threads.
	SpecAllow Flags = 1 << 2
	// WaitKillable lets only fatal signals interrupt a call that a supervisor has received (5.19).
	// Go programs under a listener need it: the scheduler's SIGURG would interrupt and restart
	// calls.
	WaitKillable Flags = 1 << 5

	// Process confines all threads of this process, those of the future too.
	Process Flags = 1 << 16
	// Thread confines the calling goroutine's thread, and wires the goroutine to it for good as
	// runtime.LockOSThread does. Let the goroutine return without unlocking: its thread then ends.
	Thread Flags = 1 << 17
	// KeepPrivileges leaves no_new_privs as it is. The kernel then wants CAP_SYS_ADMIN of who
	// installs the filter, which in a child is the program that it has become.
	KeepPrivileges Flags = 1 << 18
	// NoPreflight installs the filter without asking it about the calls that a Go program needs.
	NoPreflight Flags = 1 << 19

	// listener is SECCOMP_FILTER_FLAG_NEW_LISTENER, set by InstallListener and StartListener.
	listener Flags = 1 << 3
)

const (
	forInstall = Log | SpecAllow | WaitKillable | Process | Thread | KeepPrivileges | NoPreflight
	forStart   = Log | SpecAllow | WaitKillable | KeepPrivileges
)

// checkInstall refuses flags that contradict each other.
func (f Flags) checkInstall() error {
	if bad := f &^ (forInstall | listener); bad != 0 {
		return fmt.Errorf("runtime: unknown flags %#x", uint32(bad))
	}
	if both := f & (Process | Thread); both != Process && both != Thread {
		return errors.New("runtime: say whom the filter is to confine: either Process or Thread")
	}
	return f.checkListener()
}

// checkStart refuses flags that mean nothing for a child.
func (f Flags) checkStart() error {
	if bad := f &^ (forStart | listener); bad != 0 {
		return fmt.Errorf("runtime: flags %#x mean nothing for a child; it gets the filter as a "+
			"whole",
			uint32(bad))
	}
	return f.checkListener()
}

func (f Flags) checkListener() error {
	if f&WaitKillable != 0 && f&listener == 0 {
		return errors.New("runtime: WaitKillable is for filters with a listener; " +
			"use InstallListener or StartListener, or leave it out")
	}
	return nil
}

// Error is a refusal of the kernel.
type Error struct {
	Op   string // what was asked for
	Err  error  // what the kernel answered, a syscall.Errno where it gave one
	Help string // what to do about it
}

// Error implements error.
func (e *Error) Error() string { return "runtime: " + e.Op + ": " + e.Err.Error() + ": " + e.Help }

// Unwrap returns the kernel's answer.
func (e *Error) Unwrap() error { return e.Err }

// Call is a system call of this program's own ABI, as [Preflight] asks a filter about it.
type Call struct {
	Name string // for the error message
	Nr   uint32 // unix.SYS_*
	Args [6]uint64
}
