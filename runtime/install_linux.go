package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Install puts the filter in front of every system call of this process or of the calling thread,
// as flags say. It sets no_new_privs first, which stays set on the calling thread even when the
// kernel then refuses the filter.
//
// For Process it asks [Preflight] about what Go needs and about needs; for Thread about needs
// alone.
//
// Filters add up: the strictest answer of all that are installed decides, and each must allow
// seccomp(2) for the next one to be installed. Handing Process to a kernel older than 3.17 is an
// error; Thread without other flags falls back to prctl(2) there.
func Install(p asm.Program, flags Flags, needs ...Call) error {
	_, err := install(p, flags, needs)
	return err
}

// InstallListener is [Install] for a filter that leaves calls to a supervisor. It returns the
// close-on-exec descriptor on which package notify receives them; closing it makes those calls fail
// with ENOSYS. A process that confines all of its threads cannot serve itself: hand the descriptor
// to another.
func InstallListener(p asm.Program, flags Flags, needs ...Call) (fd int, err error) {
	return install(p, flags|listener, needs)
}

func install(p asm.Program, flags Flags, needs []Call) (int, error) {
	if err := flags.checkInstall(); err != nil {
		return -1, err
	}
	if err := verify(p, hostArch()); err != nil {
		return -1, err
	}
	if flags&NoPreflight == 0 {
		if err := preflight(p, flags, needs); err != nil {
			return -1, err
		}
	}
	// no_new_privs belongs to a thread: both system calls must come from the same one.
	runtime.LockOSThread()
	if flags&Process != 0 {
		defer runtime.UnlockOSThread()
	}
	if err := giveUpPrivileges(flags); err != nil {
		return -1, err
	}
	return attach(p, flags)
}

// giveUpPrivileges sets no_new_privs on this thread, unless the flags say otherwise.
func giveUpPrivileges(flags Flags) error {
	if flags&KeepPrivileges != 0 {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return &Error{"set no_new_privs", err, "a filter installed before must allow prctl"}
	}
	set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	if err != nil || set != 1 {
		return &Error{"set no_new_privs", errFeigned, feignedHelp}
	}
	return nil
}

// attach makes the system call. Its positive answers are descriptors when a listener was asked for,
// and failures otherwise: the kernel reports the thread that it could not confine in this way.
func attach(p asm.Program, flags Flags) (int, error) {
	bits := uintptr(flags & (Log | SpecAllow | WaitKillable | listener))
	if flags&Process != 0 {
		bits |= unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	}
	n, errno := setFilter(p, bits)
	if flags&Process != 0 && flags&listener == 0 && (errno == unix.EINVAL || errno == unix.ESRCH) {
		// EINVAL: the kernel may be older than 5.7 and not know TSYNC_ESRCH. ESRCH: without it the
		// kernel tells which thread is in the way.
		n, errno = setFilter(p, bits&^unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH)
	}
	if errno == unix.ENOSYS && bits == 0 {
		errno = setFilterByPrctl(p)
		n = 0
	}
	if errno != 0 {
		return -1, refused(errno, p, bits)
	}
	if n != 0 && flags&listener == 0 {
		return -1, diverged(fmt.Sprintf("thread %d", n))
	}
	return int(n), nil
}

// errFeigned stands for a success that the kernel has not reported: a filter can answer any call
// with errno 0, which looks the same.
var errFeigned = errors.New("a filter installed before pretends success in the kernel's place")

const feignedHelp = "nothing was installed; that filter must let the call through, or deny it " +
	"with an errno"

func setFilter(p asm.Program, bits uintptr) (uintptr, unix.Errno) {
	return offer(p, unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, bits)
}

// setFilterByPrctl is what kernels before 3.17 offer, the same as seccomp(2) without flags.
func setFilterByPrctl(p asm.Program) unix.Errno {
	_, errno := offer(p, unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER)
	return errno
}

// feigned is what offer returns for errFeigned; the kernel has no such errno.
const feigned = unix.Errno(4095)

