package codegen

import (
	"cmp"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// ruleIndex finds the rules of an ABI that decide a number.
type ruleIndex struct {
	abi   *policy.ABI
	named []numberRules // by number
}

// numberRules is the rules that name a number, in order, up to the first without a condition.
type numberRules struct {
	nr    uint32
	rules []int
}

func newRuleIndex(abi *policy.ABI) *ruleIndex {
	x := &ruleIndex{abi: abi}
	count := 0
	for _, r := range abi.Rules {
		count += len(r.Numbers)
	}
	pairs := make([]uint64, 0, count) // number and rule
	for i, r := range abi.Rules {
		for _, nr := range r.Numbers {
			pairs = append(pairs, uint64(nr)<<32|uint64(i))
		}
	}
	slices.Sort(pairs)
	pairs = slices.Compact(pairs)
	x.named = make([]numberRules, 0, len(pairs))
	rules := make([]int, len(pairs))
	final := false
	for i, p := range pairs {
		nr, rule := uint32(p>>32), int(uint32(p))
		if n := len(x.named); n == 0 || x.named[n-1].nr != nr {
			x.named = append(x.named, numberRules{nr, rules[i:i:len(rules)]})
			final = false
		}
		if last := &x.named[len(x.named)-1]; !final {
			last.rules = append(last.rules, rule)
		}
		final = final || abi.Rules[rule].Cond == nil
	}
	return x
}

// rules returns the rules that name a number, up to the first without a condition.
func (x *ruleIndex) rules(nr uint32) []int {
	i, ok := slices.BinarySearchFunc(x.named, nr, func(n numberRules, nr uint32) int {
		return cmp.Compare(n.nr, nr)
	})
	if !ok {
		return nil
	}
	return x.named[i].rules
}

// bordersOf returns the numbers at which the decision may change, the first being 0: between two of
// them all numbers of these ABIs are decided alike.
func bordersOf(abis ...*ruleIndex) []uint32 {
	borders := []uint32{0}
	add := func(lo, hi uint64) {
		if uint32(lo) != borders[len(borders)-1] { // as of numbers in a row
			borders = append(borders, uint32(lo))
		}
		if hi < 0xffffffff {
			borders = append(borders, uint32(hi+1))
		}
	}
	for _, x := range abis {
		for _, r := range slices.Concat(x.abi.Numbers, x.abi.Known) {
			add(r.Lo, r.Hi)
		}
		for _, n := range x.named {
			add(uint64(n.nr), uint64(n.nr))
		}
	}
	slices.Sort(borders)
	return slices.Compact(borders)
}

// Decision is numbers of an ABI, one after the other, that the same rules decide.
type Decision struct {
	Numbers policy.Range
	Rules   []int // indexes of the ABI's rules, in order; only the last may be without a condition
	Known   bool  // the ABI's table holds the numbers: what no rule decides gets the default
}

// Decisions returns what decides the numbers of an ABI, in their order.
func Decisions(abi *policy.ABI) []Decision {
	var out []Decision
	index := newRuleIndex(abi)
	borders := bordersOf(index)
	for i, lo := range borders {
		if !policy.Contains(abi.Numbers, uint64(lo)) {
			continue
		}
		next := Decision{
			Numbers: policy.Range{Lo: uint64(lo), Hi: 0xffffffff},
			Rules:   index.rules(lo),
			Known:   policy.Contains(abi.Known, uint64(lo)),
		}
		if i+1 < len(borders) {
			next.Numbers.Hi = uint64(borders[i+1]) - 1
		}
		if n := len(out); n > 0 && out[n-1].continues(next) {
			out[n-1].Numbers.Hi = next.Numbers.Hi
			continue
		}
		out = append(out, next)
	}
	return out
}

func (d Decision) continues(next Decision) bool {
	return d.Numbers.Hi+1 == next.Numbers.Lo && d.Known == next.Known &&
		slices.Equal(d.Rules, next.Rules)
}
