package explain

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// readBack reads a policy back, and has it compiled: what was read is to be of use.
func readBack(text []byte) (*policy.Policy, error) {
	r, diags := compiler.Compile("again.scp", text, compiler.Options{})
	if diags.HasErrors() {
		return nil, fmt.Errorf("%v\n%s", diags, text)
	}
	return r.Policy, nil
}

// decompile is Decompile without the remarks.
func decompile(
	p asm.Program, order binary.ByteOrder, resolve func([]byte) (*policy.Policy, error),
) ([]byte, error) {
	back, err := Decompile(order, Reading{Resolve: resolve}, p)
	if err != nil {
		return nil, err
	}
	return back.Text, nil
}

func compile(t testing.TB, text string) *compiler.Result {
	t.Helper()
	r, diags := compiler.Compile("test.scp", []byte(text), compiler.Options{})
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	return r
}

// Filters that other compilers made: libseccomp, gVisor and go-seccomp-bpf.
func TestDecompileFiltersOfOthers(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bpf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no filters in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			blob, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := asm.Decode(blob, binary.LittleEndian)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decompile(p, binary.LittleEndian, readBack)
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, strings.TrimSuffix(file, ".bpf")+".scp", string(got))
		})
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-file +now); go test ./explain -update rewrites it\n%s", file, d)
	}
}

func TestDecompileOurOwn(t *testing.T) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies: %v", err)
	}
	for _, file := range short.Some(files) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, diags := compiler.Compile(file, src, compiler.Options{})
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			// One that waits for late values is read back with some.
			program := r.Program.Filled(make([]uint64, len(r.Policy.Late)))
			if _, err := decompile(program, r.Order, readBack); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDecompileRandomPolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	done, opaque := 0, 0
	for seed := range uint64(80) {
		text := randomPolicy(rand.New(rand.NewPCG(seed, 2)))
		r, diags := compiler.Compile("random.scp", []byte(text), compiler.Options{})
		if diags.HasErrors() {
			continue // such as a rule that never decides
		}
		done++
		_, err := decompile(r.Program, r.Order, readBack)
		switch {
		case err != nil && strings.Contains(err.Error(), "too long to write"):
			opaque++
		case err != nil:
			t.Errorf("seed %d: %v\nof\n%s", seed, err, text)
		}
	}
	if done < 30 || opaque > done/20 {
		t.Errorf("%d policies, %d of them with conditions that were not read back", done, opaque)
	}
}

// Two random policies together, as one policy: for random calls, also of ABIs that neither serves,
// it answers what the two answers come to.
func TestRecoverRandomPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	pairs, calls := 0, 0
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 7))
		texts := [2]string{randomPolicy(r), randomPolicy(r)}
		var p [2]*compiler.Result
		for i, text := range texts {
			p[i], _ = compiler.Compile("random.scp", []byte(text), compiler.Options{})
		}
		if p[0] == nil || p[1] == nil || p[0].Order != p[1].Order {
			continue
		}
		or := seed%2 == 0
		policy, err := together(p, or)
		if err != nil {
			if !errors.Is(err, proof.ErrTooComplex) {
				t.Errorf("seed %d: %v\n%s\n%s", seed, err, texts[0], texts[1])
			}
			continue
		}
		pairs++
		for range 300 {
			d := randomCall(r)
			calls++
			a, b := p[0].Policy.Eval(d), p[1].Policy.Eval(d)
			if got, want := policy.Eval(d), merged(a, b, or); Taken(got) != Taken(want) {
				t.Fatalf("seed %d: %+v gets %v, not %v of %v and %v\n%s\n%s", seed, d, got, want,
					a, b, texts[0], texts[1])
			}
		}
	}
	if pairs < 15 {
		t.Errorf("%d pairs, %d calls: too few", pairs, calls)
	}
}

