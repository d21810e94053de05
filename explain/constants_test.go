package explain

import (
	"slices"
	"testing"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Many constants share a prefix with those that an argument takes, or a value with each other.
func TestValueNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		abi, call string
		arg       int
		value     uint64
		want      string
	}{
		{"x86_64", "mount", 3, 1, "MS_RDONLY"},
		{"x86_64", "msync", 2, 4, "MS_SYNC"},
		{"x86_64", "fcntl", 1, 0, "F_DUPFD"},
		{"x86_64", "fcntl", 1, 1, "F_GETFD"},
		{"x86_64", "fcntl", 1, 4, "F_SETFL"},
		{"x86_64", "futex", 1, 2, "FUTEX_FD"},
		{"x86_64", "futex", 1, 0x81, "FUTEX_WAKE_PRIVATE"},
		{"x86_64", "prctl", 0, 1, "PR_SET_PDEATHSIG"},
		{"x86_64", "prctl", 0, 23, "PR_CAPBSET_READ"},
		{"x86_64", "prctl", 0, 47, "PR_CAP_AMBIENT"},
		{"x86_64", "bpf", 0, 2, "BPF_MAP_UPDATE_ELEM"},
		{"x86_64", "bpf", 0, 5, "BPF_PROG_LOAD"},
		{"x86_64", "kill", 1, 17, "SIGCHLD"},
		{"x86_64", "kill", 1, 0, "0"},
		{"x86_64", "socket", 0, 1, "AF_UNIX"},
		{"x86_64", "socket", 0, 16, "AF_NETLINK"},
		{"x86_64", "socket", 0, 1000, "0x3e8"},
		{"x86_64", "socket", 1, 0x80802, "SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC"},
		{"x86_64", "socket", 1, 0x8000f, "0x8000f"},
		{"x86_64", "socket", 2, 6, "6"}, // IPPROTO_TCP or NETLINK_XFRM, as the family has it
		{"x86_64", "setsockopt", 1, 1, "SOL_SOCKET"},
		{"x86_64", "ioctl", 1, 0x541b, "FIONREAD"},
		{"x86_64", "ioctl", 1, 0x5412, "TIOCSTI"},
		{"x86_64", "personality", 0, 8, "PER_LINUX32"},
		{"x86_64", "openat", 2, 0x101401, "O_WRONLY | O_APPEND | O_SYNC"},
		{"x86_64", "openat", 3, 0o640, "0o640"},
		{"x86_64", "mknodat", 2, 0o20600, "S_IFCHR | 0o600"},
		{"x86_64", "newfstatat", 3, 0x1000, "AT_EMPTY_PATH"},
		{"x86_64", "newfstatat", 3, 3, "3"},
		{"x86_64", "mmap", 3, 0x22, "MAP_PRIVATE | MAP_ANONYMOUS"},
		{"x86_64", "clone", 0, 0x11, "SIGCHLD"},
		{"x86_64", "clone", 0, 0x4111, "SIGCHLD | CLONE_VM | CLONE_VFORK"},
		{"s390x", "clone", 1, 0x100, "CLONE_VM"},
		{"mips", "socket", 1, 1, "SOCK_DGRAM"},
		{"mips", "mmap", 3, 0x802, "MAP_PRIVATE | MAP_ANONYMOUS"},
		{"x86_64", "openat", 0, 0xffffff9c, "AT_FDCWD"},
		{"x86_64", "openat", 0, 0xfffffffe, "-2"},
		{"x86_64", "read", 0, 5, "5"},
	}
	for _, test := range tests {
		a := abi(t, test.abi)
		s := about(a, number32(t, a, test.call))
		_, width, signed := s.argument(test.arg)
		if got := s.family(test.arg, width).value(test.value, width, signed); got != test.want {
			t.Errorf("%s: argument %d of %s: %#x is %s, want %s", test.abi, test.arg, test.call,
				test.value, got, test.want)
		}
	}
}

// Every name that is given to a value stands for that value.
func TestNamesMeanTheirValues(t *testing.T) {
	t.Parallel()
	named := 0
	for _, a := range []*linux.ABI{abi(t, "x86_64"), abi(t, "mips64")} {
		for _, c := range a.Syscalls() {
			s := about(a, c.Nr)
			for i := range s.args {
				_, width, _ := s.argument(i)
				f := s.family(i, width)
				for _, k := range slices.Concat(f.values, f.flags) {
					name, ok := f.exact(k.value)
					if !ok {
						continue
					}
					v, known := a.Constant(name)
					if got, fits := pattern(v, width); !known || !fits || got != k.value ||
						got&^policy.Ones(width) != 0 {
						t.Errorf("%s: %s is %#x, not %#x", a.Name, name, got, k.value)
					}
					named++
				}
			}
		}
	}
	if named < 1000 {
		t.Errorf("only %d names", named)
	}
}
