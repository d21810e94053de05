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
	child    *exec.Cmd
	listener *notify.Listener
	done     chan struct{}
	err      error // of the loop, once it is done
}

// Start starts the command under the filter. Each call that the filter leaves to its supervisor is
// shown to see, one at a time, and carried out when see returns; see may read the caller's memory.
func Start(cmd *exec.Cmd, filter asm.Program, see func(*notify.Call)) (*Session, error) {
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, filter)
	if err != nil {
		return nil, err
	}
	listener, err := notify.New(fd)
	if err != nil {
		return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	s := &Session{child: cmd, listener: listener, done: make(chan struct{})}
	go s.serve(see)
	return s, nil
}

// serve is one loop: a second one that answers meanwhile costs more than it gains, as the caller and
// this process take turns.
func (s *Session) serve(see func(*notify.Call)) {
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
		see(c)
		c.Answer(notify.Continue()) // it fails where the caller has been killed meanwhile
	}
}

// Wait waits for the end of the command's first process, as cmd.Wait does. Others may be left.
func (s *Session) Wait() error { return s.child.Wait() }

// Done is closed when nobody is left under the filter, or after [Session.Close].
func (s *Session) Done() <-chan struct{} { return s.done }

// Err says what ended the session before its time; it is to be asked when the session is done.
func (s *Session) Err() error { return s.err }

// Close ends the session. Whoever is left under the filter is refused what it would have shown: such
// calls fail with ENOSYS.
func (s *Session) Close() error {
	err := s.listener.Close()
	<-s.done
	if errors.Is(err, os.ErrClosed) { // by the loop, whose last caller has just gone
		return nil
	}
	return err
}
