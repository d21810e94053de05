package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// mustResolve resolves a policy without findings.
func mustResolve(t *testing.T, src string, opts resolve.Options) *resolve.Resolved {
	t.Helper()
	r, diags := resolve.Text("x.scp", []byte(src), opts)
	if len(diags) > 0 {
		t.Fatalf("%v\n%s", diags, src)
	}
	return r
}

// verdict is what a policy says about one call.
type verdict struct {
	abi  string
	call any // name or number
	args []uint64
	want policy.Action
}

func (v verdict) data(t *testing.T) policy.Data {
	t.Helper()
	abi, ok := linux.Lookup(v.abi)
	if !ok {
		t.Fatalf("no ABI %s", v.abi)
	}
	d := policy.Data{Arch: abi.Arch}
	copy(d.Args[:], v.args)
	switch c := v.call.(type) {
	case string:
		if d.Nr, ok = abi.Number(c); !ok {
			t.Fatalf("no call %s on %s", c, v.abi)
		}
	case int:
		d.Nr = uint32(c)
	case int64: // where int has 32 bits
		d.Nr = uint32(c)
	default:
		t.Fatalf("%v is no call", c)
	}
	return d
}

func check(t *testing.T, src string, opts resolve.Options, verdicts []verdict) {
	t.Helper()
	r := mustResolve(t, src, opts)
	for _, v := range verdicts {
		if got := r.Policy.Eval(v.data(t)); got != v.want {
			t.Errorf("%s %v%#x: got %v, want %v\n%s", v.abi, v.call, v.args, got, v.want, src)
		}
	}
}

const (
	eperm  = policy.Errno | 1
	enosys = policy.Errno | 38
)

func TestResolveFallbacks(t *testing.T) {
	check(t, "arch x86_64, i386, x32\ndefault deny\n"+
		"unknown deny(ENOSYS)\nmismatch trap(7)\nallow 9999, read",
		resolve.Options{}, []verdict{
			{"x86_64", "read", nil, policy.Allow},
			{"x86_64", "write", nil, eperm},
			{"x86_64", 5000, nil, enosys},
			{"x86_64", 9999, nil, policy.Allow},
			{"x86_64", int64(0xffffffff), nil, enosys},
			{"x32", 0x40000000, nil, policy.Allow},
			{"x32", 0x40000001, nil, eperm},
			{"x32", 0x40000000 + 5000, nil, enosys},
			{"i386", "read", nil, policy.Allow},
			{"i386", 9999, nil, policy.Allow},
			{"arm", "read", nil, policy.Trap | 7},
		})
	check(t, "arch x86_64\ndefault log", resolve.Options{}, []verdict{
		{"x86_64", 5000, nil, policy.Log},
		{"x32", 0x40000000, nil, policy.KillProcess},
		{"i386", "read", nil, policy.KillProcess},
	})
}

func TestResolveActions(t *testing.T) {
	tests := []struct {
		action string
		want   policy.Action
	}{
		{"allow", policy.Allow}, {"log", policy.Log}, {"notify", policy.Notify},
		{"kill", policy.KillProcess},
		{"kill_thread", policy.KillThread}, {"deny", eperm}, {"deny(ENOSYS)", enosys},
		{"deny(4094)", policy.Errno | 4094},
		{"deny(MINE | 4)", policy.Errno | 5}, {"trap", policy.Trap},
		{"trap(0xffff)", policy.Trap | 0xffff},
		{"trace(0)", policy.Trace}, {"trace(3)", policy.Trace | 3},
	}
	for _, test := range tests {
		check(t, "arch x86_64\ndefault trap(9)\nconst MINE = 1\n"+test.action+" read",
			resolve.Options{},
			[]verdict{{"x86_64", "read", nil, test.want}})
	}
	check(t, "arch mipsel, x86_64\ndefault allow\ndeny(ENOSYS) read", resolve.Options{}, []verdict{
		{"mipsel", "read", nil, policy.Errno | 89}, {"x86_64", "read", nil, enosys},
	})
}

