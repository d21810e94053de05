package rows

import (
	"fmt"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// dockerDefault is what Docker gives a container without capabilities on x86_64: the profile of
// github.com/moby/profiles, with the 64-bit comparisons that the format has.
func dockerDefault(name string, abis ...string) Row {
	var container specs.Spec
	container.Process = &specs.Process{Capabilities: &specs.LinuxCapabilities{}}
	profile, err := seccomp.GetDefaultProfile(&container)
	if err != nil {
		panic(fmt.Sprintf("rows: Docker's own profile: %v", err))
	}
	p := neutral.Policy{
		Name:    name,
		Title:   fmt.Sprintf("Docker's default profile, no capabilities, %d ABI(s)", len(abis)),
		ABIs:    abis,
		Default: ociAction(profile.DefaultAction, profile.DefaultErrnoRet),
	}
	for _, s := range profile.Syscalls {
		for _, call := range s.Names {
			if !exists(call, abis) {
				continue // the profile serves more architectures than these
			}
			p.Rules = append(p.Rules, neutral.Rule{
				Call: call, When: ociTests(s.Args), Action: ociAction(s.Action, s.ErrnoRet),
			})
		}
	}
	return Row{Policy: p, Probes: Probes{
		Checked: Probe{"personality", [6]uint64{0xffffffff}},
		Denied:  Probe{Call: "mount"},
		Cached:  getppid,
	}}
}

func exists(call string, abis []string) bool {
	for _, abi := range abis {
		if _, ok := neutral.ABIs[abi].Number(call); ok {
			return true
		}
	}
	return false
}

func ociAction(a specs.LinuxSeccompAction, errno *uint) policy.Action {
	switch a {
	case specs.ActAllow:
		return policy.Allow
	case specs.ActErrno:
		if errno == nil {
			return eperm
		}
		return neutral.Denies(uint16(*errno))
	}
	panic(fmt.Sprintf("rows: Docker's profile has an action %s, which it had not", a))
}

func ociTests(args []specs.LinuxSeccompArg) []neutral.Test {
	ops := map[specs.LinuxSeccompOperator]neutral.Op{
		specs.OpEqualTo: neutral.Eq, specs.OpNotEqual: neutral.Ne,
		specs.OpLessThan: neutral.Lt, specs.OpLessEqual: neutral.Le,
		specs.OpGreaterThan: neutral.Gt, specs.OpGreaterEqual: neutral.Ge,
	}
	var tests []neutral.Test
	for _, a := range args {
		t := neutral.Test{Arg: int(a.Index), Width: 64, Op: ops[a.Op], Value: a.Value}
		if a.Op == specs.OpMaskedEqual {
			t.Op, t.Mask, t.Value = neutral.Masked, a.Value, a.ValueTwo
		}
		tests = append(tests, t)
	}
	return tests
}
