package record

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

var update = flag.Bool("update", false, "rewrite testdata")

// logged is the record of a log.
func logged(t *testing.T, text string) *Record {
	t.Helper()
	var r Record
	if err := r.ReadLog(strings.NewReader(text), everything); err != nil {
		t.Fatal(err)
	}
	return &r
}

func everything(policy.Data) bool { return true }

// What becomes of a log, as a whole.
func TestPolicy(t *testing.T) {
	if native, _ := linux.Native(); native.Name != "x86_64" {
		t.Skip("the log is of x86_64")
	}
	log, err := os.ReadFile("testdata/strace.log")
	if err != nil {
		t.Fatal(err)
	}
	got, err := logged(t, string(log)).Policy(Options{Origin: "a\nlog", Unseen: []string{"write"}})
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/strace.scp"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
	mustCompile(t, got)
	mustCompile(t, []byte(strings.NewReplacer("# allow", "allow", "# deny",
		"deny").Replace(string(got))))
}

// toldOf are the findings that a policy of random calls may have: they are for its reader.
var toldOf = map[string]string{
	codes.Bypass:  "io_uring_setup was seen, or fork, and does what a rule for another call denies",
	codes.ABIDoor: "a program of another ABI has called more",
}

func mustCompile(t *testing.T, text []byte) *compiler.Result {
	t.Helper()
	res, diags := compiler.Compile("recorded.scp", text, compiler.Options{})
	for _, d := range diags {
		if _, told := toldOf[d.Code]; res == nil || !told {
			t.Errorf("%s: %v", d.Code, d)
		}
	}
	return res
}

// Random calls of random ABIs: each is allowed by the policy that is made of them, but for what is
// on purpose refused, and the policy compiles without a finding, with twins and without.
func TestPolicyAllowsWhatWasSeen(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	little := []string{"x86_64", "i386", "aarch64", "arm", "riscv64"}
	for range short.Rounds(15) {
		var r Record
		var made []policy.Data
		for _, name := range little[:1+rnd.IntN(len(little))] {
			abi, _ := linux.Lookup(name)
			calls := abi.Syscalls()
			for range rnd.IntN(80) {
				c := calls[rnd.IntN(len(calls))]
				if rnd.IntN(2) == 0 {
					c.Name = shapedNames[rnd.IntN(len(shapedNames))]
					nr, ok := abi.Number(c.Name)
					if !ok {
						continue
					}
					c.Nr = nr
				}
				d := policy.Data{Arch: abi.Arch, Nr: c.Nr}
				for i := range d.Args {
					d.Args[i] = rnd.Uint64N(1<<32) >> rnd.IntN(32)
				}
				r.Add(d, "x")
				if c.Name != "clone3" {
					made = append(made, d)
				}
			}
		}
		if len(made) == 0 {
			continue
		}
		for _, twins := range []bool{false, true} {
			text, err := r.Policy(Options{Twins: twins})
			if err != nil {
				t.Fatal(err)
			}
			res := mustCompile(t, text)
			for _, d := range made {
				if a := res.Policy.Eval(d); a != policy.Allow {
					t.Fatalf("%s gets %v under\n%s", Of(d), a, text)
				}
			}
		}
	}
}

