// Start confines a child.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/seccompc/seccompc/runtime"
)

func main() {
	blob, err := os.ReadFile(os.Args[1])
	fmt.Println(len(blob), err)
	filter, err := runtime.Parse(blob)
	cmd := exec.Command(os.Args[2])
	fmt.Println(err, runtime.Start(cmd, 0, filter), cmd.Wait())
}
