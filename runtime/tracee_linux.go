package runtime

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tracee is a stopped child that is made to run system calls. Its tracer is the calling thread.
//
// No stop is waited for with wait4(2), which another thread of this process may be calling for any
// child: the kernel is asked what the child has stopped for (PTRACE_GET_SYSCALL_INFO, Linux 5.3).
// Its answer has a length, so that no filter can feign it.
type tracee struct {
	pid     int
	abi     abi
	entry   registers // as the program is to find them
	code    uint64    // where an instruction lies that enters the kernel
	stopped bool      // SIGSTOP came meanwhile
}

// patience is how long a child may take from one stop to the next. One that takes longer is killed.
var patience = 30 * time.Second

const ntPrstatus = 1 // NT_PRSTATUS

// stop is what a child has stopped for.
type stop struct {
	kind   stopKind
	arch   uint32
	value  uint64    // at an entry the number of the call, at an exit its result
	args   [6]uint64 // at an entry
	signal syscall.Signal
}

type stopKind uint8

const (
	notStopped stopKind = iota
	atEntry             // of a system call
	atExit              // of a system call
	atExec              // in execve(2), behind the point of no return
	atSignal            // a signal is to be delivered
)

// info is struct ptrace_syscall_info of include/uapi/linux/ptrace.h.
type info [sizeofInfo]byte

const sizeofInfo = 88

func (i *info) word(at int) uint64 { return binary.NativeEndian.Uint64(i[at:]) }

// look asks the kernel what the child has stopped for.
func (t *tracee) look() (stop, error) {
	var i info
	n, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(t.pid),
		uintptr(len(i)), uintptr(unsafe.Pointer(&i)), 0, 0)
	switch {
	case errno == unix.ESRCH:
		return stop{}, nil
	case errno == unix.EIO:
		return stop{}, t.broken(errors.New("this needs Linux 5.3"))
	case errno != 0:
		return stop{}, t.broken(errno)
	case n == 0:
		return stop{}, t.broken(errFeigned)
	}
	s := stop{arch: binary.NativeEndian.Uint32(i[4:])}
	switch i[0] {
	case unix.PTRACE_SYSCALL_INFO_ENTRY:
		s.kind, s.value = atEntry, i.word(24)
		for k := range s.args {
			s.args[k] = i.word(32 + 8*k)
		}
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		s.kind, s.value = atExit, i.word(24)
	default:
		return t.lookAtSignal(s)
	}
	return s, nil
}

func (t *tracee) lookAtSignal(s stop) (stop, error) {
	var si unix.Siginfo
	err := ptrace(unix.PTRACE_GETSIGINFO, t.pid, 0, unsafe.Pointer(&si))
	switch {
	case err == unix.ESRCH: // killed just now
		return stop{}, nil
	case err != nil:
		return stop{}, t.broken(err)
	}
	s.kind, s.signal = atSignal, syscall.Signal(si.Signo)
	if si.Code == int32(unix.SIGTRAP)|unix.PTRACE_EVENT_EXEC<<8 {
		s.kind = atExec
	}
	return s, nil
}

// await waits until the child has stopped for one of the reasons. All signals are blocked, but
// SIGSTOP cannot be: it is kept for later.
func (t *tracee) await(kinds ...stopKind) (stop, error) {
	began := time.Now()
	for try := 0; ; try++ {
		s, err := t.look()
		if err != nil {
			return stop{}, err
		}
		for _, kind := range kinds {
			if s.kind == kind {
				return s, nil
			}
		}
		switch {
		case s.kind == atSignal && s.signal == unix.SIGSTOP:
			t.stopped = true
			if err := t.resume(); err != nil {
				return stop{}, err
			}
		case s.kind == atSignal:
			return stop{}, t.broken(fmt.Errorf("stopped by %v", s.signal))
		case s.kind == notStopped:
			if err := t.alive(); err != nil {
				return stop{}, err
			}
		}
		if time.Since(began) > patience {
			return stop{}, t.broken(fmt.Errorf("it has not come to its next stop within %v",
				patience))
		}
		pause(try)
	}
}

// pause gives the processor to the child, for longer when it takes longer.
func pause(try int) {
	const yields = 50
	if try < yields {
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		return
	}
	short := unix.NsecToTimespec(min(int64(try-yields+1)*20_000, 1_000_000))
	unix.Nanosleep(&short, nil)
}

// alive returns an error when the child has ended. It stays a zombie, so that its pid is nobody
// else's until cmd.Wait.
func (t *tracee) alive() error {
	var si unix.Siginfo
	err := unix.Waitid(unix.P_PID, t.pid, &si, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|unix.WALL,
		nil)
	switch {
	case err == unix.EINTR:
		return nil
	case err == unix.ECHILD:
		return t.broken(errors.New("it has ended, and somebody else in this process has waited " +
			"for it"))
	case err != nil:
		return t.broken(err)
	case si.Signo == 0 || si.Code > cldDumped: // a stop, which look sees
		return nil
	}
	// si_status lies behind si_pid and si_uid, which begin where a pointer may.
	head := (12 + unsafe.Sizeof(uintptr(0)) - 1) &^ (unsafe.Sizeof(uintptr(0)) - 1)
	status := *(*int32)(unsafe.Add(unsafe.Pointer(&si), head+8))
	end := ended{exited: si.Code == cldExited, status: int(status)}
	if !end.exited && end.status == int(unix.SIGSYS) { // where there is no stop at the exit before
		return t.broken(errRolledBack)
	}
	return t.broken(end)
}

