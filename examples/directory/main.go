// Directory opens the files below one directory for a worker that may open none, and the worker
// attacks: one of its threads changes the path while another calls, and it leaves links that lead
// out. It reads what it is offered, and nothing else.
//
//	go run ./examples/directory
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/seccompc/seccompc/builder"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

func main() {
	if len(os.Args) > 1 {
		attack(os.Args[1])
		return
	}
	if err := supervise(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func supervise() error {
	dir, err := os.MkdirTemp("", "directory")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := furnish(dir); err != nil {
		return err
	}
	offered, err := os.OpenRoot(filepath.Join(dir, "offered"))
	if err != nil {
		return err
	}
	defer offered.Close()
	policy := builder.New(builder.Allow)
	policy.Add(builder.Notify, "openat")
	policy.Add(builder.Deny, "openat2", "open_by_handle_at", "io_uring_setup", "io_uring_enter")
	if goruntime.GOARCH != "arm64" {
		policy.Add(builder.Deny, "open", "creat")
	}
	filter, _, err := policy.Compile(compiler.Options{})
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", dir)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, filter.Program)
	if err != nil {
		return err
	}
	listener, err := notify.New(fd)
	if err != nil {
		cmd.Process.Kill() // nobody would answer it
		cmd.Wait()
		return err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		served <- listener.Serve(4, func(c *notify.Call) notify.Answer { return open(offered, dir, c) })
	}()
	if err := cmd.Wait(); err != nil {
		return err
	}
	return <-served
}

// open copies the path once, and opens what the copy names, below the directory: os.Root follows no
// link and no ".." that leads out of it. The kernel reads no path of the worker's again.
func open(offered *os.Root, dir string, c *notify.Call) notify.Answer {
	const pathMax = 4096 // PATH_MAX of the kernel
	path, err := c.String(c.Data.Args[1], pathMax)
	if err != nil {
		return notify.Errno(syscall.EACCES)
	}
	name, err := filepath.Rel(filepath.Join(dir, "offered"), path)
	if err != nil {
		return notify.Errno(syscall.EACCES)
	}
	f, err := offered.Open(name)
	if err != nil {
		return notify.Errno(syscall.EACCES)
	}
	return notify.File(f, syscall.O_CLOEXEC)
}

// furnish makes a file that is offered, one that is not, and a link from here to there.
func furnish(dir string) error {
	for _, name := range []string{"offered", "private"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name, "file"), []byte(name), 0o644); err != nil {
			return err
		}
	}
	return os.Symlink("../private/file", filepath.Join(dir, "offered", "link"))
}

// attack is the worker.
func attack(dir string) {
	for _, name := range []string{"offered/file", "private/file", "offered/link",
		"offered/../private/file"} {
		text, err := os.ReadFile(dir + "/" + name)
		fmt.Printf("%s: %q, refused: %v\n", name, text, err != nil)
	}
	good, bad := []byte(dir+"/offered/file\x00"), []byte(dir+"/private/file\x00")
	path := append([]byte(nil), good...)
	var done atomic.Bool
	go func() {
		for !done.Load() {
			copy(path, bad)
			copy(path, good)
		}
	}()
	seen := map[string]int{}
	for range 2000 {
		seen[read(path)]++
	}
	done.Store(true)
	fmt.Printf("while the path changes: offered %v, private %v\n", seen["offered"] > 0,
		seen["private"] > 0)
}

// read opens what the path is just then.
func read(path []byte) string {
	const atFDCWD = ^uintptr(99)
	fd, _, errno := syscall.Syscall6(syscall.SYS_OPENAT, atFDCWD,
		uintptr(unsafe.Pointer(&path[0])), syscall.O_RDONLY, 0, 0, 0)
	if errno != 0 {
		return ""
	}
	defer syscall.Close(int(fd))
	var text [16]byte
	n, _ := syscall.Read(int(fd), text[:])
	return string(text[:max(n, 0)])
}
