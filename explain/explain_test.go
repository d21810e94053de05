package explain

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/asm"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, policy, want string }{
		{"denials", `
arch x86_64
default allow
deny unshare, clone if flags & CLONE_NEWUSER
deny(ENOSYS) clone3, 5000
`, `x86_64: allow unless below
    deny(EPERM) clone, unshare if flags & CLONE_NEWUSER
    deny(ENOSYS) clone3, 5000

every other ABI: kill
`},
		{"two ABIs, new numbers", `
arch x86_64, i386
default deny
unknown deny(ENOSYS)
mismatch trap
allow @timer
when arch == i386 { kill open if flags & 0x40 }
`, `x86_64: deny(EPERM) unless below; deny(ENOSYS) for numbers that no table holds
    allow @timer

i386: deny(EPERM) unless below; deny(ENOSYS) for numbers that no table holds
    kill open if flags & O_CREAT
    allow @timer

every other ABI: trap
`},
		{"three actions", "arch x86_64\ndefault deny\nkill socket if family == AF_PACKET\n" +
			"allow socket\n",
			`x86_64: deny(EPERM) unless below
    kill socket if family == AF_PACKET
    allow socket

every other ABI: kill
`},
		{"another argument of the same name", "arch x86_64\ndefault allow\nkill open, openat if " +
			"flags & O_CREAT\n", `x86_64: allow unless below
    kill open, openat if flags & O_CREAT

every other ABI: kill
`},
		{"numbers in ranges", "arch x86_64\ndefault allow\nkill 600, 601, 602, 700\n",
			`x86_64: allow unless below
    kill 600..602, 700

every other ABI: kill
`},
	}
	for _, test := range tests {
		r := compile(t, test.policy)
		e, err := Explain(r.Program, r.Order, nil)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if d := cmp.Diff(test.want, e.String()); d != "" {
			t.Errorf("%s:\n%s", test.name, d)
		}
	}
}

func TestExplainWhatIsNoPolicy(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, program, want string }{
		{"no look at arch", "ld nr\n jeq #101, a, b\na: ret errno(1)\nb: ret allow",
			`every ABI, as it does not look at arch, with x86_64's names: allow unless below
    deny(EPERM) ptrace

`},
		{"values of arch that are no ABI's",
			"ld arch\n jeq #7, seven, a\na: jeq #9, nine, b\nb: jeq #0x80000016, s390x, kill\n" +
				"seven: ld nr\n jeq #5, deny, allow\nnine: ret errno(2)\ns390x: ret log\n" +
				"deny: ret errno(1)\nallow: ret allow\nkill: ret kill_process",
			`arch 0x7: allow unless below
    deny(1) 5

arch 0x9: deny(2)

arch 0x80000016: log

every other ABI: kill
`},
		{"all but one", "ld arch\n jeq #0x40000003, kill, a\na: jeq #7, kill, b\nb: ld nr\n" +
			"jeq #101, kill, allow\nkill: ret kill_process\nallow: ret allow",
			`every ABI but i386, arch 0x7, with x86_64's names: allow unless below
    kill ptrace

every other ABI: kill
`},
		{"data that means nothing",
			"ld arch\n jeq #0xc000003e, here, other\nother: ret kill_process\n" +
				"here: ld nr\n jeq #101, a, b\na: ret #0x7fff0001\nb: ret allow",
			`x86_64: allow unless below
    0x7fff0001 ptrace

x32: allow

every other ABI: kill
`},
		{"nothing", "ret allow", "every ABI: allow\n"},
	}
	for _, test := range tests {
		p, err := asm.Parse(test.program)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		e, err := Explain(p, binary.LittleEndian, nil)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if d := cmp.Diff(test.want, e.String()); d != "" {
			t.Errorf("%s:\n%s", test.name, d)
		}
	}
}

