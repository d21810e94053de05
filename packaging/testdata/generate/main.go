// Command tool confines itself, then tries what its policy denies.
package main

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/seccompc/seccompc/runtime"
)

//go:generate go tool seccompc policy.scp --arch amd64 -o amd64.bpf
//go:generate go tool seccompc policy.scp --arch arm64 -o arm64.bpf

//go:embed amd64.bpf
var amd64 []byte

//go:embed arm64.bpf
var arm64 []byte

func main() {
	if err := runtime.Confine(map[string][]byte{"amd64": amd64, "arm64": arm64}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(os.Mkdir("directory", 0o755))
}
