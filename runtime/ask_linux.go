package runtime

import (
	"cmp"
	"unsafe"

	"golang.org/x/sys/unix"
)

const traceOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC

// ask makes each call that Start depends on in this process once, about a process that there is
// not: who gets no refusal talks to a filter that feigns success, and who gets another one than the
// kernel's is not allowed to. Nothing has been started yet.
func ask(flags Flags) error {
	for _, nobody := range []int{-1, 0} {
		for _, q := range []struct {
			request    int
			addr, data uintptr
		}{
			{unix.PTRACE_SETOPTIONS, 0, traceOptions},
			{unix.PTRACE_SYSCALL, 0, 0},
			{unix.PTRACE_GET_SYSCALL_INFO, sizeofInfo, 0},
			{unix.PTRACE_GETSIGINFO, 0, 0},
			{unix.PTRACE_GETREGSET, ntPrstatus, 0},
			{unix.PTRACE_SETREGSET, ntPrstatus, 0},
			{unix.PTRACE_PEEKTEXT, 0, 0},
			{unix.PTRACE_POKETEXT, 0, 0},
			{unix.PTRACE_PEEKDATA, 0, 0},
			{unix.PTRACE_POKEDATA, 0, 0},
			{unix.PTRACE_GETSIGMASK, sizeofMask(), 0},
			{unix.PTRACE_SETSIGMASK, sizeofMask(), 0},
			{unix.PTRACE_DETACH, 0, 0},
			{unix.PTRACE_KILL, 0, 0},
		} {
			_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(q.request), uintptr(nobody),
				q.addr,
				q.data, 0, 0)
			if err := answered(errno, unix.ESRCH, "trace the command", traceHelp); err != nil {
				return err
			}
		}
	}
	var info unix.Siginfo
	errno := errnoOf(unix.Waitid(unix.P_PID, unix.Getpid(), &info, unix.WEXITED|unix.WNOHANG, nil))
	if err := answered(errno, unix.ECHILD, "wait for the command", "allow waitid"); err != nil {
		return err
	}
	if err := askClose(); err != nil {
		return err
	}
	if flags&listener == 0 {
		return nil
	}
	return askListener()
}

// askClose closes one end of a pipe and looks whether that end is still there: os/exec waits until
// all copies of its end of a pipe are closed, for ever where a filter feigns the close. Another
// thread may get the number meanwhile, but no other one has this pipe.
func askClose() error {
	const op = "close a descriptor"
	const help = "no filter of this process may deny pipe2, fstat or close"
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return &Error{"make a pipe", err, help}
	}
	if ends[0] == ends[1] {
		return &Error{"make a pipe", errFeigned, feignedHelp}
	}
	defer unix.Close(ends[0])
	var open, left unix.Stat_t
	err := unix.Fstat(ends[1], &open)
	if err := cmp.Or(unix.Close(ends[1]), err); err != nil {
		return &Error{op, err, help}
	}
	switch err := unix.Fstat(ends[1], &left); {
	case err == nil && left.Dev == open.Dev && left.Ino == open.Ino:
		return &Error{op, errFeigned, feignedHelp}
	case err != nil && err != unix.EBADF:
		return &Error{op, err, help}
	}
	return nil
}

func askListener() error {
	const help = "this needs Linux 5.6, and no filter of this process that denies it"
	_, err := unix.PidfdOpen(-1, 0)
	if err := answered(errnoOf(err), unix.EINVAL, "open the child's pidfd", help); err != nil {
		return err
	}
	_, err = unix.PidfdGetfd(-1, 0, 0)
	if err := answered(errnoOf(err), unix.EBADF, takeOp, help); err != nil {
		return err
	}
	none := uint64(0)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, ^uintptr(0), unix.SECCOMP_IOCTL_NOTIF_ID_VALID,
		uintptr(unsafe.Pointer(&none)))
	return answered(errno, unix.EBADF, takeOp, "allow ioctl")
}

const (
	traceHelp = "tracing it was refused: by a filter of this process, or there is no ptrace"
	takeOp    = "take the listener from the child"
)

// answered compares what a call has returned with what the kernel returns.
func answered(got, kernels unix.Errno, op, help string) error {
	switch got {
	case kernels:
		return nil
	case 0:
		return &Error{op, errFeigned, feignedHelp}
	}
	return &Error{op, got, help}
}

func errnoOf(err error) unix.Errno {
	errno, _ := err.(unix.Errno)
	return errno
}
