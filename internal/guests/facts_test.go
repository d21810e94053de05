//go:build linux

package guests

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/internal/guests/job"
	"github.com/seccompc/seccompc/linux"
)

// factList collects calls whose effect tells whether names of arguments and of constants mean on a
// machine what the tables say.
type factList struct {
	*testing.T
	abi  *linux.ABI
	list []job.Fact
}

// args are arguments by name: numbers, or constants with | between.
type args map[string]any

func facts(t *testing.T, abi *linux.ABI) []job.Fact {
	t.Helper()
	f := &factList{t, abi, nil}
	f.operands()
	f.processes()
	f.mappings()
	f.opening()
	f.controls()
	f.errnos()
	return f.list
}

// call writes a call by the names of its arguments.
func (f *factList) call(name string, a args) job.Call {
	f.Helper()
	values := map[string]uint64{}
	for arg, v := range a {
		switch v := v.(type) {
		case int:
			values[arg] = f.register(int64(v))
		case uint64:
			values[arg] = v
		case string:
			for _, c := range strings.Split(v, "|") {
				values[arg] |= f.constant(c)
			}
		}
	}
	return place(f.T, f.abi, name, values)
}

// register returns what a register holds of a number.
func (f *factList) register(n int64) uint64 {
	if f.abi.Bits == 32 {
		return uint64(uint32(n))
	}
	return uint64(n)
}

func (f *factList) constant(name string) uint64 {
	f.Helper()
	v, ok := f.abi.Constant(name)
	if !ok {
		f.Fatalf("%s has no %s", f.abi.Name, name)
	}
	n, err := strconv.ParseInt(v.ExactString(), 10, 64)
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	return f.register(n)
}

// add adds a call that succeeds and has an effect.
func (f *factList) add(title, name string, a args, effect string, want uint64) *job.Fact {
	f.Helper()
	f.list = append(f.list,
		job.Fact{Name: name + " " + title, Call: f.call(name, a), Effect: effect,
			Want: want})
	return &f.list[len(f.list)-1]
}

// fails adds a call that fails.
func (f *factList) fails(errno, name string, a args) {
	f.Helper()
	f.list = append(f.list, job.Fact{Name: name + ": " + errno, Call: f.call(name, a),
		Errno: int(f.constant(errno))})
}

// has returns the first of the names that the ABI has.
func (f *factList) has(names ...string) string {
	f.Helper()
	for _, name := range names {
		if f.abi.HasSyscall(name) {
			return name
		}
	}
	f.Fatalf("%s has none of %q", f.abi.Name, names)
	return ""
}

// operands are operands of 64 bits whose halves differ, and some that their upper half makes
// negative.
func (f *factList) operands() {
	const length, pos, negative = uint64(3<<32 | 5), uint64(2<<32 | 7), uint64(1 << 63)
	f.add("", f.has("ftruncate64", "ftruncate"), args{"fd": job.FD, "length": length}, job.Size,
		length)
	truncate, path := f.has("truncate64", "truncate"), "path"
	if !f.takes(truncate, path) { // the prototype is a compatible entry's
		path = "filename"
	}
	f.add("", truncate, args{path: job.Path, "length": length}, job.Size, length)
	f.add("", "pwrite64", args{"fd": job.FD, "buf": job.Buf, "count": 1, "pos": pos}, job.Size, pos+
		1)
	vector := args{"fd": job.FD, "vec": job.Vec, "vlen": 1, "pos": pos}
	f.add("", "pwritev", vector, job.Size, pos+1)
	f.add("", "fallocate", args{"fd": job.FD, "mode": 0, "offset": uint64(1 << 32), "len": 4096},
		job.Size, 1<<32+4096)
	f.fails("EINVAL", "fallocate", args{"fd": job.FD, "mode": 0, "offset": 0, "len": negative})
	f.fails("EINVAL", "pread64", args{"fd": job.FD, "buf": job.Buf, "count": 1, "pos": negative})
	// The last argument of these is o32's seventh, which no filter sees.
	sync := f.has("sync_file_range", "sync_file_range2", "arm_sync_file_range")
	if f.takes(sync, "flags") {
		f.fails("EINVAL", sync, args{"fd": job.FD, "offset": 0, "nbytes": negative, "flags": 0})
		f.fails("EINVAL", sync, args{"fd": job.FD, "offset": 0, "nbytes": 0, "flags": 8})
		f.add("", sync, args{"fd": job.FD, "offset": 0, "nbytes": pos, "flags": 0}, "", 0)
	}
	advise := f.has("fadvise64_64", "arm_fadvise64_64", "fadvise64")
	if f.takes(advise, "advice") {
		f.fails("EINVAL", advise, args{"fd": job.FD, "offset": 0, "len": 0, "advice": 99})
		f.add("", advise,
			args{"fd": job.FD, "offset": pos, "len": 0, "advice": "POSIX_FADV_DONTNEED"}, "", 0)
	}
}

