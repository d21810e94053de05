package peers

import (
	"fmt"
	"slices"

	"gvisor.dev/gvisor/pkg/seccomp"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// gvisor compiles with gVisor's pkg/seccomp, all optimisations on. Its comparisons are of 64 bits,
// but for equality a mask says which bits count.
func gvisor(p *neutral.Policy) (Compile, error) {
	if err := native(p); err != nil {
		return nil, err
	}
	var program seccomp.Program
	var err error
	if program.Options.DefaultAction, err = gvisorAction(p.Default); err != nil {
		return nil, err
	}
	program.Options.BadArchAction = seccomp.KillProcess
	err = eachRun(p.Rules, func(rules []neutral.Rule) error {
		set := seccomp.RuleSet{Rules: seccomp.NewSyscallRules()}
		for _, r := range rules {
			if nr, ok := r.Number(neutral.ABIs["x86_64"]); ok {
				set.Rules.Add(uintptr(nr), gvisorRule(r.When))
			}
		}
		set.Action, err = gvisorAction(rules[0].Action)
		program.RuleSets = append(program.RuleSets, set)
		return err
	})
	if err != nil {
		return nil, err
	}
	return unproved(func() (asm.Program, error) {
		fresh := program // its optimiser rewrites the rules in place
		fresh.RuleSets = slices.Clone(program.RuleSets)
		for i := range fresh.RuleSets {
			fresh.RuleSets[i].Rules = program.RuleSets[i].Rules.Copy()
		}
		instructions, _, err := fresh.Build()
		filter := make(asm.Program, len(instructions))
		for i, in := range instructions {
			filter[i] = asm.Instruction{Op: in.OpCode, Jt: in.JumpIfTrue, Jf: in.JumpIfFalse,
				K: in.K}
		}
		return filter, err
	}), nil
}

func gvisorAction(a policy.Action) (seccomp.Action, error) {
	switch a.Kind() {
	case policy.Allow:
		return seccomp.Allow, nil
	case policy.Errno:
		return seccomp.ReturnError.Code(a.Data()), nil
	case policy.Trap:
		return seccomp.Trap, nil
	case policy.KillProcess:
		return seccomp.KillProcess, nil
	}
	return "", fmt.Errorf("it has no action for %s", a)
}

// gvisorRule joins the tests: one PerArg, or several where an argument is tested twice.
func gvisorRule(tests []neutral.Test) seccomp.SyscallRule {
	if len(tests) == 0 {
		return seccomp.MatchAll{}
	}
	var all seccomp.And
	var one seccomp.PerArg
	var used [6]bool
	for _, t := range tests {
		if used[t.Arg] {
			all = append(all, anyElse(one))
			one, used = seccomp.PerArg{}, [6]bool{}
		}
		one[t.Arg], used[t.Arg] = gvisorMatcher(t), true
	}
	if all == nil {
		return anyElse(one)
	}
	return append(all, anyElse(one))
}

func anyElse(one seccomp.PerArg) seccomp.PerArg {
	for i := range one {
		if one[i] == nil {
			one[i] = seccomp.AnyValue{}
		}
	}
	return one
}

func gvisorMatcher(t neutral.Test) seccomp.ValueMatcher {
	v := uintptr(t.Value)
	switch t.Op {
	case neutral.Eq:
		if t.Width == 32 {
			return seccomp.MaskedEqual(0xffffffff, v)
		}
		return seccomp.EqualTo(v)
	case neutral.Masked:
		return seccomp.MaskedEqual(uintptr(t.Mask), v)
	case neutral.Ne:
		return seccomp.NotEqual(v)
	case neutral.Lt:
		return seccomp.LessThan(v)
	case neutral.Le:
		return seccomp.LessThanOrEqual(v)
	case neutral.Gt:
		return seccomp.GreaterThan(v)
	default:
		return seccomp.GreaterThanOrEqual(v)
	}
}