// together returns the policy that two are, as merge makes it.
func together(p [2]*compiler.Result, or bool) (*policy.Policy, error) {
	s := proof.New()
	var f [2]proof.Function
	for i := range p {
		var err error
		if f[i], err = s.Program(p[i].Program, p[i].Order); err != nil {
			return nil, err
		}
	}
	both, err := s.Stack(f[0], f[1])
	if or {
		both, err = s.Laxest(f[0], f[1])
	}
	if err != nil {
		return nil, err
	}
	back, err := Recover(s, both, p[0].Order, Reading{Resolve: readBack, Head: "Both"})
	if err != nil {
		return nil, err
	}
	if back.Short() != "" {
		return nil, proof.ErrTooComplex
	}
	return readBack(back.Text)
}

// merged is what two answers come to: the stricter one, and of two of a kind that of the second,
// or with or the laxer one, and of two of a kind that of the first.
func merged(a, b policy.Action, or bool) policy.Action {
	switch {
	case or && b.Strictness() > a.Strictness():
		return b
	case or:
		return a
	case a.Precedence() < b.Precedence():
		return a
	}
	return b
}

// randomCall makes a call that rules of random policies are about, or nearly.
func randomCall(r *rand.Rand) policy.Data {
	abis := linux.ABIs()
	abi := abis[r.IntN(len(abis))]
	d := policy.Data{Arch: abi.Arch, IP: uint64(r.IntN(2)) << 13}
	table := abi.Syscalls()
	d.Nr = table[r.IntN(len(table))].Nr
	switch r.IntN(12) {
	case 0:
		d.Nr = uint32(r.IntN(12000))
	case 1:
		d.Arch = r.Uint32()
	}
	for i := range d.Args[:3] {
		d.Args[i] = uint64(r.IntN(12)) << (4 * r.IntN(3))
		if abi.Bits == 64 && r.IntN(4) == 0 {
			d.Args[i] |= uint64(r.Uint32()) << 32
		}
	}
	return d
}

// randomPolicy makes a policy of rules that meet each other.
func randomPolicy(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	action := func() string {
		return pick("allow", "allow", "deny", "deny(ENOSYS)", "kill", "kill_thread", "log",
			"trap(7)", "trace(1)", "notify")
	}
	conditions := []string{
		"arg0 == 5", "arg1 & 0x40", "arg2 any 0x30", "arg0 all 0x30", "arg1 only 0xff",
		"arg1 & 0xf0 == 0x10",
		"arg0 in {1, 2, 5..9}", "arg2 not in {0, 7}", "u32(arg0) >= 0x80000000", "i32(arg0) < -3",
		"ip < 0x1000",
		"arg0 == 1 && arg1 == 2", "arg0 == 1 || arg1 & 1", "!(arg0 == 3 && arg2 == 4)",
		"arg0 == 4 && arg1 in {2..9}",
	}
	var text strings.Builder
	fmt.Fprintf(&text, "arch %s\ndefault %s\n",
		pick("x86_64", "i386", "x32, x86_64", "x86_64, i386, x32", "aarch64, arm",
			"s390x, s390", "mips64", "x86_64, aarch64, i386"), action())
	if r.IntN(2) == 0 {
		fmt.Fprintf(&text, "mismatch %s\n", action())
	}
	if r.IntN(2) == 0 {
		fmt.Fprintf(&text, "unknown %s\n", action())
	}
	calls := func() string {
		var list []string
		for range 1 + r.IntN(4) {
			list = append(list, pick("read", "write", "close", "openat", "socket", "accept",
				"socketcall", "ipc", "semop",
				"bind", "listen", "clone", "execve", "ioctl", "mmap", "futex", "exit", "9999",
				"435"))
		}
		return strings.Join(list, ", ")
	}
	for range 2 + r.IntN(8) {
		switch r.IntN(5) {
		case 0:
			fmt.Fprintf(&text, "%s %s\n", action(),
				pick("@file-system", "@io-event", "@ipc", "@network-io", "@timer"))
		case 1:
			fmt.Fprintf(&text, "%s %s\n", action(), calls())
		default:
			fmt.Fprintf(&text, "%s %s if %s\n", action(), calls(), pick(conditions...))
		}
	}
	return text.String()
}

