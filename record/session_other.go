//go:build !linux

package record

import (
	"os/exec"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// Session is a command that runs under a filter. Here there is none.
type Session struct{}

// Start starts a command. Here it always fails.
func Start(*exec.Cmd, asm.Program, func(*notify.Call)) (*Session, error) {
	return nil, runtime.Start(nil, 0)
}

// Supervise starts a command. Here it always fails.
func Supervise(*exec.Cmd, runtime.Flags, asm.Program, notify.Handler) (*Session, error) {
	return nil, runtime.Start(nil, 0)
}

// Attach shows the calls of a listener. Here there is none.
func Attach(*notify.Listener, func(*notify.Call)) *Session { return &Session{} }

// Wait waits for the command. Here there is none.
func (*Session) Wait() error { return nil }

// Done is closed when nobody is left. Here it is nil.
func (*Session) Done() <-chan struct{} { return nil }

// Err says what ended the session before its time.
func (*Session) Err() error { return nil }

// Close ends the session.
func (*Session) Close() error { return nil }

// Refuse does with a waiting call what an action of a filter would do. Here there is none.
func Refuse(*notify.Call, policy.Action) (notify.Answer, error) { return notify.Answer{}, nil }
