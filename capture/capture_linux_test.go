package capture

import (
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// The programs that are run are this test binary, in a mode of its own.
func TestMain(m *testing.M) {
	if mode := os.Getenv("CAPTURE_MODE"); mode != "" {
		if err := program(mode); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// answers returns a filter that gives one call another answer, and marks itself by what it loads.
func answers(nr, action, mark uint32) asm.Program {
	return asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch}, {Op: asm.LdImm, K: mark}, {Op: asm.LdAbs, K: asm.OffNr},
		{Op: asm.JeqK, K: nr, Jf: 1}, {Op: asm.RetK, K: action}, {Op: asm.RetK, K: 0x7fff0000},
	}
}

const unused = 0xffff // the number of no call

func program(mode string) error {
	goruntime.LockOSThread()
	install := func(mark uint32, flags uintptr) error {
		return attach(answers(unused, 0x50001, mark), flags)
	}
	switch mode {
	case "one":
		return install(1, 0)
	case "process":
		return install(1, unix.SECCOMP_FILTER_FLAG_TSYNC)
	case "two":
		if err := install(1, 0); err != nil {
			return err
		}
		return install(2, 0)
	case "none":
		bad := asm.Program{{Op: asm.LdAbs, K: 2}, {Op: asm.RetK}}
		if err := attach(bad, 0); err == nil {
			return fmt.Errorf("a bad filter was installed")
		}
		return nil
	case "feigned": // the second call gets a success that the kernel does not mean
		if err := attach(answers(unix.SYS_SECCOMP, 0x50000, 1), 0); err != nil {
			return err
		}
		return install(2, 0)
	case "child":
		if err := install(1, unix.SECCOMP_FILTER_FLAG_TSYNC); err != nil {
			return err
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "CAPTURE_MODE=one")
		cmd.Stderr = os.Stderr
		return cmd.Run()
	case "threads": // which have a filter each
		var wg sync.WaitGroup
		for mark := range uint32(2) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				goruntime.LockOSThread()
				install(mark+1, 0)
			}()
		}
		wg.Wait()
		return nil
	case "closed": // the descriptors, those of its own runtime included
		for fd := range 64 {
			unix.Close(fd)
		}
		return install(1, 0)
	case "traced":
		_, _, errno := unix.Syscall(unix.SYS_PTRACE, unix.PTRACE_TRACEME, 0, 0)
		if errno != unix.EPERM {
			return fmt.Errorf("to be traced twice: %v", errno)
		}
		unix.Kill(os.Getpid(), unix.SIGSTOP)
		return install(1, 0)
	case "killed":
		if err := install(1, 0); err != nil {
			return err
		}
		unix.Kill(os.Getpid(), unix.SIGKILL)
	case "crowd": // of children that each wait for one more
		if err := install(1, unix.SECCOMP_FILTER_FLAG_TSYNC); err != nil {
			return err
		}
		return exec.Command("/proc/self/exe").Run()
	case "strict": // of a thread that ends at once
		go func() {
			goruntime.LockOSThread()
			unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_STRICT, 0)
			unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
		}()
		time.Sleep(time.Second)
	case "hang":
		if err := install(1, 0); err != nil {
			return err
		}
		time.Sleep(time.Hour)
	}
	return nil
}

// marks describes what was caught: for each process the marks of its filters.
func marks(r *Result) string {
	var out []string
	for _, p := range r.Processes {
		text := ""
		for _, f := range p.Filters {
			text += fmt.Sprint(f[1].K)
		}
		out = append(out, fmt.Sprintf("%s/%d", text, p.Own))
	}
	return strings.Join(out, " ")
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		mode, want string
		timeout    time.Duration
	}{
		{"one", "1/1", time.Minute},
		{"process", "1/1", time.Minute},
		{"two", "12/2", time.Minute},
		{"none", "", time.Minute},
		{"feigned", "1/1", time.Minute},
		{"child", "1/1 11/1", time.Minute},
		{"closed", "1/1", time.Minute},
		{"traced", "1/1", time.Minute},
		{"killed", "1/1", time.Minute},
		{"strict", "", time.Minute},
		{"hang", "1/1", 3 * time.Second},
	} {
		t.Run(test.mode, func(t *testing.T) {
			t.Setenv("CAPTURE_MODE", test.mode)
			got, err := Run([]string{"/proc/self/exe"}, Options{Timeout: test.timeout})
			if err != nil {
				t.Fatal(err)
			}
			if m := marks(got); m != test.want || got.TimedOut != (test.mode == "hang") {
				t.Errorf("got %q, want %q; timed out: %v", m, test.want, got.TimedOut)
			}
			if got.Strict != (test.mode == "strict") ||
				(got.Refused == unix.EINVAL) != (test.mode == "none") {
				t.Errorf("strict mode: %v; refused: %v", got.Strict, got.Refused)
			}
			for _, p := range got.Processes { // a Go program has several threads
				if p.Partly == (test.mode == "process") && test.mode != "child" {
					t.Errorf("a thread with fewer filters: %v", p.Partly)
				}
			}
		})
	}
}

// Threads with filters of their own are told apart.
func TestRunThreads(t *testing.T) {
	t.Setenv("CAPTURE_MODE", "threads")
	got, err := Run([]string{"/proc/self/exe"}, Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Processes) != 1 || !got.Processes[0].Differ || len(got.Processes[0].Filters) != 1 {
		t.Errorf("%+v", got)
	}
}

// A program that starts ever more is ended.
func TestRunCrowd(t *testing.T) {
	t.Setenv("CAPTURE_MODE", "crowd")
	got, err := Run([]string{"/proc/self/exe"}, Options{Timeout: time.Minute, Threads: 40})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Crowded || got.TimedOut || len(got.Processes) == 0 {
		t.Errorf("crowded: %v, timed out: %v, %q", got.Crowded, got.TimedOut, marks(got))
	}
}

func TestRunNothing(t *testing.T) {
	if _, err := Run([]string{"/nowhere/program"}, Options{Timeout: time.Second}); err == nil {
		t.Error("no program, no error")
	}
}
