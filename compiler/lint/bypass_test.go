package lint

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/proof"
)

// bypasses returns the messages and notes of the bypass lint, a line for each rule.
func bypasses(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	for _, d := range find(t, text, resolve.Options{}) {
		if d.Code == codes.Bypass {
			out = append(out, d.Message+" | "+d.Help)
		}
	}
	return out
}

func TestBypassMessage(t *testing.T) {
	diags := find(t, "arch x86_64, aarch64\ndefault allow\ndeny unshare if arg0 & CLONE_NEWUSER\n",
		resolve.Options{})
	if len(diags) != 1 {
		t.Fatal(diags)
	}
	d := diags[0]
	wantNotes := []string{
		"clone if flags & CLONE_NEWUSER is not stopped: clone makes the user namespace along " +
			"with a child",
		"clone3 is not stopped: it makes the user namespace too, with flags in memory where no " +
			"filter sees them",
		"what the rule on clone3 costs: nothing is lost by ENOSYS: C libraries fall back on clone",
	}
	var got []string
	for _, n := range d.Notes {
		got = append(got, n.Text)
	}
	if d.Severity != diag.Warning || d.Span.Pos().Line != 3 ||
		d.Message != "this rule can be bypassed: clone, clone3" ||
		!slices.Equal(got, wantNotes) ||
		d.Help != "put above it:\ndeny clone if flags & CLONE_NEWUSER\ndeny(ENOSYS) clone3" {
		t.Errorf("%+v", d)
	}
}

