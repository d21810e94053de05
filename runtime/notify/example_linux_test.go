//go:build amd64 || arm64

package notify_test

import (
	"fmt"
	"os/exec"

	"github.com/seccompc/seccompc/builder"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/runtime"
	"github.com/seccompc/seccompc/runtime/notify"
)

// A supervisor answers sync(2) in the kernel's place.
func ExampleListener_Serve() {
	policy := builder.New(builder.Allow)
	policy.Add(builder.Notify, "sync")
	filter, _, err := policy.Compile(compiler.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	cmd := exec.Command("sync")
	fd, err := runtime.StartListener(cmd, 0, filter.Program)
	if err != nil {
		fmt.Println(err)
		return
	}
	listener, err := notify.New(fd)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		served <- listener.Serve(1, func(*notify.Call) notify.Answer {
			fmt.Println("the program calls sync")
			return notify.Return(0)
		})
	}()
	fmt.Println(cmd.Wait(), <-served)
	// Output:
	// the program calls sync
	// <nil> <nil>
}