func TestResolveFirstRuleDecides(t *testing.T) {
	const src = "arch x86_64\ndefault kill\n" +
		"allow read if fd == 3\ndeny read\nallow write\nkill_thread write"
	check(t, src, resolve.Options{},
		[]verdict{
			{"x86_64", "read", []uint64{3}, policy.Allow},
			{"x86_64", "read", []uint64{4}, eperm},
			{"x86_64", "write", nil, policy.Allow},
			{"x86_64", "close", nil, policy.KillProcess},
		})
}

func TestResolveSets(t *testing.T) {
	const src = `arch x86_64, aarch64
default allow
set @c = @a, close, 1999 - @b
set @a = read, write, open, openat
set @b = read
deny @c
`
	check(t, src, resolve.Options{}, []verdict{
		{"x86_64", "open", nil, eperm},
		{"x86_64", "openat", nil, eperm},
		{"x86_64", "close", nil, eperm},
		{"x86_64", "read", nil, policy.Allow},
		{"x86_64", "write", nil, eperm},
		{"aarch64", "write", nil, eperm},
		{"aarch64", 1999, nil, eperm},
		{"aarch64", 2, nil, policy.Allow},
	})
}

// TestResolveWidths gives arguments with garbage above the bits that the kernel reads.
func TestResolveWidths(t *testing.T) {
	const high = 0xdeadbeef_00000000
	const src = `arch x86_64, i386, x32
default allow
deny socket if family == AF_INET
deny openat if dfd == AT_FDCWD
deny chmod if mode == 0o777
deny read if count == 5
deny write if u32(count) == 5
deny lseek if i32(arg1) < 0
deny close if u64(fd) == 5
deny 4000 if arg0 == 5
deny clone if flags & CLONE_NEWUSER
`
	check(t, src, resolve.Options{}, []verdict{
		{"x86_64", "socket", []uint64{2}, eperm},
		{"x86_64", "socket", []uint64{high | 2}, eperm},
		{"x86_64", "socket", []uint64{3}, policy.Allow},
		{"x86_64", "openat", []uint64{0xffffff9c}, eperm},
		{"x86_64", "openat", []uint64{0xffffffff_ffffff9c}, eperm},
		{"x86_64", "chmod", []uint64{0, high | 0xffff0000 | 0o777}, eperm},
		{"x86_64", "read", []uint64{0, 0, 5}, eperm},
		{"x86_64", "read", []uint64{0, 0, high | 5}, policy.Allow},
		{"x86_64", "write", []uint64{0, 0, high | 5}, eperm},
		{"x86_64", "lseek", []uint64{0, 0x80000000}, eperm},
		{"x86_64", "lseek", []uint64{0, 0xffffffff_7fffffff}, policy.Allow},
		{"x86_64", "close", []uint64{high | 5}, policy.Allow},
		{"x86_64", "close", []uint64{5}, eperm},
		{"x86_64", 4000, []uint64{high | 5}, policy.Allow},
		{"x86_64", 4000, []uint64{5}, eperm},
		{"x86_64", "clone", []uint64{high | 0x10000011}, eperm},
		{"x32", "socket", []uint64{high | 2}, eperm},
		{"i386", "socket", []uint64{high | 2}, eperm},
		{"i386", "read", []uint64{0, 0, high | 5}, eperm},
		{"i386", "close", []uint64{high | 5}, eperm},
		{"i386", 4000, []uint64{high | 5}, eperm},
	})
}

// A rule by number of a policy for several ABIs does not stand in the way of compiling it for one.
func TestResolveNumbersOfOtherABIs(t *testing.T) {
	for _, v := range []verdict{ // unshare is denied by the number of one of two
		{"mips64el, mipsel mips64el", 5262, nil, eperm},
		{"mips64el, mipsel mipsel", 5262, nil, policy.Allow},
		{"x32, x86_64 x32", 0x40000110, nil, eperm},
		{"x32, x86_64 x86_64", 0x40000110, nil, policy.Allow},
	} {
		i := strings.LastIndex(v.abi, " ")
		src := fmt.Sprintf("arch %s\ndefault allow\ndeny %d\n", v.abi[:i], v.call)
		check(t, src, resolve.Options{ABIs: []string{v.abi[i+1:]}},
			[]verdict{{v.abi[i+1:], "unshare", nil, v.want}})
	}
}

