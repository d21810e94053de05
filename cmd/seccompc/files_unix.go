//go:build unix

package main

import (
	"errors"
	"syscall"
)

// freeFiles returns an error where so few files can be opened that Go's runtime would end the
// process with a stack trace: it opens two to wait for others with, and asks nobody.
func freeFiles() error {
	const enough = 4
	var open []int
	defer func() {
		for _, fd := range open {
			syscall.Close(fd)
		}
	}()
	for range enough {
		fd, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch {
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
			return errors.New("too few files can be opened; raise the limit: ulimit -n 64")
		case err != nil:
			return nil // there is no such device
		}
		open = append(open, fd)
	}
	return nil
}
