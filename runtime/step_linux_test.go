//go:build linux && (amd64 || 386)

package runtime

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// everyFault makes the tests of faults leave none out: make test-faults.
var everyFault = flag.Bool("faults", false, "try every fault, not some of them")

const (
	stepEnv    = "SECCOMPC_TEST_STEP"    // from which step, how far to the next
	witnessEnv = "SECCOMPC_TEST_WITNESS" // path
	marker     = 0x5ecc0                 // an argument of getppid: what is counted begins here
)

// stepWorker starts the witness once. Its thread is traced by the test.
var stepWorker = inChild("step worker", func() {
	runtime.LockOSThread()
	if err := ptrace(unix.PTRACE_TRACEME, 0, 0, nil); err != nil {
		bad("%v", err)
	}
	unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGSTOP)
	patience = 3 * time.Second
	path := os.Getenv(witnessEnv)
	cmd := exec.Command(path)
	cmd.Dir = filepath.Dir(path)
	before := openFiles()
	unix.RawSyscall(unix.SYS_GETPPID, marker, 0, 0)
	err := Start(cmd, 0, denied())
	unix.RawSyscall(unix.SYS_GETPPID, marker, 0, 0)
	if err == nil {
		if err := cmd.Wait(); err != nil {
			bad("Start succeeds, and the child ends with %v", err)
		}
	} else if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		bad("Start fails, and a child is left: %v", err)
	}
	if after := openFiles(); after > before {
		bad("%d descriptors before, %d after", before, after)
	}
	runtime.UnlockOSThread()
})

// openFiles counts descriptors but those of the poller, which Go opens once and keeps.
func openFiles() (n int) {
	for fd := range 64 {
		link, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
		if err == nil && link != "anon_inode:[eventpoll]" && link != "anon_inode:[eventfd]" {
			n++
		}
	}
	return n
}

// fault is what happens at a system call: an errno in its place, or the death of its process.
type fault struct {
	name  string
	errno unix.Errno // 0: SIGKILL
}

var stepFaults = []fault{{"SIGKILL", 0}, {"EPERM", unix.EPERM}, {"EINTR", unix.EINTR}}

// stepChild lets workers meet each fault at their first, second, … system call between the markers,
// until one comes to its end without it. It is the first of its PID namespace: who loses his parent
// comes to it.
var stepChild = inChild("steps", func() {
	runtime.LockOSThread()
	first, by := 1, 1
	fmt.Sscan(os.Getenv(stepEnv), &first, &by)
	for _, f := range stepFaults {
		steps, n := 0, 0
		for k := first; ; k += by {
			met := runStep(f, k)
			if !met {
				break
			}
			steps, n = k, n+1
		}
		fmt.Printf("%s: at %d of the first %d calls\n", f.name, n, steps)
		if n == 0 {
			bad("no call was met")
		}
	}
})

// runStep runs a worker whose k-th call meets the fault, and reports whether there were as many
// calls.
func runStep(f fault, k int) bool {
	worker := command(stepWorker)
	worker.Stdout = os.Stdout
	if err := worker.Start(); err != nil {
		bad("%v", err)
	}
	late := time.AfterFunc(2*time.Minute, func() {
		bad("%s at call %d (number %d): processes are left:\n%s", f.name, k, metAt, left())
	})
	defer late.Stop()
	met := traceTo(f, k)
	for { // all that is left, the worker too
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		if err == unix.ECHILD {
			break
		}
		if pid == worker.Process.Pid && !status.Stopped() && !bearableEnd(status, met, f) {
			bad("%s at call %d (number %d): the worker ends with %#x", f.name, k, metAt, status)
		}
	}
	marker := filepath.Join(filepath.Dir(os.Getenv(witnessEnv)), unconfined)
	if _, err := os.Stat(marker); err == nil {
		bad("%s at call %d: the child runs unconfined", f.name, k)
	}
	return met
}

// left returns a line for each thread there is: its name and state, and where in the kernel it
// waits.
func left() string {
	var out strings.Builder
	threads, _ := filepath.Glob("/proc/[0-9]*/task/*")
	for _, thread := range threads {
		stat, _ := os.ReadFile(thread + "/stat")
		place, _ := os.ReadFile(thread + "/wchan")
		fmt.Fprintf(&out, "%.40s %s\n", stat, place)
	}
	return out.String()
}

