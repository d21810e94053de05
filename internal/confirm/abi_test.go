//go:build linux && amd64

package confirm

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
)

// An x86_64 kernel has two more ways in: the i386 entry, which 64-bit code reaches by int $0x80
// with whatever stands in the upper halves of its registers, and the numbers of x32.

func int80(t *testing.T) entry { return entry{build(t, "prober", ""), "int80", "i386"} }
func x32(t *testing.T) entry   { return entry{build(t, "prober", ""), "syscall", "x32"} }
func both() compiler.Options   { return compiler.Options{ABIs: []string{"x86_64", "i386"}} }
func only64() compiler.Options { return compiler.Options{ABIs: []string{"x86_64"}} }

func go386(t *testing.T) entry {
	t.Helper()
	if testing.Short() {
		t.Skip("builds another program")
	}
	return entry{build(t, "prober", "386"), "syscall", "i386"}
}

// A filter for x86_64 alone: every i386 call is a mismatch, harmless ones too.
func TestOtherABIsAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	for _, name := range []string{"openshell.scp", "openshell-pr740.scp", "supervisor.scp"} {
		filter := compile(t, name, only64()).Program
		probes := []probe{
			{"getppid", nil, kills},
			{"unshare", []any{unix.CLONE_NEWUSER}, kills},
			{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, kills},
		}
		int80(t).check(t, filter, probes)
		x32(t).check(t, filter, probes)
	}
}

// A 32-bit program cannot even start: its first call is a mismatch. The loader refuses to install
// such a filter from a 32-bit program, so a 64-bit one installs it and becomes the 32-bit one.
func TestProgramOfAnotherABIIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	cmd := alone(exec.Command(build(t, "prober", ""),
		write(t, compile(t, "openshell.scp", only64()).Program),
		build(t, "prober", "386")))
	cmd.Stdin = strings.NewReader("")
	out, err := cmd.CombinedOutput()
	if !killed(err) {
		t.Errorf("a 386 program under a filter for x86_64: %v, want death by SIGSYS\n%s", err, out)
	}
}

// A filter for both ABIs: the same calls are refused and work, with i386's numbers, and garbage in
// the upper halves opens nothing.
func TestBothABIs(t *testing.T) {
	filter := compile(t, "openshell-pr740.scp", both()).Program
	probes := []probe{
		{"getppid", nil, allowed},
		{"mount", []any{0, 0, 0, 0, 0}, eperm},
		{"memfd_create", []any{page{}, 0}, eperm},
		{"ptrace", []any{ptracePeekText, 0}, eperm},
		{"unshare", []any{unix.CLONE_NEWUSER}, eperm},
		{"unshare", []any{0}, allowed},
		{"seccomp", []any{unix.SECCOMP_SET_MODE_FILTER, 0, 0}, eperm},
		{"seccomp", []any{unix.SECCOMP_GET_ACTION_AVAIL, 0, page{}}, allowed},
		{"execveat", []any{-1, page{}, 0, 0, unix.AT_EMPTY_PATH}, eperm},
		{"execveat", []any{-1, page{}, 0, 0, 0}, allowed},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, 0}, eperm},
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, allowed},
	}
	int80(t).check(t, filter, probes)
	go386(t).check(t, filter, probes)
	native(t).check(t, filter, []probe{
		{"getppid", nil, allowed},
		{"unshare", []any{unix.CLONE_NEWUSER}, eperm},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
	})
}

func TestDockerDefaultI386(t *testing.T) {
	filter := compile(t, "docker-default.scp", compiler.Options{}).Program
	probes := []probe{
		{"getppid", nil, allowed},
		{"mount", []any{0, 0, 0, 0, 0}, eperm},
		{"unshare", []any{0}, eperm},
		{"clone", []any{unix.CLONE_NEWUSER | unix.CLONE_FS, 0}, eperm},
		{"clone", []any{unix.CLONE_THREAD, 0}, allowed},
		{"clone3", []any{0, 0}, enosys},
		{"socket", []any{unix.AF_ALG, unix.SOCK_SEQPACKET, 0}, eperm},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, allowed},
		{"socketcall", []any{0, page{}}, allowed},
		{"personality", []any{addrNoRandomize}, eperm},
		{"personality", []any{0}, allowed},
		{"personality", []any{-1}, allowed},
	}
	int80(t).check(t, filter, probes)
	go386(t).check(t, filter, probes)
	x32(t).check(t, filter, []probe{
		{"getppid", nil, allowed},
		{"mount", []any{wide(0), wide(0), wide(0), wide(0), wide(0)}, eperm},
	})
}

