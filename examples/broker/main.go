// Broker opens files for a worker that may not. The worker calls openat as ever; the broker looks
// at the name, opens the file itself if it likes it, and hands the descriptor over.
//
//	go run ./examples/broker
package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"
	"syscall"

	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf
//go:generate seccompc policy.scp --arch 386 -o 386.bpf

//go:embed *.bpf
var blobs embed.FS

const pathMax = 4096 // PATH_MAX of the kernel

// offered is what the worker may have, for reading.
var offered = map[string]bool{"/proc/version": true}

func main() {
	if len(os.Args) > 1 {
		work()
		return
	}
	if err := supervise(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func work() {
	for _, name := range []string{"/proc/version", "/etc/passwd"} {
		data, err := os.ReadFile(name)
		fmt.Printf("worker reads %s: %v, %v\n", name, len(data) > 0, err)
	}
}

func supervise() error {
	blob, err := blobs.ReadFile(goruntime.GOARCH + ".bpf")
	if err != nil {
		return err
	}
	filter, err := runtime.Parse(blob)
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", "worker")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// WaitKillable: the worker is a Go program, whose scheduler interrupts calls.
	fd, err := runtime.StartListener(cmd, runtime.WaitKillable, filter)
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
	go func() { served <- listener.Serve(4, open) }()
	if err := cmd.Wait(); err != nil {
		return err
	}
	return <-served
}

// open copies the name once, decides on the copy and opens what the copy names. It leaves nothing
// for the kernel to read again from memory that the worker can change.
func open(c *notify.Call) notify.Answer {
	name, err := c.String(c.Data.Args[1], pathMax)
	if err != nil || !offered[name] {
		return notify.Errno(syscall.EACCES)
	}
	f, err := os.Open(name)
	if err != nil {
		return notify.Errno(syscall.EACCES)
	}
	return notify.File(f, syscall.O_CLOEXEC)
}
