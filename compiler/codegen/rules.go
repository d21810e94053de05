package codegen

import (
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// numberRules is the rules that name a number, in order, up to the first without a condition.
type numberRules struct {
	nr    uint32
	rules []int
}

// walk goes through the numbers of an ABI, upwards.
type walk struct {
	abi   *policy.ABI
	nr    uint32         // the number at hand
	named []numberRules  // from there on
	known []policy.Range // the same
}

func newWalk(abi *policy.ABI) walk {
	w := walk{abi: abi, known: abi.Known}
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
	w.named = make([]numberRules, 0, len(pairs))
	rules := make([]int, len(pairs))
	final := false
	for i, p := range pairs {
		nr, rule := uint32(p>>32), int(uint32(p))
		if n := len(w.named); n == 0 || w.named[n-1].nr != nr {
			w.named = append(w.named, numberRules{nr, rules[i:i:len(rules)]})
			final = false
		}
		if last := &w.named[len(w.named)-1]; !final {
			last.rules = append(last.rules, rule)
		}
		final = final || abi.Rules[rule].Cond == nil
	}
	return w
}

// to goes on to a number, and returns the last one up to which all are decided alike.
func (w *walk) to(nr uint32) (last uint32) {
	w.nr, last = nr, whole
	for len(w.named) > 0 && w.named[0].nr < nr {
		w.named = w.named[1:]
	}
	for len(w.known) > 0 && w.known[0].Hi < uint64(nr) {
		w.known = w.known[1:]
	}
	switch {
	case w.rules() != nil:
		last = nr
	case len(w.named) > 0:
		last = w.named[0].nr - 1
	}
	if len(w.known) > 0 {
		last = sameUpTo(w.known[0], nr, last)
	}
	for _, r := range w.abi.Numbers {
		last = sameUpTo(r, nr, last)
	}
	return last
}

// rules returns the rules that name the number at hand, up to the first without a condition.
func (w *walk) rules() []int {
	if len(w.named) > 0 && w.named[0].nr == w.nr {
		return w.named[0].rules
	}
	return nil
}

// inTable reports whether the ABI's table holds the number at hand.
func (w *walk) inTable() bool { return len(w.known) > 0 && w.known[0].Lo <= uint64(w.nr) }

// has reports whether the number at hand is one of the ABI's.
func (w *walk) has() bool { return policy.Contains(w.abi.Numbers, uint64(w.nr)) }

// sameUpTo returns the last number from nr on, up to another one, that is in a range where nr is.
func sameUpTo(r policy.Range, nr, last uint32) uint32 {
	switch {
	case uint64(nr) < r.Lo:
		return min(last, uint32(r.Lo-1))
	case uint64(nr) <= r.Hi:
		return uint32(min(uint64(last), r.Hi))
	}
	return last
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
	w := newWalk(abi)
	for lo, last := uint64(0), uint32(0); lo <= whole; lo = uint64(last) + 1 {
		if last = w.to(uint32(lo)); !w.has() {
			continue
		}
		next := Decision{policy.Range{Lo: lo, Hi: uint64(last)}, w.rules(), w.inTable()}
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
