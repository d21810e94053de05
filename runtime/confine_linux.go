package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// confine leads the child from the stub to its program and installs the filters. It returns our
// copy of the listener where the flags ask for one.
func (t *tracee) confine(p *plan, filters []asm.Program, flags Flags) (int, error) {
	if err := t.arrive(p.stub); err != nil {
		return -1, err
	}
	if err := t.prepare(p, flags); err != nil {
		return -1, err
	}
	if err := t.exec(p); err != nil {
		return -1, err
	}
	for i, f := range filters {
		if err := verify(f, t.abi.arch); err != nil {
			return -1, fmt.Errorf("filter %d: %w", i+1, err)
		}
	}
	at := t.abi.get(&t.entry, t.abi.pc) &^ 3 // Thumb may begin between two places for ours
	code := make([]byte, len(t.abi.instruction))
	if err := t.readProgram(at, code, p); err != nil {
		return -1, err
	}
	if err := t.poke(at, t.abi.instruction); err != nil {
		return -1, err
	}
	t.code = at
	if p.program != nil {
		if err := t.setName(filepath.Base(p.path)); err != nil {
			return -1, err
		}
	}
	fd, err := t.installAll(filters, flags)
	if err != nil {
		return fd, err
	}
	return fd, t.poke(at, code)
}

// arrive waits for the stop at the stub's exec. From here on the child dies with this thread. That
// the kernel has taken the options shows at the first system call: its stop would be another one.
func (t *tracee) arrive(s *stub) error {
	at, err := t.await(atSignal)
	if faulted(err) {
		return &Error{"trace the command", errFeigned,
			"the stub was not stopped, and has ended by itself"}
	}
	if err != nil {
		return err
	}
	if at.signal != unix.SIGTRAP {
		return t.broken(fmt.Errorf("stopped by %v", at.signal))
	}
	if err := unix.PtraceSetOptions(t.pid, traceOptions); err != nil {
		return t.broken(err)
	}
	t.code = s.code
	if err := t.readEntry(at.arch); err != nil {
		return err
	}
	if t.abi.get(&t.entry, t.abi.pc) != s.entry {
		return t.broken(errors.New("it runs another program than the one that it should begin " +
			"with"))
	}
	return nil
}

// faulted reports whether the child has ended as the stub does where nobody holds it.
func faulted(err error) bool {
	e, ok := err.(*Error)
	if !ok {
		return false
	}
	end, ok := e.Err.(ended)
	return ok && !end.exited && (end.status == int(unix.SIGSEGV) || end.status == int(unix.SIGILL))
}

// readEntry reads the registers of a program that has just been loaded.
func (t *tracee) readEntry(arch uint32) error {
	n, err := t.registers(unix.PTRACE_GETREGSET, &t.entry)
	if err != nil {
		return err
	}
	for _, a := range abis() {
		if a.arch == arch && a.word*a.size == n {
			t.abi = a
			return nil
		}
	}
	return fmt.Errorf("runtime: the program's ABI (arch %#x, %d bytes of registers) is none "+
		"that a "+
		"program for GOARCH %s can confine", arch, n, runtime.GOARCH)
}

// prepare has the stub do what has to be in force when the program is executed: no_new_privs, so
// that it gains nothing by that; the death signal that the caller wants, in place of the one that
// has held the child so far; and what os/exec has been kept from doing.
func (t *tracee) prepare(p *plan, flags Flags) error {
	if flags&KeepPrivileges == 0 {
		if err := t.giveUpPrivileges(); err != nil {
			return err
		}
	}
	if p.program != nil {
		if err := t.closeOnExec(uint64(p.first)); err != nil {
			return err
		}
	}
	for _, c := range p.calls {
		if err := t.demand(c.name+" in the child", 0, c.nr, c.first, c.second); err != nil {
			return err
		}
	}
	return t.setDeathSignal(p.death)
}

func (t *tracee) giveUpPrivileges() error {
	const op = "set no_new_privs in the child"
	if err := t.demand(op, 0, unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		return err
	}
	return t.demand(op, 1, unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS)
}

func (t *tracee) closeOnExec(fd uint64) error {
	const op = "close a descriptor in the child"
	if err := t.demand(op, 0, unix.SYS_FCNTL, fd, unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		return err
	}
	return t.demand(op, unix.FD_CLOEXEC, unix.SYS_FCNTL, fd, unix.F_GETFD)
}

