package explain_test

import (
	"encoding/binary"
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// A filter of unknown origin.
func blob() asm.Program {
	program, err := asm.Parse(`
		ld   arch
		jeq  #0xc000003e, known, kill
	known:
		ld   nr
		jge  #0x40000000, kill, native
	native:
		jeq  #272, unshare, allow
	unshare:
		ld   [16]
		jset #0x10000000, deny, allow
	deny:
		ret  errno(1)
	allow:
		ret  allow
	kill:
		ret  kill_process
	`)
	if err != nil {
		panic(err)
	}
	return program
}

func ExampleExplain() {
	e, err := explain.Explain(blob(), binary.LittleEndian, nil)
	fmt.Print(e)
	fmt.Println(err)
	// Output:
	// x86_64: allow unless below
	//     deny(EPERM) unshare if flags & CLONE_NEWUSER
	//     kill 0xffffffff
	//
	// every other ABI: kill
	// <nil>
}

func ExampleCall() {
	call := policy.Data{Nr: 272, Arch: 0xc000003e, Args: [6]uint64{0x10020000}}
	fmt.Println(explain.Call(call, binary.LittleEndian))
	// Output: x86_64: unshare(CLONE_NEWNS | CLONE_NEWUSER)
}

func ExampleAnnotate() {
	x86, _ := linux.Lookup("x86_64")
	program := blob()
	for pc, comment := range explain.Annotate(program, binary.LittleEndian, []*linux.ABI{x86}) {
		if comment != "" {
			fmt.Println(program.Text(pc), ";", comment)
		}
	}
	// Output:
	// jeq  #0xc000003e, 2, 9 ; x86_64 or x32
	// jge  #0x40000000, 9, 4 ; x32
	// jeq  #272, 5, 8 ; unshare
	// ld   [16] ; arg0.lo, unshare_flags of unshare
	// jset #0x10000000, 7, 8 ; flags & CLONE_NEWUSER
	// ret  errno(1) ; EPERM
}
