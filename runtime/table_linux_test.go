//go:build linux && (amd64 || 386)

package runtime

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// A filter that was there before answers one kind of call of what Install, Start and StartListener
// make. A kind is a number, and where arg is not negative the value of one argument.
type outerCall struct {
	name  string
	nr    uint32
	arg   int
	value uint32
}

func outerCalls() []outerCall {
	var calls []outerCall
	for _, r := range []uint32{unix.PTRACE_TRACEME, unix.PTRACE_SETOPTIONS, unix.PTRACE_SYSCALL,
		unix.PTRACE_GET_SYSCALL_INFO, unix.PTRACE_GETSIGINFO, unix.PTRACE_GETREGSET,
		unix.PTRACE_SETREGSET,
		unix.PTRACE_PEEKTEXT, unix.PTRACE_POKETEXT, unix.PTRACE_PEEKDATA, unix.PTRACE_POKEDATA,
		unix.PTRACE_GETSIGMASK, unix.PTRACE_SETSIGMASK, unix.PTRACE_DETACH, unix.PTRACE_KILL} {
		calls = append(calls, outerCall{"ptrace", unix.SYS_PTRACE, 0, r})
	}
	for _, o := range []uint32{unix.PR_SET_NO_NEW_PRIVS, unix.PR_GET_NO_NEW_PRIVS,
		unix.PR_SET_PDEATHSIG,
		unix.PR_GET_PDEATHSIG, unix.PR_SET_NAME} {
		calls = append(calls, outerCall{"prctl", unix.SYS_PRCTL, 0, o})
	}
	for _, c := range []uint32{unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_ADD_SEALS,
		unix.F_GET_SEALS,
		unix.F_DUPFD_CLOEXEC} {
		calls = append(calls, outerCall{"fcntl", unix.SYS_FCNTL, 1, c})
	}
	for name, nr := range map[string]uint32{
		"ptrace": unix.SYS_PTRACE, "prctl": unix.SYS_PRCTL, "seccomp": unix.SYS_SECCOMP,
		"memfd_create": unix.SYS_MEMFD_CREATE, "write": unix.SYS_WRITE, "read": unix.SYS_READ,
		"openat": unix.SYS_OPENAT, "open": unix.SYS_OPEN, "close": unix.SYS_CLOSE,
		"pipe2": unix.SYS_PIPE2,
		"clone": unix.SYS_CLONE, "execve": unix.SYS_EXECVE, "dup3": unix.SYS_DUP3,
		"fcntl":  unix.SYS_FCNTL,
		"waitid": unix.SYS_WAITID, "wait4": unix.SYS_WAIT4, "getpid": unix.SYS_GETPID,
		"pidfd_open": unix.SYS_PIDFD_OPEN, "pidfd_getfd": unix.SYS_PIDFD_GETFD,
		"pidfd_send_signal": unix.SYS_PIDFD_SEND_SIGNAL, "kill": unix.SYS_KILL,
		"ioctl":          unix.SYS_IOCTL,
		"rt_sigprocmask": unix.SYS_RT_SIGPROCMASK, "rt_sigaction": unix.SYS_RT_SIGACTION,
		"process_vm_readv":  unix.SYS_PROCESS_VM_READV,
		"process_vm_writev": unix.SYS_PROCESS_VM_WRITEV,
		"sched_yield":       unix.SYS_SCHED_YIELD, "nanosleep": unix.SYS_NANOSLEEP,
		"poll":       unix.SYS_POLL,
		"exit_group": unix.SYS_EXIT_GROUP, "prlimit64": unix.SYS_PRLIMIT64, "chdir": unix.SYS_CHDIR,
		"statfs": unix.SYS_STATFS, "getxattr": unix.SYS_GETXATTR, "futex": unix.SYS_FUTEX,
	} {
		calls = append(calls, outerCall{name, nr, -1, 0})
	}
	return calls
}

// outerAnswers are what the filter answers.
var outerAnswers = []uint32{errno(0), errno(unix.EPERM), unix.SECCOMP_RET_KILL_THREAD,
	errno(unix.ENOSYS),
	errno(unix.EINTR), errno(unix.EAGAIN)}

func (c outerCall) filter(ret uint32) asm.Program {
	p := filter(ret, allow, c.nr)
	if c.arg < 0 {
		return p
	}
	return append(p[:len(p)-1],
		asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(c.arg, binary.NativeEndian)},
		asm.Instruction{Op: asm.JeqK, Jf: 1, K: c.value},
		asm.Instruction{Op: asm.RetK, K: ret},
		asm.Instruction{Op: asm.RetK, K: allow})
}

