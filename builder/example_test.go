package builder_test

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/builder"
	"github.com/seccompc/seccompc/compiler"
)

func Example() {
	p := builder.New(builder.Allow).ABIs("x86_64")
	p.Add(builder.Errno("ENOSYS"), "clone3").Because("Its flags lie in memory.")
	p.Add(builder.Deny, "unshare", "clone").If(builder.Arg("flags").Has("CLONE_NEWUSER"))
	fmt.Print(p)

	filter, _, err := p.Compile(compiler.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	const unshare, newUser = 272, 0x10000000
	answer, err := filter.Program.Run(asm.Data{
		Nr: unshare, Arch: filter.ABIs[0].Arch, Args: [6]uint64{newUser},
	}, filter.Order)
	fmt.Printf("%#x %v\n", answer.Ret, err)
	// Output:
	// arch x86_64
	// default allow
	//
	// # Its flags lie in memory.
	// deny(ENOSYS) clone3
	//
	// deny unshare, clone if flags & CLONE_NEWUSER
	// 0x50001 <nil>
}
