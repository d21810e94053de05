//go:build linux

// Package confirm holds the policies of testdata/policies against the running kernel.
//
// A filter is never installed in the test process. The program prober makes the calls, in a process of
// its own that is the first of its own PID namespace, so that no call can reach another process. Each
// call is made twice more than once: without a filter, to see what the kernel says by itself, and with
// garbage in the ignored half of the arguments.
package confirm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/linux"
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

func TestMain(m *testing.M) {
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

// compile returns a policy of testdata/policies as a program.
func compile(t *testing.T, name string, opts compiler.Options) asm.Program {
	t.Helper()
	file := filepath.Join("../../testdata/policies", name)
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, diags := compiler.Compile(file, src, opts)
	if res == nil {
		t.Fatalf("%s does not compile:\n%v", name, diags)
	}
	return res.Program
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

// alone gives the command a PID, a mount and a network namespace: what it may signal by a wrong number
// is itself, what it may mount nobody sees. Without privileges it takes a user namespace with them.
func alone(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
	}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// probe is a call and what must become of it under a filter.
type probe struct {
	call string // the name on the ABI that it is made in
	args []any  // int: the kernel reads its lower half alone; wide: all of it; page
	want verdict
}

// wide is an argument that the kernel reads whole: a size, an address.
type wide uint64

// page is an argument: the address of a zeroed page.
type page struct{}

// garbage is what stands in the ignored halves of arguments.
const garbage = 0xdeadbeef << 32

// verdict is an errno with which the filter answers, or one of the three others.
type verdict int

const (
	allowed    verdict = -1 - iota // the answer is the kernel's own
	kills                          // the process dies of SIGSYS
	killThread                     // the thread dies, the process goes on
)

// entry is a way into the kernel.
type entry struct {
	prober string // the program
	way    string // "syscall" or "int80"
	abi    string // whose numbers it takes
}

// native is the test's own ABI.
func native(t *testing.T) entry {
	abi, ok := linux.Native()
	if !ok {
		t.Fatal("no system call table for this machine")
	}
	return entry{build(t, "prober", ""), "syscall", abi.Name}
}

// check makes the calls under the filter and compares. Calls that come back share a process; a call that
// kills has one for itself.
func (e entry) check(t *testing.T, filter asm.Program, probes []probe) {
	t.Helper()
	file := write(t, filter)
	var back []probe
	for _, p := range probes {
		if p.want == kills || p.want == killThread {
			e.checkDeath(t, file, p)
		} else {
			back = append(back, p)
		}
	}
	for _, dirt := range []uint64{0, garbage} {
		var lines []string
		for _, p := range back {
			lines = append(lines, e.line(t, p, dirt))
		}
		bare := e.errnos(t, lines)
		under := e.errnos(t, lines, file)
		for i, p := range back {
			if msg := judge(p.want, bare[i], under[i]); msg != "" {
				t.Errorf("%s%v, made as %q: %s", p.call, p.args, lines[i], msg)
			}
		}
	}
}

// judge compares a call's errno without and under the filter.
func judge(want verdict, bare, under syscall.Errno) string {
	switch {
	case want == allowed && under != bare:
		return fmt.Sprintf("errno %d (%v), want the kernel's own %d", under, under, bare)
	case want == allowed:
		return ""
	case under != syscall.Errno(want):
		return fmt.Sprintf("errno %d (%v), want %d", under, under, want)
	case bare == under:
		return fmt.Sprintf("this kernel answers errno %d without a filter as well, so nothing is proved: "+
			"run the test as root and outside of a container", bare)
	}
	return ""
}

func (e entry) checkDeath(t *testing.T, file string, p probe) {
	t.Helper()
	for _, dirt := range []uint64{0, garbage} {
		line := e.line(t, p, dirt)
		out, err := e.run(line, file)
		dead := strings.TrimSpace(out) == "dead" && err == nil
		var exit *exec.ExitError
		shot := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == unix.SIGSYS
		if dead != (p.want == killThread) || shot != (p.want == kills) {
			t.Errorf("%s%v, made as %q: %v, printed %q; want a death", p.call, p.args, line, err, out)
		}
	}
}

// errnos returns the answers of all calls, none of which may kill.
func (e entry) errnos(t *testing.T, lines []string, filter ...string) []syscall.Errno {
	t.Helper()
	out, err := e.run(strings.Join(lines, "\n"), filter...)
	answers := strings.Fields(out)
	if err != nil || len(answers) != len(lines) {
		t.Fatalf("prober, filter %q: %v\n%s", filter, err, out)
	}
	errnos := make([]syscall.Errno, len(answers))
	for i, a := range answers {
		n, err := strconv.Atoi(a)
		if err != nil {
			t.Fatalf("call %q, filter %q: %s", lines[i], filter, a)
		}
		errnos[i] = syscall.Errno(n)
	}
	return errnos
}

func (e entry) run(input string, filter ...string) (stdout string, err error) {
	var out, errs bytes.Buffer
	cmd := alone(exec.Command(e.prober, filter...))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), err
}

// line writes the call for prober, with dirt in the upper half of every argument whose upper half the
// kernel ignores.
func (e entry) line(t *testing.T, p probe, dirt uint64) string {
	t.Helper()
	abi, ok := linux.Lookup(e.abi)
	if !ok {
		t.Fatalf("no ABI %s", e.abi)
	}
	nr, ok := abi.Number(p.call)
	if !ok {
		t.Fatalf("no call %s on %s", p.call, e.abi)
	}
	line := fmt.Sprintf("%s %x", e.way, nr)
	for _, a := range p.args {
		switch a := a.(type) {
		case page:
			line += " p"
		case wide:
			line += fmt.Sprintf(" %x", uint64(a))
		case int:
			line += fmt.Sprintf(" %x", uint64(uint32(a))|dirt)
		default:
			t.Fatalf("%s: %T is no argument", p.call, a)
		}
	}
	return line
}
