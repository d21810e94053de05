package runtime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// deniesGetppid is a child that is confined by denied from its first instruction on.
var deniesGetppid = inChild("denies getppid", func() {
	if !confined() {
		bad("not confined")
	}
	if nnp, _ := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); nnp != 1 {
		bad("no_new_privs is not set")
	}
	os.Stdout.WriteString("confined")
})

func TestStart(t *testing.T) {
	cmd := command(deniesGetppid)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || out.String() != "confined" {
		t.Errorf("%v: %s", err, &out)
	}
	if confined() {
		t.Error("the parent is confined")
	}
	if nnp, _ := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); nnp != 0 {
		t.Error("the parent has no_new_privs")
	}
}

// Everything that os/exec offers means the same.
func TestStartLikeExec(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	cmd := exec.Command("/bin/sh", "-c", `cat; pwd; echo "$WORD"; echo oops >&2; cat <&3; exit 7`)
	cmd.Stdin = strings.NewReader("from stdin\n")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = []string{"WORD=from env", "PATH=/usr/bin:/bin"}
	cmd.Dir = dir
	extra, err := os.Create(filepath.Join(dir, "extra"))
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	extra.WriteString("from extra\n")
	extra.Seek(0, 0)
	cmd.ExtraFiles = []*os.File{extra}
	attr := &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
	cmd.SysProcAttr = attr
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("Wait gives %v, want exit status 7", err)
	}
	if want := "from stdin\n" + dir + "\nfrom env\nfrom extra\n"; out.String() != want {
		t.Errorf("standard output is %q, want %q", &out, want)
	}
	if errs.String() != "oops\n" {
		t.Errorf("standard error is %q", &errs)
	}
	if cmd.SysProcAttr != attr || attr.Ptrace || attr.Pdeathsig != syscall.SIGTERM {
		t.Error("SysProcAttr has changed")
	}
}

func TestStartCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "/bin/sleep", "1000")
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	cancel()
	wantError(t, cmd.Wait(), "killed")
}

// What Start has done to the child on the way is undone.
func TestStartLeavesNoTrace(t *testing.T) {
	cmd := exec.Command("/bin/sleep", "1000")
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"TracerPid:\t0\n", "SigBlk:\t0000000000000000\n", "Seccomp:\t2\n",
		"NoNewPrivs:\t1\n", "Seccomp_filters:\t1\n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
}

// The filter sees what the program does, not what loads it: not even execve need be allowed.
func TestStartStrict(t *testing.T) {
	loading := filter(kill, allow, unix.SYS_EXECVE, unix.SYS_CLONE, unix.SYS_CLONE3, unix.SYS_PTRACE,
		unix.SYS_PRCTL, unix.SYS_SECCOMP, unix.SYS_WAIT4, unix.SYS_DUP3, unix.SYS_CHDIR)
	for name, argv := range map[string][]string{
		"killed by a second program": {"/bin/sh", "-c", "exec /bin/true"},
		"killed by a second process": {"/bin/sh", "-c", "/bin/true; true"},
		"not killed by one program":  {"/bin/sh", "-c", "true"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Dir = "/"
			if err := Start(cmd, 0, loading); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if dies := strings.HasPrefix(name, "killed"); dies != (err != nil) {
				t.Errorf("Wait gives %v", err)
			}
		})
	}
	cmd := exec.Command("/bin/true")
	if err := Start(cmd, 0, filter(kill, unix.SECCOMP_RET_KILL_THREAD)); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) ||
		exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGSYS {
		t.Errorf("under a filter that kills always, Wait gives %v", err)
	}
}

func TestStartStack(t *testing.T) {
	cmd := command(deniesGetppid)
	if err := Start(cmd, 0, filter(errno(1), allow, unix.SYS_PTRACE), denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	err := Start(command(deniesGetppid), 0, filter(errno(unix.EPERM), allow, unix.SYS_SECCOMP), denied())
	wantError(t, err, "filter 2", "install the strictest last")
	err = Start(command(deniesGetppid), 0, filter(kill, allow, unix.SYS_SECCOMP), denied())
	wantError(t, err, "filter 2", "is killed or trapped by a filter")
}

func TestStartRefused(t *testing.T) {
	traced := exec.Command("/bin/true")
	traced.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	other := filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1)
	tests := []struct {
		name    string
		cmd     *exec.Cmd
		flags   Flags
		filters []asm.Program
		want    string
	}{
		{"no filter", exec.Command("/bin/true"), 0, nil, "would confine nothing"},
		{"bad filter", exec.Command("/bin/true"), 0, []asm.Program{denied(), {}}, "filter 2"},
		{"other ABI", exec.Command("/bin/true"), 0, []asm.Program{denied(), other}, "filter 2"},
		{"flags", exec.Command("/bin/true"), Process, []asm.Program{denied()}, "mean nothing for a child"},
		{"killable", exec.Command("/bin/true"), WaitKillable, []asm.Program{denied()}, "StartListener"},
		{"traced", traced, 0, []asm.Program{denied()}, "SysProcAttr.Ptrace"},
		{"missing", exec.Command("/nonexistent"), 0, []asm.Program{denied()}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantError(t, Start(tt.cmd, tt.flags, tt.filters...), tt.want)
			if p := tt.cmd.Process; p != nil && tt.cmd.ProcessState == nil {
				t.Errorf("process %d is left", p.Pid)
			}
		})
	}
}

// no_new_privs comes after exec here, so that a setuid program must be refused.
func TestStartSetuid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "setuid")
	data, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(path); dir != "/" && dir != "/tmp"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	start := func() error {
		cmd := exec.Command(path)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if err := Start(cmd, 0, denied()); err != nil {
			return err
		}
		return cmd.Wait()
	}
	if err := start(); err != nil {
		t.Errorf("an ordinary program: %v", err)
	}
	if err := os.Chmod(path, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	wantError(t, start(), "gains privileges")
}

// A parent that may not trace says so and starts nothing.
var noPtraceChild = inChild("no ptrace", func() {
	if err := Install(filter(errno(unix.EPERM), allow, unix.SYS_PTRACE), Process); err != nil {
		bad("%v", err)
	}
	mustSay(Start(exec.Command("/bin/true"), 0, denied()), "tracing it was refused")
})

func TestStartWithoutPtrace(t *testing.T) { run(t, noPtraceChild) }

// A failed start does not wait for whoever feeds the child.
func TestStartStdinBlocked(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cmd := exec.Command("/bin/cat")
	cmd.Stdin = struct{ *os.File }{r}
	err = Start(cmd, 0, denied(), filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1))
	wantError(t, err, "filter 2")
}