// TestResolveInstructionPointer tests all 64 bits of it on every ABI: 64-bit code makes 32-bit
// calls, too.
func TestResolveInstructionPointer(t *testing.T) {
	const src = `default allow
deny dup if ip == 0x1234
deny read if u64(ip) in {0x1_0000_0000..0x2_0000_0000}
deny write if u32(ip) == 5
deny close if i64(ip) < 0
`
	for _, abi := range linux.ABIs() {
		r := mustResolve(t, src, resolve.Options{ABIs: []string{abi.Name}})
		for _, v := range []struct {
			call string
			ip   uint64
			want policy.Action
		}{
			{"dup", 0x1234, eperm}, {"dup", 0x1_0000_1234, policy.Allow},
			{"read", 0x1_8000_0000, eperm}, {"read", 0x8000_0000, policy.Allow},
			{"read", 0x5_0000_0001, policy.Allow},
			{"write", 0x7fff_0000_0005, eperm}, {"write", 0x5_0000_0000, policy.Allow},
			{"close", 1 << 63, eperm}, {"close", 1 << 31, policy.Allow},
		} {
			d := verdict{abi.Name, v.call, nil, 0}.data(t)
			d.IP = v.ip
			if got := r.Policy.Eval(d); got != v.want {
				t.Errorf("%s %s from %#x: got %v, want %v", abi.Name, v.call, v.ip, got, v.want)
			}
		}
	}
}

// TestResolveArguments checks that names are resolved for each call and each ABI.
func TestResolveArguments(t *testing.T) {
	check(t, "arch s390x\ndefault allow\ndeny clone if flags & CLONE_NEWUSER", resolve.Options{},
		[]verdict{
			{"s390x", "clone", []uint64{0, 0x10000000}, eperm},
			{"s390x", "clone", []uint64{0x10000000, 0}, policy.Allow},
		})
	check(t, "arch x86_64\ndefault allow\ndeny openat, mkdirat, fchmodat if mode & 0o4000",
		resolve.Options{}, []verdict{
			{"x86_64", "openat", []uint64{0, 0, 0o4000, 0}, policy.Allow},
			{"x86_64", "openat", []uint64{0, 0, 0, 0o4000}, eperm},
			{"x86_64", "mkdirat", []uint64{0, 0, 0o4000}, eperm},
			{"x86_64", "fchmodat", []uint64{0, 0, 0o4000}, eperm},
		})
	check(t, "arch x86_64\ndefault allow\ndeny socket if domain == 1\ndeny socket if family == 2",
		resolve.Options{},
		[]verdict{
			{"x86_64", "socket", []uint64{1}, eperm},
			{"x86_64", "socket", []uint64{2}, eperm},
		})
}

func TestResolveConstantsByABI(t *testing.T) {
	check(t, "arch x86_64, aarch64\ndefault allow\ndeny openat if flags & O_DIRECT",
		resolve.Options{},
		[]verdict{
			{"x86_64", "openat", []uint64{0, 0, 0x4000}, eperm},
			{"aarch64", "openat", []uint64{0, 0, 0x4000}, policy.Allow},
			{"aarch64", "openat", []uint64{0, 0, 0x10000}, eperm},
		})
}

