package compiler

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

// compile compiles a policy for x86_64 and fails the test if it cannot.
func compile(t *testing.T, text string, opts Options) *Result {
	t.Helper()
	if opts.ABIs == nil && !strings.Contains(text, "arch ") {
		opts.ABIs = []string{"x86_64"}
	}
	r, diags := Compile("test.scp", []byte(text), opts)
	if r == nil {
		t.Fatalf("%v", diags)
	}
	return r
}

func run(t *testing.T, r *Result, d asm.Data) policy.Action {
	t.Helper()
	got, err := r.Program.Run(d, r.Order)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Action(got.Ret)
}

const x86_64 = 0xc000003e

func TestCompileIsDeterministic(t *testing.T) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	for _, file := range short.Some(files) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var first []byte
		for range 4 {
			r, diags := Compile(file, src, Options{})
			if r == nil {
				t.Fatal(diags)
			}
			code := r.Program.Encode(r.Order)
			if first == nil {
				first = code
			}
			if !bytes.Equal(first, code) {
				t.Fatalf("%s: the bytes differ from run to run", file)
			}
		}
	}
}

func TestHeadLeavesOtherABIsToMismatch(t *testing.T) {
	r := compile(t, "arch x86_64\ndefault allow\nmismatch deny(ENOSYS)\ndeny 0xffffffff\n",
		Options{})
	for _, c := range []struct {
		arch, nr uint32
		want     policy.Action
	}{
		{x86_64, 0, policy.Allow},
		{x86_64, 0x3fffffff, policy.Allow},
		{x86_64, 0x40000000, policy.Errno | 38},
		{x86_64, 0x40000001, policy.Errno | 38},
		{x86_64, 0xfffffffe, policy.Errno | 38},
		{x86_64, 0xffffffff, policy.Errno | 1},
		{0x40000003, 0, policy.Errno | 38},
		{0, 0, policy.Errno | 38},
	} {
		if got := run(t, r, asm.Data{Arch: c.arch, Nr: c.nr}); got != c.want {
			t.Errorf("arch %#x, nr %#x: %v, want %v", c.arch, c.nr, got, c.want)
		}
	}
}

// TestValuesMerge holds conditions that mean the same against each other: one set of values, one
// program.
func TestValuesMerge(t *testing.T) {
	same := [][]string{
		{"op != 38 && op != 40", "!(op in {38, 40})", "op not in {40, 38}",
			"op < 38 || op > 40 || op == 39", "op not in {38..40} || op == 39"},
		{"op & 8", "op any 8", "op & 8 == 8", "op & 8 != 0", "op all 8"},
		{"op only 7", "op & 0xfffffff8 == 0", "!(op any 0xfffffff8)", "op in {0..7}"},
	}
	for _, group := range same {
		var first asm.Program
		for _, cond := range group {
			r := compile(t, "default deny\nallow futex if "+strings.ReplaceAll(cond, "op",
				"u32(op)")+"\n",
				Options{})
			if first == nil {
				first = r.Program
			}
			if r.Program.String() != first.String() {
				t.Errorf("%q and %q make different programs:\n%v\n%v", group[0], cond, first,
					r.Program)
			}
		}
	}
}

func TestSmallPrograms(t *testing.T) {
	for _, c := range []struct {
		text string
		most int // instructions
	}{
		{"default allow\nmismatch allow\n", 1},
		{"default allow\n", 8},
		{"default allow\nmismatch allow\ndeny ptrace\n", 6},
		// One JSET for the four values.
		{"default deny\nmismatch deny\n" +
			"allow personality if u32(arg0) in {0, 8, 0x20000, 0x20008}\n", 8},
		// Equal tails of two calls are one.
		{"default allow\nmismatch allow\n" +
			"deny unshare if arg0 & CLONE_NEWUSER\ndeny clone if flags & CLONE_NEWUSER\n", 9},
	} {
		if r := compile(t, c.text, Options{}); len(r.Program) > c.most {
			t.Errorf("%q: %d instructions, want at most %d\n%v", c.text, len(r.Program), c.most,
				r.Program)
		}
	}
}

