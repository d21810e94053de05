//go:build linux && !race

package runtime

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
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