// offer makes a system call whose third argument points to the program. It does so twice, first
// with a length of 0, which the kernel refuses: a success then comes from a filter, and would come
// again, for a filter sees the same registers and no memory.
func offer(p asm.Program, nr, first, second uintptr) (uintptr, unix.Errno) {
	prog := fprog(p)
	prog.Len = 0
	_, _, errno := unix.RawSyscall(nr, first, second, uintptr(unsafe.Pointer(&prog)))
	if errno == 0 {
		return 0, feigned
	}
	prog.Len = uint16(len(p))
	n, _, errno := unix.RawSyscall(nr, first, second, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(p)
	return n, errno
}

// fprog points the kernel at the program as it lies in memory: an instruction is a struct
// sock_filter.
func fprog(p asm.Program) unix.SockFprog {
	return unix.SockFprog{Len: uint16(len(p)), Filter: (*unix.SockFilter)(unsafe.Pointer(&p[0]))}
}

// Confine picks the filters for this program's ABI from a table of blobs by GOARCH, as [Pick] does,
// installs them in order for the whole process, and asks whether every thread is confined. After an
// error some of them may be installed, never all: do not go on.
func Confine(blobs map[string][]byte) error {
	filters, err := Pick(blobs)
	if err != nil {
		return err
	}
	for _, f := range filters {
		if err := Install(f, Process); err != nil {
			return err
		}
	}
	return Confined(len(filters))
}

const installing = "install the filter"

// refused explains an errno of seccomp(2) for a program that passed asm's Check
// (kernel/seccomp.c, seccomp_set_mode_filter and what it calls).
func refused(errno unix.Errno, p asm.Program, bits uintptr) error {
	if errno == feigned {
		return &Error{installing, errFeigned, feignedHelp}
	}
	return &Error{installing, errno, remedy(errno, p, bits)}
}

// enotsupp is ENOTSUPP of include/linux/errno.h, which no program should see:
// bpf_prog_select_runtime of kernel/bpf/core.c returns it where a program has to be compiled
// (CONFIG_BPF_JIT_ALWAYS_ON) and cannot.
const enotsupp = unix.Errno(524)

func remedy(errno unix.Errno, p asm.Program, bits uintptr) string {
	switch errno {
	case unix.EACCES:
		return "without no_new_privs this needs CAP_SYS_ADMIN in the user namespace; drop " +
			"KeepPrivileges"
	case unix.EINVAL:
		return unknownFlag(bits)
	case unix.ENOMEM:
		return fmt.Sprintf("all filters of a thread may take %d instructions as the kernel "+
			"counts them, "+
			"4 more for each; this one takes %d; merge filters into one", asm.MaxPathLen,
			p.KernelLen())
	case unix.EBUSY:
		return "a filter of this thread has a listener already, and the kernel allows one; " +
			"compile what is to be supervised into one filter"
	case unix.ESRCH:
		return divergedHelp
	case unix.ENOSYS:
		return "this needs Linux 3.17 with CONFIG_SECCOMP_FILTER, or a filter installed before " +
			"answers so"
	case unix.EPERM:
		return "a filter installed before refuses seccomp; install the strictest last"
	case enotsupp:
		return "the kernel has no memory left for compiled filters; raise the limit, " +
			"sysctl net.core.bpf_jit_limit, or end processes that have filters"
	case unix.EMFILE, unix.ENFILE:
		return "the listener needs a file descriptor; close some, or raise the limit"
	}
	return "a filter installed before may answer so, or the kernel is in trouble"
}

// unknownFlag finds the flag that the kernel does not know, by asking with an address that it
// cannot read: EFAULT for flags that it does.
func unknownFlag(bits uintptr) string {
	for flag := uintptr(1); flag <= bits; flag <<= 1 {
		if bits&flag != 0 && probeFlag(flag) == unix.EINVAL {
			return fmt.Sprintf("this kernel does not know the flag %#x of seccomp(2); do "+
				"without it", flag)
		}
	}
	return "the thread is in seccomp's strict mode, or the kernel lacks CONFIG_SECCOMP_FILTER"
}

// probeFlag asks the kernel for a filter at address 0.
func probeFlag(flag uintptr) unix.Errno {
	switch flag {
	case unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: // refused unless there is a listener
		flag |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flag, 0)
	return errno
}

const divergedHelp = "a thread has a filter of its own, so that all cannot get the same; " +
	"install for the process before any thread installs for itself"

func diverged(which string) error {
	return &Error{installing, unix.ESRCH, which + " stands in the way: " + divergedHelp}
}

// Exec replaces this process by a program that the filters confine. It is for where nobody may
// trace, which [Start] does: under filters as Flatpak's, Chrome's or systemd's; and for what must
// stay the same process, as the first one of a container, or a service that its manager waits for.
//
// The filters are in force when the program is executed: they must let execve pass, and what the
// kernel and the dynamic loader do on the way. Those that do not are an error before anything is
// installed, and so is all else that can be known then. Flags are those of Start. Exec returns only
// errors. After one of execve itself the calling thread is confined, and the caller should end.
func Exec(path string, args, env []string, flags Flags, filters ...asm.Program) error {
	if err := flags.checkStart(); err != nil {
		return err
	}
	if len(filters) == 0 {
		return errors.New("runtime: Exec without a filter would confine nothing; use syscall.Exec")
	}
	e, err := newExecve(path, args, env)
	if err != nil {
		return err
	}
	if err := checkExec(filters, e.call()); err != nil {
		return err
	}
	if err := executable(path); err != nil { // while there is a way back
		return err
	}
	restoreLimit()
	if err := installThread(filters, flags); err != nil {
		return err
	}
	// From here on every system call but this one may be what a filter kills.
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, e.registers[0], e.registers[1], e.registers[2])
	runtime.KeepAlive(e)
	const help = "this thread is confined by now, and nothing was executed"
	if errno == 0 {
		return &Error{"execute " + path, errFeigned, help}
	}
	return &Error{"execute " + path, errno, help}
}

