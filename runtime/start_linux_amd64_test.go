package runtime

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Dynamic programs, and one that forks and waits.
func TestStartShell(t *testing.T) {
	if err := Start(exec.Command("/bin/sh", "-c", "true"), 0, filter(kill, allow, unix.SYS_CLONE)); err != nil {
		t.Error(err)
	}
	cmd := exec.Command("/bin/sh", "-c", "/bin/true && /bin/true; exit 3")
	if err := Start(cmd, 0, denied()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "exit status 3" {
		t.Errorf("Wait gives %v", err)
	}
	cmd = exec.Command("/bin/sh", "-c", "/bin/true; exit 3")
	if err := Start(cmd, 0, filter(kill, allow, unix.SYS_CLONE, unix.SYS_VFORK, unix.SYS_FORK)); err != nil {
		t.Fatal(err)
	}
	wantError(t, cmd.Wait(), "bad system call")
}

// A child of the other ABI needs a filter for that, and gets it in force by that ABI's own system calls.
func TestStartI386(t *testing.T) {
	path := filepath.Join(t.TempDir(), "i386")
	if err := os.WriteFile(path, elf386(
		0xb8, 64, 0, 0, 0, // mov $64, %eax: getppid
		0xcd, 0x80, // int $0x80
		0xf7, 0xd8, // neg %eax
		0x89, 0xc3, // mov %eax, %ebx
		0xb8, 1, 0, 0, 0, // mov $1, %eax: exit
		0xcd, 0x80, // int $0x80
	), 0o755); err != nil {
		t.Fatal(err)
	}
	wantError(t, Start(exec.Command(path), 0, denied()), "no path of this filter is for arch 0x40000003")
	cmd := exec.Command(path)
	if err := Start(cmd, 0, filterFor(unix.AUDIT_ARCH_I386, errno(unix.ENOTNAM), allow, 64)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || err.Error() != "exit status 118" {
		t.Errorf("Wait gives %v, want the exit status ENOTNAM", err)
	}
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
