package notify

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// Send passes the listener to another process over a Unix socket. The sender keeps its own, and closes it
// unless it supervises as well.
func (l *Listener) Send(conn *net.UnixConn) error {
	var err error
	failed := l.conn.Control(func(fd uintptr) {
		_, _, err = conn.WriteMsgUnix([]byte{0}, unix.UnixRights(int(fd)), nil)
	})
	if err = errors.Join(failed, err); err != nil {
		return fmt.Errorf("notify: send the listener: %w", err)
	}
	return nil
}

// Receive takes a listener that another process sends over a Unix socket.
func Receive(conn *net.UnixConn) (*Listener, error) {
	control := make([]byte, unix.CmsgSpace(2*4)) // one would do, but two are to be noticed
	_, n, flags, _, err := conn.ReadMsgUnix(make([]byte, 1), control)
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
	if len(fds) == 1 && flags&unix.MSG_CTRUNC == 0 {
		l, err := New(fds[0])
		if err == nil {
			return l, nil
		}
		unix.Close(fds[0])
		return nil, err
	}
	for _, fd := range fds {
		unix.Close(fd)
	}
	return nil, fmt.Errorf("notify: receive a listener: the message carries %d descriptors, and should one", len(fds))
}
