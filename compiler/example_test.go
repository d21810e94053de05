package compiler_test

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
)

// A filter that is returned is proved to be the policy.
func ExampleCompile() {
	const policy = `
arch x86_64
default allow
deny ptrace, bpf
`
	filter, findings := compiler.Compile("policy.scp", []byte(policy), compiler.Options{})
	if findings.HasErrors() {
		fmt.Println(findings)
		return
	}
	ptrace, err := filter.Program.Run(asm.Data{Nr: 101, Arch: filter.ABIs[0].Arch}, filter.Order)
	fmt.Printf("%d instructions; ptrace: %#x, %v\n", len(filter.Program), ptrace.Ret, err)
	// Output: 10 instructions; ptrace: 0x50001, <nil>
}

// With an error there is no filter.
func ExampleCompile_error() {
	const policy = "arch x86_64\ndefault allow\ndeny ptrac\n"
	filter, findings := compiler.Compile("policy.scp", []byte(policy), compiler.Options{})
	fmt.Println(filter == nil)
	for _, f := range findings {
		fmt.Println(f)
		fmt.Println(f.Help)
	}
	// Output:
	// true
	// policy.scp:3:6: error: unknown system call "ptrac" [unknown-syscall]
	// there is a similar name: ptrace
}
