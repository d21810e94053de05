package runtime

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// checksItself says so when it is not confined.
var checksItself = inChild("checks itself", func() {
	if !confined() {
		bad("not confined")
	}
})

// All threads are busy, some have signals all the time, and the filter comes to each of them at one
// moment: none ever sees the call allowed after another has seen it denied.
var spinningChild = inChild("spinning", func() {
	const threads = 200
	var ready, done sync.WaitGroup
	begin, installed := make(chan bool), make(chan bool)
	ready.Add(threads)
	for range threads {
		done.Go(func() {
			runtime.LockOSThread()
			ready.Done()
			<-begin
			for seen := false; ; {
				select {
				case <-installed:
					if !confined() {
						bad("Install has returned, and a thread is not confined")
					}
					return
				default:
				}
				if now := confined(); seen && !now {
					bad("a thread was confined and is no longer")
				} else {
					seen = now
				}
			}
		})
	}
	ready.Wait()
	close(begin)
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				unix.Kill(unix.Getpid(), unix.SIGURG)
			}
		}
	}()
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	close(installed)
	done.Wait()
	close(stop)
})

func TestInstallSpinning(t *testing.T) { run(t, spinningChild) }

// Signals to the whole process group of a child while it is being confined: those that can be
// blocked wait, and SIGKILL leaves nothing that runs.
var stormChild = inChild("storm", func() {
	unix.Setpgid(0, 0)
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				unix.Kill(0, unix.SIGURG)
				unix.Kill(0, unix.SIGWINCH)
				unix.Kill(0, unix.SIGCONT)
			}
		}
	}()
	for range 50 {
		cmd := command(checksItself)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := Start(cmd, 0, denied()); err != nil {
			bad("%v", err)
		}
		if err := cmd.Wait(); err != nil {
			bad("%v: %s", err, &out)
		}
	}
	close(stop)
})

func TestStartStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	run(t, stormChild)
}

// killerChild kills every child that its process has, as soon as it sees it.
var killerChild = inChild("killer", func() {
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				for pid := 2; pid < 400; pid++ {
					if pid != unix.Getpid() {
						unix.Kill(pid, unix.SIGKILL)
					}
				}
			}
		}
	}()
	failed := 0
	for range 100 {
		cmd := command(checksItself)
		err := Start(cmd, 0, denied())
		if err == nil {
			err = cmd.Wait()
		} else {
			failed++
		}
		if err != nil && !strings.Contains(err.Error(), "killed") &&
			!strings.Contains(err.Error(), "no such process") {
			bad("%v", err)
		}
	}
	close(stop)
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		bad("children are left: wait4 gives %v", err)
	}
	if failed == 0 {
		bad("no child was killed in time")
	}
})

// The child dies at some moment while it is being confined: Start returns an error, or a child that
// Wait reports as killed, and nothing hangs.
func TestStartKilled(t *testing.T) { run(t, killerChild) }

// SIGSTOP cannot be blocked. One that hits the child while it is being confined takes effect
// afterwards.
func TestStartStopped(t *testing.T) {
	long := slices.Concat(denied(), make(asm.Program, asm.MaxLen-len(denied())))
	for i := len(denied()); i < len(long); i++ {
		long[i] = asm.Instruction{Op: asm.RetK, K: allow}
	}
	for range 200 {
		cmd := command(checksItself)
		started, sent := make(chan bool), make(chan int)
		go func() { sent <- stopChild(started) }()
		err := Start(cmd, 0, long, long, long)
		close(started)
		if err != nil {
			t.Fatal(err)
		}
		pid := <-sent
		if pid == cmd.Process.Pid {
			checkStopped(t, pid)
			unix.Kill(pid, unix.SIGCONT)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		if pid == cmd.Process.Pid {
			return
		}
	}
	t.Error("no signal came while a child was being confined")
}

func checkStopped(t *testing.T, pid int) {
	t.Helper()
	var status unix.WaitStatus
	_, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil)
	if err != nil || !status.Stopped() {
		t.Errorf("the child is in state %#x, not stopped: %v", status, err)
	}
	s, err := readStatus(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || s.Filters != 3 {
		t.Errorf("the child is in state %+v, %v; want 3 filters", s, err)
	}
}

// stopChild sends SIGSTOP to the first child of this process that it sees stopped by its tracer,
// and returns its pid; 0 if it has seen none until it is told to give up.
func stopChild(giveUp chan bool) int {
	for {
		select {
		case <-giveUp:
			return 0
		default:
		}
		lists, _ := filepath.Glob("/proc/self/task/*/children")
		for _, list := range lists {
			pids, _ := os.ReadFile(list)
			for _, field := range strings.Fields(string(pids)) {
				status, _ := os.ReadFile("/proc/" + field + "/status")
				if pid, _ := strconv.Atoi(field); strings.Contains(string(status),
					"(tracing stop)") {
					unix.Kill(pid, unix.SIGSTOP)
					return pid
				}
			}
		}
	}
}

// startsChild starts children until it is killed.
var startsChild = inChild("starts", func() {
	for {
		cmd := command(checksItself)
		cmd.Stdout = os.Stdout
		if err := Start(cmd, 0, denied()); err != nil {
			bad("%v", err)
		}
		cmd.Wait()
	}
})

// parentKilledChild kills such a parent at every stage of what it does. Its children come to this
// process, which is the first of its PID namespace.
var parentKilledChild = inChild("parent killed", func() {
	for i := range 100 {
		parent := command(startsChild)
		var out bytes.Buffer
		parent.Stdout = &out
		if err := parent.Start(); err != nil {
			bad("%v", err)
		}
		for began := time.Now(); time.Since(began) < time.Duration(i)*200*time.Microsecond; {
		}
		parent.Process.Kill()
		parent.Wait()
		if out.Len() > 0 {
			bad("%s", &out)
		}
	}
	for {
		if _, err := unix.Wait4(-1, nil, 0, nil); err == unix.ECHILD {
			return
		}
	}
})

// The process that starts a child dies while it confines it: the child dies too, or is confined.
func TestStartParentKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	run(t, parentKilledChild)
}