const caseEnv = "SECCOMPC_TEST_CASE" // what is done; number, argument, value; the answer

// tableWorker does one thing under one filter.
var tableWorker = inChild("table worker", func() {
	var what string
	var c outerCall
	var ret uint32
	fmt.Sscan(os.Getenv(caseEnv), &what, &c.nr, &c.arg, &c.value, &ret)
	patience = 300 * time.Millisecond
	path := os.Getenv(witnessEnv)
	cmd := exec.Command(path)
	cmd.Dir = filepath.Dir(path)
	if err := Install(c.filter(ret), Process|NoPreflight); err != nil {
		bad("%v", err)
	}
	var err error
	switch what {
	case "Install":
		if Install(denied(), Process) == nil && !confined() {
			os.Mkdir(filepath.Join(cmd.Dir, unconfined), 0o755)
		}
		return
	case "Start":
		err = Start(cmd, 0, denied())
	case "StartListener":
		var fd int
		if fd, err = StartListener(cmd, 0, denied()); err == nil {
			unix.Close(fd)
		}
	}
	if err == nil {
		cmd.Wait()
	}
})

// tableChild is the first of its PID namespace, and ends what hangs.
var tableChild = inChild("table", func() {
	every := os.Getenv(stepEnv) != ""
	cases, hangs, wrong := 0, map[string]int{}, 0
	for i, c := range outerCalls() {
		for j, ret := range outerAnswers {
			for k, what := range []string{"Start", "StartListener", "Install"} {
				sampled := j == 0 && k == 0 && !mayHang[c.name] || j == 1 && (i+k)%7 == 0 &&
					!mayHang[c.name]
				if !every && !sampled {
					continue
				}
				cases++
				if !tableCase(what, c, ret) {
					hangs[fmt.Sprintf("%s %#x", c.name, ret)]++
					if every && ret != unix.SECCOMP_RET_KILL_THREAD && !mayHang[c.name] {
						wrong++
						fmt.Printf("%s hangs under a filter that answers %s %#x with %#x\n", what,
							c.name, c.value, ret)
					}
				}
			}
		}
	}
	fmt.Printf("%d cases; ended from outside: %v\n", cases, hangs)
	if wrong > 0 {
		bad("%d hangs", wrong)
	}
})

// mayHang are the calls without which os/exec, or Go itself, waits for ever, or which it repeats
// for ever after EINTR. A thread that is killed waits for ever too, for all that Go knows.
var mayHang = map[string]bool{"close": true, "exit_group": true, "futex": true, "openat": true,
	"read":  true,
	"write": true}

// tableCase reports whether the worker ended by itself.
func tableCase(what string, c outerCall, ret uint32) bool {
	worker := command(tableWorker)
	worker.Env = append(worker.Env, fmt.Sprintf("%s=%s %d %d %d %d", caseEnv, what, c.nr, c.arg,
		c.value, ret))
	if err := worker.Start(); err != nil {
		bad("%v", err)
	}
	var hung atomic.Bool
	timer := time.AfterFunc(2*time.Second, func() {
		hung.Store(true)
		worker.Process.Kill()
	})
	worker.Wait()
	timer.Stop()
	for range 20 { // for what is left to do what it does
		if _, err := unix.Wait4(-1, nil, unix.WALL|unix.WNOHANG, nil); err == unix.ECHILD {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	unix.Kill(-1, unix.SIGKILL) // all but this process, in its namespace
	for {
		if _, err := unix.Wait4(-1, nil, unix.WALL, nil); err == unix.ECHILD {
			break
		}
	}
	mark := filepath.Join(filepath.Dir(os.Getenv(witnessEnv)), unconfined)
	if _, err := os.Stat(mark); err == nil {
		bad("%s under a filter that answers %s %d with %#x: unconfined", what, c.name, c.value, ret)
	}
	return !hung.Load()
}

// Whatever a filter that was there before does to a call, who asked for a filter gets it or an
// error, and a child that is not confined does not run.
func TestOuterFilters(t *testing.T) {
	t.Setenv(witnessEnv, writeWitness(t))
	if *everyFault {
		t.Setenv(stepEnv, "all")
	}
	t.Log(runInNamespaces(t, tableChild))
}
