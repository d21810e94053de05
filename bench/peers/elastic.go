package peers

import (
	"fmt"
	"math/bits"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// goSeccompBPF compiles with elastic/go-seccomp-bpf. All of its comparisons are of 64 bits; a
// masked one becomes its "some bit set" and "no bit set".
func goSeccompBPF(p *neutral.Policy) (Compile, error) {
	if err := native(p); err != nil {
		return nil, err
	}
	out := seccomp.Policy{DefaultAction: seccomp.Action(p.Default)}
	if p.Default.Kind() == policy.Errno {
		// Its validation knows no default with an errno of its own; the plain one means EPERM.
		if p.Default != neutral.Denies(1) {
			return nil, fmt.Errorf("its default cannot be %s", p.Default)
		}
		out.DefaultAction = seccomp.ActionErrno
	}
	err := eachRun(p.Rules, func(rules []neutral.Rule) error {
		group := seccomp.SyscallGroup{Action: seccomp.Action(rules[0].Action)}
		for _, r := range rules {
			name := elasticName(r)
			if len(r.When) == 0 {
				group.Names = append(group.Names, name)
				continue
			}
			group.NamesWithCondtions = append(group.NamesWithCondtions, seccomp.NameWithConditions{
				Name: name, Conditions: elasticConditions(r.When),
			})
		}
		out.Syscalls = append(out.Syscalls, group)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return unproved(func() (asm.Program, error) {
		instructions, err := out.Assemble()
		if err != nil {
			return nil, err
		}
		filter, err := bpf.Assemble(instructions)
		return asm.Program(filter), err
	}), nil
}

// elasticName returns the rule's name. The library takes nothing but names, so a bare number gets
// one.
func elasticName(r neutral.Rule) string {
	if r.Call != "" {
		return r.Call
	}
	name := fmt.Sprintf("number_%d", r.Nr)
	arch.X86_64.SyscallNames[name] = int(r.Nr)
	return name
}

func elasticConditions(tests []neutral.Test) seccomp.ArgumentConditions {
	var all seccomp.ArgumentConditions
	for _, t := range tests {
		if t.Op == neutral.Masked {
			all = append(all, elasticMasked(t)...)
			continue
		}
		op := [...]seccomp.Operation{
			neutral.Eq: seccomp.Equal, neutral.Ne: seccomp.NotEqual,
			neutral.Lt: seccomp.LessThan, neutral.Le: seccomp.LessOrEqual,
			neutral.Gt: seccomp.GreaterThan, neutral.Ge: seccomp.GreaterOrEqual,
		}[t.Op]
		all = append(all, seccomp.Condition{Argument: uint32(t.Arg), Operation: op, Value: t.Value})
	}
	return all
}

func elasticMasked(t neutral.Test) seccomp.ArgumentConditions {
	var all seccomp.ArgumentConditions
	for rest := t.Value; rest != 0; rest &= rest - 1 {
		bit := uint64(1) << bits.TrailingZeros64(rest)
		all = append(all, seccomp.Condition{
			Argument: uint32(t.Arg), Operation: seccomp.BitsSet, Value: bit,
		})
	}
	if clear := t.Mask &^ t.Value; clear != 0 {
		all = append(all, seccomp.Condition{
			Argument: uint32(t.Arg), Operation: seccomp.BitsNotSet, Value: clear,
		})
	}
	return all
}