// ended is how a child has ended.
type ended struct {
	exited bool
	status int // the exit status, or a signal
}

func (e ended) Error() string {
	if e.exited {
		return fmt.Sprintf("exited with %d", e.status)
	}
	return fmt.Sprintf("killed (%v)", syscall.Signal(e.status))
}

// CLD_EXITED and CLD_DUMPED of include/uapi/asm-generic/siginfo.h; CLD_KILLED lies between.
const cldExited, cldDumped = 1, 3

// syscall has the child make a system call and returns its result, -4095 to -1 for an errno.
func (t *tracee) syscall(nr uint64, args ...uint64) (int64, error) {
	for {
		if err := t.enter(nr, args...); err != nil {
			return 0, err
		}
		s, err := t.next(atExit)
		if err != nil {
			return 0, err
		}
		// ERESTARTSYS to ERESTART_RESTARTBLOCK of include/linux/errno.h: SIGSTOP has come between.
		if n := int64(s.value); n > -512 || n < -516 {
			return n, nil
		}
	}
}

// enter takes the child to the entry of a system call, where the kernel tells what it is: so the
// registers are set, and the instruction is there.
func (t *tracee) enter(nr uint64, args ...uint64) error {
	regs := t.entry
	t.abi.set(&regs, t.abi.pc, t.code)
	t.abi.set(&regs, t.abi.nr, nr)
	if err := t.setArgs(&regs, args); err != nil {
		return err
	}
	if t.abi.orig > 0 {
		t.abi.set(&regs, t.abi.orig, ^uint64(0))
	}
	if t.abi.otherSet != 0 {
		t.abi.set(&regs, t.abi.mode, t.abi.get(&regs, t.abi.mode)&^t.abi.otherSet)
	}
	if _, err := t.registers(unix.PTRACE_SETREGSET, &regs); err != nil {
		return err
	}
	s, err := t.next(atEntry)
	if err != nil {
		return err
	}
	same := uint32(s.value) == uint32(nr) && s.arch == t.abi.arch
	for i, a := range args {
		same = same && (s.args[i] == a || t.abi.word == 4 && uint32(s.args[i]) == uint32(a))
	}
	if !same {
		return t.broken(errFeigned)
	}
	return nil
}

// setArgs puts the arguments of a call where the kernel reads them. Those of the stack are for o32,
// behind room for the first four (handle_sys of arch/mips/kernel/scall32-o32.S). They lie in what
// below leaves free.
func (t *tracee) setArgs(regs *registers, args []uint64) error {
	var stack []byte
	for i, a := range args {
		if t.abi.args[i] == onStack {
			stack = append(stack, make([]byte, t.abi.word)...)
			t.abi.store(stack[len(stack)-t.abi.word:], a)
			continue
		}
		t.abi.set(regs, t.abi.args[i], a)
	}
	if stack == nil {
		return nil
	}
	sp := t.abi.get(&t.entry, t.abi.sp) - redZone/2
	t.abi.set(regs, t.abi.sp, sp)
	return t.write(sp+uint64(4*t.abi.word), stack)
}

// next lets the child run to its next stop, which is to be one of these.
func (t *tracee) next(kinds ...stopKind) (stop, error) {
	if err := t.resume(); err != nil {
		return stop{}, err
	}
	return t.await(kinds...)
}

func (t *tracee) resume() error { return t.broken(ptrace(unix.PTRACE_SYSCALL, t.pid, 0, nil)) }

// write writes memory of the child's, and reads it back.
func (t *tracee) write(addr uint64, data []byte) error {
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(data)}}
	n, err := unix.ProcessVMWritev(t.pid, iovec(data), remote, 0)
	if err != nil || n != len(data) {
		return t.poke(addr, data)
	}
	return nil
}

// poke is write for memory that the child may not write itself, or where a filter of ours denies
// process_vm_writev: it takes a call for each word.
func (t *tracee) poke(addr uint64, data []byte) error {
	if _, err := unix.PtracePokeText(t.pid, uintptr(addr), data); err != nil {
		return t.broken(err)
	}
	back := make([]byte, len(data))
	for i, b := range data {
		back[i] = ^b
	}
	if err := t.read(addr, back); err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return t.broken(errFeigned)
	}
	return nil
}

func (t *tracee) read(addr uint64, buf []byte) error {
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(buf)}}
	n, err := unix.ProcessVMReadv(t.pid, iovec(buf), remote, 0)
	if err == nil && n == len(buf) {
		return nil
	}
	_, err = unix.PtracePeekText(t.pid, uintptr(addr), buf)
	return t.broken(err)
}

func iovec(b []byte) []unix.Iovec {
	v := []unix.Iovec{{Base: &b[0]}}
	v[0].SetLen(len(b))
	return v
}

// registers reads or writes the register set and returns its length.
func (t *tracee) registers(request int, regs *registers) (int, error) {
	v := iovec(regs[:])
	if request == unix.PTRACE_SETREGSET {
		v[0].SetLen(t.abi.word * t.abi.size)
	}
	err := ptrace(request, t.pid, ntPrstatus, unsafe.Pointer(&v[0]))
	return int(v[0].Len), t.broken(err)
}

func ptrace(request, pid int, addr uintptr, data unsafe.Pointer) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), addr,
		uintptr(data), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// broken says that the child could not be confined because of err.
func (t *tracee) broken(err error) error {
	if err == nil {
		return nil
	}
	return &Error{"confine the child before its program runs", err,
		"it was killed; look for what else kills, stops or denies tracing to it"}
}
