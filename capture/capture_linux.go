package capture

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Run runs a program until everything that it started has ended, or the time is up. Its input is
// empty, its output is dropped, and its errors go to standard error.
func Run(args []string, opts Options) (*Result, error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return nil, err
	}
	// One thread has to start the program and give all the commands.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	t := &tracer{threads: map[int]*thread{}, most: cmp.Or(opts.Threads, MaxThreads)}
	if err := t.start(path, args); err != nil {
		return nil, err
	}
	defer t.killAll()
	timer := time.AfterFunc(opts.Timeout, t.expire)
	defer timer.Stop()
	if err := t.follow(); err != nil {
		return nil, err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return &Result{t.processes(), t.refused, t.strict, t.expired && !t.crowded, t.crowded}, nil
}

// thread is a thread that is traced.
type thread struct {
	id, process int
	filters     []asm.Program
	load        *load // the call in which it is
	started     bool  // it has come to its first stop
	known       bool  // and its parent has told of it
}

// tracer follows a program.
type tracer struct {
	mutex   sync.Mutex // for what the timer reads
	threads map[int]*thread
	expired bool
	crowded bool
	most    int // of threads at once

	loaded  []*Process // in the order of their first filters
	refused error
	strict  bool
}

const traceOptions = unix.PTRACE_O_TRACESYSGOOD |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK |
	unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACEEXIT |
	unix.PTRACE_O_EXITKILL

// start starts the program, which stops behind its execve.
func (t *tracer) start(path string, args []string) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	p, err := os.StartProcess(path, args, &os.ProcAttr{
		Files: []*os.File{null, null, os.Stderr},
		Sys:   &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return fmt.Errorf("%s cannot be started to be traced: %w", path, err)
	}
	id := p.Pid
	defer p.Release()
	t.threads[id] = &thread{id: id, process: id, started: true, known: true}
	var status unix.WaitStatus
	if _, err := wait(id, &status); err != nil || !status.Stopped() {
		unix.Kill(id, unix.SIGKILL)
		return fmt.Errorf("%s did not stop to be traced: %w", path, err)
	}
	if err := unix.PtraceSetOptions(id, traceOptions); err != nil {
		unix.Kill(id, unix.SIGKILL)
		return fmt.Errorf("%s cannot be traced: %w", path, err)
	}
	return unix.PtraceSyscall(id, 0)
}

// wait waits for a stop of a thread that this one traces, or of any for -1: other threads of this
// process may have children of their own.
func wait(id int, status *unix.WaitStatus) (int, error) {
	for {
		got, err := unix.Wait4(id, status, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return got, err
		}
	}
}

// follow goes on with whatever stops until nothing is left.
func (t *tracer) follow() error {
	for {
		var status unix.WaitStatus
		id, err := wait(-1, &status)
		switch {
		case err == unix.ECHILD:
			return nil
		case err != nil:
			return fmt.Errorf("wait for the program: %w", err)
		case !status.Stopped():
			t.forget(id)
			continue
		}
		if err := t.stopped(id, status); err != nil {
			return err
		}
	}
}

// stopped looks why a thread has stopped, and lets it go on.
func (t *tracer) stopped(id int, status unix.WaitStatus) error {
	th := t.thread(id)
	signal := 0
	switch stop := status.StopSignal(); {
	case stop == unix.SIGTRAP|0x80:
		if err := t.call(th); err != nil {
			return err
		}
	case status.TrapCause() > 0:
		t.event(th, status.TrapCause())
	case !th.started:
		th.started = true // SIGSTOP, which the kernel sends to what is traced from birth
		if !th.known {
			return nil // it goes on when its parent has told of it
		}
	default:
		signal = int(stop)
	}
	return goOn(id, signal)
}

// goOn lets a thread run to its next stop. One that has been killed meanwhile is waited for.
func goOn(id, signal int) error {
	if err := unix.PtraceSyscall(id, signal); err != nil && err != unix.ESRCH {
		return fmt.Errorf("let thread %d go on: %w", id, err)
	}
	return nil
}

// thread returns a thread, a new one if it has not been seen.
func (t *tracer) thread(id int) *thread {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	th := t.threads[id]
	if th == nil {
		th = &thread{id: id, process: id}
		t.threads[id] = th
		if len(t.threads) > t.most && !t.expired {
			t.crowded = true
			t.end()
		}
		if t.expired {
			unix.Kill(id, unix.SIGKILL)
		}
	}
	return th
}

// event is about a thread that is made, a program that is run, or an end.
func (t *tracer) event(th *thread, cause int) {
	message, err := unix.PtraceGetEventMsg(th.id)
	switch cause {
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		if err != nil {
			return
		}
		child := t.thread(int(message))
		child.filters = append([]asm.Program(nil), th.filters...)
		child.known = true
		child.process = processOf(child.id)
		if child.started {
			goOn(child.id, 0)
		}
	case unix.PTRACE_EVENT_EXEC:
		// A thread that is not the first one takes the first one's id.
		if old := int(message); err == nil && old != th.id {
			if former := t.threads[old]; former != nil {
				th.filters, th.load = former.filters, former.load
				t.forget(old)
			}
		}
	case unix.PTRACE_EVENT_EXIT:
		t.forget(th.id) // from here on the id may be another's soon
	}
}

func (t *tracer) forget(id int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	delete(t.threads, id)
}

// expire ends everything when the time is up.
func (t *tracer) expire() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.end()
}

// end kills what there is, and what comes later.
func (t *tracer) end() {
	t.expired = true
	for id := range t.threads {
		unix.Kill(id, unix.SIGKILL)
	}
}

// killAll ends what is left where the tracing failed.
func (t *tracer) killAll() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for id := range t.threads {
		unix.Kill(id, unix.SIGKILL)
	}
}

// processes returns the processes that installed filters.
func (t *tracer) processes() []Process {
	out := make([]Process, len(t.loaded))
	for i, p := range t.loaded {
		out[i] = *p
	}
	return out
}