// demand has the child make a system call that must return want. An errno is the caller's business,
// any other value a filter's pretence.
func (t *tracee) demand(op string, want int64, nr uint64, args ...uint64) error {
	for len(args) < 5 {
		args = append(args, 0)
	}
	n, err := t.syscall(nr, args...)
	switch {
	case err != nil:
		return err
	case n == want:
		return nil
	case n < 0:
		return &Error{op, unix.Errno(-n), "a filter of this process, which the child has too, " +
			"must allow it"}
	case n == 0:
		return &Error{op, errFeigned, feignedHelp}
	}
	return t.broken(errRolledBack)
}

// errRolledBack explains a result that the call does not have: the kernel has put the registers
// back to what they were before it, and is about to kill or trap the caller.
var errRolledBack = errors.New("a filter that it has already kills or traps the system call")

func (t *tracee) setDeathSignal(death syscall.Signal) error {
	const op = "set the death signal in the child"
	if err := t.demand(op, 0, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uint64(death)); err != nil {
		return err
	}
	is := binary.NativeEndian.AppendUint32(nil, ^uint32(0))
	at := t.below(uint64(len(is)))
	if err := t.write(at, is); err != nil {
		return err
	}
	if err := t.demand(op, 0, unix.SYS_PRCTL, unix.PR_GET_PDEATHSIG, at); err != nil {
		return err
	}
	if err := t.read(at, is); err != nil {
		return err
	}
	if binary.NativeEndian.Uint32(is) != uint32(death) {
		return &Error{op, errFeigned, feignedHelp}
	}
	return nil
}

// exec has the stub execute the program, with the arguments and the environment that the stub
// itself was given and that lie where it found them. Nothing of the program runs.
func (t *tracee) exec(p *plan) error {
	word := uint64(t.abi.word)
	argv := t.abi.get(&t.entry, t.abi.sp) + word
	envp := argv + word*uint64(p.argc+1)
	if err := t.enter(unix.SYS_EXECVE, p.stub.data[0], argv, envp); err != nil {
		return err
	}
	s, err := t.next(atExec, atExit)
	switch {
	case err != nil:
		return err
	case s.kind == atExec:
		s, err = t.next(atExit)
		if err != nil {
			return err
		}
		return t.loaded(s.arch, p)
	case int64(s.value) < 0:
		return &fs.PathError{Op: "fork/exec", Path: p.path, Err: unix.Errno(-int64(s.value))}
	case s.value == 0:
		return t.broken(errFeigned)
	}
	return t.broken(errRolledBack)
}

// setName sets the name in /proc/PID/comm. The kernel has taken it from the path, which was that of
// a descriptor.
func (t *tracee) setName(name string) error {
	const size = 16 // TASK_COMM_LEN
	b := make([]byte, size)
	copy(b[:size-1], name)
	at := t.below(size)
	if err := t.write(at, b); err != nil {
		return err
	}
	return t.demand("name the child", 0, t.abi.prctl, unix.PR_SET_NAME, at)
}

// loaded reads what the program begins with.
func (t *tracee) loaded(arch uint32, p *plan) error {
	if err := t.readEntry(arch); err != nil {
		return err
	}
	if t.abi.get(&t.entry, t.abi.pc) == p.stub.entry {
		return fmt.Errorf("runtime: %s leads to /proc/self by a link; name what it leads to",
			p.path)
	}
	return nil
}

// readProgram reads the program's first instruction. The kernel refuses that to a tracer without
// privileges where the user may execute the file and not read it.
func (t *tracee) readProgram(at uint64, code []byte, p *plan) error {
	err := t.read(at, code)
	if errors.Is(err, unix.EIO) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EFAULT) {
		return &Error{"confine " + p.path, err,
			"the kernel lets nobody trace a program that may be executed " +
				"and not read; make the file readable to the user who runs it"}
	}
	return err
}