// A condition without a form that could be read is told, not left out.
func TestExplainOpaque(t *testing.T) {
	t.Parallel()
	// The sum of two bytes: no short form.
	p, err := asm.Parse(`ld arch
 jeq #0xc000003e, here, other
other: ret kill_process
here: ld nr
 jeq #41, sum, no
sum: ld [16]
 and #0xff
 tax
 ld [24]
 and #0xff
 add x
 jgt #0xff, yes, no
yes: ret allow
no: ret errno(1)`)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Explain(p, binary.LittleEndian, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(e.String(), "socket for some arguments") {
		t.Errorf("got %v", e)
	}
	back, err := Decompile(binary.LittleEndian, Reading{Resolve: readBack}, p)
	if err != nil || len(back.Stricter) != 1 ||
		!strings.Contains(back.Stricter[0], "x86_64: socket ") {
		t.Errorf("Decompile: %v, %v", back, err)
	}
}

// What a rule says is read from its filter in the words in which people write it.
func TestWordsForReviewers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, want string }{ // an empty want is the rule itself
		{"openat if flags & O_CREAT || flags & O_ACCMODE == 0",
			"openat if flags & O_ACCMODE == 0 || flags & O_CREAT"},
		{"openat if flags & 0x43 in {0, 64..67}",
			"openat if flags & O_ACCMODE == 0 || flags & O_CREAT"},
		{"socket if type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) == SOCK_STREAM", ""},
		{"sched_setscheduler if policy & ~SCHED_RESET_ON_FORK in {SCHED_NORMAL, SCHED_BATCH}", ""},
		{"futex if u64(op) & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) in {FUTEX_WAIT, " +
			"FUTEX_WAKE}", ""},
		{"futex if op in {128, 137}",
			"futex if op in {FUTEX_WAIT_PRIVATE, FUTEX_WAIT_BITSET_PRIVATE}"},
		{"pipe2 if flags in {0, O_CLOEXEC}", "pipe2 if flags only O_CLOEXEC"},
		{"accept4 if flags only 0", "accept4 if flags == 0"},
		{"kill if sig in {0, SIGKILL}", ""},
		{"lseek if whence <= SEEK_END", "lseek if whence in {SEEK_SET, SEEK_CUR, SEEK_END}"},
		{"dup3 if oldfd in {0, 1, 2}", "dup3 if oldfd <= 2"},
		{"mkdirat if dfd >= 0", ""},
		{"utimensat if dfd < 0", ""},
		{"mkdirat if dfd & 0x80000000", "mkdirat if dfd < 0"},
		{"unlinkat if dfd == -100", "unlinkat if dfd == AT_FDCWD"},
		{"shmctl if cmd & ~0x102 == 0", "shmctl if cmd in {IPC_RMID, IPC_STAT, 256, 258}"},
		{"madvise if behavior not in {MADV_SEQUENTIAL, 5..7, -0x80000000..-1, 10..0x7fffffff}",
			"madvise if behavior in {MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DONTNEED, " +
				"MADV_FREE, MADV_REMOVE}"},
		// The upper half, as engines with comparisons of 64 bits leave it.
		{"socket if family in {AF_UNIX, 10, 16} || u64(family) >= 0x100000000 && family <= 16",
			"socket if family in {AF_UNIX, AF_INET6, AF_NETLINK} || " +
				"u64(family) >= 0x100000000 && family <= AF_NETLINK"},
		{
			"socket if u64(family) >= 0x100000000 && family in {AF_UNIX, AF_IPX, AF_X25, " +
				"AF_NETLINK, AF_PACKET, AF_RDS, AF_PPPOX, AF_CAN, AF_BLUETOOTH, AF_IEEE802154, " +
				"AF_ALG, AF_VSOCK}",
			""},
	} {
		r := compile(t, "arch x86_64\ndefault deny\nallow "+c.rule+"\n")
		e, err := Explain(r.Program, r.Order, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := c.want
		if want == "" {
			want = c.rule
		}
		text := strings.Join(strings.Fields(e.String()), " ")
		if !strings.Contains(text, "allow "+want+" every other ABI") {
			t.Errorf("%s\nis explained as %s\nwant %s", c.rule, text, want)
		}
		back, err := decompile(r.Program, r.Order, readBack)
		if text = strings.Join(strings.Fields(string(back)), " "); err != nil ||
			!strings.HasSuffix(text, "allow "+want) {
			t.Errorf("%s\nis read back as %s, %v", c.rule, text, err)
		}
	}
}
