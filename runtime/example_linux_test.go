package runtime_test

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/runtime"
)

// A blob that says nothing about this machine's ABI is refused before it is installed.
func ExampleParse() {
	everything := asm.Program{{Op: 0x06, K: 0x7fff0000}} // ret allow
	_, err := runtime.ParseStack(runtime.EncodeStack(everything))
	fmt.Println(err)
	// Output: runtime: this filter never looks at arch: the numbers in it would mean other system calls to other ABIs; compile one that does
}
