package proof_test

import (
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// A policy that denies one system call, and a program that lets its callers through whose arch it
// does not know.
func ExampleEqual() {
	const x86, i386 = 0xc000003e, 0x40000003
	everything := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name: "x86_64", Arch: x86, Numbers: everything, Known: everything, Default: policy.Allow,
		Rules: []policy.Rule{{Numbers: []uint32{101}, Action: policy.Errno | 1}},
	}}}
	program, err := asm.Parse(`
		ld   arch
		jeq  #0xc000003e, known, allow
	known:
		ld   nr
		jeq  #101, deny, allow
	deny:
		ret  errno(1)
	allow:
		ret  allow
	`)
	if err != nil {
		panic(err)
	}
	d, err := proof.Equal(p, program, x86, i386)
	if err != nil {
		panic(err)
	}
	fmt.Printf("nr %d of arch %#x: the policy says %v, the program %v\n",
		d.Call.Nr, d.Call.Arch, d.A, d.B)
	// Output:
	// nr 0 of arch 0x40000003: the policy says kill, the program allow
}