func TestLongJumps(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var s strings.Builder
	s.WriteString("default allow\n")
	for i := range 300 {
		fmt.Fprintf(&s, "deny(%d) %d if arg%d & %d == %d && arg%d > %d\n", 1+i%60, 2*i, i%6,
			1<<(i%30)|64,
			64, (i+1)%6, i)
	}
	r := compile(t, s.String(), Options{})
	if len(r.Program) < 1000 {
		t.Fatalf("%d instructions are too few to need long jumps", len(r.Program))
	}
	for _, off := range codegen.Passes() {
		compile(t, s.String(), Options{Disable: []string{off}}) // and is proved
	}
}

func TestTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var s strings.Builder
	s.WriteString("default allow\ndeny ioctl if cmd in {\n")
	for i := range 5000 {
		fmt.Fprintf(&s, "%d,\n", i*i*7+i%3)
	}
	s.WriteString("1}\ndeny ptrace\n")
	r, diags := Compile("long.scp", []byte(s.String()), Options{ABIs: []string{"x86_64"}})
	if r != nil || len(diags) == 0 || diags[0].Code != "too-long" {
		t.Fatalf("%v", diags)
	}
	if len(diags[0].Notes) == 0 || !strings.Contains(diags[0].Notes[0].Text, "deny ioctl") {
		t.Errorf("the costliest rule is not named: %v", diags[0].Notes)
	}
}

// beyondProver is a condition on epoll_wait that is too much for the prover, which asks for all
// bits of one argument first.
func beyondProver() string {
	var parts []string
	for i := range 31 {
		parts = append(parts, fmt.Sprintf("(epfd & %d || timeout & %d)", 1<<i, 1<<i))
	}
	return strings.Join(parts, " && ")
}

