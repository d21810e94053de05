//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/seccompc/seccompc/internal/guests/job"
)

// runner holds what the placeholders of a call stand for.
type runner struct {
	fd, pipe int
	id, got  uintptr
	page     []byte // shared with children
	vec      syscall.Iovec
}

var shared runner

func (r *runner) call(c job.Call) (uintptr, syscall.Errno) {
	var a [6]uintptr
	for i, v := range c.Args {
		a[i] = r.meant(v)
	}
	r1, _, errno := syscall.RawSyscall6(uintptr(c.Nr), a[0], a[1], a[2], a[3], a[4], a[5])
	return r1, errno
}

// meant returns what an argument stands for.
func (r *runner) meant(v uint64) uintptr {
	switch v {
	case job.FD:
		return uintptr(r.fd)
	case job.Pipe:
		return uintptr(r.pipe)
	case job.ID:
		return r.id
	case job.Got:
		return r.got
	case job.Buf:
		return uintptr(unsafe.Pointer(&r.page[0]))
	case job.Buf2:
		return uintptr(unsafe.Pointer(&r.page[len(r.page)/2]))
	case job.Vec:
		return uintptr(unsafe.Pointer(&r.vec))
	}
	if job.Name <= v && v < job.Name+uint64(len(names)) {
		return uintptr(unsafe.Pointer(names[v-job.Name]))
	}
	return uintptr(v)
}

// names are job.Names as C has them.
var names = func() (out [len(job.Names)]*byte) {
	for i, name := range job.Names {
		out[i], _ = syscall.BytePtrFromString(name)
	}
	return out
}()

// prepare makes the files and what else the placeholders mean.
func (r *runner) prepare() error {
	if r.page == nil {
		page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_SHARED|syscall.MAP_ANON)
		if err != nil {
			return err
		}
		var ends [2]int
		if err := syscall.Pipe(ends[:]); err != nil {
			return err
		}
		syscall.Write(ends[1], []byte("abc"))
		r.page, r.pipe = page, ends[0]
		r.vec.Base = &page[0]
		r.vec.SetLen(1)
		if err := os.Symlink(job.Names[0], job.Names[1]); err != nil {
			return err
		}
		if err := syscall.Mkfifo(job.Names[2], 0o600); err != nil {
			return err
		}
		if err := os.MkdirAll(job.Names[3]+"/inner", 0o700); err != nil {
			return err
		}
	}
	clear(r.page)
	var content []byte
	for part := range 3 {
		content = append(content, bytes.Repeat([]byte{byte(part + 1)}, job.Page)...)
	}
	if r.fd > 0 {
		syscall.Close(r.fd)
	}
	err := os.WriteFile(job.Names[0], content, 0o600)
	if err == nil {
		r.fd, err = syscall.Open(job.Names[0], syscall.O_RDWR, 0)
	}
	return err
}

// tellFact makes the call of a fact and tells what came of it.
func tellFact(f job.Fact) {
	if err := shared.prepare(); err != nil {
		tell("error", "files: "+err.Error(), 0, 1)
		return
	}
	if problem := shared.check(f); problem != "" {
		tell("fact", f.Name+": "+problem, 1, 1)
		return
	}
	tell("fact", f.Name, 1, 0)
}

// check makes the call and returns what is wrong.
func (r *runner) check(f job.Fact) string {
	if f.Effect == job.Pids {
		return r.checkPids(f.Call)
	}
	ret, errno := r.call(f.Call)
	if f.Then != nil && errno == 0 {
		r.got = ret
		_, errno = r.call(*f.Then)
	}
	if int(errno) != f.Errno {
		return fmt.Sprintf("errno %d, want %d", errno, f.Errno)
	}
	var got uint64
	switch f.Effect {
	case job.Appends:
		if _, err := syscall.Write(int(ret), []byte("x")); err != nil {
			return err.Error()
		}
		fallthrough
	case job.Size:
		info, err := os.Stat(job.Names[0])
		if err != nil {
			return err.Error()
		}
		got = uint64(info.Size())
	case job.Mapped:
		got = uint64(*(*byte)(at(ret)))
	case job.Mapping:
		return mapping(ret, f.Text)
	case job.CloseOnExec:
		flags, _, _ := syscall.Syscall(syscall.SYS_FCNTL, uintptr(r.fd), syscall.F_GETFD, 0)
		got = uint64(flags)
	case job.Word:
		got = uint64(*(*int32)(unsafe.Pointer(&r.page[0])))
	}
	if got != f.Want {
		return fmt.Sprintf("%s %d, want %d", f.Effect, got, f.Want)
	}
	return ""
}

// at returns an address that the kernel has given.
func at(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// checkPids makes a process, which ends at once.
func (r *runner) checkPids(c job.Call) string {
	pid, errno := r.call(c)
	if errno != 0 {
		return errno.Error()
	}
	if pid == 0 {
		syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0)
	}
	var status syscall.WaitStatus
	if got, err := syscall.Wait4(int(pid), &status, 0, nil); err != nil || got != int(pid) {
		return fmt.Sprintf("wait4: %d, %v", got, err)
	}
	parent := *(*int32)(unsafe.Pointer(&r.page[0]))
	child := *(*int32)(unsafe.Pointer(&r.page[len(r.page)/2]))
	if int(parent) != int(pid) || int(child) != int(pid) {
		return fmt.Sprintf("%d has %d at parent_tidptr and %d at child_tidptr", pid, parent, child)
	}
	return ""
}

// mapping compares what the kernel says of the mapping at an address.
func mapping(address uintptr, want string) string {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return err.Error()
	}
	for _, line := range bytes.Split(maps, []byte("\n")) {
		var from, to uintptr
		var permissions string
		if n, _ := fmt.Sscanf(string(line), "%x-%x %s", &from, &to, &permissions); n == 3 &&
			from == address {
			if permissions != want {
				return permissions + ", want " + want
			}
			return ""
		}
	}
	return fmt.Sprintf("nothing is mapped at %#x", address)
}
