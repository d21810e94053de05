// Child starts a worker under a filter that it does not have itself. The filter denies all that is
// needed to start the worker; it is in force only once the worker's program is loaded.
//
//	go run ./examples/child
package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	goruntime "runtime"

	"github.com/seccompc/seccompc/runtime"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf
//go:generate seccompc policy.scp --arch 386 -o 386.bpf

//go:embed *.bpf
var blobs embed.FS

func main() {
	if len(os.Args) > 1 {
		report("worker")
		return
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	report("parent")
}

func work() error {
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
	if err := runtime.Start(cmd, 0, filter); err != nil {
		return err
	}
	return cmd.Wait()
}

func report(who string) {
	_, err := os.ReadFile("/proc/self/status")
	fmt.Printf("%s reads a file: %v\n", who, err)
}
