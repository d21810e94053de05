package notify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Answer answers the call. Each call takes one answer; the error is ENOENT when its caller has gone
// or been interrupted, or the call has its answer.
func (c *Call) Answer(a Answer) error {
	if a.kind == hand {
		defer a.file.Close()
		_, err := c.add(a.file, a.flags, unix.SECCOMP_ADDFD_FLAG_SEND)
		return err
	}
	r := response{id: c.ID}
	switch a.kind {
	case succeed:
		r.value = a.value
	case proceed:
		r.flags = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
	default:
		r.errno = -int32(unix.EPERM)
		if a.errno > 0 && a.errno < 512 {
			r.errno = -int32(a.errno)
		}
	}
	if err := c.l.control(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r)); err != nil {
		return fmt.Errorf("notify: answer: %w", err)
	}
	return nil
}

// AddFile gives the caller a descriptor for a file of the supervisor's (5.9), with flags 0 or
// O_CLOEXEC, and returns its number there. The call still wants an answer.
func (c *Call) AddFile(f *os.File, flags int) (int, error) { return c.add(f, flags, 0) }

func (c *Call) add(f *os.File, flags int, how uint32) (int, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("notify: %w", err)
	}
	target := -1
	failed := conn.Control(func(fd uintptr) {
		add := newFile{id: c.ID, flags: how, source: uint32(fd), targetOpen: uint32(flags)}
		control := c.l.conn.Control(func(listener uintptr) {
			n, _, errno := unix.Syscall(unix.SYS_IOCTL, listener, unix.SECCOMP_IOCTL_NOTIF_ADDFD,
				uintptr(unsafe.Pointer(&add)))
			if target = int(n); errno != 0 {
				err = errno
			}
		})
		if control != nil {
			err = os.ErrClosed
		}
	})
	if err = errors.Join(failed, err); err != nil {
		return -1, fmt.Errorf("notify: give the caller a descriptor: %w", err)
	}
	return target, nil
}

// Valid returns nil as long as the caller waits. When it fails, PID may be another process by now.
func (c *Call) Valid() error {
	id := c.ID
	if err := c.l.control(unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id)); err != nil {
		return fmt.Errorf("notify: the caller has gone: %w", err)
	}
	return nil
}

// Read copies memory of the caller, all of buf or nothing. The call was valid before and after, so
// that it is the caller's memory and no other process's. The supervisor needs the right to trace
// the caller.
func (c *Call) Read(addr uint64, buf []byte) error {
	n, err := c.read(addr, buf)
	if err == nil && n < len(buf) {
		err = fmt.Errorf("notify: %d bytes of the caller's memory at %#x can be read, not %d",
			n, addr, len(buf))
	}
	return err
}

// String copies a string that ends with a zero byte, which it must within size bytes.
func (c *Call) String(addr uint64, size int) (string, error) {
	if size < 0 {
		return "", fmt.Errorf("notify: a string within %d bytes: give a size that is not negative",
			size)
	}
	const page = 4096 // the least there is: the next may not be readable
	buf := make([]byte, 0, min(size, page))
	for len(buf) < size {
		at := addr + uint64(len(buf))
		chunk := make([]byte, min(size-len(buf), int(page-at%page)))
		n, err := c.read(at, chunk)
		if err != nil {
			return "", err
		}
		if end := bytes.IndexByte(chunk[:n], 0); end >= 0 {
			return string(append(buf, chunk[:end]...)), nil
		}
		buf = append(buf, chunk[:n]...)
	}
	return "", fmt.Errorf("notify: the caller's string at %#x does not end within %d bytes",
		addr, size)
}

func (c *Call) read(addr uint64, buf []byte) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if addr != uint64(uintptr(addr)) {
		return 0, fmt.Errorf("notify: address %#x is out of reach for GOARCH %s", addr,
			runtime.GOARCH)
	}
	if err := c.Valid(); err != nil {
		return 0, err
	}
	local := []unix.Iovec{{Base: &buf[0]}}
	local[0].SetLen(len(buf))
	remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: len(buf)}}
	n, err := unix.ProcessVMReadv(c.PID, local, remote, 0)
	if err != nil {
		return 0, fmt.Errorf("notify: read the caller's memory at %#x: %w", addr, err)
	}
	return n, c.Valid()
}
