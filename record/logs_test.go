package record

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// rulesOf are the rules for what a log holds, without remarks.
func rulesOf(t *testing.T, log string, abis ...string) []string {
	t.Helper()
	if native, _ := linux.Native(); native.Name != "x86_64" {
		t.Skip("the logs are of x86_64")
	}
	base := &Base{Lacks: func(policy.Data) bool { return true }}
	for _, name := range abis {
		abi, _ := linux.Lookup(name)
		base.ABIs = append(base.ABIs, abi)
	}
	text, err := logged(t, log).Rules(base)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		rule, _, _ := strings.Cut(line, "  #")
		out = append(out, strings.TrimSpace(rule))
	}
	return out
}

// What strace 6.1 writes of the same call, by its options.
var straceForms = map[string]string{
	"none":         `openat(AT_FDCWD, "/etc/f,(", O_RDONLY|O_CLOEXEC) = 3`,
	"-f":           `[pid  5270] openat(AT_FDCWD, "/etc/f,(", O_RDONLY|O_CLOEXEC) = 3`,
	"-f -o":        `5270  openat(AT_FDCWD, "/etc/f,(", O_RDONLY|O_CLOEXEC) = 3`,
	"-t":           `18:02:28 openat(AT_FDCWD, "/etc/f,(", O_RDONLY|O_CLOEXEC) = 3`,
	"-f -tt -T":    `[pid 5270] 18:02:28.799870 openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3 <0.000123>`,
	"-ttt":         `1764525748.799870 openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-r":           `     0.000410 openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-f -tt -r -o": `5469  18:02:28.799870 (+     0.000000) openat(AT_FDCWD, "/etc/f", O_RDONLY) = 3`,
	"-n":           `[ 257] openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-f -i -o":     `5433  [00007fca42a03ad7] openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-Y -o":        `5450<a, (b> openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-Y":           `[pid 5450<st>] openat(AT_FDCWD, "/etc/f,(", O_RDONLY) = 3`,
	"-y":           `openat(AT_FDCWD</tmp/a,b(c)\76\"[>, "x", O_RDONLY) = 3</tmp/x>`,
	"-yy":          `openat(3<char 1:3>, "x", O_RDONLY) = 3</dev/x<char 1:3>>`,
	"-y, deleted":  `openat(3</tmp/a>(deleted), "x", O_RDONLY) = -1 ENOENT (No such file or directory)`,
	"-X raw":       `openat(-100, "x", 0x80000)         = 3`,
	"-X verbose":   `openat(-100 /* AT_FDCWD */, "x", 0x80000 /* O_RDONLY|O_CLOEXEC */) = 3`,
	"-e raw=all":   `openat(0xffffffffffffff9c, 0x7ffd9a3c, 0x80000, 0) = 0x3`,
	"unfinished":   `[pid 7] openat(AT_FDCWD, "x", O_RDONLY <unfinished ...>`,
	"resumed": "[pid 7] openat(AT_FDCWD, \"x\", O_RDONLY <unfinished ...>\n[pid 7] " +
		"<... openat resumed>) = 3",
	"cut": `openat(AT_FDCWD, "x", O_RDONLYstrace: Process 5270 attached`,
	"signals and exits": "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5270} " +
		"---\nopenat(3, \"x\", O_RDONLY) = 3\n+++ exited with 0 +++",
	"long": `openat(AT_FDCWD, "` + strings.Repeat("a", 5000) +
		`"..., O_RDONLY) = 3`,
	"a program that talks": "usage: openat (see openat(2))\nopenat(AT_FDCWD, \"x\", O_RDONLY) = 3",
	"a stack, -k": "openat(AT_FDCWD, \"x\", O_RDONLY) = 3\n > " +
		"/usr/lib/x86_64-linux-gnu/libc.so.6(__open64+0x5) [0xf7ab5]",
	"interrupted": `openat(AT_FDCWD, "x", O_RDONLY) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`,
}

