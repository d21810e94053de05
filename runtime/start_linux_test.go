package runtime

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

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

var likeExecChild = inChild("like exec", func() {
	dir, _ := os.Getwd()
	in, _ := io.ReadAll(os.Stdin)
	extra, _ := io.ReadAll(os.NewFile(3, "extra"))
	sid, _ := unix.Getsid(0)
	leader := sid == unix.Getpid()
	fmt.Print(string(in), dir, "\n", os.Getenv("WORD"), "\n", string(extra), leader)
	fmt.Fprint(os.Stderr, "oops")
	os.Exit(7)
})

// Everything that os/exec offers means the same.
func TestStartLikeExec(t *testing.T) {
	dir := t.TempDir()
	extra, err := os.Create(filepath.Join(dir, "extra"))
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	extra.WriteString("from extra\n")
	extra.Seek(0, 0)

	var out, errs bytes.Buffer
	cmd := command(likeExecChild)
	cmd.Stdin = strings.NewReader("from stdin\n")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(cmd.Env, "WORD=from env")
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{extra}
	attr := &syscall.SysProcAttr{Setsid: true}
	cmd.SysProcAttr = attr
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("Wait gives %v, want exit status 7", err)
	}
	if want := "from stdin\n" + dir + "\nfrom env\nfrom extra\ntrue"; out.String() != want {
		t.Errorf("standard output is %q, want %q", &out, want)
	}
	if errs.String() != "oops" {
		t.Errorf("standard error is %q", &errs)
	}
	if cmd.SysProcAttr != attr || attr.Ptrace || attr.Pdeathsig != 0 {
		t.Error("SysProcAttr has changed")
	}
}

// pauses is a child that says when it runs, and waits to be killed.
var pauses = inChild("pauses", func() {
	var death int32 // a C int
	unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&death)), 0, 0, 0)
	fmt.Printf("death signal %d\n", death)
	for {
		unix.Pause()
	}
})

func TestStartCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = command(pauses).Env
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	cancel()
	wantError(t, cmd.Wait(), "killed")
}

// What Start has done to the child on the way is undone.
func TestStartLeavesNoTrace(t *testing.T) {
	for _, death := range []syscall.Signal{0, syscall.SIGTERM} {
		runtime.LockOSThread() // for the death signal's sake
		defer runtime.UnlockOSThread()
		cmd := command(pauses)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: death}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := Start(cmd, 0, denied()); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if want := fmt.Sprintf("death signal %d\n", death); line != want || err != nil {
			t.Errorf("the child says %q, %v; want %q", line, err, want)
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"TracerPid:\t0\n", "SigBlk:\t" +
			strings.Repeat("00", int(sizeofMask())) + "\n",
			"Seccomp:\t2\n",
			"NoNewPrivs:\t1\n", "Seccomp_filters:\t1\n"} {
			if !strings.Contains(string(status), want) {
				t.Errorf("no %q in\n%s", want, status)
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
}

var execsChild = inChild("execs", func() {
	bad("%v", unix.Exec("/proc/self/exe", nil, nil))
})

// The filter sees what the program does, not what loads it: not even execve need be allowed.
func TestStartStrict(t *testing.T) {
	loading := filter(kill, allow, unix.SYS_EXECVE, unix.SYS_PTRACE, unix.SYS_SECCOMP,
		unix.SYS_WAIT4,
		unix.SYS_DUP3, unix.SYS_CHDIR, unix.SYS_SETSID)
	start := func(child string, p asm.Program) error {
		cmd := command(child)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := Start(cmd, 0, p); err != nil {
			t.Fatal(err)
		}
		return cmd.Wait()
	}
	if err := start(likeExecChild, loading); err == nil || err.Error() != "exit status 7" {
		t.Errorf("a child that executes nothing: %v", err)
	}
	wantError(t, start(execsChild, loading), "bad system call")
	wantError(t, start(likeExecChild, filter(kill, unix.SECCOMP_RET_KILL_THREAD)),
		"bad system call")
}

func TestStartStack(t *testing.T) {
	cmd := command(deniesGetppid)
	if err := Start(cmd, 0, filter(errno(1), allow, unix.SYS_PTRACE), denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	noSeccomp := filter(errno(unix.EPERM), allow, unix.SYS_SECCOMP)
	err := Start(command(deniesGetppid), 0, noSeccomp, denied())
	wantError(t, err, "filter 2", "install the strictest last")
	err = Start(command(deniesGetppid), 0, filter(kill, allow, unix.SYS_SECCOMP), denied())
	wantError(t, err, "filter 2", "kills or traps")
}

func TestStartRefused(t *testing.T) {
	traced := command(deniesGetppid)
	traced.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	other := filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1)
	tests := []struct {
		name    string
		cmd     *exec.Cmd
		flags   Flags
		filters []asm.Program
		want    string
	}{
		{"no filter", command(deniesGetppid), 0, nil, "would confine nothing"},
		{"bad filter", command(deniesGetppid), 0, []asm.Program{denied(), {}}, "filter 2"},
		{"other ABI", command(deniesGetppid), 0, []asm.Program{denied(), other}, "filter 2"},
		{"flags", command(deniesGetppid), Process, []asm.Program{denied()},
			"mean nothing for a child"},
		{"killable", command(deniesGetppid), WaitKillable, []asm.Program{denied()},
			"StartListener"},
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
	data, err := os.ReadFile("/proc/self/exe")
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
		cmd := command(deniesGetppid)
		cmd.Path = path
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534,
			Gid: 65534}}
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

	// What is not seen, as the interpreter of a script, gains nothing either.
	script := filepath.Join(filepath.Dir(path), "script")
	if err := os.WriteFile(script, []byte("#!"+path+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := command(keepsUser)
	cmd.Path = script
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, &out)
	}
}

var keepsUser = inChild("keeps user", func() {
	if os.Geteuid() != 65534 || !confined() {
		bad("effective user %d, confined %t", os.Geteuid(), confined())
	}
})

// A parent that may not trace says so and starts nothing.
var noPtraceChild = inChild("no ptrace", func() {
	if err := Install(filter(errno(unix.EPERM), allow, unix.SYS_PTRACE), Process); err != nil {
		bad("%v", err)
	}
	mustSay(Start(command(deniesGetppid), 0, denied()), "tracing it was refused")
})

func TestStartWithoutPtrace(t *testing.T) { run(t, noPtraceChild) }

// A failed start does not wait for whoever feeds the child.
func TestStartStdinBlocked(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	cmd := command(pauses)
	cmd.Stdin = struct{ *os.File }{r}
	err = Start(cmd, 0, denied(), filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1))
	wantError(t, err, "filter 2")
}
