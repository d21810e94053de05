package explain

import (
	"go/constant"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Every argument of every call is given the values of all families: what is printed by name is that
// value, by constants that the argument takes there, and where another argument decides which these
// are, nothing is named while that one is not known.
func TestNoValueIsNamedByAnotherFamily(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	named, numbers := 0, 0
	for _, a := range []*linux.ABI{abi(t, "i386"), abi(t, "mips64")} {
		samples := valuesOfAllFamilies(a)
		for _, c := range a.Syscalls() {
			s := about(a, c.Nr)
			for i := range s.args {
				for _, known := range deciders(s, i) {
					_, width, signed := known.argument(i)
					f := known.family(i, width)
					given := func(arg int) []uint64 { return known.given[arg] }
					takes := a.ArgFamily(c.Name, i, given)
					all := slices.Concat(takes.Values, takes.Flags)
					for _, v := range samples {
						v &= policy.Ones(width)
						text := f.value(v, width, signed)
						if n := meaning(t, a, text, width, all); n != v {
							t.Fatalf("%s: argument %d of %s: %#x is written %s, which is %#x",
								a.Name, i,
								c.Name, v, text, n)
						}
						if strings.ContainsAny(text, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
							named++
						} else {
							numbers++
						}
					}
				}
				if _, decided := a.DecidedBy(c.Name, i); decided {
					_, width, _ := s.argument(i)
					if f := s.family(i, width); len(f.values)+len(f.flags)+len(f.masks) > 0 {
						t.Errorf("%s: argument %d of %s has names before its kind is known", a.Name,
							i, c.Name)
					}
				}
			}
		}
	}
	if named < 10_000 || numbers < 100_000 {
		t.Errorf("only %d values by name, %d as numbers", named, numbers)
	}
}

// valuesOfAllFamilies returns the values of the constants that any argument of the ABI takes, and
// some of their combinations; of ioctls only a few.
func valuesOfAllFamilies(a *linux.ABI) []uint64 {
	seen := map[uint64]bool{}
	for _, c := range a.Syscalls() {
		s := about(a, c.Nr)
		for i := range s.args {
			for _, known := range deciders(s, i) {
				f := known.family(i, 64)
				last := uint64(0)
				for n, k := range slices.Concat(f.values, f.flags) {
					if n < 30 {
						seen[k.value], seen[k.value|last] = true, true
						last = k.value
					}
				}
			}
		}
	}
	var out []uint64
	for v := range seen {
		if v < 600 || v%7 == 0 { // small ones are many families'; of the others a part will do
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// deciders returns a writer that knows nothing, and one for each known value of the argument
// that decides an argument's constants.
func deciders(s *callWriter, arg int) []*callWriter {
	out := []*callWriter{s}
	by, ok := s.abi.DecidedBy(s.syscall, arg)
	if !ok {
		return out
	}
	_, width, _ := s.argument(by)
	for _, c := range s.family(by, width).values {
		out = append(out, s.knowing(by, c.value))
	}
	return out
}

// meaning reads a value that was written as names and numbers joined by "|".
func meaning(t *testing.T, a *linux.ABI, text string, width int, takes []string) uint64 {
	t.Helper()
	var out uint64
	for part := range strings.SplitSeq(text, " | ") {
		v := constant.MakeFromLiteral(strings.TrimPrefix(part, "-"), token.INT, 0)
		if strings.HasPrefix(part, "-") {
			v = constant.UnaryOp(token.SUB, v, 0)
		}
		if v.Kind() != constant.Int {
			v, _ = a.Constant(part)
			if !slices.Contains(takes, part) {
				t.Fatalf("%s is none of %v", part, takes)
			}
		}
		bits, ok := pattern(v, width)
		if !ok {
			t.Fatalf("%s does not fit %d bits", part, width)
		}
		out |= bits
	}
	return out
}

// What a command or a level beside an argument says about its constants.
func TestNamesDependOnTheirCommand(t *testing.T) {
	t.Parallel()
	eq := func(arg int, v uint64) policy.Cond { return oneOf(arg, 32, v) }
	wide := func(arg int, v uint64) policy.Cond { return oneOf(arg, 64, v) }
	masked := func(arg int, mask, v uint64) policy.Cond {
		c := oneOf(arg, 32, v)
		c.Mask = mask
		return c
	}
	not := func(c policy.Cond) policy.Cond { return policy.Not{X: c} }
	tests := []struct {
		call string
		cond policy.Cond
		want string
	}{
		{"fcntl", policy.And{eq(1, 1033), wide(2, 7)},
			"cmd == F_ADD_SEALS && u64(arg) == F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW"},
		{"fcntl", wide(2, 7), "arg == 7"},
		{"fcntl", policy.And{eq(1, 2), wide(2, 1)}, "cmd == F_SETFD && u64(arg) == FD_CLOEXEC"},
		{"fcntl", policy.And{wide(2, 0x800), eq(1, 4)}, "u64(arg) == O_NONBLOCK && cmd == F_SETFL"},
		{"fcntl", policy.And{eq(1, 8), wide(2, 0x800)}, "cmd == F_SETOWN && u64(arg) == 0x800"},
		{"fcntl", policy.Or{not(eq(1, 1033)), wide(2, 1)},
			"cmd != F_ADD_SEALS || u64(arg) == F_SEAL_SEAL"},
		{"fcntl", policy.Or{eq(1, 1033), wide(2, 1)}, "cmd == F_ADD_SEALS || u64(arg) == 1"},
		{"fcntl", policy.And{not(eq(1, 1033)), wide(2, 1)}, "cmd != F_ADD_SEALS && u64(arg) == 1"},
		{"fcntl", not(policy.And{eq(1, 2), wide(2, 1)}),
			"cmd != F_SETFD || u64(arg) != FD_CLOEXEC"},
		{"setsockopt", eq(2, 0), "optname == 0"},
		{"setsockopt", policy.And{eq(1, 1), eq(2, 2)},
			"level == SOL_SOCKET && optname == SO_REUSEADDR"},
		{"setsockopt", policy.And{eq(1, 0), eq(2, 2)}, "level == SOL_IP && optname == IP_TTL"},
		{"setsockopt", policy.And{eq(1, 6), eq(2, 1)},
			"level == SOL_TCP && optname == TCP_NODELAY"},
		{"setsockopt", policy.And{oneOf(1, 32, 0, 6), eq(2, 1)},
			"level in {SOL_IP, SOL_TCP} && optname == 1"},
		{"socket", policy.And{oneOf(0, 32, 2, 10), eq(2, 6)},
			"family in {AF_INET, AF_INET6} && protocol == IPPROTO_TCP"},
		{"socket", policy.And{eq(0, 16), eq(2, 3)},
			"family == AF_NETLINK && protocol == NETLINK_FIREWALL"},
		// htons
		{"socket", policy.And{eq(0, 17), eq(2, 3)}, "family == AF_PACKET && protocol == 3"},
		{"prctl", policy.And{eq(0, 24), wide(1, 21)},
			"option == PR_CAPBSET_DROP && u64(arg1) == CAP_SYS_ADMIN"},
		{"prctl", policy.And{eq(0, 15), wide(1, 21)}, "option == PR_SET_NAME && u64(arg1) == 21"},
		{"seccomp", policy.And{eq(0, 2), eq(1, 1)}, "op == SECCOMP_GET_ACTION_AVAIL && flags == 1"},
		{"fcntl", masked(1, 0xff, 1), "cmd & 0xff == 1"}, // F_GETFD and F_GETLEASE
		{"futex", masked(1, 0x7f, 0), "op & 0x7f == 0"},
		{"futex", masked(1, 0x7f, 9), "op & 0x7f == FUTEX_WAIT_BITSET"},
		{"socket", masked(1, 0xf, 3), "type & 0xf == SOCK_RAW"},
		{"socket", masked(1, 7, 2), "type & 7 == 2"}, // SOCK_DGRAM and SOCK_PACKET
		{"open", masked(1, 3, 1), "flags & O_ACCMODE == O_WRONLY"},
		{"mmap", masked(3, 15, 3), "flags & MAP_TYPE == MAP_SHARED_VALIDATE"},
		{"mmap", eq(3, 0x23), "flags == MAP_SHARED_VALIDATE | MAP_ANONYMOUS"},
		{"mbind", wide(1, 2), "len == 2"},
		{"ioctl", eq(1, 0x89e0), "cmd == 0x89e0"}, // each protocol's own
	}
	a := abi(t, "x86_64")
	for _, test := range tests {
		if got := Cond(test.cond, a, number32(t, a, test.call)); got != test.want {
			t.Errorf("%s if %s, want %s", test.call, got, test.want)
		}
	}
	i386 := abi(t, "i386")
	if got := Cond(masked(0, 0xffff, 2), i386,
		number32(t, i386, "ipc")); got != "call & 0xffff == SEMGET" {
		t.Errorf("ipc if %s", got)
	}
	if got := Cond(eq(3, 4), i386, number32(t, i386, "fadvise64")); got != "len == 4" {
		t.Errorf("fadvise64 if %s", got)
	}
}