var shapedNames = func() (names []string) {
	for name := range shapes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// What the policy does not allow though something like it was seen.
func TestPolicyKeepsShut(t *testing.T) {
	t.Parallel()
	var r Record
	x86, _ := linux.Lookup("x86_64")
	add := func(name string, args ...uint64) policy.Data {
		nr, _ := x86.Number(name)
		d := policy.Data{Arch: x86.Arch, Nr: nr}
		copy(d.Args[:], args)
		return d
	}
	for _, d := range []policy.Data{
		add("openat", 3, 1<<20, 0o2000000), add("mmap", 0, 4096, 3), add("mmap", 0, 4096, 5),
		add("mprotect", 0, 4096, 1),
		add("ioctl", 1, 0x5401), add("socket", 2, 0o2000001), add("clone", 0x1200011),
		add("setsockopt", 1, 1, 2),
		add("setsockopt", 1, 6, 1),
	} {
		r.Add(d, "")
	}
	text, err := r.Policy(Options{})
	if err != nil {
		t.Fatal(err)
	}
	res := mustCompile(t, text)
	for _, d := range []policy.Data{
		add("openat", 3, 1<<20, 1), add("openat", 3, 1<<20, 0o100), add("openat", 3, 1<<20, 0o1000),
		add("mmap", 0, 4096, 7), add("mmap", 0, 4096, 6), add("mprotect", 0, 4096, 6),
		add("ioctl", 1, 0x5412), add("socket", 1, 1), add("socket", 2, 3), add("socket", 10, 1),
		add("clone", 0x10000011), add("clone", 0x20000), add("setsockopt", 1, 1, 1),
		add("setsockopt", 1, 6, 2),
		add("mount"), {Arch: x86.Arch, Nr: 5000},
	} {
		if a := res.Policy.Eval(d); a.Kind() != policy.Errno {
			t.Errorf("%s gets %v under\n%s", Of(d), a, text)
		}
	}
}

// A call with many values is allowed with any, and the policy says so; what nobody can name is told
// of.
func TestPolicyOfMuch(t *testing.T) {
	t.Parallel()
	var r Record
	for i := range uint64(maxValues + 1) {
		r.Add(policy.Data{Arch: 0xc000003e, Nr: 16, Args: [6]uint64{1, 0x5401 + i}}, "x")
	}
	r.Add(policy.Data{Arch: 0xc000003e, Nr: 5000}, "ev\nil")
	r.Add(policy.Data{Arch: 0x1234, Nr: 7}, "")
	text, err := r.Policy(Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCompile(t, text)
	for _, want := range []string{"allow ioctl ",
		"# 65 ×, first by x; any arguments: more than 64 different values",
		`# x86_64: number 5000, once, by ev?il`,
		"an ABI that the tables do not hold: number 7, once"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if _, err := new(Record).Policy(Options{}); err == nil {
		t.Error("nothing recorded: no error")
	}
}

func TestReadLogRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "hello\nfoo(1) = 2\n", "type=SECCOMP arch=zz syscall=1\n",
		"syscall=1 arch=\n",
		"read", "(", "open(\"", "\x00\xff"} {
		var r Record
		if err := r.ReadLog(strings.NewReader(text), everything); err == nil && r.Calls == 0 {
			t.Errorf("%q: no error and no call", text)
		}
	}
}

// The calls of a container runtime are one rule, where all of them were made that can be seen.
func TestContainerSet(t *testing.T) {
	x86, _ := linux.Lookup("x86_64")
	members, _ := x86.Set("@runc-init")
	var r Record
	for _, name := range append(members, "mkdir") {
		nr, _ := x86.Number(name)
		if !slices.Contains(UnseenByOCI, name) {
			r.Add(policy.Data{Arch: x86.Arch, Nr: nr}, "runc:[2:INIT]")
		}
	}
	const rule = "\nallow @runc-init  # "
	for _, tt := range []struct {
		container, has bool
	}{{true, true}, {false, false}} {
		text, err := r.Policy(Options{Container: tt.container, Unseen: UnseenByOCI})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), rule) != tt.has ||
			strings.Contains(string(text), "\nallow capset") == tt.has ||
			strings.Contains(string(text), "\nallow write") == tt.has ||
			!strings.Contains(string(text), "\nallow mkdir") {
			t.Errorf("of a container: %v\n%s", tt.container, text)
		}
	}
}

// What is allowed by its name is so by socketcall and ipc too, and no rule says it twice.
func TestDoors(t *testing.T) {
	i386, _ := linux.Lookup("i386")
	calls := 0
	for _, c := range i386.Syscalls() {
		mux, number, ok := i386.Multiplexed(c.Name)
		if !ok {
			continue
		}
		calls++
		at, _ := i386.Number(mux)
		by := policy.Data{Arch: i386.Arch, Nr: at, Args: [6]uint64{uint64(number)}}
		own := policy.Data{Arch: i386.Arch, Nr: c.Nr}
		var r Record
		r.Add(own, "x")
		r.Add(by, "x")
		text, err := r.Policy(Options{})
		if err != nil {
			t.Fatal(err)
		}
		res := mustCompile(t, text)
		for _, d := range []policy.Data{by, own} {
			if a := res.Policy.Eval(d); a != policy.Allow {
				t.Errorf("%s gets %v under\n%s", Of(d), a, text)
			}
		}
	}
	if calls < 25 {
		t.Errorf("only %d calls", calls)
	}
}
