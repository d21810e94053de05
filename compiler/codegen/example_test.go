package codegen_test

import (
	"fmt"

	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/policy"
)

// A policy in numbers becomes a program. Whether it is the policy is proof's to say.
func ExampleGenerate() {
	everything := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name: "aarch64", Arch: 0xc00000b7, Numbers: everything, Known: everything,
		Default: policy.Allow, Rules: []policy.Rule{{Numbers: []uint32{117},
			Action: policy.Errno | 1}},
	}}}
	program, err := codegen.Generate(p, codegen.Weights{}, 0)
	fmt.Print(program)
	fmt.Println(err)
	// Output:
	// 000: ld   arch
	// 001: jeq  #0xc00000b7, 2, 6
	// 002: ld   nr
	// 003: jeq  #117, 5, 4
	// 004: ret  allow
	// 005: ret  errno(1)
	// 006: ret  kill_process
	// <nil>
}