// TestBypassDoors opens a door of each kind, and shuts it.
func TestBypassDoors(t *testing.T) {
	const ring = "deny io_uring_setup\n"
	tests := []struct{ arch, open, names, shut string }{
		{"x86_64", "deny unshare if arg0 & CLONE_NEWNS\n", "clone, clone3",
			"deny clone if flags any CLONE_NEWNS | CLONE_NEWUSER\ndeny(ENOSYS) clone3\n" +
				"deny unshare if arg0 & CLONE_NEWUSER\n"},
		{"s390x", "deny unshare if arg0 & CLONE_NEWUSER\ndeny(ENOSYS) clone3\n", "clone",
			"deny clone if arg1 & CLONE_NEWUSER\n"},
		{"s390x", "deny unshare if arg0 & CLONE_NEWUSER\ndeny(ENOSYS) clone3\n" +
			"deny clone if arg0 & CLONE_NEWUSER\n", "clone",
			"deny clone if flags & CLONE_NEWUSER\n"},
		{"x32", "deny execve\n", "execveat", "deny execveat\n"},
		{"x86_64", "deny mprotect if prot & PROT_EXEC\ndeny personality, shmat, pkey_mprotect\n",
			"mmap",
			"deny mmap if prot all PROT_WRITE | PROT_EXEC\n"},
		{"x86_64", "deny mprotect if prot & PROT_EXEC\ndeny mmap if prot & PROT_EXEC\n" +
			"deny shmat, pkey_mprotect\n",
			"personality", "allow personality if persona == 0xffffffff\ndeny personality\n"},
		{"s390x", "deny mprotect if prot & PROT_EXEC\ndeny personality, shmat, pkey_mprotect\n",
			"mmap",
			"deny mmap\n"},
		{"i386", "deny mmap2 if prot & PROT_EXEC\n" +
			"deny mprotect, pkey_mprotect, shmat, personality\n",
			"mmap", "deny mmap\n"},
		{"x86_64", ring + "deny open, openat, creat\n", "openat2", "deny(ENOSYS) openat2\n"},
		{"x86_64", "deny socket if family == AF_INET\n", "io_uring_setup", ring},
		{"x86_64", ring + "deny socket if family == AF_PACKET\n", "socket",
			"deny socket if family == AF_INET\n"},
		{"i386", ring + "deny socket if family == AF_INET\n", "socketcall",
			"deny socketcall if arg0 == 1\n"},
		{"i386", "deny 397 if arg2 & SHM_EXEC\n", "shmat", "deny shmat if shmflg & SHM_EXEC\n"},
		{"i386", "deny msgrcv if msgtyp == 5\n", "ipc", "deny ipc if call & 0xffff == MSGRCV\n"},
		{"s390x", "deny msgrcv if msgtyp == 5\n", "ipc", "deny ipc if arg0 & 0xffff == 12\n"},
		{"ppc64le", "deny semctl if arg == 5\n", "ipc", "deny ipc if arg0 & 0xffff == 3\n"},
		{"i386", "deny semop, semtimedop_time64 if semid == 3\n", "semtimedop",
			"deny semtimedop if arg0 == 3\n"},
		{"i386", "deny semtimedop if semid == 3\n", "semtimedop_time64",
			"deny semtimedop_time64 if semid == 3\n"},
		{"i386", "deny setuid if uid == 0\n",
			"setreuid, setreuid32, setresuid, setresuid32, setuid32",
			"deny setuid32 if uid == 0\ndeny all setreuid, all setresuid\n"},
		{"arm", "deny setuid32 if uid == 0\n",
			"setreuid, setreuid32, setresuid, setresuid32, setuid",
			"deny setuid if uid == 0\ndeny all setreuid, all setresuid\n"},
		{"s390", "deny setgid if arg0 == 0\n",
			"setregid, setregid32, setresgid, setresgid32, setgid32",
			"deny setgid32 if gid == 0\ndeny all setregid, all setresgid\n"},
		{"i386", "deny setresuid if euid == 0\n", "setresuid32, setreuid, setreuid32",
			"deny setresuid32, setreuid, setreuid32 if euid == 0\n"},
		{"i386", "deny setregid if rgid == 5 || egid == 5\n", "setregid32, setresgid, setresgid32",
			"deny setregid32, setresgid, setresgid32 if rgid == 5 || egid == 5\n"},
		{"arm", "deny setfsuid if uid == 0\n", "setfsuid32", "deny setfsuid32 if uid == 0\n"},
		{"s390", "deny setfsgid if gid == 0\n", "setfsgid32", "deny setfsgid32 if gid == 0\n"},
		{"i386", "deny chown if user == 0\n", "chown32, fchown, fchown32, fchownat, lchown, lchown32",
			"deny chown32, fchown, fchown32, fchownat, lchown, lchown32 if user == 0\n"},
		{"arm", "deny lchown if group == 0\n", "lchown32, chown, chown32, fchown, fchown32, fchownat",
			"deny lchown32, chown, fchown, fchown32, fchownat, chown32 if group == 0\n"},
		{"s390", "deny fchown if user == 0\n", "fchown32, chown, chown32, fchownat, lchown, lchown32",
			"deny fchown32, chown, chown32, fchownat, lchown, lchown32 if user == 0\n"},
		{"x86_64", "deny kill if sig == SIGSTOP\n",
			"tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal",
			"deny tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal if sig " +
				"== SIGSTOP\n"},
		{"i386", "deny fcntl64 if cmd == F_SETLK\n", "fcntl, fcntl64",
			"deny fcntl if cmd == F_SETLK\ndeny all fcntl if cmd in {F_SETLKW, F_OFD_SETLK, " +
				"F_OFD_SETLKW}\n"},
		{"i386", "deny ftruncate if length == 5\n", "ftruncate64",
			"deny ftruncate64 if length == 5\n"},
		{"i386", "deny fadvise64 if fd == 3\n", "fadvise64_64", "deny fadvise64_64 if fd == 3\n"},
		{"i386", "deny fcntl if cmd == F_SETSIG\n", "fcntl64", "deny fcntl64 if cmd == F_SETSIG\n"},
		{"arm", "deny timer_settime\n", "timer_settime64", "deny timer_settime64\n"},
		{"aarch64", "deny kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo\n",
			"pidfd_send_signal",
			"deny pidfd_send_signal\n"},
		{"x86_64", "deny ioctl if cmd == TIOCSTI\n", "ioctl", "deny ioctl if cmd == TIOCLINUX\n"},
		{"x86_64", "deny mount, open_tree, open_tree_attr, fsopen, fsmount, fspick, move_mount\n",
			"mount_setattr", "deny mount_setattr\n"},
	}
	for _, test := range tests {
		text := "arch " + test.arch + "\ndefault allow\n" + test.open
		want := "this rule can be bypassed: " + test.names + " | "
		got := bypasses(t, text)
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		if got := bypasses(t, text+test.shut); len(got) > 0 {
			t.Errorf("%s: got %q, want none", text+test.shut, got)
		}
	}
}

