package linux

import (
	"fmt"
	"strings"
	"testing"
)

// TestDoors holds what ipc(2) passes to each call against ipc/syscall.c, read by hand.
func TestDoors(t *testing.T) {
	for _, c := range []struct{ abi, call, want string }{
		{"i386", "semop", "1/0 semid=1 tsops=4 nsops=2"},
		{"s390x", "semop", "1/0 semid=1 tsops=4 nsops=2"},
		{"i386", "semtimedop", "4/0 semid=1 tsops=4 nsops=2 timeout=5"},
		{"s390x", "semtimedop", "4/0 semid=1 tsops=4 nsops=2 timeout=3"},
		{"ppc64le", "semget", "2/0 key=1 nsems=2 semflg=3"},
		{"mips", "semctl", "3/0 semid=1 semnum=2 cmd=3~100 arg=-1"},
		{"i386", "msgsnd", "11/0 msqid=1 msgp=4 msgsz=2 msgflg=3"},
		{"i386", "msgrcv", "12/2 msqid=1 msgp=4 msgsz=2 msgtyp=5 msgflg=3; " +
			"12/1 msqid=1 msgp=-1 msgsz=2 msgtyp=-1 msgflg=3"},
		{"s390", "msgrcv", "12/0 msqid=1 msgp=-1 msgsz=2 msgtyp=-1 msgflg=3"},
		{"ppc64", "msgget", "13/0 key=1 msgflg=2"},
		{"i386", "msgctl", "14/0 msqid=1 cmd=2~100 buf=4"},
		{"s390", "shmat", "21/0 shmid=1 shmaddr=4 shmflg=2"},
		{"mipsel", "shmdt", "22/0 shmaddr=4"},
		{"i386", "shmget", "23/0 key=1 size=2 shmflg=3"},
		{"s390", "shmctl", "24/0 shmid=1 cmd=2~100 uptr=4"},
		{"i386", "socket", ""},
		{"i386", "semtimedop_time64", ""},
		{"x86_64", "semop", ""},
		{"arm", "shmctl", ""},
	} {
		a, _ := Lookup(c.abi)
		var doors []string
		for _, d := range a.Doors(c.call) {
			text := fmt.Sprintf("%d/%d", d.Call, d.Versions)
			for i, p := range d.Params {
				text += fmt.Sprintf(" %s=%d", p.Name, d.At[i])
				if p.Ignored != 0 {
					text += fmt.Sprintf("~%x", p.Ignored)
				}
			}
			doors = append(doors, text)
		}
		if got := strings.Join(doors, "; "); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.abi, c.call, got, c.want)
		}
	}
	for _, a := range ABIs() {
		for call := range ipcPositions {
			if mux, _, ok := a.Multiplexed(call); ok != (len(a.Doors(call)) > 0) || ok &&
				mux != "ipc" {
				t.Errorf("%s %s: %d doors", a.Name, call, len(a.Doors(call)))
			}
		}
	}
}

// TestIgnored is about bits that the kernel clears where an ABI's table has another function than
// others'.
func TestIgnored(t *testing.T) {
	// sys_old_shmctl and its like
	old := map[string]bool{"arm": true, "mips64": true, "mips64el": true,
		"mips64n32": true, "mipsel64n32": true}
	for _, a := range ABIs() {
		for _, call := range []string{"semctl", "shmctl", "msgctl"} {
			i, cmd := position(a, call, "cmd")
			if i < 0 {
				t.Fatalf("%s %s: no cmd", a.Name, call)
			}
			compat := a.Bits == 32 && call != "shmctl" // compat_ksys_semctl, compat_ksys_msgctl
			if want := uint64(0x100); (cmd.Ignored == want) != (old[a.Name] || compat) ||
				cmd.Ignored&^want != 0 {
				t.Errorf("%s %s: ignores %#x", a.Name, call, cmd.Ignored)
			}
		}
	}
	for _, c := range []struct {
		abi, call, arg string
		counts         uint64
	}{
		{"x86_64", "chmod", "mode", 0o7777},
		{"i386", "fchmodat2", "mode", 0o7777},
		{"x86_64", "mknod", "mode", 0xffff},
		{"x86_64", "umask", "mask", 0o777},
		{"x86_64", "mprotect", "prot", 0xfffffff7},
		{"mips", "mprotect", "prot", 0xffffffef},
		{"x86_64", "mmap", "prot", 7},
		{"i386", "mmap2", "prot", 7},
		{"aarch64", "mmap", "prot", 0x37},
		{"x86_64", "socket", "family", 0xffffffff},
		{"x86_64", "read", "count", ^uint64(0)},
	} {
		a, _ := Lookup(c.abi)
		if _, arg := position(a, c.call, c.arg); arg.Counts() != c.counts {
			t.Errorf("%s %s %s: %#x counts", c.abi, c.call, c.arg, arg.Counts())
		}
	}
}

// TestOtherNames finds a number by each of its names, and lists it once.
func TestOtherNames(t *testing.T) {
	a, _ := Lookup("arm")
	nr, ok := a.Number("sync_file_range2")
	name, _ := a.SyscallName(nr)
	if !ok || nr != 341 || name != "arm_sync_file_range" {
		t.Errorf("%d %v %s", nr, ok, name)
	}
	for _, abi := range ABIs() {
		seen := map[uint32]bool{}
		for _, s := range abi.Syscalls() {
			if seen[s.Nr] {
				t.Errorf("%s: %d twice", abi.Name, s.Nr)
			}
			seen[s.Nr] = true
		}
	}
}
