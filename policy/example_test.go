package policy_test

import (
	"fmt"

	"github.com/seccompc/seccompc/policy"
)

func ExamplePolicy_Eval() {
	everything := []policy.Range{{Lo: 0, Hi: 0xffffffff}}
	p := &policy.Policy{Mismatch: policy.KillProcess, ABIs: []policy.ABI{{
		Name: "x86_64", Arch: 0xc000003e, Numbers: everything, Known: everything,
		Default: policy.Allow, Rules: []policy.Rule{{Numbers: []uint32{101},
			Action: policy.Errno | 1}},
	}}}
	fmt.Println(p.Eval(policy.Data{Arch: 0xc000003e, Nr: 101}))
	fmt.Println(p.Eval(policy.Data{Arch: 0x40000003, Nr: 101}))
	// Output:
	// deny(1)
	// kill
}
