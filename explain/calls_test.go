package explain

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

func TestCall(t *testing.T) {
	t.Parallel()
	x86, i386 := abi(t, "x86_64").Arch, abi(t, "i386").Arch
	mips := abi(t, "mips").Arch
	tests := []struct {
		call policy.Data
		want string
	}{
		{policy.Data{Arch: x86, Nr: 41, Args: [6]uint64{2, 0x80001, 6}},
			"x86_64: socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)"},
		{policy.Data{Arch: x86, Nr: 41, Args: [6]uint64{16, 3, 0}},
			"x86_64: socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)"},
		{policy.Data{Arch: x86, Nr: 41, Args: [6]uint64{1<<32 + 2, 3}},
			"x86_64: socket(0x100000002, SOCK_RAW, 0)"},
		{policy.Data{Arch: x86, Nr: 257, Args: [6]uint64{0xffffff9c, 4096, 0x80042, 0o644}},
			"x86_64: openat(AT_FDCWD, 0x1000, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)"},
		{policy.Data{Arch: x86, Nr: 54, Args: [6]uint64{3, 1, 2}},
			"x86_64: setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 0, 0)"},
		{policy.Data{Arch: x86, Nr: 3, Args: [6]uint64{3, 0, 7}}, "x86_64: close(3, 0, 7)"},
		{policy.Data{Arch: x86, Nr: 39}, "x86_64: getpid"},
		{policy.Data{Arch: x86, Nr: 39, IP: 0x1000}, "x86_64: getpid at ip 0x1000"},
		{policy.Data{Arch: x86, Nr: 5000, Args: [6]uint64{1, 2000}}, "x86_64: 5000(1, 0x7d0)"},
		{policy.Data{Arch: x86, Nr: 1 << 30}, "x32: read(0, 0, 0)"},
		{policy.Data{Arch: x86, Nr: 0xffffffff}, "x86_64: 0xffffffff"},
		{policy.Data{Arch: i386, Nr: 62 + 275}, "i386: recvmmsg(0, 0, 0, 0, 0)"},
		{policy.Data{Arch: mips, Nr: 4183, Args: [6]uint64{2, 2}},
			"mips: socket(AF_INET, SOCK_STREAM, IPPROTO_IP)"},
		{policy.Data{Arch: mips, Nr: 6266, Args: [6]uint64{1, 2}}, "mips: 6266(1, 2)"},
		{policy.Data{Arch: 0x1234, Nr: 5, Args: [6]uint64{0, 9}}, "arch 0x1234: 5(0, 9)"},
		{policy.Data{Arch: abi(t, "s390x").Arch, Nr: 5}, "arch 0x80000016: 5"},
		{policy.Data{Arch: x86, Nr: 41, Args: [6]uint64{1: 1 << 40}, IP: 1 << 63},
			"x86_64: socket(AF_UNSPEC, 0x10000000000, 0) at ip 0x8000000000000000"},
	}
	for _, test := range tests {
		var order binary.ByteOrder = binary.LittleEndian
		if strings.HasPrefix(test.want, "mips:") {
			order = binary.BigEndian
		}
		if got := Call(test.call, order); got != test.want {
			t.Errorf("%+v: %s, want %s", test.call, got, test.want)
		}
	}
}

