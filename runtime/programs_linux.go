package runtime

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Programs returns the filters of a thread of another process, in the order and form in which they
// were installed, none where it is not confined. The thread is stopped meanwhile. The kernel (4.4
// with CONFIG_CHECKPOINT_RESTORE) shows them only to CAP_SYS_ADMIN, and only to a thread that has
// no filter.
func Programs(tid int) (programs []asm.Program, err error) {
	// One thread has to give all the commands.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PtraceSeize(tid); err != nil {
		help := "this needs the right to trace it, and nobody else may be tracing it"
		if err == unix.ESRCH {
			help = "there is no such thread in this PID namespace"
		}
		return nil, &Error{fmt.Sprintf("trace thread %d", tid), err, help}
	}
	signal, err := interrupt(tid)
	if err != nil {
		return nil, &Error{fmt.Sprintf("stop thread %d", tid), err, "it has ended"}
	}
	defer func() {
		if e := detach(tid, signal); e != nil && err == nil {
			err = &Error{fmt.Sprintf("let go of thread %d", tid), e, "it has ended"}
		}
	}()
	dir, err := procDir(tid)
	if err != nil {
		return nil, err
	}
	state, err := readStatus(dir + "/status")
	if err != nil || state.Mode != unix.SECCOMP_MODE_FILTER {
		return nil, err
	}
	for {
		p, err := program(tid, len(programs))
		if err == unix.ENOENT {
			return programs, nil
		}
		if err != nil {
			return nil, &Error{fmt.Sprintf("read filter %d of thread %d", len(programs), tid), err,
				"this needs CAP_SYS_ADMIN, CONFIG_CHECKPOINT_RESTORE, and no filter on this " +
					"process"}
		}
		programs = append(programs, p)
	}
}

// interrupt stops a thread that this one traces. Where a signal was just being delivered to it,
// that is what it stops for, and what it is to get when it goes on.
func interrupt(tid int) (syscall.Signal, error) {
	if err := unix.PtraceInterrupt(tid); err != nil {
		return 0, err
	}
	var status unix.WaitStatus
	_, err := unix.Wait4(tid, &status, unix.WALL, nil)
	for err == unix.EINTR {
		_, err = unix.Wait4(tid, &status, unix.WALL, nil)
	}
	switch {
	case err != nil:
		return 0, err
	case !status.Stopped():
		return 0, unix.ESRCH
	case status>>16 == 0: // no PTRACE_EVENT_STOP
		return status.StopSignal(), nil
	}
	return 0, nil
}

func detach(tid int, signal syscall.Signal) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_DETACH, uintptr(tid), 0,
		uintptr(signal), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// program reads one filter of a stopped thread, ENOENT behind the last.
func program(tid, index int) (asm.Program, error) {
	buf := make([]byte, asm.MaxLen*unix.SizeofSockFilter)
	n, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SECCOMP_GET_FILTER, uintptr(tid),
		uintptr(index), uintptr(unsafe.Pointer(&buf[0])), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return asm.Decode(buf[:n*unix.SizeofSockFilter], binary.NativeEndian)
}
