package runtime

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Preflight runs the filter, without installing it, on calls that must work under it, and returns
// an error that names the first one that would not. Only the actions allow and log let a call work:
// what is left to a supervisor or a tracer may never come back.
func Preflight(p asm.Program, calls ...Call) error {
	return survives(p, calls, wanted)
}

// preflight asks about what a process of Go needs when all of it is to be confined, and about the
// caller's needs.
func preflight(p asm.Program, flags Flags, needs []Call) error {
	if flags&Process != 0 {
		if err := goSurvives(p); err != nil {
			return err
		}
	}
	return Preflight(p, needs...)
}

// goSurvives asks about the calls of Go's runtime. What must work is fatal to a process when it
// fails: the runtime throws, or hangs. What may fail can be denied with an errno, and no other way.
func goSurvives(p asm.Program) error {
	if err := survives(p, goMust[:], fatal); err != nil {
		return err
	}
	if err := survives(p, goMustHere[:], fatal); err != nil {
		return err
	}
	return survives(p, goMay[:], bearable)
}

// loss is what an errno does to a program that makes a call.
type loss string

const (
	wanted   loss = "the caller says that it has to work"
	fatal    loss = "without it a Go program dies or hangs"
	executed loss = "Exec makes it under the filter"
	bearable loss = "a Go program makes it at any time, and bears no more than an errno"
)

// remedy says what to do about a loss.
func (l loss) remedy() string {
	if l == executed {
		return "allow it, or use Start; nothing was installed"
	}
	return "allow it (@go-runtime has all that Go needs), or pass NoPreflight"
}

// survives asks about calls whose failure is a loss of one kind.
func survives(p asm.Program, calls []Call, l loss) error {
	arch := hostArch()
	for i := range calls {
		c := &calls[i]
		if p.ConstantAllow(arch, c.Nr) { // whatever the arguments: the quick answer
			continue
		}
		r, err := p.Run(asm.Data{Nr: c.Nr, Arch: arch, Args: c.Args}, binary.NativeEndian)
		if err != nil {
			return fmt.Errorf("runtime: preflight of %s: %w", c.Name, err)
		}
		if !works(r.Ret) && !(l == bearable && fails(r.Ret)) {
			return fmt.Errorf("runtime: preflight: the filter answers %s (number %d) with "+
				"%#08x: %s; %s",
				c.Name, c.Nr, r.Ret, l, l.remedy())
		}
	}
	return nil
}

// works reports whether the kernel carries a call out that a filter answers with ret.
func works(ret uint32) bool {
	action := ret & unix.SECCOMP_RET_ACTION_FULL
	return action == unix.SECCOMP_RET_ALLOW || action == unix.SECCOMP_RET_LOG
}

// fails reports whether the call returns an error. With errno 0 it pretends success, and with 4095
// (which the kernel makes of all that is more) it does so on the ABIs where Go takes -4095 for a
// result.
func fails(ret uint32) bool {
	const most = 4094
	data := ret & unix.SECCOMP_RET_DATA
	return ret&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_ERRNO && data != 0 && data <= most
}

// What a Go program keeps calling once it has started, with the arguments that its runtime gives,
// as seen with strace on programs of Go 1.26 and in the runtime's source (os_linux.go,
// mem_linux.go, netpoll_epoll.go). Which calls a program survives the loss of was tried, one by
// one, on linux/amd64, with a vDSO and without; a test tries all that may fail again.

const (
	anonymous = unix.MAP_ANON | unix.MAP_PRIVATE
	readWrite = unix.PROT_READ | unix.PROT_WRITE
	noFile    = 1<<32 - 1 // -1 in an int

	futexWait = 128 // FUTEX_WAIT | FUTEX_PRIVATE_FLAG of include/uapi/linux/futex.h
	futexWake = 129 // FUTEX_WAKE | FUTEX_PRIVATE_FLAG

	newThread = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND |
		unix.CLONE_SYSVSEM | unix.CLONE_THREAD
)

