package runtime

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

var stateChild = inChild("state", func() {
	mustSay(Confined(0), "seccomp mode 0 with 0 filters")
	tid, end := make(chan int), make(chan bool)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
		<-end
	}()
	other := <-tid
	runtime.LockOSThread()
	if err := Install(denied(), Thread); err != nil {
		bad("%v", err)
	}
	states, err := ReadState(0)
	if err != nil {
		bad("%v", err)
	}
	want := State{Mode: 2, Filters: 1, NoNewPrivs: true}
	if got := states[unix.Gettid()]; got != want {
		bad("the thread is in state %+v, want %+v", got, want)
	}
	if got := states[other]; got != (State{}) {
		bad("the other thread is in state %+v", got)
	}
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	if err := Confined(2); err != nil {
		bad("%v", err)
	}
	mustSay(Confined(3), "with 2 filters")
	close(end)
})

func TestState(t *testing.T) {
	cmd := command(stateChild)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	_, err := ReadState(1 << 29)
	wantError(t, err, "no such file")
}

// Each field alone makes a thread unconfined.
func TestConfinedFields(t *testing.T) {
	good := State{Mode: unix.SECCOMP_MODE_FILTER, Filters: 2, NoNewPrivs: true}
	for want, states := range map[bool][]State{
		true: {good, {Mode: good.Mode, Filters: 3, NoNewPrivs: true}},
		false: {
			{},
			{Mode: 0, Filters: 2, NoNewPrivs: true},
			{Mode: unix.SECCOMP_MODE_STRICT, Filters: 2, NoNewPrivs: true},
			{Mode: good.Mode, Filters: 1, NoNewPrivs: true},
			{Mode: good.Mode, Filters: -1, NoNewPrivs: true},
			{Mode: good.Mode, Filters: 2, NoNewPrivs: false},
		},
	} {
		for _, s := range states {
			if s.confined(2) != want {
				t.Errorf("%+v under two filters: confined %t", s, !want)
			}
		}
	}
}

// A process without no_new_privs is not confined, whatever filters it has.
var privilegedStateChild = inChild("privileged state", func() {
	if err := Install(denied(), Process|KeepPrivileges); err != nil {
		bad("%v", err)
	}
	mustSay(Confined(1), "no_new_privs false")
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	if err := Confined(2); err != nil {
		bad("%v", err)
	}
})

func TestConfinedPrivileged(t *testing.T) {
	run(t, privilegedStateChild)
}

// running starts the child pauses under filters and waits until its own code runs.
func running(t *testing.T, filters ...asm.Program) *exec.Cmd {
	t.Helper()
	cmd := command(pauses)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if len(filters) == 0 {
		err = cmd.Start()
	} else {
		err = Start(cmd, 0, filters...)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestPrograms(t *testing.T) {
	one, two := denied(), filter(kill, allow, unix.SYS_PTRACE, unix.SYS_CHDIR)
	for _, installed := range [][]asm.Program{nil, {one}, {one, two}} {
		cmd := running(t, installed...)
		got, err := Programs(cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, installed) {
			t.Errorf("Programs gives %v, want %v", got, installed)
		}
		if s, err := readStatus(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)); err != nil ||
			s.Filters != len(installed) {
			t.Errorf("the process is in state %+v, %v", s, err)
		}
	}
	_, err := Programs(1 << 29)
	wantError(t, err, "no such process", "there is no such thread")
	_, err = Programs(os.Getpid())
	wantError(t, err, "not permitted")
}

var confinedReaderChild = inChild("confined reader", func() {
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	cmd := command(pauses)
	if err := cmd.Start(); err != nil {
		bad("%v", err)
	}
	_, err := Programs(cmd.Process.Pid)
	cmd.Process.Kill()
	cmd.Wait()
	mustSay(err, "no filter on this process")
})

func TestProgramsConfined(t *testing.T) {
	if out, err := command(confinedReaderChild).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// In a PID namespace under the /proc of another, a number names two processes.
var foreignProcChild = inChild("foreign proc", func() {
	_, err := ReadState(os.Getppid() + 1)
	mustSay(err, "belongs to another PID namespace")
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	if err := Confined(1); err != nil {
		bad("%v", err)
	}
})

func TestStateForeignProc(t *testing.T) { run(t, foreignProcChild) }

// longest returns a filter of n instructions: denied, and before it loads of which no two are the
// same.
func longest(n int) (p asm.Program) {
	for i := range n - len(denied()) {
		p = append(p, asm.Instruction{Op: asm.LdImm, K: uint32(i)})
	}
	return append(p, denied()...)
}

var longestChild = inChild("longest", func() {
	if err := Install(longest(asm.MaxLen+1), Process); err == nil || confined() {
		bad("a filter of %d instructions: %v", asm.MaxLen+1, err)
	}
	for i, n := range []int{asm.MaxLen - 1, asm.MaxLen} {
		if err := Install(longest(n), Process); err != nil || !confined() {
			bad("a filter of %d instructions: %v", n, err)
		}
		if err := Confined(i + 1); err != nil {
			bad("%v", err)
		}
	}
})

// TestLongest installs, starts and reads back the longest filter that the kernel takes.
func TestLongest(t *testing.T) {
	run(t, longestChild)
	want := []asm.Program{longest(asm.MaxLen), longest(asm.MaxLen - 1)}
	got, err := Programs(running(t, want...).Process.Pid)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Programs gives %d filters, %v", len(got), err)
	}
	cmd := command(pauses)
	if err := Start(cmd, 0, longest(asm.MaxLen+1)); err == nil {
		cmd.Process.Kill()
		t.Error("a filter of one instruction more is started")
	}
}
