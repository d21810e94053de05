// Exec is what start is measured against.
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	blob, err := os.ReadFile(os.Args[1])
	fmt.Println(len(blob), err)
	cmd := exec.Command(os.Args[2])
	fmt.Println(cmd.Start(), cmd.Wait())
}
