// Package notify answers system calls that a filter leaves to a supervisor: those with the action
// notify (SECCOMP_RET_USER_NOTIF, Linux 5.0). The caller waits in its call until the supervisor
// answers.
//
// A [Listener] comes from runtime.StartListener, or from another process over a Unix socket
// ([Listener.Send], [Receive]). [Listener.Serve] hands each call to a handler:
//
//	l, err := notify.New(fd)
//	err = l.Serve(16, func(c *notify.Call) notify.Answer {
//		path, err := c.String(c.Data.Args[1], unix.PathMax)
//		if err != nil || path != "/etc/hostname" {
//			return notify.Errno(unix.EACCES)
//		}
//		f, err := os.Open("/etc/hostname") // a name of our own, not the caller's memory
//		if err != nil {
//			return notify.Errno(unix.EACCES)
//		}
//		return notify.File(f, unix.O_CLOEXEC)
//	})
//
// What a pointer in the arguments leads to belongs to the caller, whose other threads may change it
// at any time. So a handler reads it once, decides on its copy, and does the work itself;
// [Continue] is no answer to a call whose memory was part of the decision.
package notify

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/seccompc/seccompc/asm"
)

// ContainerState is what a container runtime tells with a listener: ContainerProcessState of the
// OCI's runtime specification (config-linux.md), as far as it is of use here.
type ContainerState struct {
	FDs      []string `json:"fds"`      // names of the descriptors that come with it
	PID      int      `json:"pid"`      // of the container's process, as the runtime sees it
	Metadata string   `json:"metadata"` // listenerMetadata of the configuration
	State    struct {
		ID string `json:"id"` // of the container
	} `json:"state"`
}

// Call is a system call that waits for an answer.
type Call struct {
	ID   uint64   // the kernel's name for this call
	PID  int      // the calling thread in this PID namespace; 0 where it is not visible here
	Data asm.Data // what the filter saw

	l *Listener
}

// Handler decides about a call. Several may run at a time.
type Handler func(*Call) Answer

// Answer is what a call is to return to its caller. The zero Answer is Errno(EPERM).
type Answer struct {
	kind  answerKind
	value int64
	errno syscall.Errno
	file  *os.File
	flags int
}

type answerKind uint8

const (
	refuse answerKind = iota
	succeed
	proceed
	hand
)

// Return has the call return a value, without the kernel having done anything.
func Return(value int64) Answer { return Answer{kind: succeed, value: value} }

// Errno has the call fail. What no program may see is EPERM: 0, and all outside 1 to 511,
// which the kernel keeps to itself (include/linux/errno.h), as ERESTARTSYS.
func Errno(e syscall.Errno) Answer { return Answer{kind: refuse, errno: e} }

// Continue lets the kernel carry out the call (5.5). It then reads the caller's memory again, which
// may have changed: use it where numbers alone decided, and never to enforce anything that other
// filters do not.
func Continue() Answer { return Answer{kind: proceed} }

// File has the call return a new descriptor of the caller for a file of the supervisor's (5.14),
// with flags 0 or O_CLOEXEC. The supervisor's is closed.
func File(f *os.File, flags int) Answer { return Answer{kind: hand, file: f, flags: flags} }

// Serve hands calls to the handler, at most limit at a time, each of that many goroutines one;
// others wait. It returns nil when nobody is left under the filter (see [Listener.Next]: wait for
// the child meanwhile, not afterwards), os.ErrClosed after [Listener.Close], and waits for its
// handlers before. A call whose answer the kernel does not take fails with EPERM, or with EMFILE
// where it is a file and the caller has no descriptor left; one that was interrupted meanwhile
// needs none.
func (l *Listener) Serve(limit int, handle Handler) error {
	if limit < 1 {
		return errors.New("notify: serve at least one call at a time")
	}
	l.SyncWakeUp() // as good as it gets: older kernels do not know it
	var handlers sync.WaitGroup
	ends := make(chan error, limit)
	for range limit {
		handlers.Go(func() { ends <- l.serve(handle) })
	}
	handlers.Wait()
	return <-ends
}

// serve takes calls and answers them.
func (l *Listener) serve(handle Handler) error {
	for {
		c, err := l.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch err := c.Answer(handle(c)); {
		case errors.Is(err, syscall.EMFILE):
			c.Answer(Errno(syscall.EMFILE))
		case err != nil:
			c.Answer(Errno(syscall.EPERM)) // of no use if the caller is gone, or the listener
		}
	}
}
