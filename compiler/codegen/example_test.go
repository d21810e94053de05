package codegen_test

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/policy"
)

// The policy of the package's overview: personality may ask (0xffffffff) and choose 0 or 8, ptrace
// and process_vm_readv are denied, every other call of x86_64 is allowed.
func ExampleGenerate() {
	const eperm = policy.Errno | 1
	persona := policy.Operand{Arg: 0, Width: 32}
	allowed := []policy.Range{{Lo: 0, Hi: 0}, {Lo: 8, Hi: 8}, {Lo: 0xffffffff, Hi: 0xffffffff}}
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name:    "x86_64",
		Arch:    0xc000003e,
		Numbers: []policy.Range{{Lo: 0, Hi: 0x3fffffff}},
		Known:   []policy.Range{{Lo: 0, Hi: 463}},
		Cached:  []policy.Range{{Lo: 0, Hi: 463}},
		Default: policy.Allow,
		Unknown: policy.Allow,
		Rules: []policy.Rule{
			{
				Numbers: []uint32{135},
				Cond: policy.Test{
					Operand: persona, Op: policy.In, Mask: 0xffffffff, Set: allowed,
				},
				Action: policy.Allow,
			},
			{Numbers: []uint32{135}, Action: eperm},
			{Numbers: []uint32{101, 310}, Action: eperm},
		},
	}}}
	program, err := codegen.Generate(p, codegen.Weights{}, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(program)
	call := asm.Data{Arch: 0xc000003e, Nr: 135, Args: [6]uint64{8}}
	result, err := program.Run(call, p.ByteOrder())
	fmt.Println("personality(8):", policy.Action(result.Ret), err)
	// Output:
	// 000: ld   arch
	// 001: jeq  #0xc000003e, 2, 13
	// 002: ld   nr
	// 003: jge  #310, 9, 4
	// 004: jeq  #135, 5, 8
	// 005: ld   [16]
	// 006: jge  #0xffffffff, 11, 7
	// 007: jset #0xfffffff7, 12, 11
	// 008: jeq  #101, 12, 11
	// 009: jge  #311, 10, 12
	// 010: jge  #0x40000000, 13, 11
	// 011: ret  allow
	// 012: ret  errno(1)
	// 013: ret  kill_process
	// personality(8): allow <nil>
}
