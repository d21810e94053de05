//go:build linux && !race

package runtime

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// In another root directory there is no /proc: a static program (one for the race detector is not),
// and what os/exec does on the way to it.
func TestStartChroot(t *testing.T) {
	root := t.TempDir()
	data, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "in/side"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "in/program"), data, 0o755); err != nil {
		t.Fatal(err)
	}
	attr := func() *syscall.SysProcAttr {
		return &syscall.SysProcAttr{Chroot: root, Pdeathsig: syscall.SIGTERM,
			Credential: &syscall.Credential{Uid: 65534, Gid: 65533, Groups: []uint32{7, 9}}}
	}
	cmd := exec.Command("/in/program")
	cmd.Env = append(command(inRoot).Env, "WORD=from env")
	cmd.Dir = "/in/side"
	// What go test -cover writes is not there below the root: the child says so among its errors.
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = attr()
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	if want := "/in/side 65534 65533 [7 9] from env"; cmd.Wait() != nil || out.String() != want {
		t.Errorf("the child says %q, want %q; %s", &out, want, &errs)
	}
	for path, want := range map[string]error{"/in/none": os.ErrNotExist,
		"/in/side": os.ErrPermission} {
		cmd := exec.Command(path)
		cmd.SysProcAttr = attr()
		if err := Start(cmd, 0, denied()); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	both := exec.Command("/in/program")
	both.SysProcAttr = attr()
	both.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_CHROOT}
	wantError(t, Start(both, 0, denied()), "AmbientCaps")
}

var inRoot = inChild("in root", func() {
	dir, _ := os.Getwd()
	groups, _ := os.Getgroups()
	if !confined() {
		bad("not confined")
	}
	fmt.Printf("%s %d %d %v %s", dir, os.Getuid(), os.Getgid(), groups, os.Getenv("WORD"))
})
