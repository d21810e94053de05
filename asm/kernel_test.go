//go:build linux

package asm

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
)

// These tests ask the kernel itself. Every filter goes into a process of its own, which a
// re-executed copy of the test binary forks; it makes raw system calls only and reports through
// memory that it shares with its parent, since its filter may well forbid everything else.

var kernelPrograms = flag.Int("kernel.programs", 3000,
	"random programs to try on the kernel, per test")

const kernelChild = "SECCOMPC_ASM_KERNEL_CHILD"

// inKernelChild runs the test again in a child process, and reports whether this is that child.
func inKernelChild(t *testing.T) bool {
	if os.Getenv(kernelChild) != "" {
		noCore := unix.Rlimit{} // programs that kill are many
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &noCore); err != nil {
			t.Fatal(err)
		}
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v",
		fmt.Sprintf("-kernel.programs=%d", short.Rounds(*kernelPrograms)))
	cmd.Env = append(os.Environ(), kernelChild+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// trial is what a forked process is to do, and in memory shared with it, what it saw.
type trial struct {
	prog, filler unix.SockFprog
	most         int // times to install prog; then, if there is one, filler until it fails
	args         [6]uintptr
	report       *report
	forkFlags    [2]uintptr
}

type report struct {
	installed, filled int32         // how many times
	errno             syscall.Errno // of the last seccomp(2)
	called            bool          // getppid was called and came back
	ret               uintptr
	retErrno          syscall.Errno
}

func newTrial(t *testing.T) *trial {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(page) })
	c := &trial{report: (*report)(unsafe.Pointer(&page[0])), most: 1}
	c.forkFlags[0] = uintptr(unix.SIGCHLD)
	if runtime.GOARCH == "s390x" { // clone(stack, flags)
		c.forkFlags[0], c.forkFlags[1] = c.forkFlags[1], c.forkFlags[0]
	}
	return c
}

// filters returns the program as the kernel takes it. The spare element makes room for the address
// of an empty one and for a length that tells of more than there is.
func filters(p Program) unix.SockFprog {
	f := make([]unix.SockFilter, len(p)+1)
	for i, in := range p {
		f[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SockFprog{Len: uint16(len(p)), Filter: &f[0]}
}

// run forks, and returns how the process ended. Signals are blocked over the fork, so that the
// child runs none of Go's handlers and a SIGSYS kills it.
func (c *trial) run(t *testing.T, p Program) unix.WaitStatus {
	c.prog = filters(p)
	*c.report = report{}
	runtime.LockOSThread()
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i]--
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		t.Fatal(err)
	}
	pid, errno := forkTrial(c)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil); err != nil {
		t.Fatal(err)
	}
	runtime.UnlockOSThread()
	if errno != 0 {
		t.Fatal("fork:", errno)
	}
	var status unix.WaitStatus
	for {
		_, err := unix.Wait4(int(pid), &status, 0, nil)
		if err == nil {
			runtime.KeepAlive(c)
			return status
		}
		if err != unix.EINTR {
			t.Fatal("wait:", err)
		}
	}
}

// forkTrial returns in the parent only. In the child there is one thread and no Go runtime to speak
// of: no stack may grow, nothing may be allocated.
//
//go:norace
//go:nosplit
func forkTrial(c *trial) (pid uintptr, errno syscall.Errno) {
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, c.forkFlags[0], c.forkFlags[1], 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return pid, errno
	}
	r := c.report
	syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	for r.errno == 0 && int(r.installed) < c.most {
		r.errno = installRaw(&c.prog)
		if r.errno == 0 {
			r.installed++
		}
	}
	if c.filler.Len != 0 {
		for r.errno = 0; r.errno == 0; r.filled++ {
			r.errno = installRaw(&c.filler)
		}
		r.filled--
	}
	if r.installed > 0 {
		r.ret, _, r.retErrno = syscall.RawSyscall6(unix.SYS_GETPPID,
			c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
		r.called = true
	}
	syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	*(*int)(nil) = 0 // the filter forbids exit; SIGSEGV is blocked, and so kills
	return 0, 0
}

//go:norace
//go:nosplit
func installRaw(prog *unix.SockFprog) syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0,
		uintptr(unsafe.Pointer(prog)))
	return errno
}

