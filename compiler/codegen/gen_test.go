package codegen

import (
	"math/rand/v2"

	"github.com/seccompc/seccompc/policy"
)

// randomABIs are laid out as the tables lay them out: x32 shares x86_64's arch value and has the
// numbers with bit 30.
var randomABIs = []policy.ABI{
	{Name: "x86_64", Arch: 0xc000003e, Numbers: []policy.Range{{Lo: 0, Hi: 0x3fffffff},
		{Lo: 0xffffffff, Hi: 0xffffffff}}},
	{Name: "x32", Arch: 0xc000003e, Numbers: []policy.Range{{Lo: 0x40000000, Hi: 0xfffffffe}}},
	{Name: "i386", Arch: 0x40000003, Numbers: []policy.Range{{Lo: 0, Hi: 0xffffffff}}},
	{Name: "aarch64", Arch: 0xc00000b7, Numbers: []policy.Range{{Lo: 0, Hi: 0xffffffff}}},
}

// randomPolicy makes a policy of one to four ABIs with rules that meet each other: few numbers,
// few arguments, constants close together.
func randomPolicy(r *rand.Rand) *policy.Policy {
	p := &policy.Policy{Mismatch: randomAction(r)}
	big := r.IntN(4) == 0
	for _, i := range r.Perm(len(randomABIs))[:1+r.IntN(len(randomABIs))] {
		a := randomABIs[i]
		a.BigEndian = big
		a.Default = randomAction(r)
		a.Unknown = a.Default
		if r.IntN(3) == 0 {
			a.Unknown = randomAction(r)
		}
		first := a.Numbers[0].Lo
		a.Known = []policy.Range{
			{Lo: first, Hi: first + uint64(20+r.IntN(20))},
			{Lo: first + 60, Hi: first + uint64(60+r.IntN(9))},
		}
		a.Rules = randomRules(r, uint32(first))
		p.ABIs = append(p.ABIs, a)
	}
	return p
}

// randomRules are about numbers from first on.
func randomRules(r *rand.Rand, first uint32) []policy.Rule {
	var rules []policy.Rule
	for range r.IntN(30) {
		rule := policy.Rule{Action: randomAction(r), Source: len(rules)}
		nr := first + uint32(r.IntN(70))
		for range 1 + r.IntN(3) {
			rule.Numbers = append(rule.Numbers, nr)
			nr += uint32(1 + r.IntN(4))
		}
		if r.IntN(2) == 0 {
			rule.Cond = randomCond(r, 2)
		}
		rules = append(rules, rule)
	}
	return rules
}

// randomAction is any, allow and one errno more often than the others.
func randomAction(r *rand.Rand) policy.Action {
	return []policy.Action{
		policy.Allow, policy.Allow, policy.Allow, policy.Errno | 1, policy.Errno | 1,
		policy.Errno | 38,
		policy.KillProcess, policy.KillThread, policy.Log, policy.Trap | 7, policy.Trace | 9,
		policy.Notify,
	}[r.IntN(12)]
}

func randomCond(r *rand.Rand, depth int) policy.Cond {
	if depth > 0 && r.IntN(2) == 0 {
		var parts []policy.Cond
		for range 1 + r.IntN(3) {
			parts = append(parts, randomCond(r, depth-1))
		}
		switch r.IntN(3) {
		case 0:
			return policy.And(parts)
		case 1:
			return policy.Or(parts)
		}
		return policy.Not{X: parts[0]}
	}
	width := []int{16, 32, 32, 64}
	o := policy.Operand{Arg: r.IntN(3), Width: width[r.IntN(4)], Signed: r.IntN(3) == 0}
	if r.IntN(20) == 0 {
		o.Arg = policy.IP
	}
	t := policy.Test{Operand: o, Op: policy.Op(r.IntN(8)),
		Mask: randomMask(r) & policy.Ones(o.Width)}
	t.Value = randomValue(r) & policy.Ones(o.Width)
	if t.Op == policy.In {
		if r.IntN(2) == 0 {
			t.Mask = policy.Ones(o.Width)
		}
		for range 1 + r.IntN(5) {
			lo := randomValue(r) & t.Mask
			hi := lo
			if r.IntN(3) == 0 {
				hi = min(policy.Ones(o.Width), lo+uint64(r.IntN(9)))
			}
			t.Set = append(t.Set, policy.Range{Lo: lo, Hi: hi})
		}
	}
	return t
}

func randomMask(r *rand.Rand) uint64 {
	switch r.IntN(4) {
	case 0:
		return 1 << r.IntN(64)
	case 1:
		return 1<<r.IntN(64) | 1<<r.IntN(32)
	case 2:
		return uint64(r.IntN(16))
	}
	return 0xffff
}

func randomValue(r *rand.Rand) uint64 {
	switch r.IntN(8) {
	case 0:
		return ^uint64(0) - uint64(r.IntN(3))
	case 1:
		return 1<<31 - uint64(r.IntN(2))
	case 2:
		return 1<<32 + uint64(r.IntN(9)) - 2
	case 3:
		return uint64(r.Uint32()) & 0x7f00ff00
	}
	return uint64(r.IntN(24))
}
