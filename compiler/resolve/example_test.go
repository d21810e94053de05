package resolve_test

import (
	"fmt"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/policy"
)

// The policy of the package's overview.
func ExampleText() {
	const text = `
arch x86_64, i386
default allow
const ROOM = 4 * 4096
deny mprotect if prot & PROT_EXEC && len > ROOM
deny(ENOSYS) accept
`
	r, findings := resolve.Text("example.scp", []byte(text), resolve.Options{})
	if err := findings.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for _, abi := range r.Policy.ABIs {
		fmt.Printf("%s, arch %#x, default %v\n", abi.Name, abi.Arch, abi.Default)
		for _, rule := range abi.Rules {
			fmt.Printf("  %v %v", rule.Action, rule.Numbers)
			show(rule.Cond)
			fmt.Println()
		}
	}
	// Output:
	// x86_64, arch 0xc000003e, default allow
	//   deny(1) [10], arg2 u32 any 0x4, arg1 u64 > 0x4000
	//   deny(38) [43]
	// i386, arch 0x40000003, default allow
	//   deny(1) [125], arg2 u32 any 0x4, arg1 u32 > 0x4000
	//   deny(38) [102], arg0 u32 in [{5 5}]
}

// show prints the tests of a condition.
func show(c policy.Cond) {
	switch c := c.(type) {
	case policy.And:
		for _, x := range c {
			show(x)
		}
	case policy.Test:
		fmt.Printf(", arg%d u%d ", c.Operand.Arg, c.Operand.Width)
		switch c.Op {
		case policy.Any:
			fmt.Printf("any %#x", c.Mask)
		case policy.Gt:
			fmt.Printf("> %#x", c.Value)
		case policy.In:
			fmt.Printf("in %v", c.Set)
		}
	}
}
