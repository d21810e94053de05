//go:build linux

package confirm

import (
	"strconv"
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

// childProbes are about what a workload may not do to the sandbox's process, whose number is given.
func childProbes(t *testing.T, tgid int) []probe {
	return []probe{
		{"kill", []any{tgid, 0}, eperm},
		{"kill", []any{0, 0}, eperm},
		{"kill", []any{-1, 0}, eperm},
		{"tgkill", []any{tgid, tgid, 0}, eperm},
		{"rt_sigqueueinfo", []any{tgid, 0, wide(0)}, eperm},
		{"rt_sigqueueinfo", []any{0, 0, wide(0)}, eperm},
		{"rt_tgsigqueueinfo", []any{tgid, tgid, 0, wide(0)}, eperm},
		{"tkill", []any{tgid, 0}, eperm},
		{"ptrace", []any{wide(ptracePeekText), 0}, eperm},
		{"process_vm_readv", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, eperm},
		{"process_vm_writev", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, eperm},
		{"pidfd_getfd", []any{-1, -1, 0}, eperm},
		{"pidfd_send_signal", []any{-1, 0, wide(0), 0}, eperm},
		{"kcmp", []any{-1, -1, 0, wide(0), wide(0)}, eperm},
		{"process_madvise", []any{-1, wide(0), wide(0), 0, 0}, eperm},
		{"process_mrelease", []any{-1, 0}, eperm},
		{"move_pages", []any{1, wide(0), wide(0), wide(0), wide(0), 0}, eperm},
		{"move_pages", []any{0, wide(0), wide(0), wide(0), wide(0), 0}, allowed},
		{"migrate_pages", []any{1, wide(0), wide(0), wide(0)}, eperm},
		{"get_robust_list", []any{1, page{}, page{}}, eperm},
		{"prlimit64", []any{1, 0, wide(0), page{}}, eperm},
		{"prlimit64", []any{0, 0, wide(0), page{}}, allowed},
		{"sched_setaffinity", []any{1, 0, page{}}, eperm},
		{"sched_setattr", []any{1, page{}, 0}, eperm},
		{"sched_setparam", []any{1, page{}}, eperm},
		{"sched_setscheduler", []any{1, 0, page{}}, eperm},
		{"setpriority", []any{0, 0, 0}, eperm},
		{"ioprio_set", []any{1, 0, 0}, eperm},
		{"fcntl", []any{-1, unix.F_SETOWN, wide(0)}, eperm},
		{"fcntl", []any{-1, unix.F_GETFL, wide(0)}, allowed},
		{"ioctl", []any{-1, number(t, "FIOSETOWN"), wide(0)}, eperm},
		{"close_range", []any{1 << 20, 1 << 20, unix.CLOSE_RANGE_UNSHARE}, eperm},
		{"close_range", []any{1 << 20, 1 << 20, 0}, allowed},

		{"unshare", []any{0}, eperm},
		{"setns", []any{-1, 0}, eperm},
		{"mount", []any{wide(0), wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"umount2", []any{wide(0), 0}, eperm},
		{"pivot_root", []any{wide(0), wide(0)}, eperm},
		{"chroot", []any{wide(0)}, eperm},
		{"fsopen", []any{wide(0), 0}, eperm},
		{"fsconfig", []any{-1, 0, wide(0), wide(0), 0}, eperm},
		{"fsmount", []any{-1, 0, 0}, eperm},
		{"fspick", []any{-1, wide(0), 0}, eperm},
		{"move_mount", []any{-1, wide(0), -1, wide(0), 0}, eperm},
		{"open_tree", []any{-1, wide(0), 0}, eperm},
		{"open_tree_attr", []any{-1, wide(0), 0, wide(0), wide(0)}, eperm},
		{"mount_setattr", []any{-1, wide(0), 0, wide(0), wide(0)}, eperm},
		{"clone", []any{unix.CLONE_NEWUSER | unix.CLONE_FS, wide(0)}, eperm},
		{"clone3", []any{wide(0), wide(0)}, enosys},
		{"pidfd_open", []any{-1, 0}, enosys},
		{"bpf", []any{-1, page{}, 0}, eperm},
		{"perf_event_open", []any{wide(0), -1, -1, -1, wide(1 << 40)}, eperm},
		{"userfaultfd", []any{-1}, eperm},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"io_uring_enter", []any{-1, 0, 0, 0, wide(0), wide(0)}, eperm},
		{"io_uring_register", []any{-1, 0, wide(0), 0}, eperm},

		{"setuid", []any{0}, eperm},
		{"setgid", []any{0}, eperm},
		{"setreuid", []any{0, 0}, eperm},
		{"setregid", []any{0, 0}, eperm},
		{"setresuid", []any{0, 0, 0}, eperm},
		{"setresgid", []any{0, 0, 0}, eperm},
		{"setfsuid", []any{0}, eperm},
		{"setfsgid", []any{0}, eperm},
		{"setgroups", []any{0, wide(0)}, eperm},
		{"capset", []any{page{}, page{}}, eperm},
		{"sethostname", []any{wide(0), 0}, eperm},
		{"setdomainname", []any{wide(0), 0}, eperm},
		{"keyctl", []any{-1, wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"add_key", []any{wide(0), wide(0), wide(0), wide(0), 0}, eperm},
		{"request_key", []any{wide(0), wide(0), wide(0), 0}, eperm},
		{"getppid", nil, allowed},
	}
}

func TestOpenShellChild(t *testing.T) {
	for _, tgid := range []string{"1", "2", "65536", "4194303"} {
		n, err := strconv.Atoi(tgid)
		if err != nil {
			t.Fatal(err)
		}
		res := compile(t, "openshell-child.scp", late("sandbox_tgid", tgid))
		native(t).check(t, res.Program, childProbes(t, n))
		native(t).covers(t, res, childProbes(t, n))
	}
}

func TestExecOnce(t *testing.T) {
	const path = 0x7f00_0000_1234
	res := compile(t, "exec-once.scp", late("path", strconv.FormatUint(path, 10)))
	native(t).check(t, res.Program, []probe{
		{"execve", []any{wide(path + 1), wide(0), wide(0)}, eperm},
		{"execve", []any{wide(path), wide(0), wide(0)}, allowed},
		{"execve", []any{wide(1<<32 + path), wide(0), wide(0)}, eperm},
		{"execveat", []any{-1, page{}, wide(0), wide(0), 0}, enosys},
	})
}

// late sets a late value.
func late(name, value string) compiler.Options {
	return compiler.Options{Params: map[string]string{name: value}}
}
