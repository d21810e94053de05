package asm_test

import (
	"encoding/binary"
	"fmt"

	"github.com/seccompc/seccompc/asm"
)

func ExampleParse() {
	program, err := asm.Parse(`
		ld   nr
		jeq  #101, deny, allow
	deny:
		ret  errno(1)
	allow:
		ret  allow
	`)
	fmt.Print(program)
	fmt.Println(err)
	// Output:
	// 000: ld   nr
	// 001: jeq  #101, 2, 3
	// 002: ret  errno(1)
	// 003: ret  allow
	// <nil>
}

func ExampleProgram_Run() {
	program, err := asm.Parse(`
		ld   arch
		jeq  #0xc000003e, known, other
	known:
		ret  allow
	other:
		ret  kill_process
	`)
	if err != nil {
		panic(err)
	}
	for _, arch := range []uint32{0xc000003e, 0x40000003} {
		result, err := program.Run(asm.Data{Arch: arch}, binary.LittleEndian)
		fmt.Printf("%#x after %d instructions, %v\n", result.Ret, result.Steps, err)
	}
	// Output:
	// 0x7fff0000 after 3 instructions, <nil>
	// 0x80000000 after 3 instructions, <nil>
}

// Check accepts what the kernel accepts.
func ExampleProgram_Check() {
	program := asm.Program{{Op: asm.LdAbs, K: 2}, {Op: 0x06, K: 0x7fff0000}}
	fmt.Println(program.Check())
	// Output: instruction 0 (ld   [2]): no word of seccomp_data is at offset 2; load from a multiple of 4, 0 to 60
}