// TestResolveOperators compares every operator with the same one in Go.
func TestResolveOperators(t *testing.T) {
	values := []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7fffffff, 0x80000000, 0x80000005, 0xfffffffe,
		0xffffffff}
	signed := func(f func(int32) bool) func(uint32) bool {
		return func(x uint32) bool { return f(int32(x)) }
	}
	tests := []struct {
		cond string // over socket's arguments: a signed int, and over close's: unsigned
		want func(x uint32) bool
	}{
		{"socket if family", func(x uint32) bool { return x != 0 }},
		{"socket if !family", func(x uint32) bool { return x == 0 }},
		{"socket if !!family", func(x uint32) bool { return x != 0 }},
		{"socket if family & 4", func(x uint32) bool { return x&4 != 0 }},
		{"socket if family any 6", func(x uint32) bool { return x&6 != 0 }},
		{"socket if family all 2|4", func(x uint32) bool { return x&6 == 6 }},
		{"socket if family only 6", func(x uint32) bool { return x&^6 == 0 }},
		{"socket if family & 6 == 4", func(x uint32) bool { return x&6 == 4 }},
		{"socket if family & (2|4) != 4", func(x uint32) bool { return x&6 != 4 }},
		{"socket if family & ~1 == 4", func(x uint32) bool { return x&^1 == 4 }},
		{"socket if family & 6 in {0, 4..5}", func(x uint32) bool { return x&6 == 0 || x&6 == 4 }},
		{"socket if family & 6 not in {0, 4..5}",
			func(x uint32) bool { return x&6 == 2 || x&6 == 6 }},
		{"socket if family & -2 in {4..0xffffffff}", func(x uint32) bool { return x&^1 >= 4 }},
		{"socket if family == -1", func(x uint32) bool { return x == 0xffffffff }},
		{"socket if family != 0xffffffff", func(x uint32) bool { return x != 0xffffffff }},
		{"socket if family < 5", signed(func(x int32) bool { return x < 5 })},
		{"socket if family <= -2", signed(func(x int32) bool { return x <= -2 })},
		{"socket if family > -2", signed(func(x int32) bool { return x > -2 })},
		{"socket if family >= 5", signed(func(x int32) bool { return x >= 5 })},
		{"socket if family in {-2..5}", signed(func(x int32) bool { return -2 <= x && x <= 5 })},
		{"socket if family in {-2..-1, 4}",
			signed(func(x int32) bool { return x == -2 || x == -1 || x == 4 })},
		{"socket if family not in {2, 4..6}",
			func(x uint32) bool { return x != 2 && (x < 4 || x > 6) }},
		{"socket if u32(family) > 5", func(x uint32) bool { return x > 5 }},
		{"close if fd < 5", func(x uint32) bool { return x < 5 }},
		{"close if fd >= 0x80000000", func(x uint32) bool { return x >= 0x80000000 }},
		{"close if i32(fd) < 0", signed(func(x int32) bool { return x < 0 })},
		{"close if fd in {5..0xfffffffe}", func(x uint32) bool {
			return 5 <= x &&
				x <= 0xfffffffe
		}},
		{"close if fd == 1 || fd == 2 && !(fd in {2}) || fd == 3",
			func(x uint32) bool { return x == 1 || x == 3 }},
		{"close if (fd > 2 || fd == 0) && fd != 5",
			func(x uint32) bool { return (x > 2 || x == 0) && x != 5 }},
	}
	for _, test := range tests {
		var verdicts []verdict
		name, _, _ := strings.Cut(test.cond, " ")
		for _, x := range values {
			want := policy.Allow
			if test.want(uint32(x)) {
				want = eperm
			}
			verdicts = append(verdicts, verdict{"x86_64", name, []uint64{x}, want})
		}
		check(t, "arch x86_64\ndefault allow\n# lint: allow enum-as-flags bits are bits\ndeny "+
			test.cond,
			resolve.Options{}, verdicts)
	}
}