func TestAction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		action policy.Action
		abi    string
		want   string
		good   bool
	}{
		{policy.Allow, "x86_64", "allow", true},
		{policy.Errno | 1, "x86_64", "deny(EPERM)", true},
		{policy.Errno | 11, "x86_64", "deny(EAGAIN)", true},
		{policy.Errno | 38, "x86_64", "deny(ENOSYS)", true},
		{policy.Errno | 89, "mips", "deny(ENOSYS)", true},
		{policy.Errno, "x86_64", "deny(0)", true},
		{policy.Errno | 4000, "x86_64", "deny(4000)", true},
		{policy.Errno | 5000, "x86_64", "deny(5000)", false},
		{policy.Trap | 3, "x86_64", "trap(3)", true},
		{policy.KillThread, "x86_64", "kill_thread", true},
		{policy.Allow | 1, "x86_64", "0x7fff0001", false},
		{0x11110000, "x86_64", "0x11110000", false},
	}
	for _, test := range tests {
		if got := Action(test.action, abi(t, test.abi)); got != test.want {
			t.Errorf("%#x: %s, want %s", uint32(test.action), got, test.want)
		}
		if taken := Taken(test.action); (taken == test.action) != test.good {
			t.Errorf("%#x is taken as %#x", uint32(test.action), uint32(taken))
		}
	}
	if got := CommonAction(policy.Errno|38,
		[]*linux.ABI{abi(t, "x86_64"), abi(t, "mips")}); got != "deny(38)" {
		t.Errorf("an errno with two names is %s", got)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	a := abi(t, "x86_64")
	of := func(names ...string) []policy.Range {
		var out []policy.Range
		for _, name := range names {
			list := []string{name}
			if strings.HasPrefix(name, "@") {
				list, _ = a.Set(name)
			}
			for _, n := range list {
				nr := uint64(number32(t, a, n))
				out = append(out, policy.Range{Lo: nr, Hi: nr})
			}
		}
		return policy.Union(out)
	}
	all := numbersOf(a)
	tests := []struct {
		numbers []policy.Range
		want    string
	}{
		{of("ptrace", "read"), "read, ptrace"},
		{of("@timer", "read"), "@timer, read"},
		{of("@swap"), "swapon, swapoff"},
		{append(of("read"), policy.Range{Lo: 3000, Hi: 3004}), "read, 3000..3004"},
		{all, "every call"},
		{policy.Subtract(all, of("read", "@timer")), "every call but @timer, read"},
		{policy.Subtract(all, knownOf(a)), "unknown numbers"},
		{policy.Subtract(all, append(of("read"), policy.Range{Lo: 3000, Hi: 3000})),
			"every call but read, 3000"},
	}
	for _, test := range tests {
		if got := listed(Calls(a, test.numbers)); got != test.want {
			t.Errorf("%v: %s, want %s", test.numbers, got, test.want)
		}
	}
}

// A set stands for names only where each ABI gives it no other members.
func TestShorten(t *testing.T) {
	t.Parallel()
	a, b := abi(t, "x86_64"), abi(t, "i386")
	timer, _ := a.Set("@timer")
	if got := shorten(timer, []*linux.ABI{a}); !slices.Equal(got, []string{"@timer"}) {
		t.Errorf("@timer is %v", got)
	}
	if got := shorten(timer, []*linux.ABI{a, b}); slices.Contains(got, "@timer") {
		t.Errorf("@timer has further members on i386, but is said to be %v", got)
	}
}

// What Call writes is what a test block says, for arguments without bits that the kernel ignores.
func TestCallReadsBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x86_64", "i386", "s390x", "mips", "aarch64"} {
		a := abi(t, name)
		r := rand.New(rand.NewPCG(4, uint64(a.Arch)))
		var calls []policy.Data
		var text strings.Builder
		fmt.Fprintf(&text, "arch %s\ndefault allow\ntest \"calls\" {\n", name)
		for _, c := range a.Syscalls() {
			args, _ := a.Prototype(c.Name)
			d := policy.Data{Arch: a.Arch, Nr: c.Nr}
			for i, arg := range args {
				if arg.Width > 0 {
					d.Args[i] = r.Uint64() >> r.IntN(64) & policy.Ones(min(arg.Width, a.Bits))
				}
			}
			calls = append(calls, d)
			fmt.Fprintf(&text, "%s => allow\n", Call(d, a.ByteOrder()))
		}
		text.WriteString("}\n")
		res, diags := resolve.Text("calls.scp", []byte(text.String()), resolve.Options{})
		if diags.HasErrors() || len(res.Claims) != len(calls) {
			t.Fatalf("%s: %v", name, diags)
		}
		for i, claim := range res.Claims {
			if own := claim.Calls[0]; own.Nr != calls[i].Nr || own.Args != calls[i].Args {
				t.Errorf("%s: %s is %+v, not %+v", name, claim.Text, own, calls[i])
			}
		}
	}
}
