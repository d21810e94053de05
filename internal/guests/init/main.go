//go:build linux

// Command init is the first process of a guest: it does what the job file says and prints what came
// of it, a line of JSON each. Where there is no such file, it ends at once.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/seccompc/seccompc/internal/guests/job"
)

func main() {
	f, err := os.Open(job.File)
	if err != nil {
		fmt.Fprintln(os.Stderr, "this is the init of a guest; here is none")
		os.Exit(1)
	}
	var j job.Job
	if err := gob.NewDecoder(f).Decode(&j); err != nil {
		tell("error", err.Error(), 0, 0)
		os.Exit(1)
	}
	if len(os.Args) == 3 { // a process of its own
		i, _ := strconv.Atoi(os.Args[2])
		if os.Args[1] == "decide" {
			decide(&j, j.Decide[i])
		}
		door(&j, j.Doors[i])
	}
	if os.Getpid() == 1 {
		defer func() {
			syscall.Sync()
			_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
		}()
	}
	if err := mountAll(); err != nil {
		tell("error", err.Error(), 0, 1)
	}
	holes(&j)
	for _, f := range j.Facts {
		tellFact(f)
	}
	for i := range j.Doors {
		child("door", i, &j)
	}
	for i := range j.Decide {
		child("decide", i, &j)
	}
	for _, t := range j.Tests {
		test(t)
	}
	tell("end", "", 0, 0)
}

// mountAll mounts what the tests of this project expect on a machine.
func mountAll() error {
	for _, m := range [][2]string{{"/dev", "devtmpfs"}, {"/proc", "proc"}, {"/sys", "sysfs"},
		{"/tmp", "tmpfs"}, {"/files", "tmpfs"}} {
		if err := os.MkdirAll(m[0], 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(m[1], m[0], m[1], 0, ""); err != nil {
			return fmt.Errorf("%s: %w", m[1], err)
		}
	}
	return os.Chmod("/tmp", 0o777|os.ModeSticky)
}

// skips finds the tests that a binary has skipped, each behind the first line of its reason.
var skips = regexp.MustCompile(`(?m)^ {4}\w+\.go:\d+: (.*)\n(?:(?: {8}.*)?\n)*--- SKIP: (\w+)`)

// test runs a test binary, and shows all that it prints where a test fails.
func test(t job.Test) {
	cmd := exec.Command("./"+job.Binary, append([]string{"-test.v"}, t.Args...)...)
	cmd.Dir = "/" + t.Dir
	cmd.Env = []string{"PATH=/", "HOME=/"}
	start := time.Now()
	out, err := cmd.CombinedOutput()
	passed := bytes.Count(out, []byte("\n--- PASS: "))
	failed := bytes.Count(out, []byte("\n--- FAIL: "))
	skipped := bytes.Count(out, []byte("\n--- SKIP: "))
	if err != nil || failed > 0 || passed == 0 {
		fmt.Printf("\n%s\n", out)
		failed = max(failed, 1)
	}
	name := fmt.Sprintf("%s: %d passed, %d skipped, %v", t.Dir, passed, skipped,
		time.Since(start).Round(time.Second))
	for _, s := range skips.FindAllSubmatch(out, -1) {
		name += fmt.Sprintf("; skipped %s: %s", s[2], s[1])
	}
	line, _ := json.Marshal(map[string]any{"kind": "test", "name": name, "tests": passed,
		"skipped": skipped, "wrong": failed})
	fmt.Printf("\nGUEST %s\n", line)
}

// tell prints a result for the host.
func tell(kind, name string, checked, wrong int) {
	line, _ := json.Marshal(map[string]any{"kind": kind, "name": name, "checked": checked,
		"wrong": wrong})
	fmt.Printf("\nGUEST %s\n", line)
}

// child runs one part of the job in another process.
func child(kind string, i int, j *job.Job) {
	cmd := exec.Command("/init", kind, strconv.Itoa(i))
	cmd.Env = []string{"GODEBUG=asyncpreemptoff=1", "GOMAXPROCS=4"}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if kind == "decide" {
		if err != nil {
			tell("decide", j.Decide[i].Name+": "+err.Error(), 0, 1)
		}
		return
	}
	got := job.Made
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status := exit.Sys().(syscall.WaitStatus)
		if got = status.ExitStatus(); status.Signaled() {
			got = job.Killed
			if status.Signal() != syscall.SIGSYS {
				got = 1000 + int(status.Signal())
			}
		}
	} else if err != nil {
		tell("error", err.Error(), 0, 1)
	}
	d := j.Doors[i]
	wrong := 0
	if len(d.Want) > 0 && !has(d.Want, got) {
		wrong = 1
	}
	tell("door", fmt.Sprintf("%s: got %d, want %v", d.Name, got, d.Want), 1, wrong)
}

