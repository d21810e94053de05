// Embed confines itself with a filter that was compiled beforehand, one for each ABI that it is
// built for:
//
//	go run ./examples/embed
package main

import (
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"

	"github.com/seccompc/seccompc/runtime"
)

//go:generate seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate seccompc policy.scp --arch arm64 -o arm64.bpf
//go:generate seccompc policy.scp --arch 386 -o 386.bpf

//go:embed amd64.bpf
var amd64 []byte

//go:embed arm64.bpf
var arm64 []byte

//go:embed 386.bpf
var i386 []byte

func main() {
	err := runtime.Confine(map[string][]byte{"amd64": amd64, "arm64": arm64, "386": i386})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, err = os.ReadFile("/proc/self/status")
	fmt.Println("read a file:", outcome(err))
	_, err = net.Dial("tcp", "127.0.0.1:1")
	fmt.Println("connect:", outcome(err))
	err = exec.Command("/proc/self/exe").Run()
	fmt.Println("run a program:", outcome(err))
}

func outcome(err error) string {
	if err != nil {
		return err.Error()
	}
	return "works"
}
