// Install confines itself.
package main

import (
	"fmt"
	"os"

	"github.com/seccompc/seccompc/runtime"
)

func main() {
	blob, err := os.ReadFile(os.Args[1])
	fmt.Println(len(blob), err)
	filter, err := runtime.Parse(blob)
	fmt.Println(err, runtime.Install(filter, runtime.Process))
}