// accepts asks the kernel for its opinion of a program.
func (c *trial) accepts(t *testing.T, p Program) bool {
	c.run(t, p)
	if c.report.installed == 0 && c.report.errno != unix.EINVAL {
		t.Fatalf("seccomp: %v, neither accepted nor EINVAL", c.report.errno)
	}
	return c.report.installed == 1
}

func TestKernelCheckTable(t *testing.T) {
	if !inKernelChild(t) {
		return
	}
	c := newTrial(t)
	for _, test := range checkCases {
		if got, want := c.accepts(t, test.program), test.want == ""; got != want {
			t.Errorf("%s: the kernel accepts %v, want %v", test.name, got, want)
		}
	}
}

func TestKernelCheckOpcodes(t *testing.T) {
	if !inKernelChild(t) {
		return
	}
	c := newTrial(t)
	for op := range uint16(256) {
		p := Program{{Op: LdxImm}, {Op: St}, {Op: op}, allow}
		if op == DivK {
			p[2].K = 1
		}
		if got, want := c.accepts(t, p), syntaxOf(op) != nil; got != want {
			t.Errorf("opcode %#x: the kernel accepts %v, want %v", op, got, want)
		}
	}
}

func TestKernelCheckRandom(t *testing.T) {
	if !inKernelChild(t) {
		return
	}
	c := newTrial(t)
	r := rand.New(rand.NewPCG(11, uint64(*kernelPrograms)))
	accepted := 0
	for range *kernelPrograms {
		p := maybeDamaged(r)
		ok := c.accepts(t, p)
		if ok {
			accepted++
		}
		if err := p.Check(); ok != (err == nil) {
			t.Fatalf("the kernel accepts %v, Check says %v:\n%s", ok, err, p)
		}
	}
	if accepted < *kernelPrograms/5 || accepted > *kernelPrograms*4/5 {
		t.Errorf("%d of %d programs accepted", accepted, *kernelPrograms)
	}
	t.Logf("%d programs, %d accepted", *kernelPrograms, accepted)
}

func TestKernelRun(t *testing.T) {
	if !inKernelChild(t) {
		return
	}
	c := newTrial(t)
	r := rand.New(rand.NewPCG(12, uint64(*kernelPrograms)))
	order := binary.ByteOrder(binary.NativeEndian)
	kills, errnos, others := 0, 0, 0
	for tries := 0; kills+errnos+others < *kernelPrograms; tries++ {
		if tries > 20**kernelPrograms {
			t.Fatal("too few good programs")
		}
		p := forGetppid(randomProgram(r, 2+r.IntN(30)))
		if p.Check() != nil {
			continue
		}
		d := randomData(r)
		d.Nr, d.Arch = unix.SYS_GETPPID, nativeArch(t)
		for i := range d.Args {
			c.args[i] = uintptr(d.Args[i])
			d.Args[i] = shown(c.args[i])
		}
		result, err := p.Run(d, order)
		if err != nil {
			t.Fatal(err)
		}
		status := c.run(t, p)
		switch got, want := c.outcome(status), expected(result.Ret); {
		case got != want:
			t.Fatalf("the kernel: %s; Run: %#x, %s; for %+v and\n%s", got, result.Ret, want, d, p)
		case want == killed:
			kills++
		case result.Ret&0xffff0000 == 0x50000:
			errnos++
		default:
			others++
		}
	}
	if min(kills, errnos, others) < *kernelPrograms/50 {
		t.Error("one outcome is rare")
	}
	t.Logf("%d programs: %d kill, %d errno, %d let pass or ENOSYS",
		*kernelPrograms, kills, errnos, others)
}

// shown returns what a filter sees of an argument. A 64-bit MIPS kernel keeps the registers of o32
// sign-extended (arch/mips/include/asm/syscall.h, mips_get_syscall_arg).
func shown(arg uintptr) uint64 {
	var name unix.Utsname
	if unix.Uname(&name) == nil && unsafe.Sizeof(arg) == 4 &&
		unix.ByteSliceToString(name.Machine[:]) == "mips64" {
		return uint64(int32(arg))
	}
	return uint64(arg)
}

