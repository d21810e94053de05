package claims

import (
	"slices"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Coverage is which rules of a policy its claims are about.
type Coverage struct {
	Rules int // how many rules count on some ABI
	// those that decide no call that a claim is about, in the order of the text
	Without []resolve.SourceRule
}

// Cover finds the rules that no claim is about. It marks the rules of the policy by actions of
// their own, and looks for these among the calls of the claims.
func Cover(r *resolve.Resolved) (Coverage, error) {
	marked, touched := mark(r.Policy)
	space := proof.New()
	f, err := space.Policy(marked)
	if err != nil {
		return Coverage{}, err
	}
	fresh := func(a policy.Action) bool { return a != policy.Allow && !touched[int(a)] }
	for _, claim := range r.Claims {
		for _, door := range claim.Calls {
			for {
				d, err := space.Find(f, callsBy(r, claim, door), fresh)
				if err != nil {
					return Coverage{}, err
				}
				if d == nil {
					break
				}
				touched[int(f.Eval(d.Data, d.Late))] = true
			}
		}
	}
	out := Coverage{Rules: len(touched)}
	for i, rule := range r.Rules {
		if used, counts := touched[i]; counts && !used {
			out.Without = append(out.Without, rule)
		}
	}
	return out, nil
}

// mark returns a policy in which the action of a rule is its source, an action that no other rule
// and no fallback has, and an entry for each of these sources.
func mark(p *policy.Policy) (*policy.Policy, map[int]bool) {
	touched := map[int]bool{}
	marked := *p
	marked.Mismatch = policy.Allow
	marked.ABIs = slices.Clone(marked.ABIs)
	for i := range marked.ABIs {
		a := &marked.ABIs[i]
		a.Default, a.Unknown = policy.Allow, policy.Allow
		a.Rules = slices.Clone(a.Rules)
		for j := range a.Rules {
			source := a.Rules[j].Source
			touched[source] = false
			a.Rules[j].Action = policy.Action(source)
		}
	}
	return &marked, touched
}
