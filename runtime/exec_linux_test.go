package runtime

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Exec leaves the same process with another program, which the filters confine.
func TestExec(t *testing.T) {
	if out := runInNamespaces(t, "executes"); out != "confined, 1\n" {
		t.Errorf("the program prints %q", out)
	}
}

var _ = inChild("executes", func() {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		bad("%v", err)
	}
	os.Setenv(childEnv, "executed")
	args := []string{"executed", fmt.Sprint(os.Getpid())}
	err := Exec("/proc/self/exe", args, os.Environ(), 0, denied(),
		filter(kill, allow, unix.SYS_GETPGID))
	bad("Exec returns: %v", err)
})

var _ = inChild("executed", func() {
	state, err := ReadState(os.Getpid())
	if err != nil {
		bad("%v", err)
	}
	for _, s := range state {
		if !s.NoNewPrivs || s.Filters < 2 {
			bad("a thread's state is %+v", s)
		}
	}
	if !confined() {
		bad("not confined")
	}
	fmt.Printf("confined, %s\n", os.Args[1])
})

// What can be known before is refused before anything is installed.
func TestExecRefuses(t *testing.T) { runInNamespaces(t, "exec-refused") }

var _ = inChild("exec-refused", func() {
	args, env := []string{"x"}, os.Environ()
	for _, test := range []struct {
		path    string
		flags   Flags
		filters []asm.Program
		want    string
	}{
		{"/proc/self/exe", 0, nil, "would confine nothing"},
		{"/proc/self/exe", Process, []asm.Program{denied()}, "mean nothing"},
		{"/proc/self/exe", 0, []asm.Program{filter(kill, allow, unix.SYS_EXECVE)},
			"answers execve"},
		{"/proc/self/exe", 0, []asm.Program{filter(kill, allow, unix.SYS_SECCOMP), denied()},
			"answers seccomp"},
		{"/proc/self/exe", 0, []asm.Program{filterFor(0x1234, kill, allow)},
			"compile one for this ABI"},
		{"/no/such/program", 0, []asm.Program{denied()}, "no such file"},
		{"/", 0, []asm.Program{denied()}, "permission denied"},
	} {
		mustSay(Exec(test.path, args, env, test.flags, test.filters...), test.want)
	}
	state, err := ReadState(os.Getpid())
	if err != nil {
		bad("%v", err)
	}
	for _, s := range state {
		if s.Filters != 0 || s.NoNewPrivs {
			bad("a thread's state is %+v", s)
		}
	}
})

// A child whose privileges are kept has no no_new_privs.
func TestStartKeepsPrivileges(t *testing.T) {
	cmd := command("keeps")
	if err := Start(cmd, KeepPrivileges, denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

var _ = inChild("keeps", func() {
	if set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || set != 0 {
		os.Exit(1)
	}
	if !confined() {
		os.Exit(2)
	}
})

func TestRemedyOfFullMemory(t *testing.T) {
	wantError(t, refused(enotsupp, denied(), 0), "net.core.bpf_jit_limit")
}
