package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/record"
	"github.com/seccompc/seccompc/runtime/notify"
)

// serveContainers records the containers that come to the socket, until those that have come are
// gone, or a signal ends it, or none has come in time.
func (r *recording) serveContainers() error {
	socket, err := listenAt(r.listen)
	if err != nil {
		return err
	}
	defer socket.Close()
	said := r.cmd.ErrOrStderr()
	fmt.Fprintf(said, "seccompc: listening at %s\n", diag.Printable(r.listen))
	stop := r.showProgress()
	defer stop()
	signals := watchSignals()
	come := make(chan *record.Session)
	failed := make(chan error, 1)
	go func() {
		for {
			session, err := r.accept(socket)
			if err != nil {
				failed <- err
				return
			}
			come <- session
		}
	}()
	var sessions []*record.Session
	var all sync.WaitGroup
	gone := make(chan struct{}, 1)
	late := make(<-chan time.Time) // never, where the wait is without end
	if r.wait > 0 {
		late = time.After(r.wait)
	}
	for {
		select {
		case <-late:
			return wrong("no container has come to %s in %v; is that the listenerPath of its "+
				"seccomp profile? --wait sets how long to wait", diag.Printable(r.listen), r.wait)
		case s := <-come:
			late = nil
			sessions = append(sessions, s)
			all.Go(func() {
				<-s.Done()
				select {
				case gone <- struct{}{}:
				default:
				}
			})
		case <-gone:
			if allDone(sessions) {
				return nil
			}
		case err := <-failed:
			return err
		case <-signals.signals:
			for _, s := range sessions {
				s.Close()
			}
			return nil
		}
	}
}

// listenAt makes a socket for its owner alone: whoever may connect can have this process read the
// memory of others.
func listenAt(path string) (*net.UnixListener, error) {
	old := syscall.Umask(0o177)
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	syscall.Umask(old)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: there is such a file already; remove it, or choose another "+
			"name", diag.Printable(path))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", diag.Printable(path), err)
	}
	return socket, nil
}

func allDone(sessions []*record.Session) bool {
	for _, s := range sessions {
		select {
		case <-s.Done():
		default:
			return false
		}
	}
	return true
}

// accept waits for a container runtime. One that sends no listener is told of, and passed over.
func (r *recording) accept(socket *net.UnixListener) (*record.Session, error) {
	for {
		conn, err := socket.AcceptUnix()
		if err != nil {
			return nil, err
		}
		const patience = 10 * time.Second
		conn.SetDeadline(time.Now().Add(patience))
		listener, state, err := notify.ReceiveOCI(conn)
		conn.Close()
		if err != nil {
			fmt.Fprintf(os.Stderr, "seccompc: %v\n", err)
			continue
		}
		fmt.Fprintf(os.Stderr, "seccompc: recording container %s\n", diag.Printable(state.State.ID))
		return record.Attach(listener, func(c *notify.Call) { r.observe(c) }), nil
	}
}
