package runtime

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Filters are installed in children only: this test binary, executed again. A child is one
// function, named in the environment. It ends by itself, or with bad, which says why.

const childEnv = "SECCOMPC_TEST_CHILD"

var children = map[string]func(){}

// inChild registers a child. It is a package variable's initializer so that the function stands
// beside its test.
func inChild(name string, f func()) string {
	children[name] = f
	return name
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		f := children[name]
		if f == nil {
			bad("no child is named %q", name)
		}
		f()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func bad(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

// command is this test binary as the named child.
func command(name string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+name, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// inThread calls f on a thread that ends with it, and with it what f has installed.
func inThread(f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// run runs the child in a PID namespace of its own, so that a signal to a wrong pid hits nobody
// else.
func run(t *testing.T, name string) string {
	t.Helper()
	cmd := command(name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child %s: %v\n%s", name, err, out)
	}
	return string(out)
}

// runInNamespaces is run with a /proc of the child's own.
func runInNamespaces(t *testing.T, name string) string {
	t.Helper()
	cmd := command("namespaces")
	cmd.Env = append(cmd.Env, innerEnv+"="+name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS,
		Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child %s: %v\n%s", name, err, out)
	}
	return string(out)
}

const innerEnv = "SECCOMPC_TEST_INNER"

// namespacesChild mounts what runInNamespaces promises and becomes the child.
var _ = inChild("namespaces", func() {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		bad("%v", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		bad("%v", err)
	}
	children[os.Getenv(innerEnv)]()
})

// filter returns a filter for this ABI that gives ret for the calls nrs and otherwise for the rest;
// other ABIs are killed.
func filter(ret, otherwise uint32, nrs ...uint32) asm.Program {
	return filterFor(hostArch(), ret, otherwise, nrs...)
}

func filterFor(arch, ret, otherwise uint32, nrs ...uint32) asm.Program {
	p := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, Jt: 1, K: arch},
		{Op: asm.RetK, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Op: asm.LdAbs, K: asm.OffNr},
	}
	for i, nr := range nrs {
		p = append(p, asm.Instruction{Op: asm.JeqK, Jt: uint8(len(nrs) - i), K: nr})
	}
	return append(p, asm.Program{{Op: asm.RetK, K: otherwise}, {Op: asm.RetK, K: ret}}...)
}

// numbers returns the numbers of calls.
func numbers(calls []Call) (nrs []uint32) {
	for _, c := range calls {
		nrs = append(nrs, c.Nr)
	}
	return nrs
}

const (
	allow = unix.SECCOMP_RET_ALLOW
	kill  = unix.SECCOMP_RET_KILL_PROCESS
)

func errno(n unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(n) }

// denied is a filter that answers getppid, which Go never calls, with an errno that no kernel gives
// it.
func denied() asm.Program { return filter(errno(unix.ENOTNAM), allow, unix.SYS_GETPPID) }

// getppid makes the call that denied is about.
func getppid() error {
	if _, _, e := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); e != 0 {
		return e
	}
	return nil
}

func confined() bool { return errors.Is(getppid(), unix.ENOTNAM) }

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// mustSay is wantError for children.
func mustSay(err error, part string) {
	if err == nil || !strings.Contains(err.Error(), part) {
		bad("error %v, want one that says %q", err, part)
	}
}
