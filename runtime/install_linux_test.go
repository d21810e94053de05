package runtime

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

var processChild = inChild("process", func() {
	const threads = 20
	installed := make(chan bool)
	var ready, done sync.WaitGroup
	ready.Add(threads)
	for range threads {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if confined() {
				bad("confined before")
			}
			ready.Done()
			<-installed
			if !confined() {
				bad("thread %d is not confined", unix.Gettid())
			}
		})
	}
	ready.Wait()
	if err := Install(denied(), Process); err != nil {
		bad("%v", err)
	}
	close(installed)
	done.Wait()
	var after sync.WaitGroup
	after.Go(func() {
		if !confined() {
			bad("a thread of the future is not confined")
		}
	})
	after.Wait()
	runtime.GC()
})

func TestInstallProcess(t *testing.T) { run(t, processChild) }

var threadChild = inChild("thread", func() {
	done := make(chan bool)
	go func() {
		defer close(done)
		if err := Install(denied(), Thread); err != nil {
			bad("%v", err)
		}
		for range 100 {
			runtime.Gosched()
			if !confined() {
				bad("the goroutine has left its thread")
			}
		}
	}()
	<-done
	var others sync.WaitGroup
	for range 50 {
		others.Go(func() {
			if confined() {
				bad("the filter has come to another goroutine")
			}
		})
	}
	others.Wait()
})

func TestInstallThread(t *testing.T) { run(t, threadChild) }

// A thread with a filter of its own stands in the way of a filter for all. Older loaders took the
// kernel's answer, that thread's id, for success.
var divergedChild = inChild("diverged", func() {
	tid, end := make(chan int), make(chan bool)
	go func() {
		if err := Install(filter(errno(1), allow, unix.SYS_GETPGID), Thread); err != nil {
			bad("%v", err)
		}
		tid <- unix.Gettid()
		<-end
	}()
	id := <-tid
	err := Install(denied(), Process)
	if !errors.Is(err, unix.ESRCH) {
		bad("error %v, want ESRCH", err)
	}
	os.Stdout.WriteString(err.Error())
	if want := diverged("thread " + strconv.Itoa(id)).Error(); err.Error() != want {
		bad(", want %s", want)
	}
	if confined() {
		bad("an error, and confined")
	}
	if _, err := InstallListener(denied(), Process); !errors.Is(err, unix.ESRCH) {
		bad("with a listener: error %v, want ESRCH", err)
	}
	close(end)
})

func TestInstallDiverged(t *testing.T) {
	run(t, divergedChild)
}

var privilegesChild = inChild("privileges", func() {
	if err := Install(denied(), Process|KeepPrivileges); err != nil {
		bad("with CAP_SYS_ADMIN: %v", err)
	}
	if nnp, _ := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); nnp != 0 {
		bad("no_new_privs is set")
	}
	runtime.LockOSThread()
	dropAllCapabilities()
	err := Install(denied(), Thread|KeepPrivileges)
	if !errors.Is(err, unix.EACCES) {
		bad("without CAP_SYS_ADMIN: error %v, want EACCES", err)
	}
	os.Stdout.WriteString(err.Error())
	if err := Install(denied(), Thread); err != nil {
		bad("with no_new_privs: %v", err)
	}
})

func TestInstallPrivileges(t *testing.T) {
	wantError(t, errors.New(run(t, privilegesChild)), "CAP_SYS_ADMIN", "no_new_privs")
}

func dropAllCapabilities() {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&head, &none[0]); err != nil {
		bad("capset: %v", err)
	}
}

var errnoChild = inChild("errno", func() {
	runtime.LockOSThread()
	long := make(asm.Program, asm.MaxLen)
	copy(long, denied())
	for i := len(denied()); i < len(long); i++ {
		long[i] = asm.Instruction{Op: asm.RetK, K: allow}
	}
	var err error
	for n := 0; err == nil; n++ {
		if n > 3 {
			bad("%d filters of %d instructions", n, len(long))
		}
		err = Install(long, Thread)
	}
	if !errors.Is(err, unix.ENOMEM) {
		bad("error %v, want ENOMEM", err)
	}
	os.Stdout.WriteString(err.Error())
	if _, err := InstallListener(denied(), Thread); err != nil {
		bad("%v", err)
	}
	_, err = InstallListener(denied(), Thread)
	if !errors.Is(err, unix.EBUSY) {
		bad("error %v, want EBUSY", err)
	}
	os.Stdout.WriteString(err.Error())
	if err := Install(filter(errno(unix.EPERM), allow, unix.SYS_SECCOMP), Thread); err != nil {
		bad("%v", err)
	}
	err = Install(denied(), Thread)
	if !errors.Is(err, unix.EPERM) {
		bad("error %v, want EPERM", err)
	}
	os.Stdout.WriteString(err.Error())
})

