package runtime

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// checksItself says so when it is not confined.
var checksItself = inChild("checks itself", func() {
	if !confined() {
		bad("not confined")
	}
})

// All threads are busy, some have signals all the time, and the filter comes to each of them at one moment:
// none ever sees the call allowed after another has seen it denied.
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

// Signals to the whole process group of a child while it is being confined: those that can be blocked wait,
// and SIGKILL leaves nothing that runs.
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

func TestStartStorm(t *testing.T) { run(t, stormChild) }

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
		if err != nil && !strings.Contains(err.Error(), "killed") && !strings.Contains(err.Error(), "no such process") {
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

// The child dies at some moment while it is being confined: Start returns an error, or a child that Wait
// reports as killed, and nothing hangs.
func TestStartKilled(t *testing.T) { run(t, killerChild) }
