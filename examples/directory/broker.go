package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/runtime/notify"
)

// broker opens files below directories, with the rights of its own process. Files that it creates
// belong to its user, without the bits that would lend others its rights.
type broker struct{ offers []offer }

type offer struct {
	name     string // absolute
	dir      *os.File
	writable bool
}

func newBroker(dir string) (*broker, error) {
	b := &broker{}
	return b, b.offer(dir, true)
}

// offer offers a directory, by the name that it is given and by that without links.
func (b *broker) offer(name string, writable bool) error {
	name, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	resolved, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	dir, err := os.OpenFile(name, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	b.offers = append(b.offers, offer{name, dir, writable})
	if resolved != name {
		b.offers = append(b.offers, offer{resolved, dir, writable})
	}
	return nil
}

func (b *broker) close() {
	for _, o := range b.offers {
		o.dir.Close()
	}
}

// request is a call that opens a file, copied.
type request struct {
	dirfd int
	path  string
	flags uint64
	mode  uint64
}

// open copies the path once, and has the kernel open what the copy names, from the offered
// directory on and never out of it. All that is looked at before says only where to begin: whatever
// changes meanwhile, the file is below the directory.
func (b *broker) open(c *notify.Call) notify.Answer {
	r, err := requestOf(c)
	if err == nil {
		err = r.fromRoot(c)
	}
	if err == nil && r.flags&(unix.O_CREAT|tmpfile) != 0 {
		err = r.applyUmask(c)
	}
	if err != nil {
		return refuse(err)
	}
	for _, o := range b.offers {
		rest, ok := below(o.name, r.path)
		if !ok {
			continue
		}
		f, err := o.open(rest, r)
		if err != nil {
			return refuse(err)
		}
		return notify.File(f, int(r.flags&unix.O_CLOEXEC))
	}
	return notify.Errno(unix.EACCES)
}

// refuse answers with the errno of an error, as the kernel would.
func refuse(err error) notify.Answer {
	var errno unix.Errno
	if !errors.As(err, &errno) || errno == unix.EXDEV { // EXDEV: it leads out
		errno = unix.EACCES
	}
	return notify.Errno(errno)
}

// requestOf reads the arguments of openat, open or creat.
func requestOf(c *notify.Call) (*request, error) {
	abi, ok := linux.Caller(c.Data.Arch, c.Data.Nr)
	if !ok {
		return nil, unix.EACCES
	}
	name, _ := abi.SyscallName(c.Data.Nr)
	args := c.Data.Args
	r := &request{dirfd: unix.AT_FDCWD}
	switch name {
	case "openat":
		r.dirfd = int(int32(args[0]))
		r.flags, r.mode = args[2], args[3]
		args[0] = args[1]
	case "open":
		r.flags, r.mode = args[1], args[2]
	case "creat":
		r.flags, r.mode = unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, args[1]
	default:
		return nil, unix.EACCES
	}
	var err error
	r.path, err = c.String(args[0], unix.PathMax)
	if err == nil && r.path == "" {
		err = unix.ENOENT
	}
	return r, err
}

// fromRoot makes a relative path absolute: the name of the caller's directory, or of the
// descriptor's, comes before it.
func (r *request) fromRoot(c *notify.Call) error {
	if strings.HasPrefix(r.path, "/") {
		return nil
	}
	link := fmt.Sprintf("/proc/%d/cwd", c.PID)
	if r.dirfd != unix.AT_FDCWD {
		dir, err := c.CopyFile(r.dirfd)
		if err != nil {
			return err
		}
		defer dir.Close()
		if info, err := dir.Stat(); err != nil || !info.IsDir() {
			return unix.ENOTDIR
		}
		link = fmt.Sprintf("/proc/self/fd/%d", dir.Fd())
	}
	name, err := os.Readlink(link)
	if err != nil {
		return err
	}
	r.path = name + "/" + r.path
	return c.Valid() // it was the caller's directory
}

// applyUmask takes from the mode what the caller's umask does: proc_pid_status(5).
func (r *request) applyUmask(c *notify.Call) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.PID))
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(status, []byte("\nUmask:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	umask, err := strconv.ParseUint(string(line), 8, 32)
	if err != nil {
		return err
	}
	r.mode &= 0o777 &^ umask
	return c.Valid()
}

// below returns the part of a path behind a directory's name. It knows nothing of "..": who goes up
// before he has come to the directory is elsewhere.
func below(dir, path string) (rest string, ok bool) {
	rest = trim(path)
	for _, want := range strings.FieldsFunc(dir, func(r rune) bool { return r == '/' }) {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if name != want {
			return "", false
		}
		rest = trim(rest)
	}
	if rest == "" {
		rest = "."
	}
	return rest, true
}

// trim removes what stays in a directory from the beginning of a path.
func trim(path string) string {
	for {
		shorter := strings.TrimPrefix(strings.TrimLeft(path, "/"), "./")
		if shorter == path {
			return path
		}
		path = shorter
	}
}

const (
	tmpfile = unix.O_TMPFILE &^ unix.O_DIRECTORY
	writes  = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | tmpfile
	// taken are the flags that are the worker's to choose. O_PATH is none: nobody can hand over
	// such a descriptor.
	taken = writes | unix.O_EXCL | unix.O_APPEND | unix.O_NONBLOCK | unix.O_SYNC | unix.O_DSYNC |
		unix.O_DIRECT | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_NOATIME
)

// open opens a path below the directory. Where the worker does not want to follow a link, none is
// followed anywhere on the way. What is neither a file nor a directory is not offered: a FIFO would
// hold its opener, which therefore does not wait.
func (o *offer) open(path string, r *request) (*os.File, error) {
	flags := r.flags & taken
	if flags&writes != 0 && !o.writable {
		return nil, unix.EROFS
	}
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOCTTY | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	if flags&(unix.O_CREAT|tmpfile) != 0 {
		how.Mode = r.mode
	}
	if flags&unix.O_NOFOLLOW != 0 {
		how.Resolve |= unix.RESOLVE_NO_SYMLINKS
	}
	fd, err := openat2(int(o.dir.Fd()), path, &how)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), path)
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = unix.EACCES
	}
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, int(flags))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// openat2 asks again where something was renamed meanwhile, so that the kernel does not know
// whether ".." leads out (openat2(2)), but not for ever.
func openat2(dir int, path string, how *unix.OpenHow) (fd int, err error) {
	for range 64 {
		fd, err = unix.Openat2(dir, path, how)
		if err != unix.EAGAIN && err != unix.EINTR {
			break
		}
	}
	return fd, err
}
