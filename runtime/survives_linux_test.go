//go:build linux && !race

package runtime

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These children are about what Go's runtime needs, and the race detector's, which is C++, needs
// more: they are not for the race build.

// worksHard does what needs Go's runtime: threads, collections, memory given back, timers,
// preemption, the network poller.
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
		for range 20_000_000 {
		}
	})
	for _, n := range []int{1, 8, 2, 4, 1} {
		runtime.GOMAXPROCS(n)
		runtime.GC()
		debug.FreeOSMemory()
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

// What the preflight lets pass is enough: with all that may fail denied, and with nothing allowed
// but what it asks about and what the test itself does, a program goes on.
var deniedMayChild = inChild("denied may", func() {
	if err := Install(filter(errno(unix.EPERM), allow, numbers(goMay[:])...), Process); err != nil {
		bad("%v", err)
	}
	worksHard()
	unix.Exit(0) // what runs at the exit of a test with -cover would open files
})

var allowedMustChild = inChild("allowed must", func() {
	nrs := slices.Concat(numbers(goMust[:]), numbers(goMustHere[:]), numbers(goMay[:]),
		[]uint32{unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PIPE2})
	if err := Install(filter(allow, kill, nrs...), Process); err != nil {
		bad("%v", err)
	}
	worksHard()
	unix.Exit(0)
})

// With the vDSO and without, where each answer is the kernel's.
func TestGoSurvivesIndeed(t *testing.T) {
	for _, child := range []string{deniedMayChild, allowedMustChild} {
		run(t, child)
		runWithoutVDSO(t, child)
	}
}

// runWithoutVDSO runs the child with an auxiliary vector that does not tell where the vDSO is.
func runWithoutVDSO(t *testing.T, name string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := command(name)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Cloneflags: unix.CLONE_NEWPID}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tr := tracee{pid: cmd.Process.Pid}
	at, err := tr.await(atSignal)
	if err == nil {
		err = tr.readEntry(at.arch)
	}
	if err == nil {
		err = hideVDSO(&tr)
	}
	if err := errors.Join(err, unix.PtraceDetach(tr.pid)); err != nil {
		cmd.Process.Kill()
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s without a vDSO: %v\n%s", name, err, &out)
	}
}

// hideVDSO makes AT_IGNORE of AT_SYSINFO_EHDR in a program's auxiliary vector, which lies behind
// its arguments and its environment.
func hideVDSO(t *tracee) error {
	const atNull, atIgnore, atSysinfoEHDR = 0, 1, 33
	word := make([]byte, t.abi.word)
	at := t.abi.get(&t.entry, t.abi.sp) + uint64(t.abi.word)
	next := func() uint64 {
		if err := t.read(at, word); err != nil {
			return atNull
		}
		at += uint64(t.abi.word)
		return t.abi.load(word)
	}
	for range 2 { // the arguments, the environment
		for next() != 0 {
		}
	}
	for key := next(); key != atNull; key = next() {
		if key == atSysinfoEHDR {
			t.abi.store(word, atIgnore)
			return t.write(at-uint64(t.abi.word), word)
		}
		next()
	}
	return errors.New("there is no AT_SYSINFO_EHDR")
}