// goMust is what has to work.
var goMust = [...]Call{
	{"futex(FUTEX_WAIT)", futexNr, [6]uint64{0, futexWait}},
	{"futex(FUTEX_WAKE)", futexNr, [6]uint64{0, futexWake, 1}},
	{"mmap(PROT_NONE)", mmapNr, [6]uint64{0, 1 << 26, unix.PROT_NONE, anonymous, noFile}},
	{"mmap(PROT_READ|PROT_WRITE)", mmapNr, [6]uint64{0, 1 << 16, readWrite, anonymous, noFile}},
	{"mmap(MAP_FIXED)", mmapNr,
		[6]uint64{1 << 26, 1 << 16, readWrite, anonymous | unix.MAP_FIXED, noFile}},
	{"munmap", unix.SYS_MUNMAP, [6]uint64{1 << 26, 1 << 16}}, // the runtime crashes where it fails
	{"rt_sigaction", unix.SYS_RT_SIGACTION, [6]uint64{uint64(unix.SIGPIPE), 0, 0, 8}},
	{"rt_sigprocmask", unix.SYS_RT_SIGPROCMASK, [6]uint64{unix.SIG_SETMASK, 0, 0, 8}},
	{"rt_sigreturn", unix.SYS_RT_SIGRETURN, [6]uint64{}},
	{"sigaltstack", unix.SYS_SIGALTSTACK, [6]uint64{}},
	{"clone(CLONE_THREAD)", unix.SYS_CLONE, cloneArgs(newThread)},
	{"epoll_create1", unix.SYS_EPOLL_CREATE1, [6]uint64{unix.EPOLL_CLOEXEC}},
	{"epoll_ctl(EPOLL_CTL_ADD)", unix.SYS_EPOLL_CTL, [6]uint64{3, unix.EPOLL_CTL_ADD, 4}},
	{"epoll_ctl(EPOLL_CTL_DEL)", unix.SYS_EPOLL_CTL, [6]uint64{3, unix.EPOLL_CTL_DEL, 4}},
	{"epoll_pwait", unix.SYS_EPOLL_PWAIT, [6]uint64{3, 0, 128}},
	{"eventfd2", unix.SYS_EVENTFD2, [6]uint64{0, unix.EFD_CLOEXEC | unix.EFD_NONBLOCK}},
	{"write(eventfd)", unix.SYS_WRITE, [6]uint64{5, 0, 8}}, // else the poller throws
	{"read(eventfd)", unix.SYS_READ, [6]uint64{5, 0, 8}},   // else it never sleeps again
	{"close", unix.SYS_CLOSE, [6]uint64{3}},
	{"exit", unix.SYS_EXIT, [6]uint64{}},
	{"exit_group", unix.SYS_EXIT_GROUP, [6]uint64{}},
	// Without a vDSO that answers (mips; x86 with another clock than tsc or kvm-clock, or vdso=0)
	// it is how Go learns the time: a timer would never end. The runtime looks at no errno.
	{"clock_gettime(CLOCK_MONOTONIC)", unix.SYS_CLOCK_GETTIME, [6]uint64{unix.CLOCK_MONOTONIC}},
	{"clock_gettime(CLOCK_REALTIME)", unix.SYS_CLOCK_GETTIME, [6]uint64{unix.CLOCK_REALTIME}},
	{"getpid", unix.SYS_GETPID, [6]uint64{}}, // os.Getpid has no error: it would return -1
}

// goMay is what may fail with an errno.
var goMay = [...]Call{
	{"tgkill(SIGURG)", unix.SYS_TGKILL, [6]uint64{1, 1, uint64(unix.SIGURG)}},
	{"sched_yield", unix.SYS_SCHED_YIELD, [6]uint64{}},
	{"nanosleep", unix.SYS_NANOSLEEP, [6]uint64{}},
	{"madvise(MADV_DONTNEED)", unix.SYS_MADVISE, [6]uint64{1 << 26, 1 << 16, unix.MADV_DONTNEED}},
	{"madvise(MADV_HUGEPAGE)", unix.SYS_MADVISE, [6]uint64{1 << 26, 1 << 16, unix.MADV_HUGEPAGE}},
	{"madvise(MADV_NOHUGEPAGE)", unix.SYS_MADVISE,
		[6]uint64{1 << 26, 1 << 16, unix.MADV_NOHUGEPAGE}},
	{"madvise(MADV_COLLAPSE)", unix.SYS_MADVISE, [6]uint64{1 << 26, 1 << 16, unix.MADV_COLLAPSE}},
	{"prctl(PR_SET_VMA)", unix.SYS_PRCTL, [6]uint64{unix.PR_SET_VMA, unix.PR_SET_VMA_ANON_NAME}},
	{"gettid", unix.SYS_GETTID, [6]uint64{}},
	{"fcntl(F_GETFL)", unix.SYS_FCNTL, [6]uint64{0, unix.F_GETFL}},
	{"pread64", unix.SYS_PREAD64, [6]uint64{3}},
	{"sched_getaffinity", unix.SYS_SCHED_GETAFFINITY, [6]uint64{}},
	{"getrandom", unix.SYS_GETRANDOM, [6]uint64{}},
	{"restart_syscall", unix.SYS_RESTART_SYSCALL, [6]uint64{}},
}
