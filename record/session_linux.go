package record

import (
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// Session is a command that runs under a filter which asks this process.
type Session struct {
	child    *exec.Cmd // nil after Attach
	listener *notify.Listener
	done     chan struct{}
	err      error // of the loop, once it is done
}

// Start starts the command under the filter. Each call that the filter leaves to its supervisor is
// shown to see, one at a time, and carried out when see returns; see may read the caller's memory.
func Start(cmd *exec.Cmd, filter asm.Program, see func(*notify.Call)) (*Session, error) {
	return Supervise(cmd, runtime.WaitKillable, filter, carryOut(see))
}

// carryOut is the handler that only looks.
func carryOut(see func(*notify.Call)) notify.Handler {
	return func(c *notify.Call) notify.Answer {
		see(c)
		return notify.Continue()
	}
}

// Supervise is Start for a handler that answers each call itself, and with flags of runtime.Start.
func Supervise(cmd *exec.Cmd, flags runtime.Flags, filter asm.Program, answer notify.Handler) (
	*Session, error,
) {
	fd, err := runtime.StartListener(cmd, flags, filter)
	if err != nil {
		return nil, err
	}
	listener, err := notify.New(fd)
	if err != nil {
		return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	s := attach(listener, answer)
	s.child = cmd
	return s, nil
}

// Attach shows the calls of a listener that comes from elsewhere, as from a container runtime. The
// session has no command to wait for, and takes the listener over.
func Attach(listener *notify.Listener, see func(*notify.Call)) *Session {
	return attach(listener, carryOut(see))
}

func attach(listener *notify.Listener, answer notify.Handler) *Session {
	listener.SyncWakeUp() // faster where the kernel knows it
	s := &Session{listener: listener, done: make(chan struct{})}
	go s.serve(answer)
	return s
}

// serve is one loop: a second one that answers meanwhile costs more than it gains, as the caller
// and this process take turns.
func (s *Session) serve(answer notify.Handler) {
	defer close(s.done)
	for {
		c, err := s.listener.Next()
		if err != nil {
			if err != io.EOF && !errors.Is(err, os.ErrClosed) {
				s.err = err
			}
			s.listener.Close()
			return
		}
		c.Answer(answer(c)) // it fails where the caller has been killed meanwhile
	}
}

// Wait waits for the end of the command's first process, as cmd.Wait does. Others may be left.
func (s *Session) Wait() error { return s.child.Wait() }

// Done is closed when nobody is left under the filter, or after [Session.Close].
func (s *Session) Done() <-chan struct{} { return s.done }

// Err says what ended the session before its time; it is to be asked when the session is done.
func (s *Session) Err() error { return s.err }

// Close ends the session. Whoever is left under the filter is refused what it would have shown:
// such calls fail with ENOSYS.
func (s *Session) Close() error {
	err := s.listener.Close()
	<-s.done
	if errors.Is(err, os.ErrClosed) { // by the loop, whose last caller has just gone
		return nil
	}
	return err
}