func TestStraceForms(t *testing.T) {
	for name, log := range straceForms {
		want := []string{"allow openat if flags & (O_ACCMODE | O_CREAT | O_TRUNC) == O_RDONLY"}
		if got := rulesOf(t, log, "x86_64"); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What calls hold in all ways that strace writes them.
func TestStraceArguments(t *testing.T) {
	for log, want := range map[string]string{
		`ioctl(7, _IOC(_IOC_READ, 0x12, 0x34, 0x10), 0) = -1 ENOTTY (x)`: "allow ioctl if cmd == " +
			"0x80101234",
		`ioctl(7, 0x80101234 /* _IOC(_IOC_READ, 0x12, 0x34, 0x10) */, 0) = 0`: "allow ioctl if " +
			"cmd == 0x80101234",
		`ioctl(7</dev/tty<char 5:0>>, TCGETS, {c_iflag=ICRNL|IXON, ...}) = 0`: "allow ioctl if " +
			"cmd == TCGETS",
		`fcntl(3<TCP:[127.0.0.1:1->127.0.0.1:80]>, F_GETFL) = 0x2`: "allow fcntl if " +
			"cmd == F_GETFL",
		`fcntl(3<UNIX-STREAM:[1->2,"/run/a,b"]>, F_GETFL) = 0x2`: "allow fcntl if " +
			"cmd == F_GETFL",
		`clone3({flags=0x3d0f00 /* CLONE_VM */, child_tid=0x7f}, 88) = 9`: "allow clone if flags & " +
			"(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | " +
			"CLONE_NEWPID | CLONE_NEWNET) == 0 deny(ENOSYS) clone3",
		`clone3(0x7ffd79e6e840, 0x58) = 0x1582`: "allow clone deny(ENOSYS) clone3",
		`socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC <unfinished ...>`: "allow socket if family == " +
			"AF_INET && type & 0xf == SOCK_STREAM",
		`madvise(0x7f, 4096, 0x4 /* MADV_??? */) = 0`: "allow madvise if " +
			"behavior == MADV_DONTNEED",
		`restart_syscall(<... resuming interrupted nanosleep ...>) = 0`: "allow restart_syscall",
		`prctl(PR_SET_NAME, "a, b)"...) = 0`: "allow prctl if option " +
			"== PR_SET_NAME",
	} {
		got := strings.Join(strings.Fields(strings.Join(rulesOf(t, log, "x86_64"), " ")), " ")
		if got != want {
			t.Errorf("%s: %s", log, got)
		}
	}
	text, err := logged(t,
		"syscall_0x3e7(0x1, 0x2) = -1 ENOSYS\nread(0, \"\", 1) = 0").Policy(Options{})
	if err != nil || !strings.Contains(string(text), "# x86_64: number 999, once") {
		t.Errorf("a call without a name: %v\n%s", err, text)
	}
}

// A 32-bit program in a log to a file shows only by its calls; its threads make none of these.
func TestStraceOtherABI(t *testing.T) {
	const lines = `10 execve("/bin/sh", ["sh"], 0x7f /* 3 vars */) = 0
10 arch_prctl(ARCH_SET_FS, 0x7f) = 0
10 vfork( <unfinished ...>
11 execve("./h386", ["h386"], 0x55 /* 3 vars */ <unfinished ...>
10 <... vfork resumed>) = 11
10 getuid() = 0
11 <... execve resumed>) = 0
11 read(3, "x", 20) = 1
11 set_thread_area({entry_number=-1, base_addr=0x8}) = 0 (entry_number=12)
11 mmap2(NULL, 262144, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xf7
11 socket(AF_UNIX, SOCK_STREAM, 0) = 3
11 clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD <unfinished ...>
12 gettid( <unfinished ...>
11 <... clone resumed>) = 12
12 <... gettid resumed>) = 12
12 +++ exited with 0 +++
11 execve("/bin/true", ["true"], 0x55 /* 3 vars */) = 0
11 getpid() = 11
11 newfstatat(3, "", {st_mode=S_IFREG|0644, st_size=5}, AT_EMPTY_PATH) = 0
11 +++ exited with 0 +++
`
	const terminal = `strace: Process 11 attached
[pid 11] execve("./h386", ["h386"], 0x55 /* 3 vars */) = 0
[pid 11] [ Process PID=11 runs in 32 bit mode. ]
[pid 11] read(3, "x", 20) = 1
`
	want := map[string][]string{
		lines +
			"x86_64": {"allow arch_prctl if option == ARCH_SET_FS", "allow execve", "allow getpid",
			"allow getuid", "allow newfstatat", "allow vfork"},
		lines +
			"i386": {
			"allow clone if flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |",
			"CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) == 0", "allow execve", "allow gettid",
			"allow mmap2 if !(prot all PROT_WRITE | PROT_EXEC)", "allow read",
			"allow set_thread_area",
			"allow socket if family == AF_UNIX && type & 0xf == SOCK_STREAM",
			"allow socketcall if call == SYS_SOCKET"},
		terminal + "x86_64": {"allow execve"},
		terminal + "i386":   {"allow read"},
	}
	for key, want := range want {
		log, abi := strings.TrimSuffix(strings.TrimSuffix(key, "x86_64"), "i386"), "x86_64"
		if strings.HasSuffix(key, "i386") {
			abi = "i386"
		}
		if got := rulesOf(t, log, abi); !slices.Equal(got, want) {
			t.Errorf("%s of\n%s: %q", abi, log, got)
		}
	}
}

// Records of the audit subsystem, by kernel and by the program that shows them.
var auditForms = map[string]struct{ log, abi, want string }{
	"kernel 6.1, auditd": {`type=SECCOMP msg=audit(1764525748.799:456): auid=0 uid=0 gid=0 ses=1 ` +
		`subj=unconfined pid=12 comm="a b" exe="/bin/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f ` +
		`code=0x7ffc0000AUID="root" UID="root" ARCH=x86_64 SYSCALL=socket`, "x86_64",
		"allow socket"},
	"dmesg": {
		`[   12.345678] audit: type=1326 audit(1764525748.799:3): auid=4294967295 uid=0 gid=0 ` +
			`ses=4294967295 pid=12 comm="a" exe="/a" sig=31 arch=c000003e syscall=39 compat=0 ip=0x7f code=0x80000000`,
		"x86_64", "allow getpid"},
	"journal": {
		`Nov 30 17:00:00 vm audit[12]: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=12 comm="a" exe="/a" ` +
			`sig=31 arch=40000003 syscall=102 compat=1 ip=0xf7 code=0x0`, "i386",
		"allow socketcall"},
	"kernel 3.10": {
		`type=SECCOMP msg=audit(1.2:3): auid=1 uid=1 gid=1 ses=1 pid=2 comm="a" reason="seccomp" ` +
			`sig=31 syscall=39 compat=0 ip=0x7f code=0x0`, "x86_64", "allow getpid"},
	"kernel 3.10, 32 bits": {`type=1326 audit(1.2:3): auid=1 uid=1 gid=1 ses=1 pid=2 comm="a" ` +
		`sig=31 syscall=20 compat=1 ip=0x7f code=0x0`, "i386", "allow getpid"},
	"x32": {
		`type=SECCOMP msg=audit(1.2:3): comm="a" sig=31 arch=c000003e syscall=1073741863 compat=0 code=0x0`,
		"x32", "allow getpid"},
	"aarch64": {
		`type=SECCOMP msg=audit(1.2:3): comm="a" sig=31 arch=c00000b7 syscall=172 compat=0 code=0x0`,
		"aarch64", "allow getpid"},
	"of the call": {
		`type=SYSCALL msg=audit(1.2:4): arch=c000003e syscall=41 success=yes exit=3 a0=2 a1=80001 ` +
			`a2=0 a3=7ffc items=0 ppid=1 pid=2 comm="a" exe="/a" key=(null)`, "x86_64",
		"allow socket if family == AF_INET && type & 0xf == SOCK_STREAM"},
	"ausearch -i": {
		`type=SYSCALL msg=audit(11/30/26 17:00:00.799:4) : arch=x86_64 syscall=socket success=yes ` +
			`exit=3 a0=inet a1=SOCK_STREAM|SOCK_CLOEXEC a2=ip a3=0x7ffc items=0 comm=cat exe=/bin/cat`,
		"x86_64",
		"allow socket"},
	"ausearch -i, by constants": {`type=SYSCALL msg=audit(11/30/26 17:00:00.799:4) : arch=x86_64 ` +
		`syscall=openat success=yes exit=3 a0=AT_FDCWD a1=0x7ffc a2=O_RDONLY|O_CLOEXEC a3=0x0 items=1 comm=cat`,
		"x86_64", "allow openat if flags & (O_ACCMODE | O_CREAT | O_TRUNC) == O_RDONLY"},
	"seccomp's and the call's of one event": {`type=SECCOMP msg=audit(1.2:4): comm="a" sig=0 arch=c000003e syscall=41 compat=0 code=0x7ffc0000
type=SECCOMP msg=audit(1.2:5): comm="b" sig=0 arch=c000003e syscall=39 compat=0 code=0x7ffc0000
type=PROCTITLE msg=audit(1.2:4): proctitle=2F62696E
type=SYSCALL msg=audit(1.2:4): arch=c000003e syscall=41 success=yes exit=3 a0=1 a1=1 a2=0 a3=0 comm="a"
type=SYSCALL msg=audit(1.2:5): arch=c000003e syscall=39 success=yes exit=3 a0=0 a1=0 a2=0 a3=0 comm="b"`,
		"x86_64", "allow getpid; allow socket if family == AF_UNIX && type & 0xf == SOCK_STREAM"},
}

func TestAuditForms(t *testing.T) {
	for name, tt := range auditForms {
		if got := strings.Join(rulesOf(t, tt.log, tt.abi), "; "); got != tt.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for comm, want := range map[string]string{`"cat"`: "cat", "6120622228": `a b"(`,
		"cafe": "cafe"} {
		var r Record
		log := "type=SECCOMP msg=audit(1.2:3): comm=" + comm + " arch=c000003e syscall=39"
		if err := r.ReadLog(strings.NewReader(log), everything); err != nil ||
			!slices.Equal(r.Programs, []string{want}) {
			t.Errorf("%s: programs %q, %v", comm, r.Programs, err)
		}
	}
}

// Whatever a log holds, it is read in bounded memory and without a fault.
func FuzzReadLog(f *testing.F) {
	for _, log := range straceForms {
		f.Add(log)
	}
	for _, tt := range auditForms {
		f.Add(tt.log)
	}
	text, err := os.ReadFile("testdata/strace.log")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Fuzz(func(t *testing.T, log string) {
		var r Record
		if r.ReadLog(strings.NewReader(log), everything) != nil {
			return
		}
		text, err := r.Policy(Options{})
		if err != nil {
			t.Fatal(fmt.Errorf("%w\n%s", err, text))
		}
	})
}
