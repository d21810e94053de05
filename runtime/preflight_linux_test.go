package runtime

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPreflight(t *testing.T) {
	p := filter(errno(1), allow, 7)
	if err := Preflight(p, Call{Name: "other", Nr: 8}); err != nil {
		t.Error(err)
	}
	wantError(t, Preflight(p, Call{Name: "other", Nr: 8}, Call{Name: "this", Nr: 7}),
		"this (number 7)", "0x00050001")
	for _, ret := range []uint32{kill, unix.SECCOMP_RET_KILL_THREAD, unix.SECCOMP_RET_TRAP,
		unix.SECCOMP_RET_USER_NOTIF, unix.SECCOMP_RET_TRACE, unix.SECCOMP_RET_ERRNO, 0x7ffe0000} {
		if err := Preflight(filter(ret, allow, 7), Call{Name: "this", Nr: 7}); err == nil {
			t.Errorf("a call that the filter answers with %#x passes", ret)
		}
	}
	if err := Preflight(filter(unix.SECCOMP_RET_LOG, kill, 7), Call{Name: "this", Nr: 7}); err != nil {
		t.Error(err)
	}
}

// Each call of Go's runtime is asked about: one alone denied is found, and named.
func TestGoSurvives(t *testing.T) {
	for _, c := range slices.Concat(goMust[:], goMustHere[:]) {
		wantError(t, goSurvives(filter(errno(1), allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
	}
	for _, c := range goMay {
		wantError(t, goSurvives(filter(kill, allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
		wantError(t, goSurvives(filter(errno(0), allow, c.Nr)), fmt.Sprintf("(number %d)", c.Nr))
		if err := goSurvives(filter(errno(1), allow, c.Nr)); err != nil {
			t.Error(err)
		}
	}
	wantError(t, Install(filter(errno(1), allow, unix.SYS_FUTEX, futexNr), Process), "futex", "@go-runtime")
	wantError(t, Install(denied(), Thread, Call{Name: "getppid", Nr: unix.SYS_GETPPID}), "getppid")
}

// worksHard does what needs Go's runtime: threads, collections, timers, preemption, the network poller.
func worksHard() {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			runtime.LockOSThread()
			var keep [][]byte
			for i := range 50 {
				keep = append(keep, make([]byte, 1<<(10+i%8)))
			}
			time.Sleep(time.Millisecond)
			runtime.KeepAlive(keep)
		})
	}
	all.Go(func() {
		for range 100_000_000 {
		}
	})
	for range 5 {
		runtime.GC()
	}
	all.Wait()
	r, w, err := os.Pipe()
	if err != nil {
		bad("%v", err)
	}
	go func() {
		time.Sleep(time.Millisecond)
		w.Write([]byte{1})
	}()
	if _, err := r.Read(make([]byte, 1)); err != nil {
		bad("%v", err)
	}
	w.Close()
	r.Close()
}

// numbers returns the numbers of calls.
func numbers(calls []Call) (nrs []uint32) {
	for _, c := range calls {
		nrs = append(nrs, c.Nr)
	}
	return nrs
}

// What the preflight lets pass is enough: with all that may fail denied, and with nothing allowed but what
// it asks about and what the test itself does, a program goes on.
var deniedMayChild = inChild("denied may", func() {
	if err := Install(filter(errno(unix.EPERM), allow, numbers(goMay[:])...), Process); err != nil {
		bad("%v", err)
	}
	worksHard()
})

var allowedMustChild = inChild("allowed must", func() {
	nrs := slices.Concat(numbers(goMust[:]), numbers(goMustHere[:]), numbers(goMay[:]),
		[]uint32{unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PIPE2})
	if err := Install(filter(allow, kill, nrs...), Process); err != nil {
		bad("%v", err)
	}
	worksHard()
})

func TestGoSurvivesIndeed(t *testing.T) {
	run(t, deniedMayChild)
	run(t, allowedMustChild)
}
