package notify

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Send passes the listener to another process over a connected Unix socket, a *net.UnixConn or an
// *os.File. The sender keeps its own, and closes it unless it supervises as well: whoever holds the
// listener of a filter that confines him is not confined.
func (l *Listener) Send(socket syscall.Conn) error {
	var err error
	closed := l.conn.Control(func(fd uintptr) {
		err = transfer(socket, syscall.RawConn.Write, func(s int) error {
			return unix.Sendmsg(s, []byte{0}, unix.UnixRights(int(fd)), nil, 0)
		})
	})
	if err = errors.Join(closed, err); err != nil {
		return fmt.Errorf("notify: send the listener: %w", err)
	}
	return nil
}

// Receive takes a listener that another process sends over a connected Unix socket.
func Receive(socket syscall.Conn) (*Listener, error) {
	control := make([]byte, unix.CmsgSpace(2*4)) // one descriptor would do, but two are to be noticed
	var n int
	err := transfer(socket, syscall.RawConn.Read, func(s int) (err error) {
		_, n, _, _, err = unix.Recvmsg(s, make([]byte, 1), control, unix.MSG_CMSG_CLOEXEC)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notify: receive a listener: %w", err)
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil {
		return nil, fmt.Errorf("notify: receive a listener: %w", err)
	}
	var fds []int
	for i := range messages {
		if rights, err := unix.ParseUnixRights(&messages[i]); err == nil {
			fds = append(fds, rights...)
		}
	}
	err = fmt.Errorf("notify: receive a listener: the message carries %d descriptors, and should one",
		len(fds))
	if len(fds) == 1 {
		var l *Listener
		if l, err = New(fds[0]); err == nil {
			return l, nil
		}
	}
	for _, fd := range fds {
		unix.Close(fd)
	}
	return nil, err
}

// transfer repeats what f does with the socket until it need not wait.
func transfer(socket syscall.Conn, wait func(syscall.RawConn, func(uintptr) bool) error,
	f func(int) error) error {
	conn, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	closed := wait(conn, func(fd uintptr) bool {
		for err = unix.EINTR; err == unix.EINTR; {
			err = f(int(fd))
		}
		return err != unix.EAGAIN
	})
	return errors.Join(closed, err)
}
