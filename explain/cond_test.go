package explain

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

func abi(t testing.TB, name string) *linux.ABI {
	t.Helper()
	a, ok := linux.Lookup(name)
	if !ok {
		t.Fatalf("no ABI %s", name)
	}
	return a
}

// number32 returns the number of a system call.
func number32(t testing.TB, a *linux.ABI, name string) uint32 {
	t.Helper()
	nr, ok := a.Number(name)
	if !ok {
		t.Fatalf("%s has no %s", a.Name, name)
	}
	return nr
}

// sayer is a condition about one call.
type sayer struct {
	nr   uint32
	cond policy.Cond
}

// mustReadBack writes the conditions, has the compiler read them, and demands the same conditions.
func mustReadBack(t *testing.T, a *linux.ABI, said []sayer) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "arch %s\ndefault allow\n", a.Name)
	for _, s := range said {
		fmt.Fprintf(&text, "deny %s if %s\n", about(a, s.nr).name(), Cond(s.cond, a, s.nr))
	}
	r, diags := resolve.Text("said.scp", []byte(text.String()), resolve.Options{})
	if diags.HasErrors() {
		for _, d := range diags {
			if d.Severity.String() == "error" {
				t.Errorf("%s: %v: %s", a.Name, d,
					strings.Split(text.String(), "\n")[d.Span.Pos().Line-1])
			}
		}
		return
	}
	space := proof.New()
	n := 0
	for _, rule := range r.Policy.ABIs[0].Rules {
		s := said[rule.Source]
		if !slices.Equal(rule.Numbers, []uint32{s.nr}) && slices.Equal(rule.Numbers, ipc(a)) {
			continue // the other door of a call
		}
		n++
		if !slices.Equal(rule.Numbers, []uint32{s.nr}) || !same(t, space, rule.Cond, s.cond) {
			t.Errorf("%s: %s becomes %+v, not %+v", a.Name, r.Rules[rule.Source].Text, rule, s.cond)
		}
	}
	if n != len(said) {
		t.Errorf("%s: %d rules for %d conditions", a.Name, n, len(said))
	}
}

// ipc returns the number of an ABI's multiplexer, if there is one.
func ipc(a *linux.ABI) []uint32 {
	if nr, ok := a.Number("ipc"); ok {
		return []uint32{nr}
	}
	return nil
}

// same reports whether two conditions hold for the same calls, by proof.
func same(t *testing.T, s *proof.Space, a, b policy.Cond) bool {
	t.Helper()
	if reflect.DeepEqual(a, b) {
		return true
	}
	differ := policy.Or{policy.And{a, policy.Not{X: b}}, policy.And{policy.Not{X: a}, b}}
	value, constant, err := s.Constant(differ)
	if err != nil {
		t.Fatal(err)
	}
	return constant && !value
}

func TestCondReadsBackForEveryArgument(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	for _, a := range linux.ABIs() {
		var said []sayer
		for _, c := range a.Syscalls() {
			args, ok := a.Prototype(c.Name)
			if !ok {
				args = make([]linux.Arg, 6)
			}
			for i, arg := range args {
				width := min(arg.Width, a.Bits)
				if width == 0 {
					width = a.Bits
				}
				said = append(said, sayer{c.Nr, oneOf(i, width, 7)},
					sayer{c.Nr, oneOf(i, 32, 1<<31)})
			}
		}
		mustReadBack(t, a, said)
	}
}

func oneOf(arg, width int, values ...uint64) policy.Test {
	t := policy.Test{Operand: policy.Operand{Arg: arg, Width: width}, Mask: policy.Ones(width)}
	for _, v := range values {
		t.Set = append(t.Set, policy.Range{Lo: v, Hi: v})
	}
	return t
}

func TestCondReadsBackWhateverItSays(t *testing.T) {
	t.Parallel()
	calls := []string{"socket", "clone", "mmap", "openat", "lseek", "kill", "ioctl", "prctl",
		"chmod", "read", "bpf"}
	for _, name := range []string{"x86_64", "s390x", "mips64"} {
		a := abi(t, name)
		r := rand.New(rand.NewPCG(1, uint64(a.Arch)))
		var said []sayer
		for len(said) < short.Rounds(400) {
			s := sayer{number32(t, a, calls[r.IntN(len(calls))]), randomCond(r, 2)}
			if _, constant, err := proof.New().Constant(s.cond); err != nil || constant {
				continue // the compiler refuses these
			}
			said = append(said, s)
		}
		mustReadBack(t, a, said)
	}
}

