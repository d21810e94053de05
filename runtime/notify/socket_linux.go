package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	m, err := receive(socket, 1)
	if err != nil {
		return nil, fmt.Errorf("notify: receive a listener: %w", err)
	}
	return m.listener(0, 1)
}

// ReceiveOCI takes a listener from a container runtime, as runc, which connects to the Unix socket
// that listenerPath of the container's configuration names. With it comes the container's state,
// the JSON of the OCI's runtime specification (ContainerProcessState), which names the descriptors.
func ReceiveOCI(socket syscall.Conn) (*Listener, *ContainerState, error) {
	const longest = 1 << 20 // of a state with all annotations
	m, err := receive(socket, longest)
	if err != nil {
		return nil, nil, fmt.Errorf("notify: receive a container's listener: %w", err)
	}
	var state ContainerState
	if err := json.Unmarshal(m.data, &state); err != nil {
		m.close()
		return nil, nil, fmt.Errorf("notify: receive a container's listener: the state that "+
			"comes with "+
			"it: %w", err)
	}
	at := slices.Index(state.FDs, "seccompFd")
	if at < 0 {
		m.close()
		return nil, nil, fmt.Errorf("notify: receive a container's listener: none of the "+
			"descriptors "+
			"%q is called seccompFd", state.FDs)
	}
	l, err := m.listener(at, len(state.FDs))
	return l, &state, err
}

// message is what came over a socket.
type message struct {
	data []byte
	fds  []int
}

// receive receives one message of at most size bytes. Descriptors that nobody has asked for are to
// be noticed, so there is room for some.
func receive(socket syscall.Conn, size int) (*message, error) {
	const most = 8
	control := make([]byte, unix.CmsgSpace(most*4))
	data := make([]byte, size)
	var length, n, flags int
	err := transfer(socket, syscall.RawConn.Read, func(s int) (err error) {
		length, n, flags, _, err = unix.Recvmsg(s, data, control, unix.MSG_CMSG_CLOEXEC)
		return err
	})
	if err != nil {
		return nil, err
	}
	m := &message{data: data[:length]}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	for i := range messages {
		if rights, err := unix.ParseUnixRights(&messages[i]); err == nil {
			m.fds = append(m.fds, rights...)
		}
	}
	if err == nil && flags&unix.MSG_CTRUNC != 0 {
		err = fmt.Errorf("the message carries more than %d descriptors", most)
	}
	if err != nil {
		m.close()
	}
	return m, err
}

// listener returns the descriptor at a place as a listener, and closes the others. There must be as
// many as are wanted.
func (m *message) listener(at, want int) (*Listener, error) {
	err := fmt.Errorf("notify: receive a listener: the message carries %d descriptors, and "+
		"should carry %d",
		len(m.fds), want)
	if len(m.fds) == want {
		var l *Listener
		if l, err = New(m.fds[at]); err == nil {
			m.fds = slices.Delete(m.fds, at, at+1)
			m.close()
			return l, nil
		}
	}
	m.close()
	return nil, err
}

func (m *message) close() {
	for _, fd := range m.fds {
		unix.Close(fd)
	}
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
