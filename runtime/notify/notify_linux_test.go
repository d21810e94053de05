package notify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	scruntime "github.com/seccompc/seccompc/runtime"
)

const nobody = 1 << 30 // beyond all process ids

func callsChild() {
	for i := range uintptr(7) {
		fmt.Println(call(getpgid, nobody+i))
	}
}

func TestAnswers(t *testing.T) {
	s := start(t, "calls", 0, getpgid)
	answers := []Answer{
		{}, Return(42), Errno(unix.EXFULL), Errno(0), Errno(512), Errno(511), Continue(),
	}
	seen := map[int]bool{}
	err := s.Serve(1, func(c *Call) Answer {
		seen[c.PID] = true
		if c.Data.Nr != getpgid || c.Data.Arch != hostArch {
			t.Errorf("call %+v", c.Data)
		}
		return answers[c.Data.Args[0]-nobody]
	})
	if err != nil {
		t.Errorf("Serve ends with %v, want nil: nobody is left", err)
	}
	s.says(t, "operation not permitted\n42\nexchange full\noperation not permitted\n"+
		"operation not permitted\nerrno 511\nno such process\n")
	if len(seen) == 0 || seen[0] {
		t.Errorf("the calling threads are %v", seen)
	}
}

func mkdirChild() {
	path := append([]byte("/nonexistent/a"), 0)
	_, _, e := unix.Syscall(mkdirat, 0, uintptr(unsafe.Pointer(&path[0])), 0o755)
	fmt.Println(e)
}

func TestMemory(t *testing.T) {
	s := start(t, "mkdir", 0, mkdirat)
	err := s.Serve(1, func(c *Call) Answer {
		addr := c.Data.Args[1]
		if path, err := c.String(addr, 4096); path != "/nonexistent/a" || err != nil {
			t.Errorf("String gives %q, %v", path, err)
		}
		if path, err := c.String(addr, 15); path != "/nonexistent/a" || err != nil {
			t.Errorf("String in 15 bytes gives %q, %v", path, err)
		}
		if path, err := c.String(addr, 14); err == nil {
			t.Errorf("String in 14 bytes gives %q", path)
		}
		for _, size := range []int{0, -1} {
			if path, err := c.String(addr, size); err == nil {
				t.Errorf("String in %d bytes gives %q", size, path)
			}
		}
		buf := make([]byte, 5)
		if err := c.Read(addr+1, buf); string(buf) != "nonex" || err != nil {
			t.Errorf("Read gives %q, %v", buf, err)
		}
		if err := c.Read(8, buf); err == nil {
			t.Error("Read reads at address 8")
		}
		if _, err := c.String(8, 100); err == nil {
			t.Error("String reads at address 8")
		}
		return Errno(unix.ENOTDIR)
	})
	if err != nil {
		t.Error(err)
	}
	s.says(t, "not a directory\n")
}

func parallelChild() {
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			runtime.LockOSThread()
			if got := call(getpgid, 0); got != "7" {
				fmt.Println(got)
			}
		})
	}
	all.Wait()
}

func TestServeBounded(t *testing.T) {
	s := start(t, "parallel", scruntime.WaitKillable, getpgid)
	const limit = 3
	var now, most atomic.Int32
	both := make(chan bool)
	err := s.Serve(limit, func(*Call) Answer {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		// Handlers run at the same time: the first two meet here, and so on.
		select {
		case both <- true:
		case <-both:
		}
		return Return(7)
	})
	if err != nil {
		t.Error(err)
	}
	s.says(t, "")
	if m := most.Load(); m < 2 || m > limit {
		t.Errorf("%d handlers at a time, want 2 to %d", m, limit)
	}
	if err := s.Serve(0, nil); err == nil {
		t.Error("Serve takes no calls at a time")
	}
}

// Closing the listener lets callers go, those with a handler too.
func TestCloseWithCallers(t *testing.T) {
	s := start(t, "parallel", 0, getpgid)
	held := make(chan *Call, 12)
	served := make(chan error)
	go func() {
		served <- s.Serve(2, func(c *Call) Answer {
			held <- c
			if len(held) == 2 {
				s.Close()
			}
			for c.Valid() == nil {
				time.Sleep(time.Millisecond)
			}
			return Return(7)
		})
	}()
	if err := <-served; !errors.Is(err, os.ErrClosed) {
		t.Errorf("Serve ends with %v, want os.ErrClosed", err)
	}
	s.says(t, strings.Repeat("function not implemented\n", 12))
	c := <-held
	for _, err := range []error{c.Valid(), c.Answer(Return(7)), s.Close()} {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	if _, err := s.Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next after Close: %v", err)
	}
}

