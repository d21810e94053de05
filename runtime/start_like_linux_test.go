package runtime

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// What a process has inherited itself its child inherits under the same number, whatever the
// program is called.
var inheritsChild = inChild("inherits", func() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		bad("%v", err)
	}
	for _, path := range []string{self, "/proc/self/exe", "/proc/thread-self/exe"} {
		cmd := command(readsThree)
		cmd.Path = path
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := Start(cmd, 0, denied()); err != nil {
			bad("%s: %v", path, err)
		}
		if err := cmd.Wait(); err != nil || out.String() != "inherited" {
			bad("%s: %v: %s", path, err, &out)
		}
	}
})

var readsThree = inChild("reads three", func() {
	data, err := io.ReadAll(io.NewSectionReader(os.NewFile(3, "inherited"), 0, 100))
	if err != nil || !confined() {
		bad("%v, confined %t", err, confined())
	}
	os.Stdout.Write(data)
	os.Stdout.WriteString(otherFiles())
})

// otherFiles lists descriptors of what Start uses on the way.
func otherFiles() (list string) {
	self, _ := os.Readlink("/proc/self/exe")
	for fd := range 300 {
		link, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err == nil && (link == self || strings.Contains(link, "memfd:")) {
			list += " " + link
		}
	}
	return list
}

func TestStartInherits(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteString("inherited")
	cmd := command(inheritsChild)
	cmd.ExtraFiles = []*os.File{f}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// The names that a program is called by in /proc are its own, not the stub's.
func TestStartNamesProgram(t *testing.T) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	script := filepath.Join(t.TempDir(), "script")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte("#!"+self+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{
		"/proc/self/exe": "exe\n", "/proc/self/fd/3": "3\n",
		fmt.Sprintf("/proc/self/fd/%d", f.Fd()): fmt.Sprintf("%d\n", f.Fd()),
		script:                                  "script\n",
	}
	for path, want := range names {
		cmd := command(saysName)
		cmd.Path = path
		cmd.ExtraFiles = []*os.File{f}
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := Start(cmd, 0, denied()); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := cmd.Wait(); err != nil || out.String() != want {
			t.Errorf("%s: %v, %q, want %q", path, err, &out, want)
		}
	}
}

var saysName = inChild("says name", func() {
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil || !confined() {
		bad("%v, confined %t", err, confined())
	}
	os.Stdout.Write(name)
})

// A thread that reaps whatever child there is, as PID 1 of a container has, takes the kernel's word
// of stops.
var reaperChild = inChild("reaper", func() {
	var stolen atomic.Int32
	stop := make(chan bool)
	for range 2 {
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var status unix.WaitStatus
				if pid, _ := unix.Wait4(-1, &status, unix.WNOHANG, nil); pid > 0 {
					stolen.Add(1)
				}
			}
		}()
	}
	for range 20 {
		r, w, err := os.Pipe()
		if err != nil {
			bad("%v", err)
		}
		cmd := command(deniesGetppid)
		cmd.Stdout = w
		if err := Start(cmd, 0, denied()); err != nil {
			bad("%v", err)
		}
		w.Close()
		if out, err := io.ReadAll(r); err != nil || string(out) != "confined" {
			bad("%v: the child says %q", err, out)
		}
		cmd.Wait() // whose status the reaper may have taken
		r.Close()
	}
	close(stop)
	if stolen.Load() == 0 {
		bad("the reaper has had nothing to do")
	}
})

func TestStartReaper(t *testing.T) { run(t, reaperChild) }