func TestResolveExpressions(t *testing.T) {
	tests := []struct {
		expr string
		want uint64
	}{
		{"1 + 2 * 3", 7}, {"(1 + 2) * 3", 9}, {"1 << 4 | 1", 17}, {"6 & 3", 2},
		{"6 ^ 3", 5}, {"7 - 2 - 1", 4},
		{"~0 & 0xff", 0xff}, {"-(-5)", 5}, {"1 << 70 >> 69", 2}, {"~~5", 5},
		{"0b1_0 + 0o17 + 0x1f + 1_0", 2 + 15 + 31 + 10},
		{"K * 2", 10}, {"L", 6}, {"AF_INET6", 10}, {"(K)", 5},
	}
	for _, test := range tests {
		src := "arch x86_64\ndefault allow\nconst L = K + 1\nconst K = 5\ndeny read if count == " +
			test.expr
		check(t, src, resolve.Options{}, []verdict{
			{"x86_64", "read", []uint64{0, 0, test.want}, eperm},
			{"x86_64", "read", []uint64{0, 0, test.want + 1}, policy.Allow},
		})
	}
}

func TestResolveWhen(t *testing.T) {
	const src = `arch x86_64, i386, arm
default allow
param inet = false
param level = 1 + 1
when arch in {386, arm} {
    const N = 7
    set @s = read
    default log
} else {
    const N = 8
    set @s = write
}
when !inet && level >= 2 || N == 100 { deny socket }
when arch == i386 {
    when N == 7 { deny close } else { deny dup }
}
deny @s
deny fsync if fd == N
`
	src2 := strings.Replace(src, "default allow\n", "", 1)
	src2 = strings.Replace(src2, "} else {\n", "} else {\n    default allow\n", 1)
	verdicts := []verdict{
		{"x86_64", "read", nil, policy.Allow}, {"x86_64", "write", nil, eperm},
		{"i386", "read", nil, eperm}, {"i386", "write", nil, policy.Log},
		{"i386", "close", nil, eperm}, {"i386", "dup", nil, policy.Log},
		{"arm", "close", nil, policy.Log},
		{"x86_64", "fsync", []uint64{8}, eperm}, {"arm", "fsync", []uint64{7}, eperm},
		{"x86_64", "fsync", []uint64{7}, policy.Allow},
	}
	check(t, src2, resolve.Options{}, append(verdicts, verdict{"x86_64", "socket", nil, eperm}))
	for _, params := range []map[string]string{
		{"inet": "true"}, {"level": "0"}, {"level": "EPERM", "inet": "false"},
		{"inet": "!(1 == 2)"},
	} {
		opts := resolve.Options{Params: params}
		check(t, src2, opts, append(verdicts, verdict{"x86_64", "socket", nil, policy.Allow}))
	}
}

func TestResolveParamErrors(t *testing.T) {
	const src = "arch x86_64\ndefault allow\nparam inet = false\nparam level = 2\n"
	tests := []struct{ name, value, want string }{
		{"inte", "true", `-D inte:1:1: error: the policy has no parameter "inte" [unknown-param]`},
		{"inet", "1", "-D inet:1:1: error: this is a number; true or false is wanted [wrong-type]"},
		{"level", "true", "-D level:1:1: error: this is true or false; a number is wanted " +
			"[wrong-type]"},
		{"level", "2 +",
			`-D level:1:4: error: expected a value after "+", found the end of the line`},
		{"level", "EPURM", `-D level:1:1: error: unknown constant "EPURM" [unknown-constant]`},
		{"level", "level", `-D level:1:1: error: "level" is defined by itself [cycle]`},
	}
	for _, test := range tests {
		_, diags := resolve.Text("x", []byte(src),
			resolve.Options{Params: map[string]string{test.name: test.value}})
		if len(diags) != 1 || !strings.HasPrefix(diags[0].String(), test.want) {
			t.Errorf("%s=%s: got %v", test.name, test.value, diags)
		}
	}
}

