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

// writeOutput is writeFile for a file that is made from others, of which it must be none. It can be
// made again, so that nobody waits for the disk.
func writeOutput(cmd *cobra.Command, name string, data []byte) error {
	if err := checkOutput(cmd, name); err != nil {
		return err
	}
	return writeBy(cmd, name, data, writeAll)
}

// checkOutput returns an error for an output that is one of the files that have been read.
func checkOutput(cmd *cobra.Command, name string) error {
	if name == "-" {
		name = "/dev/stdout"
	}
	return fileError(name, sourcesOf(cmd).holds(name))
}

// writeFile writes a file whole or not at all, and to where it is safe from a power cut; "-" is
// standard output. What is no regular file, a pipe or a device, is written as a stream.
func writeFile(cmd *cobra.Command, name string, data []byte) error {
	return writeBy(cmd, name, data, writeSafely)
}

func writeBy(cmd *cobra.Command, name string, data []byte,
	write func(*os.File, []byte) error) error {
	if name == "-" {
		_, err := cmd.OutOrStdout().Write(data)
		return err
	}
	stream, err := openStream(name)
	switch {
	case err != nil:
	case stream != nil:
		err = write(stream, data)
	default:
		err = replaceFile(name, data, write)
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
// it. The new file has the old one's owner, group and mode.
func replaceFile(name string, data []byte, write func(*os.File, []byte) error) error {
	name, err := target(name)
	if err != nil {
		return err
	}
	old, err := os.Stat(name)
	if err == nil && old.IsDir() {
		return errors.New("this is a directory; name a file in it")
	}
	f, err := createBeside(name)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such directory")
	}
	if err != nil {
		return err
	}
	err = inherit(f, old)
	if err == nil {
		err = write(f, data)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// target follows symbolic links to the file that is meant, which need not exist yet.
func target(name string) (string, error) {
	const most = 40 // as the kernel has it: MAXSYMLINKS of include/linux/namei.h
	for range most {
		link, err := os.Readlink(name)
		if err != nil {
			return name, nil // no link
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(name), link)
		}
		name = link
	}
	return "", errors.New("there are too many symbolic links")
}

// inherit gives a new file what the old one has, if there is one.
func inherit(f *os.File, old fs.FileInfo) error {
	if old == nil {
		return nil
	}
	if err := chownAs(f, old); err != nil {
		return fmt.Errorf("the file's owner and group cannot be kept (%w); remove it first", err)
	}
	return f.Chmod(old.Mode().Perm())
}

// createBeside creates a file in the directory of name; the umask applies to its mode. Its own name
// is a short one, since the other may be as long as names can be.
func createBeside(name string) (f *os.File, err error) {
	for i := range 100 {
		temp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".seccompc-%d-%d", os.Getpid(), i))
		f, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, err
}

func writeAll(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return err
}

// writeSafely is writeAll to where a power cut takes nothing; what cannot be synchronised is not.
func writeSafely(f *os.File, data []byte) error {
	if err := writeAll(f, data); err != nil {
		return err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return f.Sync()
}
