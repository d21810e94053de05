package codegen

import (
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// word names one 32-bit word of a call: half an argument or half the instruction pointer.
type word struct {
	arg  int // 0..5, or policy.IP
	high bool
}

// words is the order in which diagrams look at words.
type words []word

func (ws words) index(w word) int {
	for i, x := range ws {
		if x == w {
			return i
		}
	}
	panic("codegen: a word that the decision does not know")
}

// constants are what the conditions compare one word with.
type constants struct {
	values []policy.Range // not too many
	mask   uint32         // bits of masks
}

// wordsOf returns the words that conditions look at, in the order of the text, the high half of
// an argument before the low one, and the constants that each is compared with.
func wordsOf(conds ...policy.Cond) (words, map[word]*constants) {
	var order words
	named := map[word]*constants{}
	see := func(w word) {
		if named[w] != nil {
			return
		}
		at := len(order)
		if i := slices.Index(order, word{w.arg, false}); w.high && i >= 0 {
			at = i
		}
		order = slices.Insert(order, at, w)
		named[w] = &constants{}
	}
	for _, c := range conds {
		eachTest(c, func(t policy.Test) {
			low, high := word{t.Operand.Arg, false}, word{t.Operand.Arg, true}
			if t.Operand.Width == 64 {
				see(high)
				named[high].note(t, 32)
			}
			see(low)
			named[low].note(t, 0)
		})
	}
	return order, named
}

// note takes in the constants of a test, of the half of its operand that begins at bit shift.
func (c *constants) note(t policy.Test, shift int) {
	if t.Op >= policy.Any || t.Op == policy.In && t.Mask != policy.Ones(t.Operand.Width) {
		c.mask |= uint32(t.Mask >> shift)
		return
	}
	for _, r := range t.Set {
		v := policy.Range{Lo: r.Lo >> shift & 0xffffffff, Hi: r.Hi >> shift & 0xffffffff}
		if v.Lo <= v.Hi && len(c.values) < maxValues && !slices.Contains(c.values, v) {
			c.values = append(c.values, v)
		}
	}
}

// eachTest calls f for every comparison of a condition.
func eachTest(c policy.Cond, f func(policy.Test)) {
	switch c := c.(type) {
	case policy.And:
		for _, x := range c {
			eachTest(x, f)
		}
	case policy.Or:
		for _, x := range c {
			eachTest(x, f)
		}
	case policy.Not:
		eachTest(c.X, f)
	case policy.Test:
		f(c)
	}
}
