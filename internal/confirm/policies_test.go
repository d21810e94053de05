//go:build linux

package confirm

import (
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/compiler"
)

const (
	eperm  = verdict(unix.EPERM)
	eacces = verdict(unix.EACCES)
	einval = verdict(unix.EINVAL)
	enosys = verdict(unix.ENOSYS)
)

// Constants that package unix does not have.
const (
	readImpliesExec = 0x0400000 // include/uapi/linux/personality.h
	addrNoRandomize = 0x0040000
	shmExec         = 0100000 // include/uapi/linux/shm.h
	futexWake       = 1       // include/uapi/linux/futex.h
	futexWakeOp     = 5
	sockPacket      = 10 // include/linux/net.h
	ptracePeekText  = 1  // include/uapi/linux/ptrace.h
	ptracePokeText  = 4
)

// number returns a constant of this machine's ABI.
func number(t *testing.T, name string) int {
	t.Helper()
	v, ok := native(t).table(t).Constant(name)
	if !ok {
		t.Fatalf("no constant %s", name)
	}
	n, err := strconv.ParseInt(v.ExactString(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestOpenShellAsMerged(t *testing.T) {
	res := compile(t, "openshell-pr740.scp", compiler.Options{})
	probes := []probe{
		{"memfd_create", []any{page{}, 0}, eperm},
		{"ptrace", []any{wide(ptracePeekText), 0}, eperm},
		{"bpf", []any{-1, page{}, 0}, eperm},
		{"process_vm_readv", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, eperm},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"mount", []any{wide(0), wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"execveat", []any{-1, page{}, wide(0), wide(0), unix.AT_EMPTY_PATH}, eperm},
		{"execveat", []any{-1, page{}, wide(0), wide(0), 0}, allowed},
		{"unshare", []any{unix.CLONE_NEWUSER}, eperm},
		{"unshare", []any{0}, allowed},
		{"seccomp", []any{unix.SECCOMP_SET_MODE_FILTER, 0, wide(0)}, eperm},
		{"seccomp", []any{unix.SECCOMP_GET_ACTION_AVAIL, 0, page{}}, allowed},
		{"socket", []any{unix.AF_PACKET, unix.SOCK_RAW, 0}, eperm},
		{"socket", []any{unix.AF_BLUETOOTH, unix.SOCK_RAW, 0}, eperm},
		{"socket", []any{unix.AF_VSOCK, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_INET6, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, eperm},
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, allowed},
		{"process_vm_writev", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, allowed},
		{"clone3", []any{wide(0), wide(0)}, allowed},
		{"getppid", nil, allowed},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestOpenShellWithNetwork(t *testing.T) {
	inet := compiler.Options{Params: map[string]string{"allow_inet": "true"}}
	for _, name := range []string{"openshell-pr740.scp", "openshell.scp"} {
		native(t).check(t, compile(t, name, inet).Program, []probe{
			{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, allowed},
			{"socket", []any{unix.AF_INET6, unix.SOCK_DGRAM, 0}, allowed},
			{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, allowed},
			{"socket", []any{unix.AF_PACKET, unix.SOCK_RAW, 0}, eperm},
			{"socket", []any{unix.AF_VSOCK, unix.SOCK_STREAM, 0}, eperm},
		})
	}
	native(t).check(t, compile(t, "openshell.scp", inet).Program, []probe{
		{"socket", []any{unix.AF_INET, sockPacket, 0x300}, eperm},
		{"socket", []any{unix.AF_INET, sockPacket | unix.SOCK_CLOEXEC, 0x300}, eperm},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT}, eperm},
	})
}

func TestOpenShell(t *testing.T) {
	res := compile(t, "openshell.scp", compiler.Options{})
	probes := []probe{
		{"memfd_create", []any{page{}, 0}, eperm},
		{"memfd_secret", []any{-1}, eperm},
		{"execveat", []any{-1, page{}, wide(0), wide(0), unix.AT_EMPTY_PATH}, eperm},
		{"execveat", []any{-1, page{}, wide(0), wide(0), 0}, allowed},
		{"execve", []any{wide(0), wide(0), wide(0)}, allowed},

		{"ptrace", []any{wide(ptracePeekText), 0}, eperm},
		{"process_vm_readv", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, eperm},
		{"process_vm_writev", []any{0, wide(0), wide(0), wide(0), wide(0), wide(1)}, eperm},
		{"pidfd_open", []any{-1, 0}, enosys},
		{"keyctl", []any{-1, wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"add_key", []any{wide(0), wide(0), wide(0), wide(0), 0}, eperm},
		{"request_key", []any{wide(0), wide(0), wide(0), 0}, eperm},
		{"pidfd_getfd", []any{-1, -1, 0}, eperm},
		{"pidfd_send_signal", []any{-1, 0, wide(0), 0}, eperm},
		{"kcmp", []any{-1, -1, 0, wide(0), wide(0)}, eperm},
		{"process_madvise", []any{-1, wide(0), wide(0), 0, 0}, eperm},
		{"process_mrelease", []any{-1, 0}, eperm},
		{"move_pages", []any{1, wide(0), wide(0), wide(0), wide(0), 0}, eperm},
		{"move_pages", []any{0, wide(0), wide(0), wide(0), wide(0), 0}, allowed},
		{"migrate_pages", []any{1, wide(0), wide(0), wide(0)}, eperm},
		{"get_robust_list", []any{1, page{}, page{}}, eperm},
		{"get_robust_list", []any{0, page{}, page{}}, allowed},

		{"bpf", []any{-1, page{}, 0}, eperm},
		{"perf_event_open", []any{wide(0), -1, -1, -1, wide(1 << 40)}, eperm},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"io_uring_enter", []any{-1, 0, 0, 0, wide(0), wide(0)}, eperm},
		{"io_uring_register", []any{-1, 0, wide(0), 0}, eperm},
		{"userfaultfd", []any{-1}, eperm},
		{"ioctl", []any{-1, number(t, "USERFAULTFD_IOC_NEW"), wide(0)}, eperm},

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

		{"unshare", []any{unix.CLONE_NEWUSER}, eperm},
		{"unshare", []any{0}, allowed},
		{"clone", []any{unix.CLONE_NEWUSER | unix.CLONE_FS, wide(0)}, eperm},
		{"clone", []any{unix.CLONE_THREAD, wide(0)}, allowed},
		{"clone3", []any{wide(0), wide(0)}, enosys},
		{"setns", []any{-1, 0}, eperm},

		{"seccomp", []any{unix.SECCOMP_SET_MODE_FILTER, 0, wide(0)}, eperm},
		{"seccomp", []any{unix.SECCOMP_GET_ACTION_AVAIL, 0, page{}}, allowed},
		{"prctl", []any{unix.PR_SET_SECCOMP, wide(unix.SECCOMP_MODE_FILTER), wide(0)}, eperm},
		{"prctl", []any{unix.PR_GET_DUMPABLE}, allowed},
		{"ioctl", []any{-1, unix.TIOCSTI, wide(0)}, eperm},
		{"ioctl", []any{-1, unix.TIOCLINUX, wide(0)}, eperm},
		{"ioctl", []any{-1, unix.TCGETS, wide(0)}, allowed},

		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_INET, sockPacket, 0x300}, eperm},
		{"socket", []any{unix.AF_PACKET, unix.SOCK_RAW, 0}, eperm},
		{"socket", []any{unix.AF_XDP, unix.SOCK_RAW, 0}, eperm},
		{"socket", []any{unix.AF_SMC, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, allowed},
		{"socket", []any{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT}, eperm},
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, allowed},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestSupervisor(t *testing.T) {
	res := compile(t, "supervisor.scp", compiler.Options{})
	probes := []probe{
		{"mount", []any{wide(0), wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"umount2", []any{wide(0), 0}, eperm},
		{"pivot_root", []any{wide(0), wide(0)}, eperm},
		{"fsopen", []any{wide(0), 0}, eperm},
		{"fsconfig", []any{-1, 0, wide(0), wide(0), 0}, eperm},
		{"fsmount", []any{-1, 0, 0}, eperm},
		{"fspick", []any{-1, wide(0), 0}, eperm},
		{"move_mount", []any{-1, wide(0), -1, wide(0), 0}, eperm},
		{"open_tree", []any{-1, wide(0), 0}, eperm},
		{"open_tree_attr", []any{-1, wide(0), 0, wide(0), wide(0)}, eperm},
		{"mount_setattr", []any{-1, wide(0), 0, wide(0), wide(0)}, eperm},
		{"bpf", []any{-1, page{}, 0}, eperm},
		{"perf_event_open", []any{wide(0), -1, -1, -1, wide(1 << 40)}, eperm},
		{"userfaultfd", []any{-1}, eperm},
		{"ioctl", []any{-1, number(t, "USERFAULTFD_IOC_NEW"), wide(0)}, eperm},
		{"init_module", []any{wide(0), wide(0), wide(0)}, eperm},
		{"finit_module", []any{-1, wide(0), 0}, eperm},
		{"delete_module", []any{wide(0), 0}, eperm},
		{"kexec_load", []any{wide(0), wide(0), wide(0), wide(1 << 40)}, eperm},
		{"kexec_file_load", []any{-1, -1, wide(0), wide(0), wide(1 << 40)}, eperm},
		{"reboot", []any{0, 0, unix.LINUX_REBOOT_CMD_KEXEC, wide(0)}, eperm},
		{"reboot", []any{0, 0, 0, wide(0)}, allowed},
		{"setns", []any{-1, 0}, allowed},
		{"unshare", []any{0}, allowed},
		{"clone3", []any{wide(0), wide(0)}, allowed},
		{"ptrace", []any{wide(ptracePeekText), 0}, allowed},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestDockerDefault(t *testing.T) {
	res := compile(t, "docker-default.scp", compiler.Options{})
	probes := []probe{
		{"mount", []any{wide(0), wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"umount2", []any{wide(0), 0}, eperm},
		{"unshare", []any{0}, eperm},
		{"setns", []any{-1, 0}, eperm},
		{"bpf", []any{-1, page{}, 0}, eperm},
		{"perf_event_open", []any{wide(0), -1, -1, -1, wide(1 << 40)}, eperm},
		{"chroot", []any{wide(0)}, eperm},
		{"open_by_handle_at", []any{-1, wide(0), 0}, eperm},
		{"keyctl", []any{-1, wide(0), wide(0), wide(0), wide(0)}, eperm},
		{"add_key", []any{wide(0), wide(0), wide(0), wide(0), 0}, eperm},
		{"kcmp", []any{-1, -1, 0, wide(0), wide(0)}, eperm},
		{"io_uring_setup", []any{0, page{}}, eperm},
		{"userfaultfd", []any{-1}, eperm},
		{"clone", []any{unix.CLONE_NEWUSER | unix.CLONE_FS, wide(0)}, eperm},
		{"clone", []any{unix.CLONE_THREAD, wide(0)}, allowed},
		{"clone3", []any{wide(0), wide(0)}, enosys},
		{"socket", []any{unix.AF_ALG, unix.SOCK_SEQPACKET, 0}, eperm},
		{"socket", []any{unix.AF_VSOCK, unix.SOCK_STREAM, 0}, eperm},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, allowed},
		{"socket", []any{unix.AF_PACKET, unix.SOCK_RAW, 0}, allowed},
		{"personality", []any{addrNoRandomize}, eperm},
		{"personality", []any{0}, allowed},
		{"personality", []any{-1}, allowed},
		{"ptrace", []any{wide(ptracePeekText), 0}, allowed},
		{"memfd_create", []any{page{}, 0}, allowed},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestWXorX(t *testing.T) {
	res := compile(t, "w-xor-x.scp", compiler.Options{})
	const anonymous = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	probes := []probe{
		{"mmap", []any{wide(0), wide(4096), unix.PROT_WRITE | unix.PROT_EXEC, anonymous, -1,
			wide(0)}, eperm},
		{"mmap", []any{wide(0), wide(4096), unix.PROT_READ | unix.PROT_WRITE, anonymous, -1,
			wide(0)}, allowed},
		{"mmap", []any{wide(0), wide(4096), unix.PROT_READ | unix.PROT_EXEC, anonymous, -1,
			wide(0)}, allowed},
		{"shmat", []any{-1, wide(0), shmExec}, eperm},
		{"shmat", []any{-1, wide(0), 0}, allowed},
		{"memfd_create", []any{page{}, 0}, eperm},
		{"memfd_secret", []any{-1}, eperm},
		{"personality", []any{readImpliesExec}, eperm},
		{"personality", []any{-1}, allowed},
		{"ptrace", []any{wide(ptracePokeText), 0}, eperm},
		{"ptrace", []any{wide(ptracePeekText), 0}, allowed},
		{"mprotect", []any{page{}, wide(4096), unix.PROT_READ}, allowed},
		{"mprotect", []any{page{}, wide(4096), unix.PROT_READ | unix.PROT_EXEC}, eperm},
		{"pkey_mprotect", []any{page{}, wide(4096), unix.PROT_READ | unix.PROT_EXEC, -1}, eperm},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes, "uselib") // most kernels answer ENOSYS to it themselves
}

func TestOpenSSHPreauth(t *testing.T) {
	res := compile(t, "openssh-preauth.scp", compiler.Options{})
	const anonymous = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	const shared = unix.MAP_SHARED | unix.MAP_ANONYMOUS
	const readWrite = unix.PROT_READ | unix.PROT_WRITE
	probes := []probe{
		{"openat", []any{-1, page{}, 0, 0}, eacces},
		{"newfstatat", []any{-1, page{}, page{}, 0}, eacces},
		{"statx", []any{-1, page{}, 0, 0, page{}}, eacces},
		{"fstat", []any{-1, page{}}, eacces},
		{"shmget", []any{0, wide(0), 0}, eacces},
		{"shmat", []any{-1, wide(0), 0}, eacces},
		{"shmdt", []any{wide(1)}, eacces},
		{"mmap", []any{wide(0), wide(4096), readWrite, anonymous, -1, wide(0)}, allowed},
		{"mmap", []any{wide(0), wide(4096), readWrite, shared, -1, wide(0)}, einval},
		{"mmap", []any{wide(0), wide(4096), unix.PROT_EXEC, anonymous, -1, wide(0)}, killThread},
		{"mprotect", []any{page{}, wide(4096), readWrite}, allowed},
		{"mprotect", []any{page{}, wide(4096), unix.PROT_EXEC}, killThread},
		{"madvise", []any{page{}, wide(4096), unix.MADV_DONTFORK}, allowed},
		{"madvise", []any{page{}, wide(4096), unix.MADV_SEQUENTIAL}, einval},
		{"futex", []any{page{}, futexWake, 1}, allowed},
		{"futex", []any{page{}, futexWakeOp, 1, wide(0), page{}, 0}, killThread},
		{"getpid", nil, allowed},
		{"read", []any{-1, page{}, wide(0)}, allowed},
		{"writev", []any{-1, page{}, wide(0)}, allowed},
		{"shutdown", []any{-1, 0}, allowed},
		{"execve", []any{wide(0), wide(0), wide(0)}, killThread},
		{"socket", []any{unix.AF_UNIX, unix.SOCK_STREAM, 0}, killThread},
		{"rt_sigaction", []any{0, wide(0), wide(0), wide(8)}, killThread},
		{"ptrace", []any{wide(ptracePeekText), 0}, killThread},
	}
	for _, old := range []string{"open", "stat", "lstat"} { // which younger ABIs do not have
		if _, ok := native(t).table(t).Number(old); ok {
			probes = append(probes, probe{old, []any{page{}, page{}}, eacces})
		}
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

func TestStrict(t *testing.T) {
	res := compile(t, "strict.scp", compiler.Options{})
	probes := []probe{
		{"read", []any{-1, page{}, wide(0)}, allowed},
		{"write", []any{-1, page{}, wide(0)}, allowed},
		{"openat", []any{-1, page{}, 0, 0}, kills},
		{"close", []any{-1}, kills},
		{"getppid", nil, kills},
		{"readv", []any{-1, page{}, wide(0)}, kills},
		{"exit_group", []any{0}, kills},
		{"rt_sigaction", []any{0, wide(0), wide(0), wide(8)}, kills},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}

// A signal handler runs and returns under the strict policy, and would not without the two calls
// for it.
func TestStrictReturnsFromHandlers(t *testing.T) {
	e := native(t)
	read := probe{"read", []any{-1, page{}, wide(0)}, allowed}
	lines := "signal\n" + e.line(t, read, 0)
	strict := write(t, compile(t, "strict.scp", compiler.Options{}).Program)
	if out, err := e.run(lines, strict); err != nil || out != "0\n9\n" {
		t.Errorf("%v, printed %q, want a signal and EBADF", err, out)
	}
	src := []byte("default kill\nallow read, write, exit\n")
	res, diags := compiler.Compile("no-return.scp", src, compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	if out, err := e.run(lines, write(t, res.Program)); !killed(err) {
		t.Errorf("without rt_sigreturn: %v, printed %q, want death by SIGSYS", err, out)
	}
}

func TestGoService(t *testing.T) {
	res := compile(t, "go-service.scp", compiler.Options{})
	const anonymous = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	probes := []probe{
		{"futex", []any{page{}, futexWake, 1}, allowed},
		{"mmap", []any{wide(0), wide(4096), unix.PROT_READ | unix.PROT_WRITE, anonymous, -1,
			wide(0)}, allowed},
		{"mmap", []any{wide(0), wide(4096), unix.PROT_EXEC, anonymous, -1, wide(0)}, eperm},
		{"accept4", []any{-1, wide(0), wide(0), 0}, allowed},
		{"setsockopt", []any{-1, unix.IPPROTO_TCP, unix.TCP_NODELAY, page{}, 4}, allowed},
		{"setsockopt", []any{-1, unix.IPPROTO_TCP, unix.TCP_REPAIR, page{}, 4}, eperm},
		{"tgkill", []any{0, 0, int(unix.SIGURG)}, allowed},
		{"tgkill", []any{0, 0, int(unix.SIGKILL)}, eperm},
		{"openat", []any{-1, page{}, 0, 0}, eperm},
		{"socket", []any{unix.AF_INET, unix.SOCK_STREAM, 0}, eperm},
		{"connect", []any{-1, page{}, 16}, eperm},
		{"clone", []any{unix.CLONE_NEWUSER | unix.CLONE_FS, wide(0)}, eperm},
		{"clone3", []any{wide(0), wide(0)}, eperm},
		{"execve", []any{wide(0), wide(0), wide(0)}, kills},
		{"execveat", []any{-1, wide(0), wide(0), wide(0), 0}, kills},
	}
	native(t).check(t, res.Program, probes)
	native(t).covers(t, res, probes)
}