func has(list []int, n int) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

// filter is the kernel's struct sock_fprog.
type filter struct {
	n     uint16
	first *byte
}

const noNewPrivs, setModeFilter = 38, 1

// prepare makes ready for the installation of a filter in this thread.
func prepare(j *job.Job, text []byte) *filter {
	if _, _, e := syscall.RawSyscall6(uintptr(j.Prctl), noNewPrivs, 1, 0, 0, 0, 0); e != 0 {
		tell("error", "no_new_privs: "+e.Error(), 0, 1)
		os.Exit(250)
	}
	return &filter{uint16(len(text) / 8), &text[0]}
}

// decide asks one thread's filter about each call. The filter lets nothing pass, so the thread can
// do nothing afterwards: another one prints and ends the process.
func decide(j *job.Job, d job.Decide) {
	debug.SetGCPercent(-1)
	got := make([]syscall.Errno, len(d.Calls)+1) // the last one is the installation's
	var done atomic.Bool
	go func() {
		runtime.LockOSThread()
		ask(uintptr(j.Seccomp), prepare(j, d.Filter), d.Calls, got, &done)
	}()
	for !done.Load() {
		time.Sleep(time.Millisecond)
	}
	if e := got[len(d.Calls)]; e != 0 {
		tell("error", "seccomp: "+e.Error(), 0, 1)
	}
	wrong, first := 0, ""
	for i, c := range d.Calls {
		if got[i] != syscall.Errno(d.Want[i]) {
			if wrong++; first == "" {
				first = fmt.Sprintf(": %d %#x: errno %d, want %d", c.Nr, c.Args, got[i], d.Want[i])
			}
		}
	}
	tell("decide", d.Name+first, len(d.Calls), wrong)
	os.Exit(0)
}

// ask never returns. Without a check of its stack the Go runtime has no occasion to put another
// goroutine on the thread, which would make calls.
//
//go:nosplit
func ask(seccomp uintptr, f *filter, calls []job.Call, got []syscall.Errno, done *atomic.Bool) {
	_, _, got[len(calls)] = syscall.RawSyscall6(seccomp, setModeFilter, 0,
		uintptr(unsafe.Pointer(f)), 0, 0, 0)
	for i := range calls {
		c := &calls[i]
		_, _, got[i] = syscall.RawSyscall6(uintptr(c.Nr), uintptr(c.Args[0]), uintptr(c.Args[1]),
			uintptr(c.Args[2]), uintptr(c.Args[3]), uintptr(c.Args[4]), uintptr(c.Args[5]))
	}
	done.Store(true)
	//lint:ignore SA5002 no call may be made any more; who asked ends the process
	for {
	}
}

// door makes one call under a filter. The exit status is its errno.
func door(j *job.Job, d job.Door) {
	runtime.LockOSThread()
	if d.Segment.Nr != 0 {
		id, errno := shared.call(d.Segment)
		if errno != 0 {
			os.Exit(252)
		}
		shared.id = id
	}
	if len(d.Filter) > 0 {
		f := prepare(j, d.Filter)
		if _, _, e := syscall.RawSyscall6(uintptr(j.Seccomp), setModeFilter, 0,
			uintptr(unsafe.Pointer(f)), 0, 0, 0); e != 0 {
			os.Exit(251)
		}
	}
	_, errno := shared.call(d.Call)
	os.Exit(int(errno))
}

// holes calls every number that is none.
func holes(j *job.Job) {
	wrong, first := 0, ""
	for _, nr := range j.Holes {
		r1, errno := shared.call(job.Call{Nr: nr,
			Args: [6]uint64{^uint64(0), ^uint64(0), ^uint64(0)}})
		if uint64(errno) != j.ENOSYS {
			if wrong++; first == "" {
				first = fmt.Sprintf("%d: %#x, errno %d", nr, r1, errno)
			}
		}
	}
	tell("holes", first, len(j.Holes), wrong)
}