func TestWXorXI386(t *testing.T) {
	filter := compile(t, "w-xor-x.scp", compiler.Options{}).Program
	const anonymous = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	probes := []probe{
		{"mmap2", []any{0, 4096, unix.PROT_WRITE | unix.PROT_EXEC, anonymous, -1, 0}, eperm},
		{"mmap2", []any{0, 4096, unix.PROT_READ | unix.PROT_WRITE, anonymous, -1, 0}, allowed},
		{"mmap", []any{page{}}, enosys},
		{"shmat", []any{-1, 0, shmExec}, eperm},
		{"ipc", []any{21, -1, shmExec, page{}, 0}, eperm},
		{"ipc", []any{1<<16 | 21, -1, shmExec, page{}, 0}, eperm},
		{"ipc", []any{21, -1, 0, page{}, 0}, allowed},
		{"personality", []any{readImpliesExec}, eperm},
		{"personality", []any{-1}, allowed},
		{"mprotect", []any{page{}, 4096, unix.PROT_READ | unix.PROT_EXEC}, eperm},
		{"mprotect", []any{page{}, 4096, unix.PROT_READ}, allowed},
	}
	int80(t).check(t, filter, probes)
	go386(t).check(t, filter, probes)
}

func TestStrictI386(t *testing.T) {
	filter := compile(t, "strict.scp", compiler.Options{}).Program
	probes := []probe{
		{"read", []any{-1, page{}, 0}, allowed},
		{"write", []any{-1, page{}, 0}, allowed},
		{"getppid", nil, kills},
		{"socketcall", []any{0, page{}}, kills},
	}
	int80(t).check(t, filter, probes)
	go386(t).check(t, filter, probes)
}

// A rule without a condition covers a call's own number and the one behind the multiplexer; a rule
// with a condition covers its own number alone.
func TestMultiplexer(t *testing.T) {
	compileText := func(rules string) asm.Program {
		res, diags := compiler.Compile("mux.scp", []byte("default allow\n"+rules+"\n"), both())
		if res == nil {
			t.Fatal(diags)
		}
		return res.Program
	}
	socketcall := func(call int, want verdict) probe {
		return probe{"socketcall",
			[]any{call, page{}}, want}
	}
	for rules, probes := range map[string][]probe{
		"deny accept4": {
			{"accept4", []any{-1, 0, 0, 0}, eperm},
			socketcall(18, eperm), // SYS_ACCEPT4
			socketcall(8, allowed),
		},
		"# lint: allow bypass that is what the test is about\ndeny socket if family == AF_INET": {
			{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
			socketcall(1, allowed), // SYS_SOCKET
		},
	} {
		int80(t).check(t, compileText(rules), probes)
		go386(t).check(t, compileText(rules), probes)
	}
}

// Garbage in an int80 call's registers reaches the filter: without that the tests above would prove
// nothing about upper halves.
func TestInt80ShowsUpperHalves(t *testing.T) {
	abi, ok := linux.Lookup("i386")
	if !ok {
		t.Fatal("no table of i386")
	}
	nr, ok := abi.Number("getppid")
	if !ok {
		t.Fatal("no getppid on i386")
	}
	text := fmt.Sprintf(`
		ld  arch
		jeq #%#x, i386, native
		native: jeq #0xc000003e, yes, no
		i386: ld nr
		jeq #%d, getppid, yes
		getppid: ld [20]
		jeq #0xdeadbeef, dirty, yes
		dirty: ret errno(42)
		yes: ret allow
		no: ret kill_process
	`, abi.Arch, nr)
	filter, err := asm.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	e := int80(t)
	line := fmt.Sprintf("int80 %x deadbeef00000000", nr)
	if got := e.errnos(t, []string{line}, write(t, filter)); got[0] != 42 {
		t.Errorf("errno %d, want 42", got[0])
	}
}
