// Directory runs a program that may open files below one directory, and no others; what is below
// /usr, /lib and /lib64 it may read. Without a command it shows what a worker comes to that
// attacks: one of its threads changes the path while another calls, and there are links that lead
// out.
//
//	go run ./examples/directory
//	go run ./examples/directory DIRECTORY python3 script.py
package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf

//go:embed *.bpf
var blobs embed.FS

func main() {
	err := error(nil)
	switch {
	case len(os.Args) == 3 && os.Args[1] == "worker":
		attack(os.Args[2])
	case len(os.Args) > 2:
		err = confine(os.Args[1], os.Args[2:])
	default:
		err = demonstrate()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// confine runs a program for which the directory is offered.
func confine(dir string, command []string) error {
	b, err := newBroker(dir)
	if err != nil {
		return err
	}
	defer b.close()
	for _, name := range []string{"/usr", "/lib", "/lib64"} {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		if err := b.offer(name, false); err != nil {
			return err
		}
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return b.supervise(cmd)
}

func demonstrate() error {
	dir, err := os.MkdirTemp("", "directory")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := furnish(dir); err != nil {
		return err
	}
	b, err := newBroker(filepath.Join(dir, "offered"))
	if err != nil {
		return err
	}
	defer b.close()
	cmd := exec.Command("/proc/self/exe", "worker", dir)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return b.supervise(cmd)
}

// filter reads the filter for this machine.
func filter() (asm.Program, error) {
	blob, err := blobs.ReadFile(goruntime.GOARCH + ".bpf")
	if err != nil {
		return nil, err
	}
	return runtime.Parse(blob)
}

// supervise runs the command to its end and has the broker answer it.
func (b *broker) supervise(cmd *exec.Cmd) error {
	filter, err := filter()
	if err != nil {
		return err
	}
	// WaitKillable: a Go program's scheduler interrupts calls.
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, filter)
	if err != nil {
		return err
	}
	unix.Umask(0) // what is created has the mode that the worker's umask leaves
	listener, err := notify.New(fd)
	if err != nil {
		cmd.Process.Kill() // nobody would answer it
		cmd.Wait()
		return err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- listener.Serve(4, b.open) }()
	if err := cmd.Wait(); err != nil {
		return err
	}
	return <-served
}
