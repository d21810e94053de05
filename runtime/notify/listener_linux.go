package notify

import (
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
)

// Listener is the descriptor on which the kernel reports calls. Its methods may be used
// concurrently.
type Listener struct {
	file *os.File
	conn syscall.RawConn
	next sync.Mutex // one receives at a time: the kernel has no receive that does not block
	size uintptr    // of this kernel's struct seccomp_notif
}

// notification is struct seccomp_notif, response seccomp_notif_resp and newFile seccomp_notif_addfd
// (include/uapi/linux/seccomp.h).
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	data  asm.Data
}

type response struct {
	id    uint64
	value int64
	errno int32 // negative
	flags uint32
}

type newFile struct {
	id         uint64
	flags      uint32
	source     uint32
	target     uint32
	targetOpen uint32 // O_CLOEXEC
}

// New takes over the descriptor of a listener.
func New(fd int) (*Listener, error) {
	var sizes struct{ notification, response, data uint16 }
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_NOTIF_SIZES, 0,
		uintptr(unsafe.Pointer(&sizes)))
	if errno != 0 {
		return nil, fmt.Errorf("notify: ask for the size of a notification (Linux 5.0): %w", errno)
	}
	none := uint64(0)
	err := ioctl(uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&none))
	if err != unix.ENOENT {
		return nil, fmt.Errorf("notify: descriptor %d is no listener (asked for call 0, it "+
			"gives %v)",
			fd, err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // so that os waits for it in the poller
		return nil, fmt.Errorf("notify: %w", err)
	}
	l := &Listener{file: os.NewFile(uintptr(fd), "seccomp listener")}
	l.size = max(uintptr(sizes.notification), unsafe.Sizeof(notification{}))
	if err := l.file.SetDeadline(time.Time{}); err != nil { // where the poller does not wait for it
		return nil, fmt.Errorf("notify: %w", err)
	}
	if l.conn, err = l.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return l, nil
}

// SyncWakeUp has the kernel run caller and supervisor on the same processor, one waking the other
// (6.6), which is faster. [Listener.Serve] asks for it by itself. An error means that the kernel
// does not know how; the listener works as before.
func (l *Listener) SyncWakeUp() error {
	var err error
	closed := l.conn.Control(func(fd uintptr) {
		err = unix.IoctlSetInt(int(fd), setFlags, syncWakeUp)
	})
	if closed != nil {
		return os.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("notify: wake up on the same processor (Linux 6.6): %w", err)
	}
	return nil
}

// SECCOMP_IOCTL_NOTIF_SET_FLAGS and SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP of
// include/uapi/linux/seccomp.h: the flags are the argument itself.
const (
	setFlags   = 0x40082104
	syncWakeUp = 1
)

// Close stops [Listener.Next] and [Listener.Serve]. Calls without an answer fail with ENOSYS, now
// and in future, once all copies of the descriptor are closed.
func (l *Listener) Close() error { return l.file.Close() }

// Next waits for a call. It returns io.EOF when nobody is left under the filter (5.8), and
// os.ErrClosed when the listener is closed. Older kernels, as 6.1, count a dead child as long as
// its parent has not waited for it. The call must be answered.
func (l *Listener) Next() (*Call, error) {
	l.next.Lock()
	defer l.next.Unlock()
	var n *notification
	var err error
	closed := l.conn.Read(func(fd uintptr) (done bool) {
		n, err = l.receive(int(fd))
		return err != unix.EAGAIN
	})
	switch {
	case closed != nil:
		return nil, os.ErrClosed
	case err == io.EOF:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("notify: wait for a call: %w", err)
	}
	return &Call{ID: n.id, PID: int(n.pid), Data: n.data, l: l}, nil
}

// receive returns EAGAIN where there is no call: the kernel's own receive would wait, out of reach
// of Close.
func (l *Listener) receive(fd int) (*notification, error) {
	for {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		_, err := unix.Poll(poll, 0)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, err
		case poll[0].Revents&unix.POLLIN != 0:
		case poll[0].Revents&unix.POLLHUP != 0:
			return nil, io.EOF
		default:
			return nil, unix.EAGAIN
		}
		buf := make([]uint64, (l.size+7)/8) // zeros, or the kernel refuses it
		n := (*notification)(unsafe.Pointer(&buf[0]))
		err = ioctl(uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(n))
		if err == unix.EINTR || err == unix.ENOENT { // ENOENT: the caller was killed just now
			continue
		}
		return n, err
	}
}

// control makes an ioctl on the listener unless it is closed.
func (l *Listener) control(request uint, arg unsafe.Pointer) error {
	var err error
	closed := l.conn.Control(func(fd uintptr) {
		for err = unix.EINTR; err == unix.EINTR; {
			err = ioctl(fd, request, arg)
		}
	})
	if closed != nil {
		return os.ErrClosed
	}
	return err
}

func ioctl(fd uintptr, request uint, arg unsafe.Pointer) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, uintptr(request), uintptr(arg))
	if errno != 0 {
		return errno
	}
	return nil
}
