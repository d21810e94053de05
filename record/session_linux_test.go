package record

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/runtime/notify"
)

// started is a session in which every call is shown, and what it has shown.
type started struct {
	*Session
	names []string // of the calls, in their order
}

func start(t *testing.T, script string) (*started, *strings.Builder) {
	t.Helper()
	native, _ := linux.Native()
	res, diags := compiler.Compile("none.scp", []byte("arch "+native.Name+"\ndefault deny\n"),
		compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	asking, err := Asking(res.Program)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command("sh", "-c", script)
	cmd.Stdout, cmd.Stderr = &out, &out
	s := &started{}
	s.Session, err = Start(cmd, asking, func(c *notify.Call) {
		name, _ := native.SyscallName(c.Data.Nr)
		s.names = append(s.names, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, &out
}

// The program's calls are all shown, and its children's; the helper's are not.
func TestSession(t *testing.T) {
	s, out := start(t, "echo hello; (exec /bin/echo child); exit 3")
	err := s.Wait()
	<-s.Done()
	if s.Err() != nil {
		t.Error(s.Err())
	}
	if status, ok := err.(*exec.ExitError); !ok || status.ExitCode() != 3 {
		t.Errorf("the command ends with %v", err)
	}
	if out.String() != "hello\nchild\n" {
		t.Errorf("the command prints %q", out.String())
	}
	for _, name := range []string{"close", "write", "execve", "mmap", "exit_group", "openat"} {
		if !slices.Contains(s.names, name) {
			t.Errorf("%s is not among the calls: %q", name, s.names)
		}
	}
	if first := s.names[0]; first != "brk" { // of the dynamic loader
		t.Errorf("the first call is %s", first)
	}
}

// A session goes on until nobody is left, and Close ends it before.
func TestSessionOutlivesTheCommand(t *testing.T) {
	s, _ := start(t, "exec >&- 2>&-; (while kill -0 $$; do sleep 0.01; done; mkdir "+
		"/nowhere/at/all) & exit 0")
	s.Wait()
	<-s.Done()
	if !slices.Contains(s.names, "mkdir") {
		t.Errorf("what is left in the background is not shown: %q", s.names)
	}
}

func TestSessionClose(t *testing.T) {
	s, _ := start(t, "exec sleep 1000")
	s.child.Process.Kill()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s.Wait()
	<-s.Done()
}
