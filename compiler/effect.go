package compiler

import (
	"cmp"
	"fmt"
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

// maxQuestions bounds what [Result.Effect] asks the prover about one rule.
const maxQuestions = 2000

// decidedBy names the calls that a rule decides.
func (r *Result) decidedBy(source int) ([]string, error) {
	names := map[string]bool{}
	questions := 0
	for i := range r.Policy.ABIs {
		q := effectQuestion{policy: r.Policy, abi: &r.Policy.ABIs[i], known: map[string]bool{}}
		for at, rule := range q.abi.Rules {
			if rule.Source != source {
				continue
			}
			above := rulesAbout(q.abi.Rules[:at+1], rule.Numbers)
			for _, nr := range rule.Numbers {
				decides, err := q.lastDecides(above[nr], nr)
				if questions += q.asked; err != nil || questions > maxQuestions {
					return nil, cmp.Or(err, proof.ErrTooComplex)
				}
				q.asked = 0
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

// rulesAbout returns for each of the numbers the indices of the rules about it.
func rulesAbout(rules []policy.Rule, numbers []uint32) map[uint32][]int {
	about := make(map[uint32][]int, len(numbers))
	for _, nr := range numbers {
		about[nr] = nil
	}
	for i, rule := range rules {
		for _, nr := range rule.Numbers {
			if list, ok := about[nr]; ok {
				about[nr] = append(list, i)
			}
		}
	}
	return about
}

// effectQuestion asks which calls of an ABI a rule decides. Numbers that the same rules are about
// are alike.
type effectQuestion struct {
	policy *policy.Policy
	abi    *policy.ABI
	known  map[string]bool
	asked  int
}

// lastDecides reports whether the last of some rules about a number decides a call.
func (q *effectQuestion) lastDecides(rules []int, nr uint32) (bool, error) {
	if len(rules) == 1 && q.abi.Rules[rules[0]].Cond == nil {
		return true, nil
	}
	key := fmt.Sprint(rules)
	if decides, ok := q.known[key]; ok {
		return decides, nil
	}
	one, part := *q.policy, *q.abi
	part.Rules = nil
	for _, i := range rules {
		rule := q.abi.Rules[i]
		rule.Numbers = []uint32{nr}
		part.Rules = append(part.Rules, rule)
	}
	one.ABIs = []policy.ABI{part}
	q.asked++
	reports, err := proof.Part(16).Rules(&one)
	if err != nil {
		return false, err
	}
	q.known[key] = reports[len(reports)-1].Decides != nil
	return q.known[key], nil
}