// forGetppid makes a program that runs body for getppid and allows all else. Where the body does
// not return early, it tells the low bits of A as an errno. The instruction pointer is not ours to
// know.
func forGetppid(body Program) Program {
	for pc := range body {
		if in := &body[pc]; in.Op == LdAbs && in.K/8 == OffIP/8 {
			in.K = OffArgs
		}
	}
	head := Program{{Op: LdAbs, K: OffNr}, {Op: JeqK, Jt: 1, K: unix.SYS_GETPPID}, allow}
	tail := Program{{Op: AndK, K: 0xfff}, {Op: OrK, K: 0x50000}, {Op: RetA}}
	return slices.Concat(head, body[:len(body)-1], tail)
}

func nativeArch(t *testing.T) uint32 {
	abi, known := linux.Native()
	if !known {
		t.Fatalf("package linux has no ABI for GOARCH %s", runtime.GOARCH)
	}
	return abi.Arch
}

const (
	killed = "killed by SIGSYS"
	passed = "passed"
)

// outcome tells what became of the call.
func (c *trial) outcome(status unix.WaitStatus) string {
	r := c.report
	errno := r.retErrno
	if raw := -int(r.ret); errno == 0 && raw > 0 && raw <= 4095 { // Go takes -4095 for a result
		errno = syscall.Errno(raw)
	}
	switch {
	case r.installed != 1:
		return "not installed: " + r.errno.Error()
	case status.Signaled() && status.Signal() == unix.SIGSYS && !r.called:
		return killed
	case !status.Exited() || !r.called:
		return fmt.Sprintf("unexpected end, status %#x", status)
	case errno != 0:
		return fmt.Sprintf("errno %d", errno)
	case int(r.ret) == os.Getpid():
		return passed
	}
	return fmt.Sprintf("returned %d", r.ret)
}

// expected tells what the kernel does for a returned value, where nobody traces or listens.
func expected(ret uint32) string {
	switch data := ret & 0xffff; ret & 0xffff0000 {
	case 0x7fff0000, 0x7ffc0000:
		return passed
	case 0x7ff00000, 0x7fc00000:
		return fmt.Sprintf("errno %d", unix.ENOSYS)
	case 0x50000:
		if data == 0 {
			return "returned 0"
		}
		return fmt.Sprintf("errno %d", min(data, 4095))
	}
	return killed
}

// The kernel bounds a chain of filters by their converted lengths: it is filled with a program
// whose body repeats one instruction, the rest with the smallest filter, and both counts must be as
// predicted.
func TestKernelLenInChain(t *testing.T) {
	if !inKernelChild(t) {
		return
	}
	c := newTrial(t)
	small := Program{allow}
	c.filler = filters(small)
	for _, body := range []Instruction{
		{Op: LdAbs}, {Op: LdImm}, {Op: LdLen}, {Op: St}, {Op: AndK, K: 0xffffffff},
		{Op: DivK, K: 3}, {Op: DivX}, {Op: Tax}, {Op: RetK}, {Op: RetA}, {Op: Ja},
		{Op: JeqK}, {Op: JeqK, Jt: 1}, {Op: JeqK, Jf: 1}, {Op: JsetK, Jt: 1}, {Op: JsetK, Jf: 1},
		{Op: JsetX, Jf: 1}, {Op: JgeX, Jt: 1, Jf: 1}, {Op: JgtK, Jt: 1, Jf: 1, K: 0x7fffffff},
		{Op: JgeK, Jt: 1, Jf: 1, K: 0x80000000}, {Op: JgtK, Jf: 1, K: 0xc000003e},
	} {
		const n = 1000
		p := append(Program{{Op: Ja, K: n + 1}}, repeat(n, body)...)
		p = append(p, allow, allow)
		want, left := fill(MaxPathLen, p.KernelLen())
		wantFilled, _ := fill(left, small.KernelLen())
		c.most = 100
		if status := c.run(t, p); !status.Exited() || c.report.errno != unix.ENOMEM {
			t.Fatalf("%v: status %#x, %v", body, status, c.report.errno)
		}
		if r := c.report; int(r.installed) != want || int(r.filled) != wantFilled {
			t.Errorf("%s: %d and %d small ones fit, want %d and %d",
				p.Text(1), r.installed, r.filled, want, wantFilled)
		}
	}
}

// fill returns how many filters of a length fit, and the room behind them.
func fill(room, length int) (n, left int) {
	for ; length <= room; n++ {
		room -= length + 4
	}
	return n, room
}