func randomCond(r *rand.Rand, depth int) policy.Cond {
	if depth > 0 && r.IntN(2) == 0 {
		parts := []policy.Cond{randomCond(r, depth-1), randomCond(r, depth-1)}
		switch r.IntN(3) {
		case 0:
			return policy.And(parts)
		case 1:
			return policy.Or(parts)
		}
		return policy.Not{X: parts[0]}
	}
	width := []int{16, 32, 32, 64}[r.IntN(4)]
	o := policy.Operand{Arg: r.IntN(7), Width: width, Signed: r.IntN(3) == 0}
	bits := func() uint64 {
		return []uint64{
			r.Uint64(), 1 << r.IntN(64), uint64(r.IntN(24)), 3 << r.IntN(63), -uint64(r.IntN(200)),
			0xffff,
		}[r.IntN(6)] & policy.Ones(width)
	}
	t := policy.Test{Operand: o, Op: policy.Op(r.IntN(8)), Mask: bits(), Value: bits()}
	if r.IntN(2) == 0 {
		t.Op = policy.In
	}
	if t.Op == policy.In {
		if r.IntN(2) == 0 {
			t.Mask = policy.Ones(width)
		}
		for range 1 + r.IntN(4) {
			lo := bits() & t.Mask
			t.Set = append(t.Set,
				policy.Range{Lo: lo, Hi: min(policy.Ones(width),
					lo+[]uint64{0, 0, 1, 5, 1 << 20}[r.IntN(5)])})
			if t.Set[len(t.Set)-1].Hi < lo {
				t.Set[len(t.Set)-1].Hi = lo
			}
		}
	}
	return t
}