func TestDecompileText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, policy, want string }{
		{"list of what is denied", `
arch x86_64
default allow
deny unshare, clone if flags & CLONE_NEWUSER
deny(ENOSYS) clone3
deny ptrace, bpf
`, `
arch x86_64
default allow

deny(EPERM) ptrace, bpf
deny(ENOSYS) clone3
deny(EPERM) clone, unshare if flags & CLONE_NEWUSER
`},
		{"new calls", `
arch x86_64, aarch64
default deny
mismatch deny(ENOSYS)
unknown deny(ENOSYS)
allow @timer, read, open
allow socket if family == AF_UNIX
`, `
arch x86_64, aarch64
default deny(EPERM)
mismatch deny(ENOSYS)
unknown deny(ENOSYS)

allow @timer, read, open
allow socket if family == AF_UNIX
`},
		{"ABIs that differ", `
arch x86_64, i386
when arch == i386 { default kill }
else { default log }
allow read
when arch == i386 { allow write }
deny 1000 if arg0 == 1
`, `
arch x86_64, i386
when arch == x86_64 {
    default log
}
when arch == i386 {
    default kill
}

allow read

when arch == i386 {
    allow write
    deny(EPERM) 1000 if arg0 == 1
}

when arch == x86_64 {
    deny(EPERM) 1000 if arg0 == 1
}
`},
		{"an action for each argument", `
arch x86_64
default deny
kill socket if family == AF_PACKET
allow socket if family == AF_UNIX
log socket
`, `
arch x86_64
default deny(EPERM)

kill socket if family == AF_PACKET
allow socket if family == AF_UNIX
log socket
`},
		{"a way behind a multiplexer that stays open", `
arch i386
default allow
allow socketcall
deny socket
`, `
arch i386
default allow

allow socketcall

deny(EPERM) socket
`},
		{"both ways closed", `
arch i386
default allow
deny socket
`, `
arch i386
default allow

deny(EPERM) socketcall if call == SYS_SOCKET
allow socketcall

deny(EPERM) socket
`},
		{"everything", "default deny(5)\nmismatch deny(5)\narch x86_64\n",
			"\narch x86_64\ndefault deny(EIO)\nmismatch deny(EIO)\n"},
	}
	for _, test := range tests {
		r := compile(t, test.policy)
		text, err := decompile(r.Program, r.Order, readBack)
		_, got, _ := strings.Cut(string(text), "\n")
		before, after, dated := strings.Cut(got, "as of linux "+linux.KernelVersion+"\n")
		got = before + after
		if err != nil || !dated || got != test.want {
			t.Errorf("%s: %v\n%s", test.name, err, cmp.Diff(test.want, got))
		}
	}
}

func TestDecompileRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, program, want string }{
		{"no look at arch", "ld nr\n jeq #1, a, b\na: ret errno(1)\nb: ret allow",
			"does not look at the ABI; --arch NAME"},
		{"an arch of the future", "ld arch\n jeq #0x12345678, a, b\na: ret errno(1)\nb: ret allow",
			"arch 0x12345678: 0 gets deny(1)"},
		{"another byte order", "ld arch\n jeq #0x80000016, a, b\na: ret errno(1)\nb: ret allow",
			"it has rules for s390x, whose byte order is another"},
		{"no program", "ld arch", "the last instruction"},
	}
	for _, test := range tests {
		p, err := asm.Parse(test.program)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		text, err := decompile(p, binary.LittleEndian, readBack)
		if text != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q\n%s", test.name, err, test.want, text)
		}
	}
}

