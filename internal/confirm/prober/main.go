//go:build linux

// Command prober makes system calls under a filter and prints what became of them.
//
//	prober [FILTER] <PROBES
//	prober FILTER COMMAND [ARGUMENT...]
//
// Each line of PROBES is one call: a way to make it ("syscall", or "int80" for the i386 entry of an
// x86_64 kernel), a number and up to six arguments, hexadecimal, 64 bits each; an argument "p" is
// the address of a zeroed page in the first 4 GiB. Behind the way "@" and the address of a free
// page has x86_64 make the call with an instruction at that address. The line "signal" makes no
// call, but has a signal handler run before the next one returns.
//
// It puts one thread under FILTER, a file of struct sock_filter in this machine's byte order, makes
// the calls there in order, and prints a line for each: the errno, 0 for success. Where a call
// ended the thread, the lines end with "dead". Without FILTER there is no filter: what the kernel
// says by itself.
//
// With COMMAND it puts itself under FILTER and becomes COMMAND.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	goruntime "runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// A probe is one call and its answer.
type probe struct {
	way   string  // "syscall", "int80", "signal"
	at    uintptr // where the instruction is to lie, or 0
	nr    uintptr
	args  [6]uintptr
	errno uintptr
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "prober:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	// A filter that kills leaves no core files behind.
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	var filter asm.Program
	if len(args) > 0 {
		blob, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		if filter, err = asm.Decode(blob, binary.NativeEndian); err != nil {
			return err
		}
	}
	if len(args) > 1 {
		return become(filter, args[1:])
	}
	probes, err := readProbes()
	if err != nil {
		return err
	}
	done, err := try(filter, probes)
	if err != nil {
		return err
	}
	for _, p := range probes[:done] {
		fmt.Println(p.errno)
	}
	if done < len(probes) {
		fmt.Println("dead")
	}
	return nil
}

func become(filter asm.Program, command []string) error {
	if err := runtime.Install(filter, runtime.Process|runtime.NoPreflight); err != nil {
		return err
	}
	return unix.Exec(command[0], command, os.Environ())
}

func readProbes() ([]probe, error) {
	page, err := unix.MmapPtr(-1, 0, nil, 4096, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|below4G)
	if err != nil {
		return nil, err
	}
	// A page that was never written is the kernel's one page of zeros. Linux 6.1 on MIPS miscounts
	// that one's users where mprotect changes it, and other processes crash (mended by the commit
	// "MIPS: Don't clear _PAGE_SPECIAL in _PAGE_CHG_MASK" of 2023).
	*(*byte)(page) = 0
	var probes []probe
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fields := strings.Fields(in.Text())
		if len(fields) == 0 || len(fields) > 8 {
			return nil, fmt.Errorf("%q is no probe", in.Text())
		}
		p := probe{}
		if p.way, p.at, err = readWay(fields[0]); err != nil {
			return nil, err
		}
		for i, f := range fields[1:] {
			v := uint64(uintptr(page))
			if f != "p" {
				if v, err = strconv.ParseUint(f, 16, 64); err != nil {
					return nil, err
				}
			}
			if i == 0 {
				p.nr = uintptr(v)
			} else {
				p.args[i-1] = uintptr(v)
			}
		}
		probes = append(probes, p)
	}
	return probes, in.Err()
}

// readWay reads "WAY" or "WAY@ADDRESS", and puts the instructions at the address.
func readWay(text string) (way string, at uintptr, err error) {
	way, address, far := strings.Cut(text, "@")
	if !far {
		return way, 0, nil
	}
	v, err := strconv.ParseUint(address, 16, 64)
	if err == nil {
		err = placeAt(uintptr(v))
	}
	return way, uintptr(v), err
}

// try makes the calls on a thread of its own under the filter, and returns how many came back.
func try(filter asm.Program, probes []probe) (done int, err error) {
	// The thread takes its processor with it when it dies, and no collection could wait for it.
	goruntime.GOMAXPROCS(4)
	debug.SetGCPercent(-1)
	// The kernel sets this word to 0 and wakes its waiters when the thread ends, however it ends
	// (set_tid_address(2)).
	alive := uint32(math.MaxUint32)
	go func() {
		goruntime.LockOSThread()
		// No signal handler runs on this thread unasked: its return might be a call that the filter
		// kills.
		blocked := allButSIGUSR1()
		unix.PthreadSigmask(unix.SIG_SETMASK, &blocked, nil)
		unix.RawSyscall(unix.SYS_SET_TID_ADDRESS, uintptr(unsafe.Pointer(&alive)), 0, 0)
		signals.thread.Store(int32(unix.Gettid()))
		err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		if err == nil {
			err = makeAll(fprog(filter), probes, &done)
		}
		unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	}()
	if slices.ContainsFunc(probes, func(p probe) bool { return p.way == "signal" }) {
		go signals.answer()
	}
	for v := atomic.LoadUint32(&alive); v != 0; v = atomic.LoadUint32(&alive) {
		unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&alive)), 0, uintptr(v), 0, 0, 0)
	}
	return done, err
}

func allButSIGUSR1() (set unix.Sigset_t) {
	for i := range set.Val {
		set.Val[i]--
	}
	set.Val[0] &^= 1 << (unix.SIGUSR1 - 1)
	return set
}

// fprog is what the kernel takes of a filter, or nil where there is none.
func fprog(p asm.Program) *unix.SockFprog {
	if p == nil {
		return nil
	}
	text := p.Encode(binary.NativeEndian)
	return &unix.SockFprog{Len: uint16(len(p)),
		Filter: (*unix.SockFilter)(unsafe.Pointer(&text[0]))}
}

// makeAll puts this thread under the filter, makes the calls and ends the thread, and nothing else:
// under a strict filter Go's runtime must not be needed. Without a check of its stack it has no
// occasion to put another goroutine on the thread, however long the calls take. It returns where
// the filter was refused.
//
//go:nosplit
func makeAll(filter *unix.SockFprog, probes []probe, done *int) error {
	if filter != nil {
		_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0,
			uintptr(unsafe.Pointer(filter)))
		if errno != 0 {
			return errno
		}
	}
	for i := range probes {
		p := &probes[i]
		switch {
		case p.at != 0:
			p.errno = callAt(p.at, p.way, p.nr, p.args)
		case p.way == "int80":
			p.errno = int80(p.nr, p.args)
		case p.way == "signal":
			signals.ask()
		default:
			_, _, e := unix.RawSyscall6(p.nr, p.args[0], p.args[1], p.args[2], p.args[3], p.args[4],
				p.args[5])
			p.errno = uintptr(e)
		}
		*done = i + 1
	}
	unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	return nil
}

// signals has another thread send the confined one a signal. Go's handler finds nobody who wants
// SIGUSR1 and returns without a call but that of the return itself.
var signals signaller

type signaller struct {
	thread      atomic.Int32
	asked, sent atomic.Bool
}

// ask waits without a call. The handler has run before the thread's next call returns.
//
//go:nosplit
func (s *signaller) ask() {
	s.asked.Store(true)
	for !s.sent.Load() {
	}
}

func (s *signaller) answer() {
	for !s.asked.Load() {
		goruntime.Gosched()
	}
	unix.Tgkill(os.Getpid(), int(s.thread.Load()), unix.SIGUSR1)
	s.sent.Store(true)
}