func foreverChild() {
	for {
		call(getpgid, 0)
	}
}

// The caller is killed while its call is being answered.
func TestCallerKilled(t *testing.T) {
	s := start(t, "forever", 0, getpgid)
	c, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Valid(); err != nil {
		t.Error(err)
	}
	s.kill()
	if err := c.Valid(); !errors.Is(err, unix.ENOENT) {
		t.Errorf("Valid gives %v, want ENOENT", err)
	}
	if err := c.Answer(Return(0)); !errors.Is(err, unix.ENOENT) {
		t.Errorf("Answer gives %v, want ENOENT", err)
	}
	if err := c.Read(c.Data.IP, make([]byte, 1)); err == nil {
		t.Error("Read reads memory of the dead")
	}
	if c, err := s.Next(); err == nil {
		t.Errorf("Next gives %+v, want the end", c)
	}
}

func urgentChild() {
	const threads, calls = 4, 200
	var all sync.WaitGroup
	stop := make(chan bool)
	tids := make(chan int, threads)
	for range threads {
		all.Go(func() {
			runtime.LockOSThread()
			tids <- unix.Gettid()
			for range calls {
				if got := call(getpgid, 0); got != "7" {
					fmt.Println(got)
				}
			}
		})
	}
	for range threads {
		go func() {
			for tid := <-tids; ; {
				select {
				case <-stop:
					return
				default:
					unix.Tgkill(unix.Getpid(), tid, unix.SIGURG)
				}
			}
		}()
	}
	all.Wait()
	close(stop)
}

// With WaitKillable each call comes once, however many signals of the scheduler's hit its caller.
func TestWaitKillable(t *testing.T) {
	if strings.HasPrefix(runtime.GOARCH, "mips") {
		t.Skip("MIPS restarts no call that a filter has stopped: a signal before the supervisor " +
			"receives it ends it with errno 512 (seen on Linux 6.1)")
	}
	s := start(t, "urgent", scruntime.WaitKillable, getpgid)
	var n atomic.Int32
	err := s.Serve(8, func(*Call) Answer {
		n.Add(1)
		return Return(7)
	})
	if err != nil {
		t.Error(err)
	}
	s.says(t, "")
	if n.Load() < 4*200 {
		t.Errorf("%d calls", n.Load())
	}
}

func opensChild() {
	path := append([]byte("/broker/greeting"), 0)
	fd, _, e := unix.Syscall(mkdirat, 0, uintptr(unsafe.Pointer(&path[0])), 0)
	if e != 0 {
		fmt.Println(e)
		return
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", fd))
	fmt.Println(string(data), err)
	flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0)
	fmt.Println(flags, err)
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "greeting")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "opens", 0, mkdirat)
	var opened *os.File
	err := s.Serve(1, func(c *Call) Answer {
		f, err := os.Open(path)
		if err != nil {
			t.Error(err)
		}
		opened = f
		if n, err := c.AddFile(f, 0); err != nil || n < 3 {
			t.Errorf("AddFile gives %d, %v", n, err)
		}
		return File(f, unix.O_CLOEXEC)
	})
	if err != nil {
		t.Error(err)
	}
	s.says(t, fmt.Sprintln("hello", nil)+fmt.Sprintln(unix.FD_CLOEXEC, nil))
	if err := opened.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the supervisor's file is open: Close gives %v", err)
	}
}

