package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// writeOutput writes a file whole or not at all; "-" is standard output. What is no regular file, a
// pipe or a device, is written as a stream.
func writeOutput(cmd *cobra.Command, name string, data []byte) error {
	if name == "-" {
		_, err := cmd.OutOrStdout().Write(data)
		return err
	}
	stream, err := openStream(name)
	switch {
	case err != nil:
	case stream != nil:
		err = writeAll(stream, data)
	default:
		err = replaceFile(name, data)
	}
	return fileError(name, err)
}

// openStream opens what a name means that is no regular file, or returns nil. The stream stays
// open: others may use it too.
func openStream(name string) (*os.File, error) {
	if fd, ok := descriptor(name); ok {
		return os.NewFile(uintptr(fd), name), nil
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() || info.IsDir() {
		return nil, nil
	}
	return os.OpenFile(name, os.O_WRONLY, 0)
}

// descriptor returns the number behind a name such as /dev/fd/3. Opening the name would start at
// the front of the file behind it, in whose middle the descriptor may be.
func descriptor(name string) (int, bool) {
	switch name {
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if number, ok := strings.CutPrefix(name, dir); ok {
			fd, err := strconv.Atoi(number)
			return fd, err == nil && fd >= 0
		}
	}
	return 0, false
}

// replaceFile writes a new file beside the old one and renames it, so that nobody ever sees half of
// it.
func replaceFile(name string, data []byte) error {
	mode := fs.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return errors.New("this is a directory; name a file in it")
	}
	f, temp, err := createBeside(name, mode)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such directory")
	}
	if err != nil {
		return err
	}
	if info != nil {
		err = f.Chmod(info.Mode().Perm())
	}
	err = errors.Join(err, writeAll(f, data), f.Close())
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}

// createBeside creates a file in the directory of name; the umask applies to the mode.
func createBeside(name string, mode fs.FileMode) (f *os.File, temp string, err error) {
	for i := range 100 {
		dir, base := filepath.Split(name)
		temp = filepath.Join(dir, fmt.Sprintf(".%s.%d-%d", base, os.Getpid(), i))
		f, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, temp, err
}

// writeAll writes data to where it is safe from a power cut; what cannot be synchronised is not.
func writeAll(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return f.Sync()
}
