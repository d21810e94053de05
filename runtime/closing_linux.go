package runtime

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// closing answers the one question that a filter asks about a child's own close of its listener,
// where it asks about close: nobody else holds the listener yet.
type closing struct {
	listener int
	nr, fd   uint64 // of the call: close, and the child's number of the listener
	pid      int
	over     atomic.Bool
	done     chan struct{}
}

// answerClosing lets the close pass when the child makes it. The caller calls stop in any case.
func (t *tracee) answerClosing(listener, theirs int) *closing {
	c := &closing{listener: listener, nr: t.abi.close, fd: uint64(theirs), pid: t.pid}
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		for !c.over.Load() && !c.answer() {
		}
	}()
	return c
}

// stop returns when nothing is received from the listener any more.
func (c *closing) stop() {
	c.over.Store(true)
	<-c.done
}

// answer waits for a short while and reports whether there is nothing to wait for any more. A call
// that is not the one that is meant gets no answer; the child then comes to no stop, and is killed.
func (c *closing) answer() bool {
	const milliseconds = 10
	poll := []unix.PollFd{{Fd: int32(c.listener), Events: unix.POLLIN}}
	if n, err := unix.Poll(poll, milliseconds); n == 0 || err != nil {
		return err != nil && err != unix.EINTR
	}
	// Of include/uapi/linux/seccomp.h: struct seccomp_notif is id, pid, flags and the call's data,
	// struct seccomp_notif_resp is id, value, error and flags. Newer kernels may write more.
	var question [256]byte
	if !c.control(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&question)) {
		return true
	}
	order := binary.NativeEndian
	pid, nr := order.Uint32(question[8:]), order.Uint32(question[16+asm.OffNr:])
	fd := order.Uint64(question[16+asm.OffArgs:])
	if int(pid) != c.pid || uint64(nr) != c.nr || fd != c.fd {
		return true
	}
	var answer [24]byte
	copy(answer[:8], question[:8])
	order.PutUint32(answer[20:], unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE)
	c.control(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&answer))
	return true
}

func (c *closing) control(request uint, arg unsafe.Pointer) bool {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(c.listener), uintptr(request), uintptr(arg))
	return errno == 0
}
