package notify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Answer answers the call. Each call takes one answer; the error is ENOENT when its caller has gone
// or been interrupted, or the call has its answer.
func (c *Call) Answer(a Answer) error {
	if a.kind == hand {
		defer a.file.Close()
		_, err := c.add(a.file, newFile{flags: unix.SECCOMP_ADDFD_FLAG_SEND,
			targetOpen: uint32(a.flags)})
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
func (c *Call) AddFile(f *os.File, flags int) (int, error) {
	return c.add(f, newFile{targetOpen: uint32(flags)})
}

// SetFile is AddFile for a number of the caller's choice: what it has there is closed, as by dup3.
// The call still wants an answer.
func (c *Call) SetFile(f *os.File, fd, flags int) error {
	if fd < 0 {
		return fmt.Errorf("notify: put a file in the place of descriptor %d: %w", fd, unix.EBADF)
	}
	_, err := c.add(f, newFile{flags: unix.SECCOMP_ADDFD_FLAG_SETFD, target: uint32(fd),
		targetOpen: uint32(flags)})
	return err
}

func (c *Call) add(f *os.File, add newFile) (int, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("notify: %w", err)
	}
	target := -1
	failed := conn.Control(func(fd uintptr) {
		add.id, add.source = c.ID, uint32(fd)
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

// CopyFile returns a copy of one of the caller's descriptors (5.6): it shares the open file with
// the caller. The error is EBADF where the caller has none of that number. The supervisor needs the
// right to trace the caller.
func (c *Call) CopyFile(fd int) (*os.File, error) {
	n, err := c.copyFile(fd)
	if err != nil {
		return nil, fmt.Errorf("notify: copy the caller's descriptor %d: %w", fd, err)
	}
	return os.NewFile(uintptr(n), fmt.Sprintf("descriptor %d of %d", fd, c.PID)), nil
}

func (c *Call) copyFile(fd int) (int, error) {
	pidfd, err := c.pidfd()
	if err != nil {
		return -1, err
	}
	defer unix.Close(pidfd)
	if err := c.Valid(); err != nil { // what the pidfd names was the caller
		return -1, err
	}
	return unix.PidfdGetfd(pidfd, fd, 0)
}

// pidfd opens the calling thread, whose descriptors may be its own; before 6.9 its process.
func (c *Call) pidfd() (int, error) {
	fd, err := unix.PidfdOpen(c.PID, unix.O_EXCL) // PIDFD_THREAD of include/uapi/linux/pidfd.h
	if err != unix.EINVAL {
		return fd, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.PID))
	if err != nil {
		return -1, err
	}
	_, rest, _ := bytes.Cut(status, []byte("\nTgid:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if err != nil {
		return -1, err
	}
	return unix.PidfdOpen(pid, 0)
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

// String copies a string that ends with a zero byte, which it must within size bytes. Its error is
// what the kernel would answer: EFAULT where memory cannot be read, ENAMETOOLONG where the string
// does not end.
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
	return "", fmt.Errorf("notify: the caller's string at %#x does not end within %d bytes: %w",
		addr, size, unix.ENAMETOOLONG)
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