func TestInstallErrno(t *testing.T) {
	wantError(t, errors.New(run(t, errnoChild)), "merge filters into one", "has a listener already",
		"install the strictest last")
}

// A filter of our own plays an older kernel.
var oldKernelChild = inChild("old kernel", func() {
	runtime.LockOSThread()
	const tsyncESRCH = unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	if err := Install(seccompFlag(tsyncESRCH, unix.EINVAL), Process); err != nil {
		bad("%v", err)
	}
	if err := Install(denied(), Process); err != nil {
		bad("kernel before 5.7: %v", err)
	}
	if !confined() {
		bad("kernel before 5.7: not confined, and no error")
	}
	if err := Install(seccompFlag(unix.SECCOMP_FILTER_FLAG_LOG, unix.EINVAL), Process); err != nil {
		bad("%v", err)
	}
	mustSay(Install(denied(), Process|Log), "does not know the flag 0x2")
	if err := Install(filter(errno(unix.ENOSYS), allow, unix.SYS_SECCOMP), Thread); err != nil {
		bad("%v", err)
	}
	mustSay(Install(denied(), Process), "3.17")
	mustSay(Install(denied(), Thread|Log), "3.17")
	if err := Install(filter(errno(unix.EXFULL), allow, unix.SYS_GETPGID), Thread); err != nil {
		bad("kernel before 3.17: %v", err)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_GETPGID, 0, 0, 0); e != unix.EXFULL {
		bad("kernel before 3.17: not confined, and no error")
	}
})

func TestInstallOldKernel(t *testing.T) {
	run(t, oldKernelChild)
}

// seccompFlag answers seccomp(2) with an errno when a flag is set.
func seccompFlag(flag uint32, e unix.Errno) asm.Program {
	p := filter(0, allow, unix.SYS_SECCOMP)
	return append(p[:len(p)-1],
		asm.Instruction{Op: asm.LdAbs, K: asm.LowWord(1, binary.NativeEndian)},
		asm.Instruction{Op: asm.JsetK, Jf: 1, K: flag},
		asm.Instruction{Op: asm.RetK, K: errno(e)},
		asm.Instruction{Op: asm.RetK, K: allow})
}

// Nothing that is refused before the system call may leave a trace: this runs in the test's own
// process.
func TestInstallRefused(t *testing.T) {
	ok := denied()
	other := filterFor(unix.AUDIT_ARCH_S390, kill, allow, 1)
	tests := []struct {
		name  string
		p     asm.Program
		flags Flags
		want  string
	}{
		{"nothing said", ok, 0, "either Process or Thread"},
		{"both said", ok, Process | Thread, "either Process or Thread"},
		{"unknown flag", ok, Process | 1<<30, "unknown flags 0x40000000"},
		{"TSYNC by hand", ok, Thread | 1, "unknown flags 0x1"},
		{"wait killable", ok, Thread | WaitKillable, "InstallListener"},
		{"empty", nil, Thread, "0 instructions"},
		{"no return", ok[:1], Thread, "the last instruction is no return"},
		{"jump", asm.Program{{Op: asm.Ja, K: 1 << 31}, {Op: asm.RetK}}, Thread, "past the end"},
		{"other ABI", other, Thread, "no path of this filter is for arch"},
		{"no arch", asm.Program{{Op: asm.RetK, K: allow}}, Thread, "never looks at arch"},
		{"number alone", append(asm.Program{}, ok[3:]...), Thread, "never looks at arch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantError(t, Install(tt.p, tt.flags), tt.want) })
	}
	if nnp, _ := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); nnp != 0 {
		t.Error("a refused filter has set no_new_privs")
	}
}

var flagsChild = inChild("flags", func() {
	if err := Install(denied(), Process|Log|SpecAllow); err != nil {
		bad("%v", err)
	}
	fd, err := InstallListener(denied(), Process|WaitKillable)
	if err != nil {
		bad("%v", err)
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags != unix.FD_CLOEXEC {
		bad("the listener's flags are %#x, %v", flags, err)
	}
})

func TestInstallFlags(t *testing.T) { run(t, flagsChild) }

// The kernel reads the program as it lies in memory.
func TestInstructionIsSockFilter(t *testing.T) {
	if unsafe.Sizeof(asm.Instruction{}) != unix.SizeofSockFilter ||
		unsafe.Offsetof(asm.Instruction{}.Jt) != unsafe.Offsetof(unix.SockFilter{}.Jt) ||
		unsafe.Offsetof(asm.Instruction{}.Jf) != unsafe.Offsetof(unix.SockFilter{}.Jf) ||
		unsafe.Offsetof(asm.Instruction{}.K) != unsafe.Offsetof(unix.SockFilter{}.K) {
		t.Error("asm.Instruction is not laid out as struct sock_filter")
	}
}