// executable returns the error that execve would.
func executable(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = unix.EACCES
	} else if err == nil {
		err = unix.Access(path, unix.X_OK)
	}
	if _, named := err.(*fs.PathError); err == nil || named {
		return err
	}
	return &fs.PathError{Op: "exec", Path: path, Err: err}
}

// execve is a call whose arguments lie ready.
type execve struct {
	name       *byte
	argv, envp []*byte
	registers  [3]uintptr
}

func newExecve(path string, args, env []string) (*execve, error) {
	name, err := syscall.BytePtrFromString(path)
	if err != nil {
		return nil, err
	}
	argv, err := syscall.SlicePtrFromStrings(args)
	if err != nil {
		return nil, err
	}
	envp, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return nil, err
	}
	return &execve{name, argv, envp, [3]uintptr{uintptr(unsafe.Pointer(name)),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0]))}}, nil
}

func (e *execve) call() Call {
	c := Call{Name: "execve", Nr: unix.SYS_EXECVE}
	for i, r := range e.registers {
		c.Args[i] = uint64(r)
	}
	return c
}

// checkExec asks the filters about the calls that come once the first of them is installed.
func checkExec(filters []asm.Program, execve Call) error {
	for i, p := range filters {
		if err := verify(p, hostArch()); err != nil {
			return err
		}
		calls := []Call{execve}
		if i < len(filters)-1 {
			calls = append(calls, Call{Name: "seccomp", Nr: unix.SYS_SECCOMP,
				Args: [6]uint64{unix.SECCOMP_SET_MODE_FILTER}})
		}
		for _, c := range calls {
			if err := survives(p, []Call{c}, executed); err != nil {
				return err
			}
		}
	}
	return nil
}

// installThread confines the calling thread, and leaves the goroutine wired to it.
func installThread(filters []asm.Program, flags Flags) error {
	runtime.LockOSThread()
	if err := giveUpPrivileges(flags); err != nil {
		return err
	}
	for _, p := range filters {
		if _, err := attach(p, flags|Thread); err != nil {
			return err
		}
	}
	return nil
}

// restoreLimit gives this process the limit of open files that it was started with: Go raises it,
// and gives it back only where package syscall executes a program. So it is made to try one that
// there is not.
func restoreLimit() { syscall.Exec("", []string{""}, nil) }
