package policy

import "fmt"

// Action is what the kernel does with a call: the 32-bit value that a filter returns, SECCOMP_RET_*
// in the upper half and its data in the lower.
type Action uint32

// The actions, SECCOMP_RET_* of include/uapi/linux/seccomp.h.
const (
	KillProcess Action = 0x80000000
	KillThread  Action = 0x00000000
	Trap        Action = 0x00030000 // | data for siginfo's si_errno
	Errno       Action = 0x00050000 // | errno, at most 4095
	Notify      Action = 0x7fc00000
	Trace       Action = 0x7ff00000 // | data for PTRACE_GETEVENTMSG
	Log         Action = 0x7ffc0000
	Allow       Action = 0x7fff0000
)

// Kind returns the action without its data.
func (a Action) Kind() Action { return a & 0xffff0000 }

// Data returns the 16 bits that travel with the action.
func (a Action) Data() uint16 { return uint16(a) }

// String returns the action in the words of the policy language, errno as a number. A value that is
// no action of the kernel's prints as its hexadecimal value.
func (a Action) String() string {
	switch a.Kind() {
	case KillProcess:
		return plain(a, "kill")
	case KillThread:
		return plain(a, "kill_thread")
	case Trap:
		if a.Data() == 0 {
			return "trap"
		}
		return fmt.Sprintf("trap(%d)", a.Data())
	case Errno:
		return fmt.Sprintf("deny(%d)", a.Data())
	case Notify:
		return plain(a, "notify")
	case Trace:
		return fmt.Sprintf("trace(%d)", a.Data())
	case Log:
		return plain(a, "log")
	case Allow:
		return plain(a, "allow")
	}
	return fmt.Sprintf("%#08x", uint32(a))
}

// plain names an action that takes no data; with data it is not a value that the language can
// write.
func plain(a Action, name string) string {
	if a.Data() != 0 {
		return fmt.Sprintf("%#08x", uint32(a))
	}
	return name
}

// Strictness orders actions by what the kernel does with a call that gets them, the strictest
// first: kill_process, kill_thread, trap, errno, notify, trace, log, allow, without their data. A
// value that is no action kills the process (the default case of __seccomp_filter in
// kernel/seccomp.c).
func (a Action) Strictness() int32 {
	switch a.Kind() {
	case KillThread, Trap, Errno, Notify, Trace, Log, Allow:
		return a.Precedence()
	}
	return KillProcess.Precedence()
}

// Precedence orders what several stacked filters return: the kernel obeys the smallest
// (seccomp_run_filters of kernel/seccomp.c compares the upper halves as signed values). It looks at
// the value alone, so that one which is no action may lose against a laxer action, or win.
func (a Action) Precedence() int32 { return int32(a.Kind()) }
