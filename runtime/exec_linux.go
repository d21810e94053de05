package runtime

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Exec replaces this process by a program that the filters confine. It is for where nobody may trace,
// which [Start] does: under filters as Flatpak's, Chrome's or systemd's; and for what must stay the same
// process, as the first one of a container, or a service that its manager waits for.
//
// The filters are in force when the program is executed: they must let execve pass, and what the kernel
// and the dynamic loader do on the way. Those that do not are an error before anything is installed, and
// so is all else that can be known then. Flags are those of Start. Exec returns only errors. After one of
// execve itself the calling thread is confined, and the caller should end.
func Exec(path string, args, env []string, flags Flags, filters ...asm.Program) error {
	if err := flags.checkStart(); err != nil {
		return err
	}
	if len(filters) == 0 {
		return errors.New("runtime: Exec without a filter would confine nothing; use syscall.Exec")
	}
	e, err := newExecve(path, args, env)
	if err != nil {
		return err
	}
	if err := checkExec(filters, e.call()); err != nil {
		return err
	}
	if err := executable(path); err != nil { // while there is a way back
		return err
	}
	restoreLimit()
	if err := installThread(filters, flags); err != nil {
		return err
	}
	// From here on every system call but this one may be what a filter kills.
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, e.registers[0], e.registers[1], e.registers[2])
	runtime.KeepAlive(e)
	const help = "this thread is confined by now, and nothing was executed"
	if errno == 0 {
		return &Error{"execute " + path, errFeigned, help}
	}
	return &Error{"execute " + path, errno, help}
}

// executable returns the error that execve would.
func executable(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = unix.EACCES
	} else if err == nil {
		err = unix.Access(path, unix.X_OK)
	}
	if _, named := err.(*fs.PathError); err == nil || named {
		return err
	}
	return &fs.PathError{Op: "exec", Path: path, Err: err}
}

// execve is a call whose arguments lie ready.
type execve struct {
	name       *byte
	argv, envp []*byte
	registers  [3]uintptr
}

func newExecve(path string, args, env []string) (*execve, error) {
	name, err := syscall.BytePtrFromString(path)
	if err != nil {
		return nil, err
	}
	argv, err := syscall.SlicePtrFromStrings(args)
	if err != nil {
		return nil, err
	}
	envp, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return nil, err
	}
	return &execve{name, argv, envp, [3]uintptr{uintptr(unsafe.Pointer(name)),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0]))}}, nil
}

func (e *execve) call() Call {
	c := Call{Name: "execve", Nr: unix.SYS_EXECVE}
	for i, r := range e.registers {
		c.Args[i] = uint64(r)
	}
	return c
}

// checkExec asks the filters about the calls that come once the first of them is installed.
func checkExec(filters []asm.Program, execve Call) error {
	for i, p := range filters {
		if err := verify(p, hostArch()); err != nil {
			return err
		}
		calls := []Call{execve}
		if i < len(filters)-1 {
			calls = append(calls, Call{Name: "seccomp", Nr: unix.SYS_SECCOMP,
				Args: [6]uint64{unix.SECCOMP_SET_MODE_FILTER}})
		}
		for _, c := range calls {
			if err := survives(p, []Call{c}, executed); err != nil {
				return err
			}
		}
	}
	return nil
}

// installThread confines the calling thread, and leaves the goroutine wired to it.
func installThread(filters []asm.Program, flags Flags) error {
	runtime.LockOSThread()
	if err := giveUpPrivileges(flags); err != nil {
		return err
	}
	for _, p := range filters {
		if _, err := attach(p, flags|Thread); err != nil {
			return err
		}
	}
	return nil
}

// restoreLimit gives this process the limit of open files that it was started with: Go raises it, and
// gives it back only where package syscall executes a program. So it is made to try one that there is
// not.
func restoreLimit() { syscall.Exec("", []string{""}, nil) }