func replacedChild() {
	f, err := os.CreateTemp("", "theirs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	f.WriteString("theirs")
	fmt.Println(call(getpgid, f.Fd()), call(getpgid, nobody))
	data, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	flags, _ := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
	fmt.Println(string(data), err, flags)
}

// The supervisor looks at a file of the caller's, and puts one of its own in its place.
func TestReplaceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ours")
	if err := os.WriteFile(path, []byte("ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, "replaced", scruntime.WaitKillable, getpgid)
	err := s.Serve(1, func(c *Call) Answer {
		fd := int(c.Data.Args[0])
		theirs, err := c.CopyFile(fd)
		if fd == nobody {
			f, _ := os.Open(path)
			defer f.Close()
			set, negative := c.SetFile(f, fd, 0), c.SetFile(f, -1, 0)
			for _, err := range []error{err, set, negative} {
				if !errors.Is(err, unix.EBADF) {
					t.Errorf("of a descriptor that there is not: %v, want EBADF", err)
				}
			}
			return Errno(unix.EBADF)
		}
		if err != nil {
			t.Error(err)
			return Errno(unix.EIO)
		}
		defer theirs.Close()
		text := make([]byte, 10)
		if n, _ := theirs.ReadAt(text, 0); string(text[:n]) != "theirs" {
			t.Errorf("the caller's file holds %q", text[:n])
		}
		ours, err := os.Open(path)
		if err == nil {
			err = c.SetFile(ours, fd, unix.O_CLOEXEC)
		}
		if err != nil {
			t.Error(err)
		}
		ours.Close()
		return Return(7)
	})
	if err != nil {
		t.Error(err)
	}
	s.says(t, "7 bad file descriptor\n"+fmt.Sprintln("ours", nil, unix.FD_CLOEXEC))
}

// A string may end at the end of what can be read, and reach over the end of a page.
func edgeChild() {
	page := os.Getpagesize()
	mem, err := unix.Mmap(-1, 0, 3*page, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_ANON|unix.MAP_PRIVATE)
	if err == nil {
		err = unix.Mprotect(mem[2*page:], unix.PROT_NONE)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(at int) {
		fmt.Println(call(getpgid, uintptr(unsafe.Pointer(&mem[at]))))
	}
	copy(mem[page-4:], "/over/it\x00")
	ask(page - 4)
	copy(mem[2*page-4:], "/end")
	ask(2*page - 4) // without its zero byte
	mem[2*page-1] = 0
	ask(2*page - 4)
	for i := range mem[:page+100] {
		mem[i] = 'a'
	}
	ask(0)
}

func TestStringAtEdges(t *testing.T) {
	s := start(t, "edge", scruntime.WaitKillable, getpgid)
	var got []string
	err := s.Serve(1, func(c *Call) Answer {
		text, err := c.String(c.Data.Args[0], 4096)
		var errno unix.Errno
		if errors.As(err, &errno) {
			text = errno.Error()
		}
		got = append(got, text)
		return Return(7)
	})
	want := []string{"/over/it", "bad address", "/en", "file name too long"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, strings %q, want %q", err, got, want)
	}
	s.says(t, strings.Repeat("7\n", 4))
}

// A file that cannot be given is EPERM to the caller, which does not wait for ever.
func TestFileRefused(t *testing.T) {
	s := start(t, "opens", 0, mkdirat)
	f, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := s.Serve(1, func(*Call) Answer { return File(f, 0) }); err != nil {
		t.Error(err)
	}
	s.says(t, "operation not permitted\n")
}

// The child must not be able to answer itself, also where its supervisor is asked about close.
func TestChildHasNoListener(t *testing.T) {
	for name, nrs := range map[string][]uint32{
		"close is allowed": {getpgid}, "close is asked about": {getpgid, unix.SYS_CLOSE},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "forever", 0, nrs...)
			for { // its own code runs when it calls getpgid
				c, err := s.Next()
				if err != nil {
					t.Fatal(err)
				}
				if c.Data.Nr == getpgid {
					break
				}
				if fd := int(c.Data.Args[0]); isListener(s.cmd.Process.Pid, fd) {
					t.Errorf("the supervisor is asked about the close of the child's own "+
						"listener, %d", fd)
				}
				if err := c.Answer(Continue()); err != nil {
					t.Error(err)
				}
			}
			fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			for _, fd := range fds {
				n, err := strconv.Atoi(fd.Name())
				if err != nil || isListener(s.cmd.Process.Pid, n) {
					t.Errorf("the child has the listener as descriptor %s (%v)", fd.Name(), err)
				}
			}
		})
	}
	refusing := notifies(t, unix.SYS_CLOSE)
	refusing[len(refusing)-1].K = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	_, err := scruntime.StartListener(command("forever"), 0, refusing)
	if err == nil || !strings.Contains(err.Error(), "allow close") {
		t.Errorf("a filter that lets the child keep its listener: %v", err)
	}
}

func isListener(pid, fd int) bool {
	target, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
	return strings.Contains(target, "seccomp")
}

func TestNewRefuses(t *testing.T) {
	f, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, fd := range []int{-1, int(f.Fd())} {
		if _, err := New(fd); err == nil || !strings.Contains(err.Error(), "no listener") {
			t.Errorf("New(%d) gives %v", fd, err)
		}
	}
}
