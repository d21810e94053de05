package oci

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
)

// jails are options of firejail's and the policies that they are, for the calls of x86_64. To
// firejail the number -1 is one of x32's.
var jails = []struct{ options, policy string }{
	{"--seccomp.drop=mkdir,mkdirat:ENOTBLK,ptrace,bpf",
		"default allow\ndeny mkdir, ptrace, bpf, 0xffffffff\ndeny(ENOTBLK) mkdirat\n"},
	{"--seccomp-error-action=ENOSYS --seccomp.drop=@clock,@keyring,unshare:EACCES,setns",
		"default allow\ndeny(ENOSYS) 0xffffffff, adjtimex, clock_adjtime, clock_settime, " +
			"settimeofday, add_key, keyctl, request_key, setns\ndeny(EACCES) unshare\n"},
	{"--seccomp-error-action=kill --seccomp.drop=@mount,@swap",
		"default allow\nkill_thread 0xffffffff, chroot, mount, pivot_root, umount2, fsconfig, " +
			"fsmount, fsopen, fspick, move_mount, open_tree, swapon, swapoff\n"},
}

// jail starts a program in a mount namespace of its own, where firejail's mounts go with it, and
// prints the number of firejail's process and, when it is told to, the filter as firejail says it.
const jail = `firejail --noprofile --quiet "$@" sleep 60 </dev/null >/dev/null 2>&1 & top=$!
	echo $top; read go; firejail --seccomp.print=$top; kill $top; wait`

// TestLiveFirejail: the filter in the kernel is what firejail prints, and what its options say.
func TestLiveFirejail(t *testing.T) {
	needsLive(t)
	for _, j := range jails {
		t.Run(strings.SplitAfter(j.options, "=")[0], func(t *testing.T) {
			program, printed := runJail(t, strings.Fields(j.options))
			if !slices.Equal(program, printed) {
				t.Errorf("firejail prints another filter:\n%s\nthe kernel has\n%s", printed,
					program)
			}
			text := []byte("arch x86_64\nmismatch allow\n" + j.policy)
			abis := []*linux.ABI{hostX86()}
			young := listedClasses(CrunTarget) // names that firejail may not know either
			rowsListed(t, text, program, abis, young)
			t.Logf("tried: 1 programs, 1 profiles, %d calls", compareCalls(t, text, program, abis,
				young))
		})
	}
}

// runJail returns the filter of a program in a jail, as the kernel has it and as firejail prints
// it.
func runJail(t *testing.T, options []string) (kernel, printed asm.Program) {
	t.Helper()
	cmd := exec.Command("timeout",
		append([]string{"60", "unshare", "-m", "--propagation", "private",
			"sh", "-c", jail, "jail"}, options...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	lines := bufio.NewScanner(out)
	lines.Scan()
	kernel = filtersOf(t, sleepBelow(t, lines.Text()), 1)[0]
	fmt.Fprintln(in, "go")
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 5 || len(words[0]) != 5 || words[0][4] != ':' {
			continue
		}
		in, err := rowOf(words[1:5])
		if err != nil {
			t.Fatal(lines.Text(), err)
		}
		printed = append(printed, in)
	}
	return kernel, printed
}

// rowOf reads the four hexadecimal numbers of an instruction.
func rowOf(words []string) (in asm.Instruction, err error) {
	var n [4]uint64
	for i, width := range []int{16, 8, 8, 32} {
		if n[i], err = strconv.ParseUint(words[i], 16, width); err != nil {
			return in, err
		}
	}
	return asm.Instruction{Op: uint16(n[0]), Jt: uint8(n[1]), Jf: uint8(n[2]), K: uint32(n[3])}, nil
}

// sleepBelow waits for the program that a process and its children start at last.
func sleepBelow(t *testing.T, top string) int {
	t.Helper()
	for range 200 {
		for at := []string{top}; len(at) > 0; {
			name, _ := os.ReadFile("/proc/" + at[0] + "/comm")
			if string(name) == "sleep\n" {
				pid, _ := strconv.Atoi(at[0])
				return pid
			}
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%s/task/%[1]s/children", at[0]))
			at = append(at[1:], strings.Fields(string(children))...)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("below process %s no program is started", top)
	return 0
}
