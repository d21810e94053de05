package runtime

import (
	"errors"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// faults are system calls that a filter of our own makes fail, and what then must fail.
var faults = []struct {
	name  string
	nr    uint32
	errno unix.Errno
	do    func() error
}{
	{"Install, seccomp", unix.SYS_SECCOMP, unix.ENOMEM, installFault},
	{"Install, seccomp", unix.SYS_SECCOMP, unix.EAGAIN, installFault},
	{"Install, prctl", unix.SYS_PRCTL, unix.ENOMEM, installFault},
	{"Start, clone", unix.SYS_CLONE, unix.EAGAIN, startFault},
	{"Start, clone", unix.SYS_CLONE, unix.ENOMEM, startFault},
	{"Start, ptrace", unix.SYS_PTRACE, unix.EAGAIN, startFault},
	{"Start, prctl in the child", unix.SYS_PRCTL, unix.ENOMEM, startFault},
	{"Start, seccomp in the child", unix.SYS_SECCOMP, unix.ENOMEM, startFault},
	{"Start, seccomp in the child", unix.SYS_SECCOMP, unix.EAGAIN, startFault},
	{"Start, wait", unix.SYS_WAITID, unix.EAGAIN, startFault},
	{"StartListener, pidfd", unix.SYS_PIDFD_GETFD, unix.EMFILE, listenerFault},
}

func installFault() error { return Install(denied(), Thread) }

func startFault() error { return Start(command(checksItself), 0, denied()) }

func listenerFault() error {
	_, err := StartListener(command(checksItself), 0, denied())
	return err
}

var faultsChild = inChild("faults", func() {
	for _, f := range faults {
		done := make(chan bool)
		go func() { // whose thread ends with it, and the filter with the thread
			defer close(done)
			runtime.LockOSThread()
			if err := Install(filter(errno(f.errno), allow, f.nr), Thread); err != nil {
				bad("%v", err)
			}
			if err := f.do(); !errors.Is(err, f.errno) {
				bad("%s: error %v, want %v", f.name, err, f.errno)
			}
			if confined() {
				bad("%s: an error, and confined", f.name)
			}
		}()
		<-done
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		bad("children are left: wait4 gives %v", err)
	}
})

func TestFaults(t *testing.T) { run(t, faultsChild) }
