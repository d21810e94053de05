package notify

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// Filters are installed in children only: this test binary, executed again as one of these
// functions. They make the calls that the tests answer, and print what came of it.

const childEnv = "SECCOMPC_TEST_CHILD"

var children = map[string]func(){
	"calls":    callsChild,
	"mkdir":    mkdirChild,
	"parallel": parallelChild,
	"forever":  foreverChild,
	"urgent":   urgentChild,
	"sends":    sendsChild,
	"opens":    opensChild,
	"replaced": replacedChild,
	"edge":     edgeChild,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		children[name]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func command(name string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+name, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// The calls that are left to the supervisor in these tests: Go makes none of them by itself.
const (
	getpgid = unix.SYS_GETPGID // makes a number of its argument
	mkdirat = unix.SYS_MKDIRAT // has a path in memory
)

// notifies is a filter that leaves calls to a supervisor and allows the others.
func notifies(t testing.TB, nrs ...uint32) asm.Program {
	blob, err := runtime.ParseStack(notifier(nrs...).Encode(binary.NativeEndian))
	if err != nil {
		t.Fatal(err)
	}
	return blob[0]
}

func notifier(nrs ...uint32) asm.Program {
	p := asm.Program{
		{Op: asm.LdAbs, K: asm.OffArch},
		{Op: asm.JeqK, Jt: 1, K: hostArch},
		{Op: asm.RetK, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Op: asm.LdAbs, K: asm.OffNr},
	}
	for i, nr := range nrs {
		p = append(p, asm.Instruction{Op: asm.JeqK, Jt: uint8(len(nrs) - i), K: nr})
	}
	return append(p, asm.Instruction{Op: asm.RetK, K: unix.SECCOMP_RET_ALLOW},
		asm.Instruction{Op: asm.RetK, K: unix.SECCOMP_RET_USER_NOTIF})
}

// started is a child under notifies, and the listener.
type started struct {
	*Listener
	cmd   *exec.Cmd
	out   strings.Builder
	ended chan struct{} // closed when the child has been waited for, with
	err   error
}

func start(t *testing.T, child string, flags runtime.Flags, nrs ...uint32) *started {
	t.Helper()
	return startCommand(t, command(child), flags, nrs...)
}

func startCommand(t *testing.T, cmd *exec.Cmd, flags runtime.Flags, nrs ...uint32) *started {
	t.Helper()
	s := &started{cmd: cmd}
	cmd.Stdout, cmd.Stderr = &s.out, os.Stderr
	fd, err := runtime.StartListener(cmd, flags, notifies(t, nrs...))
	if err != nil {
		t.Fatal(err)
	}
	if s.Listener, err = New(fd); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		s.kill()
		s.Close()
	})
	return s
}

func (s *started) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// says waits for the child to end and compares what it has printed.
func (s *started) says(t *testing.T, want string) {
	t.Helper()
	if <-s.ended; s.err != nil {
		t.Error(s.err)
	}
	if s.out.String() != want {
		t.Errorf("the child says %q, want %q", s.out.String(), want)
	}
}

// call makes a call with one argument and tells its result.
func call(nr, arg uintptr) string {
	n, _, e := unix.Syscall(nr, arg, 0, 0)
	if e != 0 {
		return e.Error()
	}
	return fmt.Sprint(n)
}