// TestTooLongAndLints: the rules before one that is too much for the prover are judged all the
// same, but not one of which another part comes behind it; that one says that the others are not.
func TestTooLongAndLints(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var long []string
	for i := range 5000 {
		long = append(long, fmt.Sprint(i*i*7+i%3))
	}
	text := "arch x86_64, aarch64\ndefault allow\n" +
		"deny write if fd == 1 && fd == 2\n" +
		"deny close\nkill close\nkill openat\n" +
		"deny ioctl if cmd in {" + strings.Join(long, ", ") + "}\n" +
		"deny alarm\ndeny epoll_wait if " + beyondProver() + "\n" + // as open, not on aarch64
		"deny open, openat\n"
	_, diags := Compile("long.scp", []byte(text), Options{})
	var got []string
	for _, d := range diags {
		if d.Code != codes.Bypass {
			got = append(got, fmt.Sprintf("%d: %s", d.Span.Pos().Line, d.Code))
		}
	}
	want := []string{"1: too-long", "3: constant-condition", "5: unreachable-rule",
		"9: unreachable-rule"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestManyValues: a set of scattered values takes little more than an instruction a value, one in
// which few bits tell them apart next to nothing.
func TestManyValues(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	tests := []struct {
		name  string
		value func(i int) int
		most  int // instructions
	}{
		{"scattered", func(i int) int { return i*i*7 + i%3 }, 3600},
		{"regular", func(i int) int { return i/3*8 + i%3 }, 200},
	}
	for _, test := range tests {
		var s strings.Builder
		s.WriteString("default allow\n")
		for i := range 3000 {
			fmt.Fprintf(&s, "deny ioctl if cmd == %d\n", test.value(i))
		}
		r := compile(t, s.String(), Options{ABIs: []string{"x86_64"}}) // and is proved
		if len(r.Program) > test.most {
			t.Errorf("%s: %d instructions, at most %d are wanted", test.name, len(r.Program),
				test.most)
		}
	}
}

// TestForcedBit: where one bit of the number is enough for one answer, it is looked at first.
func TestForcedBit(t *testing.T) {
	var even []string
	for nr := 0; nr < 400; nr += 2 {
		even = append(even, fmt.Sprint(nr))
	}
	src := "arch x86_64\ndefault kill\nallow " + strings.Join(even, ", ")
	odd := asm.Data{Arch: 0xc000003e, Nr: 51}
	got, err := compile(t, src, Options{}).Program.Run(odd, binary.LittleEndian)
	if err != nil || got.Steps != 5 { // ld arch, jeq, ld nr, jset, ret
		t.Errorf("%d instructions, %v", got.Steps, err)
	}
}

// TestLengthsOfNumbers: a test of several bits of the number leaves few values to tell apart, also
// where the numbers of x32 are answered otherwise.
func TestLengthsOfNumbers(t *testing.T) {
	for numbers, most := range map[string][2]int{
		"136, 140, 144, 148": {8, 11},
		"8, 12, 24, 28":      {7, 10},
		"16, 48, 80, 112":    {7, 10},
		"33, 37, 41, 45":     {8, 11},
	} {
		for i, otherwise := range []string{"kill", "deny"} {
			r := compile(t, "arch x86_64\ndefault "+otherwise+"\nallow "+numbers+"\n", Options{})
			if s := r.Stats().ABIs[0]; len(r.Program) > most[i] || s.Spans <= 10 && !s.Cheapest {
				t.Errorf("%s, else %s: %d instructions, at most %d are wanted\n%v", numbers,
					otherwise, len(r.Program), most[i], r.Program)
			}
		}
	}
}

// TestLengths holds the lengths of filters for rules with many masks and sets, of one word and of
// several.
func TestLengths(t *testing.T) {
	tests := []struct {
		rules string
		most  int // instructions
	}{
		{`deny openat if flags & O_ACCMODE != O_RDONLY && flags & O_CREAT && mode & 0o7000 != 0 ||
			flags & 0o20200000 == 0o20200000 && mode & 0o22 != 0 ||
			dirfd != AT_FDCWD && flags & O_NOFOLLOW`, 28},
		{"deny ioctl if cmd & 0xff00 in {0x4500, 0x4600, 0x5400, 0x8900, 0xae00}", 16},
		{"deny prctl if option & 0x14810460 in {0x4000060, 0x4810000, 0x10020}", 15},
		{"deny ioctl if cmd & 0xffff in {0x5421} || cmd in {0xae1a, 0xae1d, 0x541a}", 15},
		{"deny ioctl if cmd in {0x5400, 0xae2a, 0xae06, 0xae08} || cmd & 0xff00 == 0x5400", 17},
		{"log futex if op in {393}\ndeny(ENOSYS) futex if op only 0x1ff && op & 0x7f in {1, 9, 10}",
			17},
		{"deny prctl if arg1 == 0 || option in {PR_GET_NAME}\nlog prctl if option in {16, 39}", 17},
		{"deny ioctl if arg2 & 0x00ff00ff00ff00ff in {0x1000200030004, 0x5000600070008}", 23},
		{"deny read if !(u32(ip) & 0xff00ff == 0xc0006 || i64(ip) only 0xaaaaaaaaaaaaaaaa ||\n" +
			"i32(arg0) in {-32768..-1, 5, 7})", 20},
		{`kill madvise if behavior != 8
deny madvise if len_in & 130 == 128 || behavior all 16531
log madvise if behavior in {0..4096} &&
	(start < 13 || len_in in {2, 10, 12, 13, 0x3a39, 0x338ca7dd}) && len_in != 1
deny(38) madvise if len_in any 37
deny madvise if start & 8192 == 0 || len_in all 2`, 50},
	}
	for _, test := range tests {
		r := compile(t, "default allow\n"+test.rules, Options{})
		if len(r.Program) > test.most {
			t.Errorf("%s: %d instructions, at most %d are wanted", test.rules, len(r.Program),
				test.most)
		}
	}
}

// TestManyCases compiles conditions on pairs of bits, whose diagrams double with every pair: beyond
// some number they are tested one after the other, and beyond another they cannot be proved.
func TestManyCases(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, pairs := range []int{4, 12, 31} {
		var terms []string
		for i := range pairs {
			terms = append(terms, fmt.Sprintf("arg0 & %d && arg2 & %d", uint64(1)<<i, uint64(1)<<i))
		}
		text := "default allow\nlog read\ndeny bpf if " + strings.Join(terms, " ||\n") + "\n"
		r, diags := Compile("pairs.scp", []byte(text), Options{ABIs: []string{"i386"}})
		switch {
		case r != nil && len(r.Program) > 16+5*pairs:
			t.Errorf("%d pairs: %d instructions", pairs, len(r.Program))
		case r == nil && (diags[0].Code != "too-large" || diags[0].Span.Pos().Line != 3):
			t.Errorf("%d pairs: %v", pairs, diags)
		case (r != nil) != (pairs < 31):
			t.Errorf("%d pairs: compiled is %v", pairs, r != nil)
		}
	}
}

func TestProveRefusesWrongPrograms(t *testing.T) {
	r := compile(t, "default allow\ndeny ptrace\n", Options{})
	wrong := append(asm.Program(nil), r.Program...)
	for i := range wrong {
		if wrong[i].Op == asm.RetK && policy.Action(wrong[i].K) == policy.Errno|1 {
			wrong[i].K = uint32(policy.Allow)
		}
	}
	diags := prove(r.Resolved, r.Sources[0].Start(), wrong)
	if len(diags) != 1 || diags[0].Code != "not-proved" {
		t.Fatalf("%v", diags)
	}
	for _, part := range []string{"nr 101", "deny(1)", "gets allow", "deny ptrace"} {
		if !strings.Contains(diags[0].Message, part) {
			t.Errorf("%q is not in %q", part, diags[0].Message)
		}
	}
}

func TestUncached(t *testing.T) {
	r := compile(t, "default deny\nallow read\n", Options{})
	if nr, _, found := uncached(r.Policy, r.Program); found {
		t.Errorf("call %d is not in the cache", nr)
	}
	slow := asm.Program{{Op: asm.LdAbs, K: asm.OffIP}, {Op: asm.RetK, K: uint32(policy.Allow)}}
	if nr, abi, found := uncached(r.Policy, slow); !found || nr != 0 || abi != "x86_64" {
		t.Errorf("a program that the cache cannot hold passes: %d %s %v", nr, abi, found)
	}
}

func TestDisable(t *testing.T) {
	_, diags := Compile("test.scp", []byte("default allow\n"),
		Options{ABIs: []string{"x86_64"}, Disable: []string{"nothing"}})
	if !diags.HasErrors() || !strings.Contains(diags[0].Message, "search-tree") {
		t.Errorf("%v", diags)
	}
}

// TestOneFrequentCall: a call that is made more often than all others together by any factor leaves
// no other with a long path.
func TestOneFrequentCall(t *testing.T) {
	var s strings.Builder
	s.WriteString("default deny\nallow read")
	for i := range 300 {
		fmt.Fprintf(&s, ", %d", 1000+i*i%4001)
	}
	r := compile(t, s.String(), Options{Profile: Profile{"write": 1 << 62}})
	if worst := r.Stats().Worst; worst > 24 {
		t.Errorf("%d instructions are executed", worst)
	}
}

// TestEqualLists: ABIs with the same numbers share their tree, although other calls weigh
// differently.
func TestEqualLists(t *testing.T) {
	r := compile(t, "arch s390, ppc64\ndefault trap(7)\nallow 1, 9, 17, 25\n", Options{})
	if len(r.Program) > 12 {
		t.Errorf("%d instructions:\n%s", len(r.Program), r.Program)
	}
}
