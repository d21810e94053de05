package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
)

// load is a call that installs a filter, between its entry and its exit.
type load struct {
	program asm.Program
	flags   uint64
	before  int // how many filters the thread had, or -1
	err     error
	at      uint64 // where the filter is
	strict  bool   // it is strict mode
}

// call looks at the entry or the exit of a system call.
func (t *tracer) call(th *thread) error {
	info, err := callInfo(th.id)
	switch {
	case err == unix.ESRCH:
		return nil
	case err != nil:
		return fmt.Errorf("ask what thread %d calls: %w", th.id, err)
	}
	switch info.op {
	case unix.PTRACE_SYSCALL_INFO_ENTRY:
		th.load = th.loading(info)
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		l := th.load
		if th.load = nil; l != nil {
			return t.ends(th, l, int64(info.words[0]))
		}
	}
	return nil
}

// ends looks at the result of a call.
func (t *tracer) ends(th *thread, l *load, result int64) error {
	switch {
	case l.strict:
		t.strict = t.strict || result == 0
	case l.taken(result, th.id):
		return t.loads(th, l)
	case result < 0 && l.at != 0: // without a filter it only asks what the kernel knows
		t.refused = unix.Errno(-result)
	}
	return nil
}

// syscallInfo is struct ptrace_syscall_info of include/uapi/linux/ptrace.h.
type syscallInfo struct {
	op    uint8
	_     [3]uint8
	arch  uint32
	_, _  uint64    // the instruction and the stack pointers
	words [8]uint64 // at an entry nr and the arguments, at an exit the result
}

func callInfo(id int) (*syscallInfo, error) {
	var info syscallInfo
	n, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(id),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	switch {
	case errno == unix.EIO:
		return nil, ErrSystem
	case errno != 0:
		return nil, errno
	case n == 0:
		return nil, errors.New("a filter on this process feigns an answer")
	}
	return &info, nil
}

// loading returns the load that an entry begins, or nil.
func (th *thread) loading(info *syscallInfo) *load {
	nr, args := uint32(info.words[0]), info.words[1:7]
	abi, ok := linux.Caller(info.arch, nr)
	if !ok {
		return nil
	}
	l := &load{at: args[2]}
	switch name, _ := abi.SyscallName(nr); {
	case name == "seccomp" && uint32(args[0]) == unix.SECCOMP_SET_MODE_FILTER:
		l.flags = args[1]
	case name == "prctl" && uint32(args[0]) == unix.PR_SET_SECCOMP &&
		args[1] == unix.SECCOMP_MODE_FILTER:
	case name == "seccomp" && uint32(args[0]) == unix.SECCOMP_SET_MODE_STRICT,
		name == "prctl" && uint32(args[0]) == unix.PR_SET_SECCOMP &&
			args[1] == unix.SECCOMP_MODE_STRICT:
		return &load{strict: true}
	default:
		return nil
	}
	l.before = filterCount(th.id)
	l.program, l.err = readProgram(th.id, abi, args[2])
	return l
}

// taken reports whether the kernel has installed the filter: with a listener the result is a
// descriptor, without one it is 0, and a thread's id where that one could not follow.
func (l *load) taken(result int64, id int) bool {
	if result < 0 || result > 0 && l.flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER == 0 {
		return false
	}
	after := filterCount(id)
	return l.before < 0 || after == l.before+1
}

// loads notes a filter that the kernel has taken, and of which thread.
func (t *tracer) loads(th *thread, l *load) error {
	if l.err != nil {
		return fmt.Errorf("process %d installed a filter that cannot be read: %w", th.process,
			l.err)
	}
	th.filters = append(slices.Clip(th.filters), l.program)
	if l.flags&unix.SECCOMP_FILTER_FLAG_TSYNC != 0 {
		for _, other := range t.threads {
			if other.process == th.process {
				other.filters = th.filters
			}
		}
	}
	i := slices.IndexFunc(t.loaded, func(p *Process) bool { return p.ID == th.process })
	if i < 0 {
		i = len(t.loaded)
		t.loaded = append(t.loaded, &Process{ID: th.process, Name: nameOf(th.id)})
	}
	p := t.loaded[i]
	p.Differ = p.Differ || !continues(th.filters, p.Filters) && !continues(p.Filters, th.filters)
	p.Partly = t.partly(th)
	if p.Own++; len(th.filters) > len(p.Filters) { // of several threads the longest stack
		p.Filters = th.filters
	}
	return nil
}

// partly reports whether another thread of a thread's process has fewer filters.
func (t *tracer) partly(th *thread) bool {
	for _, other := range t.threads {
		if other.process == th.process && len(other.filters) < len(th.filters) {
			return true
		}
	}
	return false
}

// continues reports whether a stack is another one with more filters on top, or none.
func continues(stack, other []asm.Program) bool {
	return len(stack) >= len(other) &&
		slices.EqualFunc(stack[:len(other)], other, slices.Equal[asm.Program])
}

// readProgram reads a struct sock_fprog of a caller's ABI (include/uapi/linux/filter.h) and what it
// points to.
func readProgram(id int, abi *linux.ABI, at uint64) (asm.Program, error) {
	pointer := uint64(8)
	if abi.Bits == 32 || abi.Name == "x32" {
		pointer = 4 // compat_sock_fprog
	}
	var head [16]byte
	if err := readMemory(id, at, head[:2*pointer]); err != nil {
		return nil, err
	}
	n := binary.NativeEndian.Uint16(head[:])
	from := binary.NativeEndian.Uint64(head[8:])
	if pointer == 4 {
		from = uint64(binary.NativeEndian.Uint32(head[4:]))
	}
	if n == 0 || n > asm.MaxLen {
		return nil, fmt.Errorf("it has %d instructions", n)
	}
	code := make([]byte, 8*int(n))
	if err := readMemory(id, from, code); err != nil {
		return nil, err
	}
	return asm.Decode(code, binary.NativeEndian)
}

// readMemory reads from the memory of a stopped thread.
func readMemory(id int, at uint64, to []byte) error {
	n, err := unix.PtracePeekData(id, uintptr(at), to)
	if err == nil && n < len(to) {
		err = unix.EFAULT
	}
	return err
}

// filterCount returns how many filters a thread has, or -1 where the kernel does not say (before
// Linux 5.9).
func filterCount(id int) int {
	n, err := strconv.Atoi(status(id, "Seccomp_filters:"))
	if err != nil {
		return -1
	}
	return n
}

// processOf returns the process of a thread.
func processOf(id int) int {
	if n, err := strconv.Atoi(status(id, "Tgid:")); err == nil {
		return n
	}
	return id
}

func nameOf(id int) string { return status(id, "Name:") }

// status returns a line of /proc/ID/status.
func status(id int, key string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	for line := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(string(line), key); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