func (f *factList) takes(call, arg string) bool {
	params, _ := f.abi.Prototype(call)
	return slices.ContainsFunc(params, func(p linux.Arg) bool { return p.Name == arg })
}

func (f *factList) processes() {
	f.add("", "clone", args{"flags": "CLONE_PARENT_SETTID|CLONE_CHILD_SETTID|SIGCHLD", "newsp": 0,
		"parent_tidptr": job.Buf, "child_tidptr": job.Buf2}, job.Pids, 0)
	f.fails("EINVAL", "clone", args{"flags": "CLONE_SIGHAND|SIGCHLD", "newsp": 0})
	f.fails("EINVAL", "unshare", args{"flags": "CLONE_PARENT"})
}

// mappings are about mmap, or mmap2 where the other takes its arguments from memory or is not
// there.
func (f *factList) mappings() {
	mmap, unit := "mmap", 1
	if f.abi.HasSyscall("mmap2") {
		mmap, unit = "mmap2", 4096
	}
	if params, _ := f.abi.Prototype(mmap); len(params) == 1 {
		return
	}
	of := func(prot, flags string, fd, at int) args {
		return args{"addr": 0, "len": job.Page, "prot": prot, "flags": flags, "fd": fd,
			"offset": at}
	}
	f.add("the second part", mmap, of("PROT_READ", "MAP_PRIVATE", job.FD, job.Page/unit),
		job.Mapped, 2)
	f.add("memory", mmap, of("PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0),
		job.Mapped, 0)
	for prot, text := range map[string]string{
		"PROT_READ": "r--", "PROT_READ|PROT_EXEC": "r-x", "PROT_NONE": "---",
	} {
		for flags, share := range map[string]string{"MAP_SHARED": "s", "MAP_PRIVATE": "p"} {
			fact := f.add(prot+" "+flags, mmap, of(prot, flags, job.FD, 0), job.Mapping, 0)
			fact.Text = text + share
		}
	}
	fixed := of("PROT_READ", "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE", -1, 0)
	fixed["addr"] = job.Buf
	f.fails("EEXIST", mmap, fixed)
	f.fails("EBADF", mmap, of("PROT_READ", "MAP_PRIVATE", -1, 0))
}

// opening is about the flags of openat.
func (f *factList) opening() {
	open := func(path int, flags string) args {
		return args{"dfd": "AT_FDCWD", "path": path, "flags": flags, "mode": 0o600}
	}
	f.fails("ENOTDIR", "openat", open(job.Path, "O_RDONLY|O_DIRECTORY"))
	f.fails("ELOOP", "openat", open(job.Link, "O_RDONLY|O_NOFOLLOW"))
	f.fails("EEXIST", "openat", open(job.Path, "O_RDWR|O_CREAT|O_EXCL"))
	f.fails("ENXIO", "openat", open(job.Fifo, "O_WRONLY|O_NONBLOCK"))
	f.fails("ENOTDIR", "openat", open(job.Path, "O_RDWR|O_TMPFILE"))
	f.fails("EISDIR", "openat", open(job.Dir, "O_WRONLY"))
	f.add("creates", "openat", open(job.None, "O_WRONLY|O_CREAT|O_EXCL"), "", 0)
	f.add("empties", "openat", open(job.Path, "O_WRONLY|O_TRUNC"), job.Size, 0)
	f.add("appends", "openat", open(job.Path, "O_WRONLY|O_APPEND"), job.Appends, 3*job.Page+1)
	f.then("EBADF", "openat", open(job.Path, "O_PATH"), "read",
		args{"fd": job.Got, "buf": job.Buf, "count": 1})
	f.then("EAGAIN", "openat", open(job.Fifo, "O_RDWR|O_NONBLOCK"), "read",
		args{"fd": job.Got, "buf": job.Buf, "count": 1})
	f.then("EBADF", "openat", open(job.Path, "O_WRONLY"), "read",
		args{"fd": job.Got, "buf": job.Buf, "count": 1})
}

// then adds a call that succeeds, and another that fails.
func (f *factList) then(errno, name string, a args, second string, b args) {
	f.Helper()
	fact := f.add("and "+second+": "+errno, name, a, "", 0)
	fact.Errno = int(f.constant(errno))
	call := f.call(second, b)
	fact.Then = &call
}

func (f *factList) controls() {
	control := func(fd int, cmd string, arg any) args {
		return args{"fd": fd, "cmd": cmd, "arg": arg}
	}
	f.add("FIONREAD", "ioctl", control(job.Pipe, "FIONREAD", job.Buf), job.Word, 3)
	f.add("TCGETS", "ioctl", control(0, "TCGETS", job.Buf), "", 0)
	f.add("TIOCGWINSZ", "ioctl", control(0, "TIOCGWINSZ", job.Buf), "", 0)
	f.add("TIOCOUTQ", "ioctl", control(0, "TIOCOUTQ", job.Buf), "", 0)
	f.fails("ENOTTY", "ioctl", control(job.FD, "TCGETS", job.Buf))
	f.add("FIOCLEX", "ioctl", control(job.FD, "FIOCLEX", 0), job.CloseOnExec, 1)
	f.add("FIONCLEX", "ioctl", control(job.FD, "FIONCLEX", 0), job.CloseOnExec, 0)
	fcntl := f.has("fcntl64", "fcntl")
	f.add("F_SETFD", fcntl, control(job.FD, "F_SETFD", "FD_CLOEXEC"), job.CloseOnExec, 1)
	f.fails("EBADF", fcntl, control(-1, "F_SETFD", "FD_CLOEXEC"))
	f.fails("EINVAL", fcntl, args{"fd": job.FD, "cmd": 9999, "arg": 0})
}

// errnos are the kernel's answers whose numbers differ from machine to machine.
func (f *factList) errnos() {
	remove := func(path int, flags any) args {
		return args{"dfd": "AT_FDCWD", "path": path, "flag": flags}
	}
	f.fails("ENOTEMPTY", "unlinkat", remove(job.Dir, "AT_REMOVEDIR"))
	f.fails("ENAMETOOLONG", "unlinkat", remove(job.Long, 0))
	f.fails("ENOTDIR", "unlinkat", remove(job.Path, "AT_REMOVEDIR"))
	f.fails("ENOTSOCK", "listen", args{"fd": job.FD, "backlog": 1})
	f.fails("EAFNOSUPPORT", "socket", args{"family": 99, "type": "SOCK_STREAM", "protocol": 0})
	f.fails("EPROTONOSUPPORT", "socket",
		args{"family": "AF_UNIX", "type": "SOCK_STREAM", "protocol": 99})
	f.fails("ESOCKTNOSUPPORT", "socket",
		args{"family": "AF_UNIX", "type": "SOCK_RDM", "protocol": 0})
	f.then("EOPNOTSUPP", "socket", args{"family": "AF_UNIX", "type": "SOCK_DGRAM", "protocol": 0},
		"listen", args{"fd": job.Got, "backlog": 1})
	f.then("ENOTCONN", "socket",
		args{"family": "AF_UNIX", "type": "SOCK_STREAM|SOCK_CLOEXEC", "protocol": 0},
		"sendto",
		args{"fd": job.Got, "buff": job.Buf, "len": 1, "flags": 0, "addr": 0, "addr_len": 0})
}

// TestFactsOfAllGuests: the tables have every name that the facts use.
func TestFactsOfAllGuests(t *testing.T) {
	for _, g := range guests {
		abi, _ := linux.Lookup(g.abi)
		if list := facts(t, abi); len(list) < 40 {
			t.Errorf("%s: only %d facts", g.abi, len(list))
		}
	}
}
