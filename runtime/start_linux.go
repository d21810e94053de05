package runtime

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Start is cmd.Start under filters that this process does not get. Each field of cmd means what it
// means to os/exec, and cmd.Wait and the context work as ever. The child runs with no_new_privs;
// its filters are in force before the first instruction of its program, dynamic loader included.
//
// The child is traced from fork to exec, stopped there, made to install the filters itself and let
// go. So no helper program is needed; a filter need not allow what loads the program (execve, and
// all that SysProcAttr asks for), only what the program does; and whatever goes wrong, up to the
// death of this process in between, the child is killed before it has run a single instruction. An
// error means that no child is left.
//
// Filters are installed in order, and each must allow seccomp(2) for the next.
//
// Start needs the right to trace its child: not under a filter that denies ptrace, a debugger that
// follows forks, or kernel.yama.ptrace_scope 3. It refuses a program that gains privileges by being
// executed, which no_new_privs would not have let happen, and filters that are not for the program's
// ABI. It works for children of the ABIs x86_64 (from GOARCH amd64), i386 (amd64, 386) and aarch64
// (arm64). A SIGSTOP to the child between fork and exec, when nobody can wait for it, holds Start
// until the child is killed; all other signals wait until the program runs.
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

func start(cmd *exec.Cmd, flags Flags, filters []asm.Program) (int, error) {
	if err := checkStart(cmd, flags, filters); err != nil {
		return -1, err
	}
	// The kernel takes commands to a traced process from one thread only.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	mask, err := startStopped(cmd)
	if err != nil {
		return -1, err
	}
	t := tracee{pid: cmd.Process.Pid}
	fd, err := t.confine(filters, flags, deathSignal(cmd))
	if err == nil {
		err = t.release(&mask)
	}
	if err != nil {
		abandon(cmd, &t)
		if fd >= 0 {
			unix.Close(fd)
		}
		return -1, err
	}
	return fd, nil
}

func checkStart(cmd *exec.Cmd, flags Flags, filters []asm.Program) error {
	if abis() == nil {
		return fmt.Errorf("runtime: Start is not available on %s: nothing was started", runtime.GOARCH)
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
	return nil
}

// startStopped starts the command so that it stops, traced, when its program is loaded. Until then
// it dies with this thread, and no signal but SIGTRAP, the sign of the stop, gets through: one that
// came between would stop the child where nobody waits for it. It returns the signal mask that the
// child is to have.
func startStopped(cmd *exec.Cmd) (mask unix.Sigset_t, err error) {
	attr := syscall.SysProcAttr{}
	if cmd.SysProcAttr != nil {
		attr = *cmd.SysProcAttr
	}
	attr.Ptrace = true
	attr.Pdeathsig = syscall.SIGKILL

	block := allSignals()
	block.Val[0] &^= 1 << (unix.SIGTRAP - 1)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &block, &mask); err != nil {
		return mask, &Error{"start the command", err,
			"a filter installed before must allow rt_sigprocmask"}
	}
	own := cmd.SysProcAttr
	cmd.SysProcAttr = &attr
	err = cmd.Start()
	cmd.SysProcAttr = own
	if back := unix.PthreadSigmask(unix.SIG_SETMASK, &mask, nil); back != nil {
		panic("runtime: cannot restore the signal mask: " + back.Error())
	}
	if errors.Is(err, unix.EPERM) {
		err = &Error{"start the command", err,
			"if not the program itself, then tracing it was refused: by a filter of this process, " +
				"a debugger that traces the child already, or Yama's ptrace_scope"}
	}
	return mask, err
}

func allSignals() (set unix.Sigset_t) {
	for i := range set.Val {
		set.Val[i] = ^set.Val[i]
	}
	return set
}

func deathSignal(cmd *exec.Cmd) syscall.Signal {
	if cmd.SysProcAttr == nil {
		return 0
	}
	return cmd.SysProcAttr.Pdeathsig
}

// abandon kills the child and takes back what cmd.Start has set up. Where cmd.Stdin is a reader
// that blocks, os/exec has a goroutine waiting for it which nobody can stop: that one is left
// behind.
func abandon(cmd *exec.Cmd, t *tracee) {
	if !t.reaped {
		cmd.Process.Kill()
	}
	cmd.WaitDelay = time.Millisecond
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		cmd.Process.Release() // Wait keeps the handle of a child that somebody else has waited for
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond):
	}
}
