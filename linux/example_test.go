package linux_test

import (
	"fmt"

	"github.com/seccompc/seccompc/linux"
)

func ExampleLookup() {
	abi, ok := linux.Lookup("arm64")
	number, _ := abi.Number("openat")
	flag, _ := abi.Constant("O_DIRECT")
	fmt.Println(abi.Name, ok, number, flag)
	// Output: aarch64 true 56 65536
}

// On s390x clone takes its flags in the second register.
func ExampleABI_Prototype() {
	s390x, _ := linux.Lookup("s390x")
	args, _ := s390x.Prototype("clone")
	for i, a := range args[:2] {
		fmt.Println(i, a.Name, a.Width)
	}
	// Output:
	// 0 newsp 64
	// 1 clone_flags 32
}
