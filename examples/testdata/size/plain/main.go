// Plain is what install is measured against.
package main

import (
	"fmt"
	"os"
)

func main() {
	blob, err := os.ReadFile(os.Args[1])
	fmt.Println(len(blob), err)
}