// What the language cannot say and the kernel does not look at is left out, and what cannot be
// written is stopped; both are said.
func TestDecompileOddFilters(t *testing.T) {
	t.Parallel()
	const head = "ld arch\n jeq #0xc000003e, here, other\nother: ret kill_process\nhere: "
	tests := []struct{ name, program, remark, rule string }{
		{"data of allow", head + "ret #0x7fff0001",
			"x86_64: read(0, 0, 0) gets 0x7fff0001, which the kernel takes as allow",
			"default allow"},
		{"no action", head + "ret #0x12340000", "which the kernel takes as kill", "default kill"},
		{"errno", head + "ret #0x00051fff",
			"which the kernel takes as deny(4095)", "default deny(4095)"},
		{"half of all numbers",
			head + "ld nr\n jset #0x00100000, a, b\na: ret errno(1)\nb: ret allow",
			"numbers that no table holds always get deny(EPERM) here", "default deny(EPERM)"},
		{"a quarter of all numbers", head + "ld nr\n jge #0x80000000, c, b\n" +
			"c: jgt #0xbfffffff, b, a\na: ret #0x50002\nb: ret #0x50001",
			"x32: 0x80000000..0xbfffffff always get deny(EPERM)", "default deny(EPERM)"},
		{"no register", "ld arch\n jeq #0x40000003, here, other\nother: ret kill_process\n" +
			"here: ld nr\n jeq #5, c, b\nc: ld [20]\n jeq #1, a, b\na: ret errno(1)\nb: ret allow",
			"i386: open(0x100000000, O_RDONLY, 0): the filter looks at the upper 32 bits",
			"default allow"},
	}
	for _, test := range tests {
		p, err := asm.Parse(test.program)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		back, err := Decompile(binary.LittleEndian, Reading{Resolve: readBack}, p)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		remarks := strings.Join(back.Remarks(), "\n")
		if !strings.Contains(remarks, test.remark) ||
			!strings.Contains(string(back.Text), test.rule) {
			t.Errorf("%s: %q, want %q, and %q in\n%s", test.name, remarks, test.remark, test.rule,
				back.Text)
		}
	}
}

// Values and masked values of one argument together.
func TestDecompileMasksAndValues(t *testing.T) {
	r := compile(t, "arch x86_64\ndefault allow\n"+
		"deny futex if op == 393 || op & 0x7f == FUTEX_WAKE_OP || op & 0xff == 3\n")
	got, err := decompile(r.Program, r.Order, readBack)
	if err != nil || !strings.Contains(string(got), "op & 0x7f == FUTEX_WAKE_OP") {
		t.Errorf("%v\n%s", err, got)
	}
}

