package runtime

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// Dynamic programs, and one that forks and waits.
func TestStartShell(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "true")
	if err := Start(cmd, 0, filter(kill, allow, unix.SYS_CLONE)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	cmd = exec.Command("/bin/sh", "-c", "/bin/true && /bin/true; exit 3")
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "exit status 3" {
		t.Errorf("Wait gives %v", err)
	}
	cmd = exec.Command("/bin/sh", "-c", "/bin/true; exit 3")
	noForks := filter(kill, allow, unix.SYS_CLONE, unix.SYS_VFORK, unix.SYS_FORK)
	if err := Start(cmd, 0, noForks); err != nil {
		t.Fatal(err)
	}
	wantError(t, cmd.Wait(), "bad system call")
}

// A child of the other ABI needs a filter for that, and gets it in force by that ABI's own system
// calls.
func TestStartI386(t *testing.T) {
	path := program386(t)
	wantError(t, Start(exec.Command(path), 0, denied()),
		"no path of this filter is for arch 0x40000003")
	cmd := exec.Command(path)
	if err := Start(cmd, 0, denied386()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != confined386 {
		t.Errorf("Wait gives %v, want the exit status ENOTNAM", err)
	}
}
