package compiler

import (
	"maps"
	"slices"
	"strconv"

	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Effect is what one rule of a policy does.
type Effect struct {
	// Calls are those that the rule decides for some of their arguments on some ABI, sorted: names,
	// or numbers that the tables do not hold. A multiplexer is among them only where nothing else
	// is.
	Calls []string
	// Instructions is how many more the filter has with the rule than without it.
	Instructions int
}

// Effect returns what the rule with an index of Rules does. The error is of codegen or proof where
// the policy is too complex for that.
func (r *Result) Effect(source int) (Effect, error) {
	calls, err := r.decidedBy(source)
	if err != nil {
		return Effect{}, err
	}
	all, _ := codegen.Without(nil)
	rest, err := codegen.Generate(without(r.Policy, source), weights(r.Resolved, Options{}), all)
	if err != nil {
		return Effect{}, err
	}
	return Effect{calls, len(r.Program) - len(rest)}, nil
}

// without returns a policy that lacks a rule.
func without(p *policy.Policy, source int) *policy.Policy {
	out := *p
	out.ABIs = slices.Clone(p.ABIs)
	for i := range out.ABIs {
		rules := slices.Clone(out.ABIs[i].Rules)
		out.ABIs[i].Rules = slices.DeleteFunc(rules,
			func(r policy.Rule) bool { return r.Source == source })
	}
	return &out
}

// decidedBy names the calls that a rule decides.
func (r *Result) decidedBy(source int) ([]string, error) {
	names := map[string]bool{}
	space := proof.New()
	for i := range r.Policy.ABIs {
		abi := &r.Policy.ABIs[i]
		for at, rule := range abi.Rules {
			if rule.Source != source {
				continue
			}
			above := rulesAbout(abi.Rules[:at+1], rule.Numbers)
			for _, nr := range rule.Numbers {
				decides, err := lastDecides(space.Renewed(), r.Policy, abi, above[nr])
				if err != nil {
					return nil, err
				}
				if decides {
					names[callName(r.ABIs[i], nr)] = true
				}
			}
		}
	}
	all := slices.Sorted(maps.Keys(names))
	plain := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return slices.Contains(linux.Multiplexers(), name)
	})
	if len(plain) > 0 {
		return plain, nil
	}
	return all, nil
}

// callName names a number.
func callName(abi *linux.ABI, nr uint32) string {
	if name, ok := abi.SyscallName(nr); ok {
		return name
	}
	return strconv.FormatUint(uint64(nr), 10)
}

// rulesAbout returns for each of the numbers the rules about it, each about this number alone.
func rulesAbout(rules []policy.Rule, numbers []uint32) map[uint32][]policy.Rule {
	about := make(map[uint32][]policy.Rule, len(numbers))
	for _, nr := range numbers {
		about[nr] = nil
	}
	for _, rule := range rules {
		for _, nr := range rule.Numbers {
			if list, ok := about[nr]; ok {
				rule.Numbers = []uint32{nr}
				about[nr] = append(list, rule)
			}
		}
	}
	return about
}

// lastDecides reports whether the last of some rules about one number decides a call.
func lastDecides(
	space *proof.Space, p *policy.Policy, abi *policy.ABI, rules []policy.Rule,
) (bool, error) {
	if len(rules) == 1 && rules[0].Cond == nil {
		return true, nil
	}
	one, part := *p, *abi
	part.Rules = rules
	one.ABIs = []policy.ABI{part}
	reports, err := space.Rules(&one)
	if err != nil {
		return false, err
	}
	return reports[len(reports)-1].Decides != nil, nil
}
