//go:build !linux

package notify

import (
	"errors"
	"os"
	"syscall"
)

var errLinux = errors.New("notify: seccomp is a feature of Linux")

// Listener is the descriptor on which the kernel reports calls. Here there is none.
type Listener struct{}

// New takes over the descriptor of a listener. Here it always fails.
func New(int) (*Listener, error) { return nil, errLinux }

// Receive takes a listener from another process. Here it always fails.
func Receive(syscall.Conn) (*Listener, error) { return nil, errLinux }

// ReceiveOCI takes a listener from a container runtime. Here it always fails.
func ReceiveOCI(syscall.Conn) (*Listener, *ContainerState, error) { return nil, nil, errLinux }

// SyncWakeUp has caller and supervisor run on the same processor. Here it always fails.
func (*Listener) SyncWakeUp() error { return errLinux }

// Send passes the listener to another process. Here it always fails.
func (*Listener) Send(syscall.Conn) error { return errLinux }

// Close closes the listener. Here it always fails.
func (*Listener) Close() error { return errLinux }

// Next waits for a call. Here it always fails.
func (*Listener) Next() (*Call, error) { return nil, errLinux }

// Answer answers the call. Here it always fails.
func (*Call) Answer(Answer) error { return errLinux }

// AddFile gives the caller a descriptor. Here it always fails.
func (*Call) AddFile(*os.File, int) (int, error) { return -1, errLinux }

// SetFile puts a file in the place of a descriptor. Here it always fails.
func (*Call) SetFile(*os.File, int, int) error { return errLinux }

// CopyFile returns a copy of one of the caller's descriptors. Here it always fails.
func (*Call) CopyFile(int) (*os.File, error) { return nil, errLinux }

// Valid tells whether the caller waits. Here it always fails.
func (*Call) Valid() error { return errLinux }

// Read copies memory of the caller. Here it always fails.
func (*Call) Read(uint64, []byte) error { return errLinux }

// String copies a string of the caller. Here it always fails.
func (*Call) String(uint64, int) (string, error) { return "", errLinux }
