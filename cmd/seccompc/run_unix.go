//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// watched are the signals that run passes on.
type watched struct {
	signals chan os.Signal
	late    chan os.Signal // those that come when the child has ended
}

// watchSignals catches what would end seccompc and leave its child behind. What is ignored, as the
// hangup is under nohup, stays so for both.
func watchSignals() watched {
	w := watched{make(chan os.Signal, 16), make(chan os.Signal, 1)}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
		syscall.SIGUSR1, syscall.SIGUSR2} {
		if !signal.Ignored(s) {
			signal.Notify(w.signals, s)
		}
	}
	return w
}

// orEnd starts the child. A signal that comes before it is there waits for it, but not for long:
// the child has then run nothing, and dies with this process.
func (w watched) orEnd(start func() error) error {
	const patience = 2 * time.Second
	started := make(chan error, 1)
	go func() { started <- start() }()
	select {
	case err := <-started:
		return err
	case s := <-w.signals:
		select {
		case err := <-started:
			select {
			case w.signals <- s: // for the child
			default:
			}
			return err
		case <-time.After(patience):
			return exit(128 + int(s.(syscall.Signal)))
		}
	}
}

// passTo passes signals on to the child. What a terminal's keys send reaches the child by itself:
// it is in the same process group.
func (w watched) passTo(child *os.Process) {
	onTerminal := isTerminal(os.Stdin)
	go func() {
		for s := range w.signals {
			pass := s
			if onTerminal && (s == syscall.SIGINT || s == syscall.SIGQUIT) {
				pass = syscall.Signal(0) // asks whether it is there
			}
			if err := child.Signal(pass); errors.Is(err, os.ErrProcessDone) {
				select {
				case w.late <- s:
				default:
				}
			}
		}
	}()
}

// childStatus is the outcome of a command that has run.
func childStatus(name string, state *os.ProcessState) error {
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled() && status.Signal() == syscall.SIGSYS:
		return &statusError{code: statusSIGSYS,
			err: fmt.Errorf("%s: killed by the filter (SIGSYS): "+
				"a call is not allowed; \"seccompc run --report\" names it", name)}
	case ok && status.Signaled():
		return exit(128 + int(status.Signal()))
	case state.ExitCode() != 0:
		return exit(state.ExitCode())
	}
	return nil
}
