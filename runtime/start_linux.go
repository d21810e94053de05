package runtime

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Start is cmd.Start under filters that this process does not get. Each field of cmd means what it
// means to os/exec, and cmd.Wait and the context work as ever. The child runs with no_new_privs,
// unless KeepPrivileges is given;
// its filters are in force before the first instruction of its program, dynamic loader included.
//
// os/exec starts a stub of a few bytes in the place of the program, which does nothing by itself.
// Traced, it is made to set no_new_privs and to execute the program, which stops before it has run,
// is made to install the filters itself, and is let go. So no helper program is needed; a filter
// need not allow what loads the program (execve, and all that SysProcAttr asks for), only what the
// program does; and whatever goes wrong, up to the death of this process in between, the child is
// killed before it has run a single instruction. What a filter of this process could feign is asked
// for or read back, and no stop is waited for longer than half a minute. An error means that no
// child is left.
//
// Filters are installed in order, and each must allow seccomp(2) for the next.
//
// Start needs Linux 5.3, /proc, a file in memory that may be executed (vm.memfd_noexec below 2),
// and the right to trace its child: not under a filter that denies ptrace, a debugger that follows
// forks, or kernel.yama.ptrace_scope 3; and a program that its user may read, unless this process
// may trace everything. It refuses a program that would gain privileges by being executed, which
// no_new_privs does not let happen, filters that are not for the program's ABI, and Chroot together
// with AmbientCaps. It works on each of Go's ports to Linux, for children of the port's own ABI,
// and of i386 from GOARCH amd64. A SIGSTOP to the child between fork and exec, when nobody can wait
// for it, holds Start until the child is killed, as it holds os/exec; all other signals wait until
// the program runs.
func Start(cmd *exec.Cmd, flags Flags, filters ...asm.Program) error {
	_, err := start(cmd, flags, filters)
	return err
}

// StartListener is [Start] for a filter that leaves calls to a supervisor: this process, which
// receives them through package notify on the close-on-exec descriptor that StartListener returns.
// The child does not keep the descriptor. It closes its own under the filter, which must therefore
// allow close(2) or leave it to the supervisor: that one call StartListener answers itself.
func StartListener(cmd *exec.Cmd, flags Flags, filter asm.Program) (fd int, err error) {
	return start(cmd, flags|listener, []asm.Program{filter})
}

func start(cmd *exec.Cmd, flags Flags, filters []asm.Program) (fd int, err error) {
	if err := checkStart(cmd, flags, filters); err != nil {
		return -1, err
	}
	// The kernel takes commands to a traced process from one thread only.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	if err := ask(flags); err != nil {
		return -1, err
	}
	p, err := newPlan(cmd)
	if err != nil {
		return -1, err
	}
	mask, err := p.startStub(cmd)
	p.close()
	if err != nil {
		return -1, err
	}
	t := tracee{pid: cmd.Process.Pid}
	fd, err = t.confine(p, filters, flags)
	if err == nil {
		err = t.release(&mask, func(s syscall.Signal) error { return cmd.Process.Signal(s) })
	}
	if err != nil {
		abandon(cmd)
		if fd >= 0 {
			unix.Close(fd)
		}
		return -1, err
	}
	return fd, nil
}

func checkStart(cmd *exec.Cmd, flags Flags, filters []asm.Program) error {
	if abis() == nil {
		return fmt.Errorf("runtime: Start is not available on %s: nothing was started",
			runtime.GOARCH)
	}
	if err := flags.checkStart(); err != nil {
		return err
	}
	if len(filters) == 0 {
		return errors.New("runtime: Start without a filter would confine nothing; use cmd.Start")
	}
	for i, p := range filters {
		if err := p.Check(); err != nil {
			return fmt.Errorf("runtime: the kernel would refuse filter %d: %w", i+1, err)
		}
	}
	if cmd.SysProcAttr != nil && cmd.SysProcAttr.Ptrace {
		return errors.New("runtime: Start traces the child itself; leave SysProcAttr.Ptrace out")
	}
	if flags&KeepPrivileges != 0 {
		return nil
	}
	return refusePrivileged(cmd)
}

func allSignals() (set unix.Sigset_t) {
	for i := range set.Val {
		set.Val[i] = ^set.Val[i]
	}
	return set
}

// abandon kills the child and takes back what cmd.Start has set up, and is done when the child has
// been waited for. Where cmd.Stdin is a reader that blocks, os/exec has a goroutine waiting for it
// which nobody can stop: that one is left behind.
func abandon(cmd *exec.Cmd) {
	pid := cmd.Process.Pid
	cmd.Process.Kill()
	ptrace(unix.PTRACE_KILL, pid, 0, nil) // where a filter of ours denies kill
	cmd.WaitDelay = time.Millisecond
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		cmd.Process.Release() // Wait keeps the handle of a child that somebody else has waited for
		close(done)
	}()
	limit := time.Now().Add(patience)
	for try := 0; isChild(pid) && time.Now().Before(limit); try++ {
		pause(try)
	}
	if _, file := cmd.Stdin.(*os.File); cmd.Stdin != nil && !file {
		limit = time.Now().Add(100 * time.Millisecond)
	}
	select {
	case <-done:
	case <-time.After(time.Until(limit)):
	}
}

// isChild reports whether there is a child of this number that nobody has waited for.
func isChild(pid int) bool {
	err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|unix.WALL, nil)
	return err == nil || err == unix.EINTR
}
