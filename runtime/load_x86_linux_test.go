//go:build linux && (amd64 || 386)

package runtime

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
)

// Many children, several at a time, leave nothing behind.
func TestStartMany(t *testing.T) {
	const together = 8
	path := program386(t)
	start := func() error {
		cmd := exec.Command(path)
		cmd.Stdout = io.Discard // which takes a pipe and a goroutine
		if err := Start(cmd, 0, denied386()); err != nil {
			return err
		}
		if err := cmd.Wait(); err == nil || err.Error() != confined386 {
			return fmt.Errorf("the child ends with %v", err)
		}
		return nil
	}
	if err := start(); err != nil { // what is opened once, is now
		t.Fatal(err)
	}
	descriptors := count(t, "/proc/self/fd")
	work := make(chan bool)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for range work {
				if err := start(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range short.Rounds(1000) {
		work <- true
	}
	close(work)
	all.Wait()
	if n := count(t, "/proc/self/fd"); n > descriptors {
		t.Errorf("%d descriptors before, %d after", descriptors, n)
	}
	if n := count(t, "/proc/self/task"); n > 40 { // Go keeps threads, but not one for each child
		t.Errorf("%d threads are left", n)
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("children are left: wait4 gives %v", err)
	}
}

func count(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// confined386 is how the program of program386 ends under denied386: with the errno that it gets.
const confined386 = "exit status 118"

func denied386() asm.Program {
	return filterFor(unix.AUDIT_ARCH_I386, errno(unix.ENOTNAM), allow, 64)
}

// program386 writes a program of a few bytes, so that a thousand of them take no time.
func program386(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "i386")
	program := elf386(
		0xb8, 64, 0, 0, 0, // mov $64, %eax: getppid
		0xcd, 0x80, // int $0x80
		0xf7, 0xd8, // neg %eax
		0x89, 0xc3, // mov %eax, %ebx
		0xb8, 1, 0, 0, 0, // mov $1, %eax: exit
		0xcd, 0x80, // int $0x80
	)
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// elf386 returns a static executable for i386: a file header, one segment, the code.
func elf386(code ...byte) []byte {
	const base, head = 0x8048000, 52 + 32
	w := binary.LittleEndian
	b := append([]byte("\x7fELF\x01\x01\x01"), make([]byte, 9)...)
	b = w.AppendUint16(b, 2) // ET_EXEC
	b = w.AppendUint16(b, 3) // EM_386
	for _, v := range []uint32{1, base + head, 52, 0, 0} {
		b = w.AppendUint32(b, v) // version, entry, program headers, section headers, flags
	}
	for _, v := range []uint16{52, 32, 1, 0, 0, 0} {
		b = w.AppendUint16(b, v) // sizes and numbers of headers
	}
	size := uint32(head + len(code))
	for _, v := range []uint32{1, 0, base, base, size, size, 5, 0x1000} {
		b = w.AppendUint32(b, v) // PT_LOAD, offset, addresses, sizes, read and execute, alignment
	}
	return append(b, code...)
}
