//go:build linux

// Package confirm holds the policies of testdata/policies against the running kernel.
//
// A filter is never installed in the test process. The program prober makes the calls, in
// namespaces of its own, so that no call can reach anything else. Each call is made four times:
// with the filter and, to see what the kernel says by itself, without; and both again with garbage
// in the halves of the arguments that the kernel ignores.
package confirm

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
)

// build returns the path of a program of this package, built for a GOARCH; "" is the test's own.
func build(t *testing.T, pkg, goarch string) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	file := filepath.Join(built.dir, pkg+"-"+goarch)
	if _, err := os.Stat(file); err == nil {
		return file
	}
	cmd := exec.Command("go", "build", "-o", file, "./"+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if goarch != "" {
		cmd.Env = append(cmd.Env, "GOARCH="+goarch)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return file
}

var built struct {
	sync.Mutex
	dir string
}

// programs is for a machine without Go: the programs of this package lie there, built.
var programs = flag.String("programs", "", "use the programs of `DIR`, as prober-")

func TestMain(m *testing.M) {
	flag.Parse()
	if *programs != "" {
		built.dir, _ = filepath.Abs(*programs)
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "confirm")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built.dir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// compile returns a policy of testdata/policies, compiled: on x86_64 for the ABIs that it is
// written for, elsewhere for this machine's, if it can be.
func compile(t *testing.T, name string, opts compiler.Options) *compiler.Result {
	t.Helper()
	if goruntime.GOARCH != "amd64" && opts.ABIs == nil {
		opts.ABIs = []string{native(t).abi}
	}
	file := filepath.Join("../../testdata/policies", name)
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := compiler.Compile(file, src, opts)
	if res == nil && goruntime.GOARCH != "amd64" {
		t.Skipf("%s is not for %s:\n%v", name, opts.ABIs, diags)
	}
	if res == nil {
		t.Fatalf("%s does not compile:\n%v", name, diags)
	}
	return res
}

// write puts a program into a file as the kernel reads it.
func write(t *testing.T, p asm.Program) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "filter.bpf")
	if err := os.WriteFile(file, p.Encode(binary.NativeEndian), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// alone gives the command namespaces of its own: what it may signal by a wrong number is itself,
// what it may mount or share nobody sees. Without privileges it takes a user namespace with them.
func alone(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
	}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}