func (t *tracee) installAll(filters []asm.Program, flags Flags) (int, error) {
	fd := -1
	for i, f := range filters {
		n, err := t.install(f, flags)
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

// redZone is what below leaves free under the stack pointer.
const redZone = 256

// below returns an address for size bytes in the stack that the program has not used yet. The
// kernel has mapped 128 KiB of it (fs/exec.c, setup_arg_pages).
func (t *tracee) below(size uint64) uint64 {
	return (t.abi.get(&t.entry, t.abi.sp) - redZone - size) &^ 15
}

// install has the child install a filter. It returns the child's descriptor of the listener if
// there is one.
func (t *tracee) install(p asm.Program, flags Flags) (int, error) {
	// Two of struct sock_fprog, the length in 16 bits and then the address: one of length 0.
	word := t.abi.word
	block := make([]byte, 4*word, 4*word+8*len(p))
	at := t.below(uint64(cap(block)))
	binary.NativeEndian.PutUint16(block[2*word:], uint16(len(p)))
	for _, field := range []int{word, 3 * word} {
		t.abi.store(block[field:], at+uint64(len(block)))
	}
	block = append(block, p.Encode(binary.NativeEndian)...)
	if err := t.write(at, block); err != nil {
		return -1, err
	}
	bits := uint64(flags & (Log | SpecAllow | WaitKillable | listener))
	// As Install does: the kernel refuses a length of 0, so that a success comes from a filter.
	n, err := t.syscall(t.abi.seccomp, unix.SECCOMP_SET_MODE_FILTER, bits, at, 0, 0)
	switch {
	case err != nil:
		return -1, err
	case n == 0:
		return -1, refused(feigned, p, uintptr(bits))
	case n > 0:
		return -1, t.broken(errRolledBack)
	}
	n, err = t.syscall(t.abi.seccomp, unix.SECCOMP_SET_MODE_FILTER, bits, at+2*uint64(word), 0, 0)
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
		Nr: uint32(t.abi.close), Arch: t.abi.arch, IP: t.code, Args: [6]uint64{uint64(theirs)},
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
		return -1, &Error{takeOp, err, "this needs Linux 5.6 and the right to trace the child"}
	}
	none := uint64(0)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(ours), unix.SECCOMP_IOCTL_NOTIF_ID_VALID,
		uintptr(unsafe.Pointer(&none)))
	if errno != unix.ENOENT { // what the kernel says to a listener about a call that there is not
		return -1, &Error{takeOp, errFeigned, feignedHelp}
	}
	if asked {
		defer t.answerClosing(ours, theirs).stop()
	}
	n, err := t.syscall(t.abi.close, uint64(theirs))
	if err != nil {
		return ours, err
	}
	again, err := unix.PidfdGetfd(pidfd, theirs, 0)
	if err == nil {
		unix.Close(again)
	}
	if n != 0 || err != unix.EBADF {
		return ours, t.broken(errors.New("it has not closed its copy of the listener"))
	}
	return ours, nil
}

// sizeofMask is the size of the kernel's sigset_t (_NSIG of arch/mips/include/uapi/asm/signal.h).
func sizeofMask() uintptr {
	if strings.HasPrefix(runtime.GOARCH, "mips") {
		return 16
	}
	return 8
}

// release puts the registers and the signal mask back as exec left them and lets the program run.
func (t *tracee) release(mask *unix.Sigset_t, stop func(syscall.Signal) error) error {
	if _, err := t.registers(unix.PTRACE_SETREGSET, &t.entry); err != nil {
		return err
	}
	err := ptrace(unix.PTRACE_SETSIGMASK, t.pid, sizeofMask(), unsafe.Pointer(mask))
	if err != nil {
		return t.broken(err)
	}
	var is unix.Sigset_t
	is.Val[0] = ^mask.Val[0]
	err = ptrace(unix.PTRACE_GETSIGMASK, t.pid, sizeofMask(), unsafe.Pointer(&is))
	if err != nil {
		return t.broken(err)
	}
	const never = 1<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1) // blocked
	if (is.Val[0]^mask.Val[0])&^never != 0 {
		return t.broken(errFeigned)
	}
	if t.stopped {
		if err := stop(unix.SIGSTOP); err != nil {
			return t.broken(err)
		}
	}
	if err := unix.PtraceDetach(t.pid); err != nil {
		return t.broken(err)
	}
	if s, err := t.look(); err != nil || s.kind != notStopped {
		return t.broken(errFeigned)
	}
	return nil
}
