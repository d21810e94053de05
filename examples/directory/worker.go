package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

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
	seen := readFlipping(dir+"/offered/file", dir+"/private/file", 2000)
	fmt.Printf("while the path changes: offered %v, private %v\n", seen["offered"] > 0,
		seen["private"] > 0)
}

// readFlipping opens a path that another thread changes all the time, and counts what it reads.
func readFlipping(one, other string, times int) map[string]int {
	a, b := append([]byte(one), 0), append([]byte(other), 0)
	path := append([]byte(nil), a...)
	var done atomic.Bool
	go func() {
		for !done.Load() {
			copy(path, b)
			copy(path, a)
		}
	}()
	defer done.Store(true)
	seen := map[string]int{}
	for range times {
		seen[read(path)]++
	}
	return seen
}

// read opens what the path is just then.
func read(path []byte) string {
	const cwd = ^uintptr(99) // AT_FDCWD
	fd, _, errno := syscall.Syscall6(unix.SYS_OPENAT, cwd, uintptr(unsafe.Pointer(&path[0])),
		unix.O_RDONLY, 0, 0, 0)
	if errno != 0 {
		return ""
	}
	defer unix.Close(int(fd))
	var text [16]byte
	n, _ := unix.Read(int(fd), text[:])
	return string(text[:max(n, 0)])
}