func TestBypassIsQuiet(t *testing.T) {
	for _, text := range []string{
		"arch aarch64\ndefault allow\ndeny execve, execveat\n", // all shut
		// rename is not there
		"arch riscv64\ndefault allow\ndeny renameat2\n",
		// no rule on unshare
		"arch x86_64\ndefault deny\nallow clone, clone3\n",
		// shut by the default
		"arch x86_64\ndefault deny\ndeny(13) execve\nallow read\n",
		// somebody else decides
		"arch x86_64\ndefault allow\nnotify execveat\ndeny execve\n",
		"arch x86_64\ndefault allow\ndeny(ENOSYS) fchmodat2\n",                   // on purpose
		"arch i386\ndefault allow\ndeny(ENOSYS) clock_settime64\n",               // on purpose
		"arch x86_64\ndefault allow\n# lint: allow bypass a test\ndeny execve\n", // said so
	} {
		if got := bypasses(t, text); len(got) > 0 {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

func TestBypassNamesTheABIs(t *testing.T) {
	diags := find(t, "arch x86_64, i386\ndefault allow\ndeny io_uring_setup\n"+
		"deny socket if family == AF_INET\n", resolve.Options{})
	if len(diags) != 1 || len(diags[0].Notes) != 2 ||
		!strings.Contains(diags[0].Notes[1].Text,
			"costs: on i386 programs with an older C library") ||
		!strings.HasSuffix(diags[0].Notes[0].Text, "(on i386)") {
		t.Errorf("%+v", diags)
	}
}

// TestBypassTableIsReadTwice finds every guarded call of the table in the other reading, which
// TestEachDoorOpensAndShuts holds the lint against.
func TestBypassTableIsReadTwice(t *testing.T) {
	text, err := os.ReadFile("testdata/bypass.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "\t"); len(cells) == 5 {
			for guard := range strings.SplitSeq(cells[2], ", ") {
				names = append(names, nameIn(guard))
			}
		}
	}
	for _, line := range bypassTable() {
		for _, name := range line.names {
			if !slices.Contains(names, name) {
				t.Errorf("%s guards nothing in testdata/bypass.tsv", name)
			}
		}
	}
}

// TestBypassTable resolves both sides of every line on the ABIs that have its calls.
func TestBypassTable(t *testing.T) {
	calls := 0
	for _, line := range short.Some(bypassTable()) {
		for _, text := range slices.Concat(line.guarded, line.open) {
			calls++
			if !resolves(t, text) {
				t.Errorf("%q has a meaning on no ABI", text)
			}
		}
	}
	if calls < short.Rounds(200) {
		t.Fatalf("%d calls", calls)
	}
}

// argsInMemory are the calls whose arguments lie in memory, which have lines of their own.
var argsInMemory = map[string][]string{"i386": {"mmap"}, "s390": {"mmap", "mmap2"},
	"s390x": {"mmap"}, "m68k": {"mmap"}}

func resolves(t *testing.T, text string) bool {
	found := false
	for _, abi := range linux.ABIs() {
		prefix, _, one := strings.Cut(text, ": ")
		oldMmap := slices.Contains(argsInMemory[abi.Name], text[:strings.Index(text+" ", " ")])
		if one && prefix != abi.Name || !one && oldMmap ||
			len(resolve.Doors(abi, nameIn(text))) == 0 {
			continue
		}
		calls, diags := resolve.Calls(abi, "bypass", text)
		if diags.HasErrors() {
			t.Errorf("%s on %s: %v", text, abi.Name, diags)
		}
		found = found || len(calls) > 0
	}
	return found
}

// BenchmarkBypass looks for ways round a policy of three rules.
func BenchmarkBypass(b *testing.B) {
	r, diags := resolve.Text("b",
		[]byte("arch x86_64\ndefault allow\ndeny unshare if arg0 & CLONE_NEWUSER\n"+
			"deny socket if family == AF_PACKET\ndeny mount, execve, open\n"), resolve.Options{})
	if r == nil {
		b.Fatal(diags)
	}
	for b.Loop() {
		bypass(r, proof.New())
	}
}

// TestBypassOfLargeRules says that nobody has looked.
func TestBypassOfLargeRules(t *testing.T) {
	text := "arch i386\ndefault allow\ndeny setuid"
	for nr := range 250 {
		text += fmt.Sprintf(", %d", 1000+nr)
	}
	text += " if arg0 == 1" + strings.Repeat(" || arg0 == 1", 99) + "\n"
	got := bypasses(t, text)
	if len(got) != 1 || !strings.HasPrefix(got[0],
		"the rule is too large to look for ways round it") {
		t.Errorf("%.200q", got)
	}
}