func TestResolveABIs(t *testing.T) {
	names := func(r *resolve.Resolved) string {
		var out []string
		for i, abi := range r.ABIs {
			out = append(out, abi.Name)
			if p := r.Policy.ABIs[i]; p.Name != abi.Name || p.Arch != abi.Arch ||
				p.BigEndian != abi.BigEndian {
				t.Errorf("%+v", p)
			}
		}
		return strings.Join(out, " ")
	}
	const src = "arch arm64, 386\ndefault allow\ndeny socketcall\n"
	if got := names(mustResolve(t, src, resolve.Options{})); got != "aarch64 i386" {
		t.Errorf("got %s", got)
	}
	// The policy's own list covers names that the narrower one lacks.
	if got := names(mustResolve(t, src, resolve.Options{ABIs: []string{"arm64"}})); got != "aarch64" {
		t.Errorf("got %s", got)
	}
	native, ok := linux.Native()
	if got := names(mustResolve(t, "default allow", resolve.Options{})); !ok || got != native.Name {
		t.Errorf("got %s", got)
	}
	for _, abis := range [][]string{{"arm64", "aarch64"}, {"x"}, {"s390x", "arm"}} {
		if r, diags := resolve.Text("x", []byte("default allow"),
			resolve.Options{ABIs: abis}); r != nil {
			t.Errorf("%v: got %v, %v", abis, r, diags)
		}
	}
}

func TestResolveHotAndSource(t *testing.T) {
	r := mustResolve(t, `arch x86_64
default allow
hot write, read
hot read
# because
deny ptrace, openat if arg0 == 3  # of it
deny dup
`, resolve.Options{})
	if fmt.Sprint(r.Hot) != "[[0 1]]" {
		t.Errorf("hot %v", r.Hot)
	}
	if len(r.Rules) != 2 || r.Rules[0].Reason != "because\nof it" ||
		r.Rules[0].Text != "deny ptrace, openat if arg0 == 3" {
		t.Errorf("rules %+v", r.Rules)
	}
	var sources []int
	for _, rule := range r.Policy.ABIs[0].Rules {
		sources = append(sources, rule.Source)
	}
	if fmt.Sprint(sources) != "[0 0 1]" { // ptrace's argument is wider than openat's
		t.Errorf("sources %v", sources)
	}
}

func TestResolveIsDeterministic(t *testing.T) {
	const src = "arch x86_64, i386\ndefault allow\n" +
		"deny @known, qqq, rrr if arg1 == 3 && arg5 < 0\nconst A = B\n"
	first := ""
	for range 5 {
		r, diags := resolve.Text("x", []byte(src), resolve.Options{})
		text := fmt.Sprint(r, diags)
		if first == "" {
			first = text
		}
		if text != first || r != nil {
			t.Fatalf("got\n%s\nand\n%s", first, text)
		}
	}
}

func TestResolveBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var sets, nested strings.Builder
	fmt.Fprint(&sets, "arch x86_64\ndefault allow\nset @s0 = @known\n")
	for i := range 2000 {
		fmt.Fprintf(&sets, "set @s%d = @s%d, @s%d\n", i+1, i, i)
	}
	fmt.Fprint(&nested, "arch x86_64\ndefault allow\nconst A2000 = 1\n")
	for i := range 2000 {
		fmt.Fprintf(&nested, "const A%d = A%d\n", i, i+1)
	}
	var wide strings.Builder
	fmt.Fprint(&wide, "arch x86_64\ndefault allow\n")
	for range 300 {
		fmt.Fprintln(&wide,
			"log @known if arg0 == 1 || arg1 == 1 || arg2 == 1 || arg3 == 1 || ip == 1 || "+
				"u32(arg0) == 5"+
				" || u32(arg1) == 5 || u32(arg2) == 5")
	}
	for name, src := range map[string]string{"sets": sets.String(), "constants": nested.String(),
		"conditions": wide.String()} {
		r, diags := resolve.Text("x", []byte(src), resolve.Options{})
		if r != nil || len(diags) == 0 || diags[0].Code != "too-large" {
			t.Errorf("%s: got %.1v", name, diags)
		}
	}
}

// TestLargestValue: the largest value of 64 bits is a value like any other.
func TestLargestValue(t *testing.T) {
	src := "arch x86_64\ndefault allow\n" +
		"deny prctl if u64(option) == 0xffffffffffffffff && arg1 == 1\n"
	if res, diags := resolve.Text("largest", []byte(src), resolve.Options{}); res == nil {
		t.Fatal(diags)
	}
}
