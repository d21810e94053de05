// Builder makes a policy from Go values, compiles it, has it proved and confines itself with it:
//
//	go run ./examples/builder
package main

import (
	"fmt"
	"os"

	"github.com/seccompc/seccompc/builder"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/runtime"
)

func main() {
	p := builder.New(builder.Allow)
	p.Add(builder.Errno("ENOTBLK"), "mkdirat", "symlinkat").Because("Nothing here makes names.")
	p.Add(builder.Deny, "socket").If(builder.Arg("family").NotIn("AF_UNIX", "AF_INET", "AF_INET6"))
	filter, _, err := p.Compile(compiler.Options{}) // for this machine's ABI
	if err == nil {
		err = runtime.Install(filter.Program, runtime.Process)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(os.Mkdir("/proc/none", 0o700))
}
