//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// A signal ends a command whose child does not come to be, and reaches one that does.
func TestSignalBeforeStart(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	w := watched{make(chan os.Signal, 1), nil}
	w.signals <- syscall.SIGTERM
	var ended *statusError
	err := w.orEnd(func() error { select {} })
	if !errors.As(err, &ended) || ended.code != 128+int(syscall.SIGTERM) {
		t.Errorf("where the child never comes: %v", err)
	}

	w.signals <- syscall.SIGTERM
	err = w.orEnd(func() error {
		for len(w.signals) > 0 { // until it is seen
		}
		return nil
	})
	if err != nil || len(w.signals) != 1 {
		t.Errorf("where the child comes: %v, with %d signals for it", err, len(w.signals))
	}
}