func TestCond(t *testing.T) {
	t.Parallel()
	masked := func(arg, width int, op policy.Op, mask uint64) policy.Test {
		return policy.Test{Operand: policy.Operand{Arg: arg, Width: width}, Op: op, Mask: mask}
	}
	ordered := func(arg, width int, op policy.Op, value uint64) policy.Test {
		return policy.Test{Operand: policy.Operand{Arg: arg, Width: width}, Op: op, Value: value}
	}
	bitsAre := func(arg int, mask, value uint64) policy.Test {
		x := oneOf(arg, 32, value)
		x.Mask = mask
		return x
	}
	not := func(c policy.Cond) policy.Cond { return policy.Not{X: c} }
	tests := []struct {
		call string
		cond policy.Cond
		want string
	}{
		{"socket", oneOf(0, 32, 2), "family == AF_INET"},
		{"socket", oneOf(0, 32, 1, 2, 16), "family in {AF_UNIX, AF_INET, AF_NETLINK}"},
		{"socket", not(oneOf(0, 32, 38, 40)), "family not in {AF_ALG, AF_VSOCK}"},
		{"socket", oneOf(0, 64, 2), "u64(family) == AF_INET"},
		{"socket", oneOf(1, 32, 0x80001), "type == SOCK_STREAM | SOCK_CLOEXEC"},
		{"socket", oneOf(3, 64, 1), "arg3 == 1"},
		{"socket", oneOf(3, 32, 1), "u32(arg3) == 1"},
		{"unshare", masked(0, 32, policy.Any, 0x10000000), "flags & CLONE_NEWUSER"},
		{"clone", bitsAre(0, 0x10000000, 0), "flags & CLONE_NEWUSER == 0"},
		{"clone", masked(0, 32, policy.Any, 0x30000000), "flags any CLONE_NEWUSER | CLONE_NEWPID"},
		{"mmap", masked(2, 32, policy.All, 6), "prot all PROT_WRITE | PROT_EXEC"},
		{"mmap", bitsAre(2, 6, 2), "prot & (PROT_WRITE | PROT_EXEC) == PROT_WRITE"},
		{"mmap", not(masked(2, 32, policy.All, 6)), "!(prot all PROT_WRITE | PROT_EXEC)"},
		{"openat", masked(2, 32, policy.Only, 0x80800), "flags only O_NONBLOCK | O_CLOEXEC"},
		{"openat", oneOf(0, 32, 0xffffff9c), "dfd == AT_FDCWD"},
		{"openat", ordered(0, 32, policy.Ge, 1<<31), "dfd < 0"},
		{"openat", ordered(0, 32, policy.Le, 1<<31-1), "dfd >= 0"},
		{"lseek", ordered(1, 64, policy.Le, 1<<40), "offset in {0..0x10000000000}"},
		{"read", ordered(2, 64, policy.Le, 4095), "count < 0x1000"},
		{"read", ordered(2, 64, policy.Gt, 1<<40), "count >= 0x10000000001"},
		{"read", oneOf(2, 32, 5), "u32(count) == 5"},
		{"prctl", oneOf(0, 32, 15), "option == PR_SET_NAME"},
		{"prctl", oneOf(1, 64, 1), "arg1 == 1"},
		{"chmod", bitsAre(1, 0o7777, 0o600), "mode == 0o600"},
		{"chmod", bitsAre(1, 0xffff, 0o600), "u32(mode) & 0o177777 == 0o600"},
		{"chmod", bitsAre(1, 0o6000, 0o2000), "mode & (S_ISGID | S_ISUID) == S_ISGID"},
		{"chmod", bitsAre(1, policy.Ones(32), 0o644), "u32(mode) == 0o644"},
		{"chmod", bitsAre(1, policy.Ones(32)&^0o2000, 0), "u32(mode) only S_ISGID"},
		{"mprotect", bitsAre(2, 0xfffffff7, 7), "prot == PROT_READ | PROT_WRITE | PROT_EXEC"},
		{"mprotect", bitsAre(2, 0xffffffff, 7), "u32(prot) == PROT_READ | PROT_WRITE | PROT_EXEC"},
		{"mprotect", bitsAre(2, 0xf, 3), "u32(prot) & (PROT_READ | PROT_WRITE | PROT_EXEC | " +
			"PROT_SEM) == PROT_READ | PROT_WRITE"},
		{"mprotect", bitsAre(2, 0xfffffffa, 0), "u32(prot) only PROT_READ | PROT_EXEC"},
		{"kill", oneOf(1, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), "sig in {SIGHUP..SIGSEGV}"},
		{"kill", oneOf(1, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100), "sig in {SIGHUP..SIGUSR1, 100}"},
		{"futex", policy.Test{Operand: policy.Operand{Arg: 1, Width: 32}, Op: policy.In, Mask: 0x7f,
			Set: policy.Union([]policy.Range{{Lo: 0, Hi: 1}, {Lo: 3, Hi: 5}})},
			"op & 0x7f in {FUTEX_WAIT, FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, " +
				"FUTEX_WAKE_OP}"},
		{"madvise", policy.Test{Operand: policy.Operand{Arg: 2, Width: 32}, Op: policy.In,
			Mask: policy.Ones(32),
			Set:  policy.Union([]policy.Range{{Lo: 3, Hi: 4}, {Lo: 8, Hi: 10}, {Lo: 14, Hi: 17}})},
			"behavior in {MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK, " +
				"MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP}"},
		{"ioctl", oneOf(1, 32, 0x5401, 0x5413), "cmd in {TCGETS, TIOCGWINSZ}"},
		{"ioctl", oneOf(1, 32, 0x3b81, 0x5309, 0x40049409, 0x80503d01),
			"cmd in {IOMMU_IOAS_ALLOC, CDROMEJECT, FICLONE, PTP_CLOCK_GETCAPS}"},
		{"getpid", ordered(policy.IP, 64, policy.Lt, 4096), "ip < 0x1000"},
		{"socket", policy.And{oneOf(0, 32, 16), not(oneOf(2, 32, 0))},
			"family == AF_NETLINK && protocol != NETLINK_ROUTE"},
		{"socket", policy.And{oneOf(0, 32, 2), policy.Or{oneOf(1, 32, 1), oneOf(1, 32, 2)}},
			"family == AF_INET && (type == SOCK_STREAM || type == SOCK_DGRAM)"},
		{"socket", not(policy.And{oneOf(0, 32, 2), oneOf(1, 32, 1)}),
			"family != AF_INET || type != SOCK_STREAM"},
	}
	a := abi(t, "x86_64")
	var said []sayer
	for _, test := range tests {
		nr := number32(t, a, test.call)
		if got := Cond(test.cond, a, nr); got != test.want {
			t.Errorf("%s if %s, want %s", test.call, got, test.want)
		}
		said = append(said, sayer{nr, test.cond})
	}
	mustReadBack(t, a, said)
}
