package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// tracee is a child that has stopped with its program loaded and none of it run. Its tracer is the
// calling thread.
type tracee struct {
	pid     int
	abi     abi
	entry   registers // as the program is to find them
	code    []byte    // what lies at the program's entry, where the instruction goes
	stopped bool      // SIGSTOP came meanwhile
	reaped  bool      // it has died, and its pid is no longer ours
}

// registers is a NT_PRSTATUS set.
type registers [512]byte

// confine installs the filters, having undone the child's bond to this thread's life: death is what
// the caller wants for it instead. It returns our copy of the listener where the flags ask for one.
func (t *tracee) confine(filters []asm.Program, flags Flags, death syscall.Signal) (int, error) {
	if err := t.arrive(); err != nil {
		return -1, err
	}
	for i, p := range filters {
		if err := verify(p, t.abi.arch); err != nil {
			return -1, fmt.Errorf("filter %d: %w", i+1, err)
		}
	}
	if err := t.prctl(unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		return -1, err
	}
	set, err := t.syscall(t.abi.prctl, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	if err != nil {
		return -1, err
	}
	if set != 1 {
		return -1, &Error{"set no_new_privs in the child", errFeigned, feignedHelp}
	}
	if err := t.prctl(unix.PR_SET_PDEATHSIG, uint64(death)); err != nil {
		return -1, err
	}
	fd := -1
	for i, p := range filters {
		n, err := t.install(p, flags)
		if err != nil {
			return -1, fmt.Errorf("filter %d: %w", i+1, err)
		}
		fd = n
	}
	if flags&listener == 0 {
		return -1, nil
	}
	return t.takeListener(fd, filters[0])
}

// arrive waits for the stop at exec, and prepares the program's entry for making system calls.
func (t *tracee) arrive() error {
	sig, err := t.wait()
	if err != nil {
		return err
	}
	if sig != unix.SIGTRAP {
		return t.broken(fmt.Errorf("stopped by %v", sig))
	}
	const options = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD
	if err := unix.PtraceSetOptions(t.pid, options); err != nil {
		return t.broken(err)
	}
	n, err := t.registers(unix.PTRACE_GETREGSET, &t.entry)
	if err != nil {
		return err
	}
	for _, a := range abis() {
		if n == a.word*a.size {
			t.abi = a
		}
	}
	if t.abi.word == 0 {
		return fmt.Errorf("runtime: the program's ABI is none that a program for GOARCH %s can confine "+
			"(%d bytes of registers)", runtime.GOARCH, n)
	}
	if err := t.refusePrivileged(); err != nil {
		return err
	}
	pc := uintptr(t.get(&t.entry, t.abi.pc))
	t.code = make([]byte, len(t.abi.instruction))
	if _, err := unix.PtracePeekText(t.pid, pc, t.code); err != nil {
		return t.broken(err)
	}
	_, err = unix.PtracePokeText(t.pid, pc, t.abi.instruction)
	return t.broken(err)
}

// refusePrivileged looks for AT_SECURE in the auxiliary vector, which lies above the arguments and
// the environment on the new stack: the kernel sets it when exec gave privileges (setuid, file
// capabilities).
func (t *tracee) refusePrivileged() error {
	const (
		atNull   = 0
		atSecure = 23
	)
	addr := uintptr(t.get(&t.entry, t.abi.sp))
	next := func() (v uint64, err error) {
		word := make([]byte, t.abi.word)
		_, err = unix.PtracePeekData(t.pid, addr, word)
		addr += uintptr(t.abi.word)
		return t.load(word), t.broken(err)
	}
	argc, err := next()
	if err != nil {
		return err
	}
	addr += uintptr(argc+1) * uintptr(t.abi.word)
	for v := uint64(1); v != 0; {
		if v, err = next(); err != nil {
			return err
		}
	}
	for {
		key, err := next()
		if err != nil {
			return err
		}
		value, err := next()
		switch {
		case err != nil:
			return err
		case key == atNull:
			return nil
		case key == atSecure && value != 0:
			return errors.New("runtime: the program gains privileges by being executed (setuid, setgid, " +
				"file capabilities or a security module), which no_new_privs forbids; start one that does not")
		}
	}
}

func (t *tracee) prctl(option, value uint64) error {
	n, err := t.syscall(t.abi.prctl, option, value, 0, 0, 0)
	switch {
	case err != nil:
		return err
	case n > 0:
		return t.broken(errRolledBack)
	case n < 0:
		return &Error{fmt.Sprintf("prctl(%d) in the child", option), unix.Errno(-n),
			"a filter of this process, which the child has too, must allow it"}
	}
	return nil
}

// errRolledBack explains a result that the call does not have: the kernel has put the registers
// back to what they were before it, and is about to kill or trap the caller.
var errRolledBack = errors.New("a filter that it has already kills or traps the system call")

// install has the child install a filter, from memory below its stack pointer that its program has
// not used yet. It returns the child's descriptor of the listener if there is one.
func (t *tracee) install(p asm.Program, flags Flags) (int, error) {
	const redZone = 256
	code := p.Encode(binary.NativeEndian)
	head := make([]byte, 2*t.abi.word) // struct sock_fprog: the length in 16 bits, then the address
	at := (t.get(&t.entry, t.abi.sp) - redZone - uint64(len(head)+len(code))) &^ 15
	t.store(head[t.abi.word:], at+uint64(len(head)))
	bits := uint64(flags & (Log | SpecAllow | WaitKillable | listener))
	offer := func(length int) (int64, error) {
		binary.NativeEndian.PutUint16(head, uint16(length))
		if _, err := unix.PtracePokeData(t.pid, uintptr(at), append(head, code...)); err != nil {
			return 0, t.broken(err)
		}
		return t.syscall(t.abi.seccomp, unix.SECCOMP_SET_MODE_FILTER, bits, at, 0, 0)
	}
	// As Install does: the kernel refuses a length of 0, so that a success comes from a filter.
	n, err := offer(0)
	switch {
	case err != nil:
		return -1, err
	case n == 0:
		return -1, refused(feigned, p, uintptr(bits))
	case n > 0:
		return -1, t.broken(errRolledBack)
	}
	n, err = offer(len(p))
	switch {
	case err != nil:
		return -1, err
	case n < 0:
		return -1, refused(unix.Errno(-n), p, uintptr(bits))
	case n > 0 && flags&listener == 0:
		return -1, t.broken(errRolledBack)
	}
	return int(n), nil
}

// takeListener copies the listener to this process and has the child close its own: a process that
// could answer its own calls would not be confined.
func (t *tracee) takeListener(theirs int, p asm.Program) (int, error) {
	r, err := p.Run(asm.Data{
		Nr: uint32(t.abi.close), Arch: t.abi.arch, IP: t.get(&t.entry, t.abi.pc),
		Args: [6]uint64{uint64(theirs)},
	}, binary.NativeEndian)
	asked := err == nil && r.Ret&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_USER_NOTIF
	if err != nil || !asked && !works(r.Ret) {
		return -1, fmt.Errorf("runtime: the filter answers close with %#08x, and the child "+
			"must close its copy of the listener; allow close, or notify", r.Ret)
	}
	pidfd, err := unix.PidfdOpen(t.pid, 0)
	if err != nil {
		return -1, &Error{"open the child's pidfd", err, "this needs Linux 5.6"}
	}
	defer unix.Close(pidfd)
	ours, err := unix.PidfdGetfd(pidfd, theirs, 0)
	if err != nil {
		return -1, &Error{"take the listener from the child", err,
			"this needs Linux 5.6 and the right to trace the child"}
	}
	if asked {
		defer t.answerClosing(ours, theirs).stop()
	}
	n, err := t.syscall(t.abi.close, uint64(theirs), 0, 0, 0, 0)
	if err == nil && n != 0 {
		err = t.broken(errors.New("it has not closed its copy of the listener"))
	}
	return ours, err
}

// syscall has the child make a system call and returns its result, -4095 to -1 for an errno.
func (t *tracee) syscall(nr uint64, args ...uint64) (int64, error) {
	regs := t.entry
	t.set(&regs, t.abi.nr, nr)
	for i, a := range args {
		t.set(&regs, t.abi.args[i], a)
	}
	if t.abi.orig >= 0 {
		t.set(&regs, t.abi.orig, ^uint64(0))
	}
	if _, err := t.registers(unix.PTRACE_SETREGSET, &regs); err != nil {
		return 0, err
	}
	for range 2 { // to the call's entry, then to its exit
		if err := t.toSyscall(); err != nil {
			return 0, err
		}
	}
	if _, err := t.registers(unix.PTRACE_GETREGSET, &regs); err != nil {
		return 0, err
	}
	ret := t.get(&regs, t.abi.ret)
	if t.abi.word == 4 {
		return int64(int32(ret)), nil
	}
	return int64(ret), nil
}

// toSyscall lets the child run to the next entry to or exit from a system call. All signals are
// blocked, but SIGSTOP cannot be: it is kept for later.
func (t *tracee) toSyscall() error {
	for {
		if err := unix.PtraceSyscall(t.pid, 0); err != nil {
			return t.broken(err)
		}
		sig, err := t.wait()
		switch {
		case err != nil:
			return err
		case sig == unix.SIGTRAP|0x80:
			return nil
		case sig != unix.SIGSTOP:
			return t.broken(fmt.Errorf("stopped by %v", sig))
		}
		t.stopped = true
	}
}

// wait returns the signal that the child has stopped with.
func (t *tracee) wait() (syscall.Signal, error) {
	var status unix.WaitStatus
	_, err := unix.Wait4(t.pid, &status, unix.WALL, nil)
	for err == unix.EINTR {
		_, err = unix.Wait4(t.pid, &status, unix.WALL, nil)
	}
	if err != nil {
		return 0, t.broken(err)
	}
	if !status.Stopped() {
		t.reaped = true
		if status.Signaled() {
			return 0, t.broken(fmt.Errorf("killed (%v)", status.Signal()))
		}
		return 0, t.broken(fmt.Errorf("exited with %d", status.ExitStatus()))
	}
	return status.StopSignal(), nil
}

// release puts everything back as exec left it and lets the program run.
func (t *tracee) release(mask *unix.Sigset_t) error {
	if _, err := unix.PtracePokeText(t.pid, uintptr(t.get(&t.entry, t.abi.pc)), t.code); err != nil {
		return t.broken(err)
	}
	if _, err := t.registers(unix.PTRACE_SETREGSET, &t.entry); err != nil {
		return err
	}
	if err := ptrace(unix.PTRACE_SETSIGMASK, t.pid, 8, unsafe.Pointer(mask)); err != nil {
		return t.broken(err)
	}
	if t.stopped {
		if err := unix.Kill(t.pid, unix.SIGSTOP); err != nil {
			return t.broken(err)
		}
	}
	return t.broken(unix.PtraceDetach(t.pid))
}

// registers reads or writes the register set and returns its length.
func (t *tracee) registers(request int, regs *registers) (int, error) {
	const ntPrstatus = 1
	v := unix.Iovec{Base: &regs[0]}
	v.SetLen(len(regs))
	if request == unix.PTRACE_SETREGSET {
		v.SetLen(t.abi.word * t.abi.size)
	}
	err := ptrace(request, t.pid, ntPrstatus, unsafe.Pointer(&v))
	return int(v.Len), t.broken(err)
}

func ptrace(request, pid int, addr uintptr, data unsafe.Pointer) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), addr,
		uintptr(data), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func (t *tracee) get(regs *registers, i int) uint64 { return t.load(regs[i*t.abi.word:]) }

func (t *tracee) set(regs *registers, i int, v uint64) { t.store(regs[i*t.abi.word:], v) }

func (t *tracee) load(b []byte) uint64 {
	if t.abi.word == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

func (t *tracee) store(b []byte, v uint64) {
	if t.abi.word == 4 {
		binary.NativeEndian.PutUint32(b, uint32(v))
		return
	}
	binary.NativeEndian.PutUint64(b, v)
}

// broken says that the child could not be confined because of err.
func (t *tracee) broken(err error) error {
	if err == nil {
		return nil
	}
	return &Error{"confine the child before its program runs", err,
		"it was killed; look for what else kills, stops or denies tracing to it"}
}
