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
// gone, or a signal ends it.
func (r *recording) serveContainers() error {
	// whoever may connect can have this process read the memory of others
	old := syscall.Umask(0o177)
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: r.listen, Net: "unix"})
	syscall.Umask(old)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: there is such a file already; remove it, or choose another name",
			diag.Printable(r.listen))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", diag.Printable(r.listen), err)
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
	for {
		select {
		case s := <-come:
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