// bearableEnd reports whether a worker may end so: by the fault, or because Go cannot do without
// what has failed. What it finds wrong by itself it reports with 1.
func bearableEnd(status unix.WaitStatus, met bool, f fault) bool {
	const thrown = 2
	if !met || status.Exited() && status.ExitStatus() != thrown {
		return status.ExitStatus() == 0
	}
	return f.errno == 0 || slices.Contains(numbers(goMust[:]), uint32(metAt))
}

// traceTo lets the worker's thread run to its k-th call, where it meets the fault, and then go.
func traceTo(f fault, k int) (met bool) {
	var status unix.WaitStatus
	tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
	for err == unix.EINTR {
		tid, err = unix.Wait4(-1, &status, unix.WALL, nil)
	}
	if err != nil || !status.Stopped() {
		bad("no thread to trace: %v, %#x", err, status)
	}
	t := tracee{pid: tid, abi: abis()[0]}
	if err := unix.PtraceSetOptions(tid, unix.PTRACE_O_TRACESYSGOOD); err != nil {
		bad("%v", err)
	}
	counting := false
	for signal := 0; ; {
		if err := unix.PtraceSyscall(tid, signal); err != nil {
			return false
		}
		s, ok := stepStop(tid)
		signal = int(s)
		switch {
		case !ok:
			return false
		case s == unix.SIGSTOP:
			// The worker's own, behind a signal of Go's: it would stop all threads.
			signal = 0
			continue
		case s != unix.SIGTRAP|0x80:
			continue
		}
		signal = 0
		at, err := t.look()
		switch {
		case err != nil:
			bad("%v", err)
		case at.kind != atEntry:
		case at.value == unix.SYS_GETPPID && uint32(at.args[0]) == marker:
			if counting {
				unix.PtraceDetach(tid)
				return false
			}
			counting = true
		// leaves a descriptor, of course
		case counting && at.value == unix.SYS_CLOSE && f.errno != 0:
		case counting && k > 1:
			k--
		case counting:
			metAt = at.value
			t.meet(f)
			return true
		}
	}
}

// stepStop waits for the thread; false is for its end.
func stepStop(tid int) (syscall.Signal, bool) {
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(tid, &status, unix.WALL, nil)
		if err == nil {
			return status.StopSignal(), status.Stopped()
		}
		if err != unix.EINTR {
			return 0, false
		}
	}
}

// metAt is the number of the call that has met the last fault.
var metAt uint64

// meet makes the fault happen to a thread that is at the entry of a system call, and lets go of it.
func (t *tracee) meet(f fault) {
	if f.errno == 0 {
		if err := unix.Kill(threadGroup(t.pid), unix.SIGKILL); err != nil {
			bad("%v", err)
		}
		return
	}
	var regs registers
	t.mustRegisters(unix.PTRACE_GETREGSET, &regs)
	t.abi.set(&regs, t.abi.orig, ^uint64(0)) // no call
	t.mustRegisters(unix.PTRACE_SETREGSET, &regs)
	unix.PtraceSyscall(t.pid, 0)
	if _, ok := stepStop(t.pid); !ok {
		bad("the thread has ended")
	}
	t.abi.set(&regs, t.abi.nr, -uint64(f.errno)) // the result's register too
	t.mustRegisters(unix.PTRACE_SETREGSET, &regs)
	unix.PtraceDetach(t.pid)
}

func (t *tracee) mustRegisters(request int, regs *registers) {
	if _, err := t.registers(request, regs); err != nil {
		bad("%v", err)
	}
}

func threadGroup(tid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		bad("%v", err)
	}
	var pid int
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "Tgid: %d", &pid); err == nil {
			return pid
		}
	}
	bad("no Tgid in %s", status)
	return 0
}

// Start meets its parent's death, or a refusal, at any of its system calls: its child is confined
// or dead, and nothing is left behind.
func TestStartAtEachCall(t *testing.T) {
	step := 9
	if *everyFault {
		step = 1
	}
	t.Setenv(witnessEnv, writeWitness(t))
	t.Setenv(stepEnv, fmt.Sprint(1+time.Now().Nanosecond()%step, step))
	t.Log("\n" + runInNamespaces(t, stepChild))
}
