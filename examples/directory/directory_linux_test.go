package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// workers are what the test binary does when it is executed again, with the directory above the one
// that is offered.
var workers = map[string]func(dir string){
	"paths":   opensPaths,
	"places":  opensFromPlaces,
	"creates": creates,
	"errors":  meetsErrors,
	"flips":   flips,
	"door":    func(dir string) { repeat(dir + "/offered/door/file") },
	"up":      goesUp,
	"around":  goesAround,
	"one":     func(dir string) { unix.Creat(dir+"/offered/made", 0o644) },
	"many":    opensMany,
}

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && workers[os.Args[1]] != nil {
		workers[os.Args[1]](os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// scene is a directory of which one part is offered.
type scene struct {
	*broker
	dir string
	cmd *exec.Cmd
	out strings.Builder
}

func newScene(t *testing.T, worker string) *scene {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err == nil {
		err = furnish(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{dir: dir, cmd: exec.Command("/proc/self/exe", worker, dir)}
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	if s.broker, err = newBroker(filepath.Join(dir, "offered")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func (s *scene) make(t *testing.T, name string, make func(path string) error) {
	t.Helper()
	if err := make(filepath.Join(s.dir, name)); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) expect(t *testing.T, want string) {
	t.Helper()
	if err := s.supervise(s.cmd); err != nil || s.out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, &s.out, want)
	}
}

func directory(path string) error { return os.MkdirAll(path, 0o755) }

func file(path string) error {
	return os.WriteFile(path, []byte(filepath.Base(filepath.Dir(path))), 0o644)
}

func linkTo(to string) func(string) error {
	return func(path string) error { return os.Symlink(to, path) }
}

// open opens a file as openat(2) does, and says what is in it.
func open(dirfd int, path string, flags int, mode uint32) string {
	fd, err := unix.Openat(dirfd, path, flags, mode)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(fd)
	var text [16]byte
	n, _ := unix.Read(fd, text[:])
	return fmt.Sprintf("%q", text[:max(n, 0)])
}

func opensPaths(dir string) {
	for _, path := range []string{
		"offered/file", "offered//./file", "offered/sub/../file", "offered/./sub/within",
		"private/file", "offered/../private/file", "offered/sub/../../private/file",
		"offered/link", "offered/absolute", "offered/up/private/file", "offeredfile",
		"offered/proc/self/environ", "offered/root/etc/passwd", "offered/fd/0", "offered/within",
		"./offered/file", "offered/file/", "offered/none", "offered/loop",
	} {
		fmt.Println(path, open(unix.AT_FDCWD, dir+"/"+path, unix.O_RDONLY, 0))
	}
	for _, path := range []string{
		"/proc/self/root" + dir + "/private/file", "/proc/self/cwd/passwd",
		"/dev/null", dir[1:]} {
		fmt.Println(strings.ReplaceAll(path, dir, "DIR") != "", open(unix.AT_FDCWD, path, 0, 0))
	}
	for _, path := range []string{"within", "file", "sub/within/", "inner/within"} {
		fmt.Println("no link:", path,
			open(unix.AT_FDCWD, dir+"/offered/"+path, unix.O_NOFOLLOW, 0))
	}
}

// Links lead to what is offered and nowhere else: plain ones, those of /proc, and "..".
func TestPaths(t *testing.T) {
	s := newScene(t, "paths")
	s.make(t, "offered/sub", directory)
	s.make(t, "offered/sub/within", linkTo("../file"))
	s.make(t, "offered/within", linkTo("sub/../file"))
	s.make(t, "offered/inner", linkTo("sub"))
	s.make(t, "offered/absolute", linkTo(filepath.Join(s.dir, "private/file")))
	s.make(t, "offered/up", linkTo(".."))
	s.make(t, "offered/proc", linkTo("/proc"))
	s.make(t, "offered/root", linkTo("/proc/self/root"))
	s.make(t, "offered/fd", linkTo("/proc/self/fd"))
	s.make(t, "offered/loop", linkTo("loop"))
	s.make(t, "offeredfile", file)
	const denied, loop = " permission denied\n", " too many levels of symbolic links\n"
	s.expect(t, `offered/file "offered"
offered//./file "offered"
offered/sub/../file "offered"
offered/./sub/within "offered"
private/file`+denied+"offered/../private/file"+denied+"offered/sub/../../private/file"+denied+
		"offered/link"+denied+"offered/absolute"+denied+"offered/up/private/file"+denied+
		"offeredfile"+denied+"offered/proc/self/environ"+denied+"offered/root/etc/passwd"+denied+
		"offered/fd/0"+denied+`offered/within "offered"
./offered/file "offered"
offered/file/ not a directory
offered/none no such file or directory
offered/loop`+loop+"true"+denied+"true"+denied+"true"+denied+"true"+denied+
		"no link: within"+loop+`no link: file "offered"`+"\n"+
		"no link: sub/within/"+loop+"no link: inner/within"+loop)
}

func opensFromPlaces(dir string) {
	offered, err := unix.Open(dir+"/offered", unix.O_DIRECTORY, 0)
	fmt.Println(err, open(offered, "file", 0, 0), open(offered, "../private/file", 0, 0))
	sub, err := unix.Openat(offered, "sub", unix.O_DIRECTORY, 0)
	fmt.Println(err, open(sub, "../file", 0, 0), open(sub, "../../private/file", 0, 0))
	plain, err := unix.Openat(offered, "file", 0, 0)
	fmt.Println(err, open(plain, "x", 0, 0), open(999, "x", 0, 0),
		open(-1, dir+"/offered/file", 0, 0))
	const inherited = 3 // the private directory
	fmt.Println(open(inherited, "file", 0, 0), open(inherited, "../offered/file", 0, 0))
	fmt.Println(open(unix.AT_FDCWD, "file", 0, 0))
	fmt.Println(unix.Fchdir(sub), open(unix.AT_FDCWD, "../file", 0, 0),
		open(unix.AT_FDCWD, "../../private/file", 0, 0))
}

// Relative paths begin where the caller is, or its descriptor.
func TestPlaces(t *testing.T) {
	s := newScene(t, "places")
	s.make(t, "offered/sub", directory)
	private, err := os.Open(filepath.Join(s.dir, "private"))
	if err != nil {
		t.Fatal(err)
	}
	defer private.Close()
	s.cmd.ExtraFiles = []*os.File{private}
	s.cmd.Dir = filepath.Join(s.dir, "private")
	s.expect(t, `<nil> "offered" permission denied
<nil> "offered" permission denied
<nil> not a directory bad file descriptor "offered"
permission denied permission denied
permission denied
<nil> "offered" permission denied
`)
}

func creates(dir string) {
	unix.Umask(0o027)
	at := func(name string, flags int, mode uint32) *os.File {
		path := dir + "/offered/" + name
		fd, err := unix.Open(path, flags, mode)
		var stat unix.Stat_t
		unix.Stat(path, &stat)
		fmt.Printf("%s %#o %v\n", name, stat.Mode&0o7777, err)
		if err != nil {
			return nil
		}
		return os.NewFile(uintptr(fd), name)
	}
	at("plain", unix.O_CREAT|unix.O_WRONLY, 0o666)
	at("setuid", unix.O_CREAT|unix.O_WRONLY|unix.O_EXCL, 0o6777)
	at("plain", unix.O_CREAT|unix.O_WRONLY|unix.O_EXCL, 0o666)
	at("sub/none/x", unix.O_CREAT|unix.O_WRONLY, 0o666)
	at("link", unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, 0o666)
	at("dangling", unix.O_CREAT|unix.O_WRONLY, 0o666)
	appends := at("plain", unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0)
	appends.WriteString("end")
	conn, _ := appends.SyscallConn()
	conn.Control(func(fd uintptr) {
		status, _ := unix.FcntlInt(fd, unix.F_GETFL, 0)
		flags, _ := unix.FcntlInt(fd, unix.F_GETFD, 0)
		fmt.Println(status&(unix.O_APPEND|unix.O_NONBLOCK) == unix.O_APPEND, flags)
	})
	f, err := unix.Open(dir+"/offered", unix.O_TMPFILE|unix.O_RDWR, 0o666)
	if err == nil {
		var stat unix.Stat_t
		unix.Fstat(f, &stat)
		fmt.Printf("unnamed %#o\n", stat.Mode&0o7777)
	} else {
		fmt.Println(err)
	}
}

// What is created has the mode that is asked for and the umask leaves, and never lends rights.
func TestCreates(t *testing.T) {
	old := unix.Umask(0o077) // the broker's own is of no account
	defer unix.Umask(old)
	s := newScene(t, "creates")
	s.make(t, "offered/sub", directory)
	s.make(t, "offered/dangling", linkTo("../private/made"))
	s.expect(t, `plain 0640 <nil>
setuid 0750 <nil>
plain 0640 file exists
sub/none/x 0 no such file or directory
link 0600 permission denied
dangling 0 permission denied
plain 0640 <nil>
true 1
unnamed 0640
`)
	for name, want := range map[string]string{"offered/plain": "end", "private/file": "private"} {
		if text, err := os.ReadFile(filepath.Join(s.dir, name)); string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(s.dir, "private/made")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file is created outside")
	}
}

func meetsErrors(dir string) {
	offered := dir + "/offered/"
	fmt.Println(open(unix.AT_FDCWD, "", 0, 0), open(unix.AT_FDCWD, offered, unix.O_WRONLY, 0))
	fmt.Println(open(unix.AT_FDCWD, offered+strings.Repeat("a", 300), 0, 0))
	fmt.Println(open(unix.AT_FDCWD, offered+strings.Repeat("./", 3000)+"file", 0, 0))
	fmt.Println(open(unix.AT_FDCWD, offered+strings.Repeat("./", 1000)+"file", 0, 0))
	fmt.Println(open(unix.AT_FDCWD, offered+"fifo", unix.O_RDONLY, 0),
		open(unix.AT_FDCWD, offered+"fifo", unix.O_WRONLY, 0))
	fmt.Println(open(unix.AT_FDCWD, offered+"file", unix.O_PATH, 0))
	_, err := unix.Openat2(unix.AT_FDCWD, offered+"file", &unix.OpenHow{})
	fmt.Println(err)
	_, _, errno := unix.Syscall6(unix.SYS_OPENAT, ^uintptr(99), 8, 0, 0, 0, 0)
	fmt.Println(errno)
	atEdge(offered + "file")
}

// atEdge opens a path that ends with its page, before one that cannot be read, and one that ends
// there without a zero byte.
func atEdge(path string) {
	const page = 4096
	mem, err := unix.Mmap(-1, 0, 3*page, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_ANON|unix.MAP_PRIVATE)
	if err == nil {
		err = unix.Mprotect(mem[2*page:], unix.PROT_NONE)
	}
	if err != nil {
		fmt.Println(err)
	}
	at := func(end int, text string) {
		copy(mem[end-len(text):], text)
		fd, _, errno := unix.Syscall6(unix.SYS_OPENAT, ^uintptr(99),
			uintptr(unsafe.Pointer(&mem[end-len(text)])), 0, 0, 0, 0)
		if errno == 0 {
			unix.Close(int(fd))
		}
		fmt.Println(errno)
	}
	at(2*page, path+"\x00")
	at(2*page, path)
	at(page+4, path+"\x00")
}

func TestErrors(t *testing.T) {
	s := newScene(t, "errors")
	s.make(t, "offered/fifo", func(path string) error { return unix.Mkfifo(path, 0o666) })
	s.expect(t, `no such file or directory is a directory
file name too long
file name too long
"offered"
permission denied no such device or address
"offered"
function not implemented
bad address
errno 0
bad address
errno 0
`)
}

func flips(dir string) {
	sayCounts(readFlipping(dir+"/offered/file", dir+"/private/file", 3000))
}

func sayCounts(seen map[string]int) {
	fmt.Println("offered", seen["offered"] > 0, "private", seen["private"] > 0)
}

func repeat(path string) {
	seen := map[string]int{}
	for range 3000 {
		seen[read(append([]byte(path), 0))]++
	}
	sayCounts(seen)
}

func goesUp(dir string) {
	for os.Chdir(dir+"/offered/moves/sub") != nil { // it is elsewhere just now
	}
	repeat("../../file")
}

// attacks change what a name means between check and use: the worker the path, somebody else the
// directory. Who only checks the name is fooled by each.
var attacks = map[string]func(s *scene, done *atomic.Bool){
	"flips": func(*scene, *atomic.Bool) {},
	"door": func(s *scene, done *atomic.Bool) { // a directory, and a link that leads out
		door, other := filepath.Join(s.dir, "offered/door"), filepath.Join(s.dir, "other")
		for !done.Load() {
			unix.Renameat2(unix.AT_FDCWD, door, unix.AT_FDCWD, other, unix.RENAME_EXCHANGE)
		}
	},
	"up": func(s *scene, done *atomic.Bool) { // a directory that is moved to where ".." is another
		in := filepath.Join(s.dir, "offered/moves/sub")
		out := filepath.Join(s.dir, "private/deep/sub")
		for !done.Load() {
			os.Rename(in, out)
			os.Rename(out, in)
		}
	},
}

// attacked returns what the worker has come to under an attack.
func attacked(t *testing.T, name string, answer func(*scene) notify.Handler) string {
	t.Helper()
	s := newScene(t, name)
	s.make(t, "offered/door", directory)
	s.make(t, "offered/door/file", func(path string) error {
		return os.WriteFile(path, []byte("offered"), 0o644)
	})
	s.make(t, "other", linkTo(filepath.Join(s.dir, "private")))
	s.make(t, "offered/moves/sub", directory)
	s.make(t, "private/deep", directory)
	var done atomic.Bool
	stopped := make(chan bool)
	go func() {
		attacks[name](s, &done)
		close(stopped)
	}()
	defer func() { done.Store(true); <-stopped }()
	program, err := filter()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := runtime.StartListener(s.cmd, runtime.WaitKillable, program)
	if err != nil {
		t.Fatal(err)
	}
	l, err := notify.New(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- l.Serve(2, answer(s)) }()
	if err := s.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	return s.out.String()
}

func TestAttacks(t *testing.T) {
	for name := range attacks {
		t.Run(name, func(t *testing.T) {
			out := attacked(t, name, func(s *scene) notify.Handler { return s.open })
			if out != "offered true private false\n" {
				t.Error(out)
			}
		})
	}
}

// The attacks are some: a broker that checks where a name leads, and then has it opened, lets them
// through, sooner or later.
func TestAttacksOnCheckedNames(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name := range attacks {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				if strings.HasSuffix(attacked(t, name, checksNames), "private true\n") {
					return
				}
			}
			t.Error("the attack does nothing")
		})
	}
}

func checksNames(s *scene) notify.Handler {
	return func(c *notify.Call) notify.Answer {
		r, err := requestOf(c)
		if err == nil {
			err = r.fromRoot(c)
		}
		if err != nil {
			return refuse(err)
		}
		name, err := filepath.EvalSymlinks(r.path)
		if err != nil || !strings.HasPrefix(name, s.dir+"/offered/") {
			return notify.Errno(unix.EACCES)
		}
		return notify.Continue()
	}
}

func goesAround(dir string) {
	private, made := dir+"/private/file", dir+"/offered/made"
	for _, err := range []error{
		os.Link(private, made), os.Rename(private, made), os.Symlink(private, made),
		os.Truncate(private, 0), os.Chmod(private, 0), os.Remove(private), os.Mkdir(made, 0o700),
		unix.Unshare(unix.CLONE_NEWUSER), unix.PtraceAttach(os.Getppid()),
		unix.Exec("/bin/true", nil, nil),
	} {
		fmt.Println(errors.Is(err, unix.EPERM), err != nil)
	}
	_, err := unix.OpenTree(unix.AT_FDCWD, private, 0)
	fmt.Println(err)
}

// Nothing else gets a worker a file, or brings one to where it is offered.
func TestOtherWays(t *testing.T) {
	newScene(t, "around").expect(t, strings.Repeat("true true\n", 10)+"operation not permitted\n")
}

// The worker is killed before its call is looked at: nothing is opened for it.
func TestKilledBefore(t *testing.T) {
	s := newScene(t, "one")
	program, err := filter()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := runtime.StartListener(s.cmd, runtime.WaitKillable, program)
	if err != nil {
		t.Fatal(err)
	}
	l, err := notify.New(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	made := filepath.Join(s.dir, "offered/made")
	for {
		c, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		if path, _ := c.String(c.Data.Args[1], unix.PathMax); path != made { // of Go's own start
			c.Answer(s.open(c))
			continue
		}
		s.cmd.Process.Kill()
		s.cmd.Wait()
		if err := c.Answer(s.open(c)); !errors.Is(err, unix.ENOENT) {
			t.Errorf("the answer to the dead: %v", err)
		}
		break
	}
	if _, err := os.Stat(made); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file is created for the dead")
	}
}

func opensMany(dir string) {
	unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 20, Max: 20})
	for {
		if _, err := unix.Open(dir+"/offered/file", 0, 0); err != nil {
			fmt.Println(err)
			return
		}
	}
}

func TestNoDescriptorLeft(t *testing.T) { newScene(t, "many").expect(t, "too many open files\n") }

// A program that knows nothing of it works below the directory, as it would without a broker.
func TestProgram(t *testing.T) {
	s := newScene(t, "")
	s.cmd = exec.Command("sort", "-o", "sorted", "file", "/usr/../usr/none")
	s.cmd.Dir, s.cmd.Stderr = filepath.Join(s.dir, "offered"), &s.out
	for _, name := range []string{"/usr", "/lib", "/lib64"} {
		if _, err := os.Stat(name); err == nil {
			s.make(t, "", func(string) error { return s.offer(name, false) })
		}
	}
	if err := s.supervise(s.cmd); err == nil || !strings.Contains(s.out.String(), "/usr/none") {
		t.Errorf("of a file that there is not: %v, %s", err, &s.out)
	}
	s.cmd = exec.Command("sort", "-o", "sorted", "file")
	s.cmd.Dir, s.cmd.Stderr = filepath.Join(s.dir, "offered"), &s.out
	if err := s.supervise(s.cmd); err != nil {
		t.Errorf("%v\n%s", err, &s.out)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "offered/sorted"))
	if string(text) != "offered\n" {
		t.Errorf("%q, %v", text, err)
	}
}
