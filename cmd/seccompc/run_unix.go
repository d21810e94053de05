//go:build unix

package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// watched are the signals that run passes on.
type watched chan os.Signal

// watchSignals catches what would end seccompc and leave its child behind.
func watchSignals() watched {
	w := make(watched, 16)
	signal.Notify(w, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
		syscall.SIGUSR1, syscall.SIGUSR2)
	return w
}

// passTo passes signals on to the child. What a terminal's keys send reaches the child by itself:
// it is in the same process group.
func (w watched) passTo(child *os.Process) {
	onTerminal := isTerminal(os.Stdin)
	go func() {
		for s := range w {
			if !onTerminal || s != syscall.SIGINT && s != syscall.SIGQUIT {
				child.Signal(s) // it may have ended
			}
		}
	}()
}

// childStatus is the outcome of a command that has run.
func childStatus(name string, state *os.ProcessState) error {
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled() && status.Signal() == syscall.SIGSYS:
		return &statusError{128 + int(syscall.SIGSYS),
			fmt.Errorf("%s: killed by the filter (SIGSYS): the call is not allowed", name)}
	case ok && status.Signaled():
		return exit(128 + int(status.Signal()))
	case state.ExitCode() != 0:
		return exit(state.ExitCode())
	}
	return nil
}
