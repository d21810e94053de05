//go:build linux && (amd64 || 386)

package runtime

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// unconfined is the directory that the witness makes where denied does not answer its getppid.
const unconfined = "unconfined"

// writeWitness writes a program of a few bytes that tells whether it is confined, and returns its
// path. It begins with instructions that do nothing, so that it goes on where something else has
// been put at its entry.
func writeWitness(t *testing.T) string {
	t.Helper()
	a := abis()[0]
	const base = 0x8048000
	image := make([]byte, elfHead(a.word), 4096)
	name := uint32(base + len(image))
	image = append(image, unconfined+"\x00"...)
	entry := uint64(base + len(image))
	for range 64 {
		image = append(image, 0x90) // nop
	}
	w := binary.LittleEndian
	if runtime.GOARCH == "amd64" {
		image = append(image, 0xb8, 110, 0, 0, 0, 0x0f, 0x05) // mov $getppid, %eax; syscall
		// cmp $-ENOTNAM, %eax; je over the next
		image = append(image, 0x83, 0xf8, 0x8a, 0x74, 17)
		image = append(w.AppendUint32(append(image, 0xbf), name), 0xbe, 0xff, 1, 0, 0,
			0xb8, 83, 0, 0, 0, 0x0f, 0x05) // mkdir(name, 0777)
		image = append(image, 0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05) // exit(0)
	} else {
		image = append(image, 0xb8, 64, 0, 0, 0, 0xcd, 0x80)
		image = append(image, 0x83, 0xf8, 0x8a, 0x74, 17)
		image = append(w.AppendUint32(append(image, 0xbb), name), 0xb9, 0xff, 1, 0, 0,
			0xb8, 39, 0, 0, 0, 0xcd, 0x80)
		image = append(image, 0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80)
	}
	writeElfHead(image, a, base, entry)
	path := filepath.Join(t.TempDir(), "witness")
	if err := os.WriteFile(path, image, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// The witness tells.
func TestWitness(t *testing.T) {
	path := writeWitness(t)
	for _, start := range []func(*exec.Cmd) error{
		func(cmd *exec.Cmd) error { return Start(cmd, 0, denied()) },
		(*exec.Cmd).Start,
	} {
		cmd := exec.Command(path)
		cmd.Dir = filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(cmd.Dir, unconfined)); err == nil {
			t.Error("a confined witness says that it is not")
		}
		if err := start(cmd); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), unconfined)); err != nil {
		t.Error("an unconfined witness says that it is confined")
	}
}

// Who may execute a program and not read it cannot trace it.
var executeOnlyChild = inChild("execute only", func() {
	if err := unix.Setresgid(65534, 65534, 65534); err != nil {
		bad("%v", err)
	}
	if err := unix.Setresuid(65534, 65534, 65534); err != nil {
		bad("%v", err)
	}
	cmd := exec.Command(os.Getenv(witnessPath))
	mustSay(Start(cmd, 0, denied()), "executed and not read")
	if err := exec.Command(os.Getenv(witnessPath)).Run(); err != nil {
		bad("without Start: %v", err)
	}
})

const witnessPath = "SECCOMPC_TEST_PROGRAM"

func TestStartExecuteOnly(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "seccompc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "program")
	data, err := os.ReadFile(writeWitness(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(path, data, 0o111), os.Chmod(path, 0o111),
		os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(witnessPath, path)
	run(t, executeOnlyChild)
}
