package main

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/runtime/notify"
)

// broker connects to one address. The socket is its own, of its own network namespace: the worker
// needs no network, and what it has done to its socket does not count. The connected socket takes
// the place of the worker's.
type broker struct{ to netip.AddrPort }

// connect copies the address once and compares the copy; the kernel reads nothing again that the
// worker can change.
func (b broker) connect(c *notify.Call) notify.Answer {
	fd := int(int32(c.Data.Args[0]))
	theirs, err := c.CopyFile(fd)
	if err != nil {
		return refuse(err)
	}
	defer theirs.Close()
	to, err := address(c)
	if err != nil {
		return refuse(err)
	}
	like, err := look(theirs)
	switch {
	case err != nil:
		return refuse(err)
	case to != b.to:
		return notify.Errno(unix.EACCES)
	}
	closes, err := closesOnExec(c.PID, fd)
	if err != nil {
		return refuse(err)
	}
	ours, err := like.connect(b.to, c)
	underWay := errors.Is(err, unix.EINPROGRESS)
	if err != nil && !underWay {
		return refuse(err)
	}
	defer ours.Close()
	if err := c.SetFile(ours, fd, closes); err != nil {
		return refuse(err)
	}
	if underWay {
		return notify.Errno(unix.EINPROGRESS)
	}
	return notify.Return(0)
}

// refuse answers with the errno of an error, as the kernel would.
func refuse(err error) notify.Answer {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return notify.Errno(errno)
	}
	return notify.Errno(unix.EACCES)
}

// address reads a struct sockaddr_in or sockaddr_in6. Others are nobody's address, and so is what
// names a network interface.
func address(c *notify.Call) (netip.AddrPort, error) {
	const size4, size6 = unix.SizeofSockaddrInet4, unix.SizeofSockaddrInet6
	var buf [size6]byte
	size := int32(c.Data.Args[2])
	if size < 2 || size > unix.SizeofSockaddrAny {
		return netip.AddrPort{}, unix.EINVAL
	}
	copied := buf[:min(int(size), size6)]
	if err := c.Read(c.Data.Args[1], copied); err != nil {
		return netip.AddrPort{}, err
	}
	port := binary.BigEndian.Uint16(buf[2:])
	switch family := binary.NativeEndian.Uint16(buf[:]); {
	case family == unix.AF_INET && size >= size4:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(buf[4:8])), port), nil
	case family == unix.AF_INET6 && size >= size6:
		if scope := binary.NativeEndian.Uint32(buf[24:]); scope != 0 {
			return netip.AddrPort{}, unix.EACCES
		}
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(buf[8:24])).Unmap(), port), nil
	}
	return netip.AddrPort{}, unix.EACCES
}

// patience is how long a connection may take, for a worker that has not said so.
const patience = 2 * time.Minute

// connect makes a socket with the settings and connects it. For a worker that does not wait the
// error is EINPROGRESS, and the socket on its way there.
func (s *settings) connect(to netip.AddrPort, c *notify.Call) (*os.File, error) {
	fd, err := unix.Socket(s.family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK,
		unix.IPPROTO_TCP)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "the worker's connection")
	err = s.apply(fd)
	if err == nil {
		err = unix.Connect(fd, s.sockaddr(to))
	}
	if err == unix.EINPROGRESS && !s.nonblock {
		err = s.wait(fd, c)
	}
	if err == nil && !s.nonblock {
		err = unix.SetNonblock(fd, false)
	}
	if err != nil && err != unix.EINPROGRESS {
		f.Close()
		return nil, err
	}
	return f, err
}

func (s *settings) sockaddr(to netip.AddrPort) unix.Sockaddr {
	if s.family == unix.AF_INET6 {
		return &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
}

// wait waits for the connection as long as the worker does.
func (s *settings) wait(fd int, c *notify.Call) error {
	const step = 100 // milliseconds
	end := time.Now().Add(s.patience)
	for time.Now().Before(end) {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(ready, step)
		if err != nil && err != unix.EINTR {
			return err
		}
		if n > 0 {
			errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err == nil && errno != 0 {
				err = unix.Errno(errno)
			}
			return err
		}
		if err := c.Valid(); err != nil {
			return err
		}
	}
	return unix.ETIMEDOUT
}
