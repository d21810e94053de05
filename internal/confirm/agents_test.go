//go:build linux

package confirm

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/compiler"
)

const msgFastopen = 0x20000000 // include/linux/socket.h

// Without a supervisor the kernel answers ENOSYS to what a filter leaves to one (kernel/seccomp.c,
// seccomp_do_user_notification).
func TestOpenShellBroker(t *testing.T) {
	res := compile(t, "openshell-broker.scp", compiler.Options{})
	probes := []probe{
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, enosys},
		{"connect", []any{-1, page{}, 16}, enosys},
		{"bind", []any{-1, page{}, 16}, enosys},
		{"listen", []any{-1, 1}, enosys},
		{"accept", []any{-1, wide(0), wide(0)}, enosys},
		{"accept4", []any{-1, wide(0), wide(0), 0}, enosys},
		{"sendto", []any{-1, page{}, wide(1), 0, wide(0), 0}, allowed},
		{"sendto", []any{-1, page{}, wide(1), unix.MSG_NOSIGNAL, wide(0), 0}, allowed},
		{"sendto", []any{-1, page{}, wide(1), msgFastopen, wide(0), 0}, enosys},
		{"sendto", []any{-1, page{}, wide(1), 0, page{}, 0}, enosys},
		{"sendto", []any{-1, page{}, wide(1), 0, wide(0), 16}, enosys},
		{"sendmsg", []any{-1, page{}, 0}, enosys},
		{"sendmmsg", []any{-1, page{}, 1, 0}, enosys},
		{"getpeername", []any{-1, page{}, page{}}, enosys},
		{"setsockopt", []any{-1, 0, 0, page{}, 4}, enosys},
		{"kill", []any{0, 0}, enosys},
		{"tkill", []any{1, 0}, enosys},
		{"rt_sigqueueinfo", []any{1, 0, page{}}, enosys},
		{"openat", []any{-1, page{}, 0, 0}, enosys},
		{"openat2", []any{-1, page{}, page{}, wide(24)}, enosys},
		{"open_by_handle_at", []any{-1, page{}, 0}, enosys},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"io_uring_enter", []any{-1, 0, 0, 0, wide(0), wide(0)}, eperm},
		{"io_uring_register", []any{-1, 0, wide(0), 0}, eperm},
		{"getppid", nil, allowed},
	}
	for name, args := range map[string][]any{"open": {page{}, 0, 0}, "creat": {page{}, 0}} {
		if _, ok := native(t).table(t).Number(name); ok { // which younger ABIs do not have
			probes = append(probes, probe{name, args, enosys})
		}
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

// familyProbes are about socket and socketpair, of which only AF_UNIX is left.
func familyProbes() []probe {
	return []probe{
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, allowed},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_INET, sockPacket, 0x300}, eperm},
		{"socket", []any{unix.AF_INET6, unix.SOCK_DGRAM, 0}, eperm},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, eperm},
		{"socketpair", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0, page{}}, allowed},
		{"socketpair", []any{unix.AF_INET, unix.SOCK_STREAM, 0, page{}}, eperm},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"io_uring_enter", []any{-1, 0, 0, 0, wide(0), wide(0)}, eperm},
		{"io_uring_register", []any{-1, 0, wide(0), 0}, eperm},
		{"getppid", nil, allowed},
	}
}

func TestUnixSocketsOnly(t *testing.T) {
	res := compile(t, "unix-sockets-only.scp", compiler.Options{})
	probes := append(familyProbes(),
		probe{"connect", []any{-1, page{}, 16}, allowed},
		probe{"sendmsg", []any{-1, page{}, 0}, allowed})
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestNoNetwork(t *testing.T) {
	res := compile(t, "no-network.scp", compiler.Options{})
	probes := append(familyProbes(),
		probe{"connect", []any{-1, page{}, 16}, eperm},
		probe{"bind", []any{-1, page{}, 16}, eperm},
		probe{"listen", []any{-1, 1}, eperm},
		probe{"accept", []any{-1, wide(0), wide(0)}, eperm},
		probe{"accept4", []any{-1, wide(0), wide(0), 0}, eperm},
		probe{"sendmsg", []any{-1, page{}, 0}, eperm},
		probe{"sendmmsg", []any{-1, page{}, 1, 0}, eperm},
		probe{"sendto", []any{-1, page{}, wide(1), 0, page{}, 16}, eperm},
		probe{"sendto", []any{-1, page{}, wide(1), msgFastopen, wide(0), 0}, eperm},
		probe{"sendto", []any{-1, page{}, wide(1), 0, wide(0), 0}, allowed})
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}
