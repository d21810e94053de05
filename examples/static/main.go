// Static is a small program that confines itself to its standard input and output, and then copies
// the one to the other:
//
//	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' ./examples/static
package main

import (
	"embed"
	"io"
	"os"
	goruntime "runtime"

	"github.com/seccompc/seccompc/runtime"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf
//go:generate seccompc policy.scp --arch 386 -o 386.bpf

//go:embed *.bpf
var blobs embed.FS

func main() {
	if err := run(); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func run() error {
	blob, err := blobs.ReadFile(goruntime.GOARCH + ".bpf")
	if err != nil {
		return err
	}
	filter, err := runtime.Parse(blob)
	if err != nil {
		return err
	}
	if err := runtime.Install(filter, runtime.Process); err != nil {
		return err
	}
	if _, err := os.Open("/etc/passwd"); err == nil {
		return os.ErrInvalid // not confined after all
	}
	_, err = io.Copy(os.Stdout, os.Stdin)
	return err
}