// Arguments whose width another one says, compared as 64 bits: beside a test of that one the name
// alone would mean 32.
func TestDecompileDependentWidths(t *testing.T) {
	for _, rule := range []string{
		"deny prctl if u64(option) == PR_SET_VMA && u64(arg1) in {0x100000000..0xffffffff7fffffff}",
		"deny fcntl if u64(cmd) == F_SETFL && u64(arg) only O_APPEND | O_NONBLOCK",
		"deny ioctl if cmd == TCGETS && u64(arg) == 0x100000000 || cmd == FIONREAD",
		"deny kcmp if type == KCMP_FILE && u64(idx1) > 0xffffffff",
	} {
		r := compile(t, "arch x86_64\ndefault allow\n"+rule+"\n")
		if _, err := decompile(r.Program, r.Order, readBack); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

// A filter that does not look at arch, read for one ABI.
func TestDecompileForOneABI(t *testing.T) {
	p, err := asm.Parse("ld nr\n jeq #101, a, b\na: ret errno(1)\nb: ret allow")
	if err != nil {
		t.Fatal(err)
	}
	x86, _ := linux.Lookup("x86_64")
	back, err := Decompile(binary.LittleEndian,
		Reading{Resolve: readBack, ABIs: []*linux.ABI{x86}}, p)
	if err != nil || !strings.Contains(string(back.Text), "deny(EPERM) ptrace\n") ||
		!strings.Contains(string(back.Text),
			"every call of x86_64; nothing was read for other ABIs") {
		t.Errorf("%v\n%v", err, back)
	}
}

// A filter that is as long as the kernel takes, with a rule of its own for each of 800 numbers, and
// one whose answers fill no table.
func TestDecompileIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	var text strings.Builder
	text.WriteString("ld arch\n jeq #0xc000003e, here, other\n" +
		"other: ret kill_process\nhere: ld nr\n")
	for i := range 800 {
		fmt.Fprintf(&text, "jeq #%d, h%d, n%d\nh%d: ld [%d]\n jeq #%d, y%d, z%d\n"+
			"y%d: ret errno(%d)\nz%d: ret allow\nn%d: ",
			600+2*i, i, i, i, 16+8*(i%6), i*77+1, i, i, i, i%100, i, i)
	}
	text.WriteString("ret allow")
	long, err := asm.Parse(text.String())
	if err != nil {
		t.Fatal(err)
	}
	got, err := decompile(long, binary.LittleEndian, readBack)
	if err != nil || strings.Count(string(got), " if ") != 800 {
		t.Errorf("%d instructions: %v\n%.500s", len(long), err, got)
	}
	hash, err := asm.Parse("ld arch\n jeq #0xc000003e, here, other\nother: ret kill_process\n" +
		"here: ld nr\n tax\n rsh #3\n xor x\n or #0x7ff00000\n ret a")
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decompile(binary.LittleEndian, Reading{Resolve: readBack}, hash)
	if err != nil || len(back.NotKnown) != 2 ||
		!strings.HasPrefix(back.NotKnown[0], "x86_64: every call gets kill here; it is not known") {
		t.Errorf("a hash: %+v, %v", back, err)
	}
	e, err := Explain(hash, binary.LittleEndian, nil)
	if err != nil || !strings.HasPrefix(e.String(), "x86_64, x32: any action (not known which: ") {
		t.Errorf("a hash: %v, %v", e, err)
	}
}

// Filters with a part that is too complex to follow, or that divide the numbers into too many
// parts: the rest is told, and the policy gives such calls the strictest action that it may be.
func TestPartlyKnown(t *testing.T) {
	if testing.Short() {
		t.Skip("what is too complex takes seconds")
	}
	t.Parallel()
	const x86 = "ld arch\n jeq #0xc000003e, here, other\nother: ret kill_process\nhere: "
	const socket = "ld nr\n jeq #59, no, next\nnext: jeq #41, it, yes\nit: "
	const ends = "no: ret errno(1)\nyes: ret allow"
	for _, c := range []struct{ text, explained, policy string }{
		{socket + "ld [16]\n tax\n ld [24]\n add x\n jeq #6, no, yes\n" + ends,
			"allow or deny(EPERM) socket (not known which: instruction 9 is too complex to follow)",
			"deny(EPERM) socket, execve"},
		{socket + "ld [24]\n tax\n ld [16]\n jeq x, no, yes\n" + ends,
			"allow or deny(EPERM) socket (not known which: ", "deny(EPERM) socket, execve"},
		// A product that only some of the calls come to, and a sum that is known all the same.
		{socket + "ld [32]\n jeq #3, mul, yes\nmul: tax\n ld [16]\n mul x\n jeq #77, no, yes\n" +
			ends, "deny(EPERM) execve", "deny(EPERM) socket if protocol == 3"},
		{socket + "ld [16]\n add #3\n mul #3\n sub #6\n rsh #1\n jeq #4, no, yes\n" + ends,
			"deny(EPERM) socket if family in {AF_INET, 0x55555557}",
			"deny(EPERM) socket if family in {AF_INET, 0x55555557}"},
		{socket +
			"ld [16]\n st M[3]\n ldx #7\n ld M[3]\n xor x\n neg\n lsh #4\n jeq #0x70, no, yes\n" +
			ends, "deny(EPERM) socket if family & 0xfffffff == ", "deny(EPERM) socket if"},
		{"ld nr\n and #1\n jeq #1, no, yes\n" + ends,
			"(not known which: how the filter divides these numbers is too",
			"allow read, "},
	} {
		p, err := asm.Parse(x86 + c.text)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Explain(p, binary.LittleEndian, nil)
		if err != nil || !strings.Contains(strings.Join(strings.Fields(e.String()), " "),
			c.explained) {
			t.Errorf("%s\n%v\n%v", c.text, err, e)
		}
		back, err := Decompile(binary.LittleEndian, Reading{Resolve: readBack}, p)
		if err != nil || !strings.Contains(string(back.Text), c.policy) {
			t.Errorf("%s\n%v\n%+v", c.text, err, back)
			continue
		}
		stricterOrEqual(t, p, back.Text)
	}
}

// stricterOrEqual demands that a policy answers no call more laxly than a program does.
func stricterOrEqual(t *testing.T, p asm.Program, text []byte) {
	t.Helper()
	again, err := readBack(text)
	if err != nil {
		t.Fatal(err)
	}
	for nr := range uint32(500) {
		for i := range uint64(64) {
			d := policy.Data{Nr: nr, Arch: 0xc000003e,
				Args: [6]uint64{i % 8, i / 8, i % 5, i % 3, 0, 0}}
			res, err := p.Run(asm.Data(d), binary.LittleEndian)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := policy.Action(res.Ret), again.Eval(d); b.Strictness() > a.Strictness() {
				t.Fatalf("%+v gets %v, and %v by\n%s", d, a, b, text)
			}
		}
	}
}

func TestDecompileBelievesNobody(t *testing.T) {
	t.Parallel()
	r := compile(t, "arch x86_64\ndefault allow\ndeny ptrace\n")
	other := compile(t, "arch x86_64\ndefault allow\ndeny bpf\n")
	_, err := decompile(r.Program, r.Order,
		func([]byte) (*policy.Policy, error) { return other.Policy, nil })
	if err == nil || !strings.Contains(err.Error(), "x86_64: ptrace(") {
		t.Errorf("a resolver that errs: %v", err)
	}
	broken := errors.New("broken")
	if _, err := decompile(r.Program, r.Order,
		func([]byte) (*policy.Policy, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("a resolver that fails: %v", err)
	}
}

// TestDecompileRanges: numbers without a name are told as ranges, thousands of them too.
func TestDecompileRanges(t *testing.T) {
	r := compile(t, "arch x86_64, aarch64\ndefault allow\n"+
		"kill 1000..30000\nwhen arch == x86_64 {\n    deny 600..700, 702..703\n}\n")
	got, err := decompile(r.Program, r.Order, readBack)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kill 1000..30000\n", "deny(EPERM) 600..700, 702..703\n"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// TestHead: the first lines of a policy that was read back claim no more than is proved.
func TestHead(t *testing.T) {
	const arch = "ld arch\njeq #0xc000003e, here, other\nother: ret kill_process\nhere: ld nr\n"
	const data = "jeq #0, odd, rest\nodd: ret #0x7fff0001\nrest: "
	const hash = "tax\n rsh #3\n xor x\n or #0x7ff00000\n ret a"
	x86 := []*linux.ABI{abi(t, "x86_64")}
	for _, c := range []struct {
		code string
		only []*linux.ABI
		want string // up to the remark, or to the end
	}{
		{"ret allow", nil, "instructions, and proved equal to it for every call."},
		{data + "ret allow", nil, "and proved equal to what the kernel makes of it for every " +
			"call: x86_64: read(0, 0, 0) gets 0x7fff0001, which the kernel takes as allow"},
		{hash, nil, "and proved equal to it for all calls but these: x86_64: every call gets"},
		{data + hash, nil, "and proved equal to what the kernel makes of it for all calls but " +
			"these: x86_64: "},
		{data + hash, nil, "Left out, as the kernel does not look at it: x86_64: read(0, 0, 0)"},
		{"ret allow", x86, "equal to it for every call of x86_64; nothing was read for other ABIs"},
		{hash, x86, "equal to it for all calls of x86_64 but these; nothing was read for other " +
			"ABIs: x86_64: every call"},
	} {
		program, err := asm.Parse(arch + c.code)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decompile(binary.LittleEndian, Reading{Resolve: readBack, ABIs: c.only},
			program)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(back.Text), "\n\n")
		if got := strings.ReplaceAll(head, "\n# ", " "); !strings.Contains(got, c.want) {
			t.Errorf("%s: the head is %s, want %q", c.code, got, c.want)
		}
	}
}
