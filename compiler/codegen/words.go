package codegen

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// word names one 32-bit word of a call: half an argument or half the instruction pointer. With a
// late value it is the answer to whether that half is the value's: a word of one bit, the lowest,
// of which nothing is known.
type word struct {
	arg  int // 0..5, or policy.IP
	high bool
	late *policy.Late // or nil
}

// offset returns where the word lies in seccomp_data.
func (w word) offset(order binary.ByteOrder) uint32 {
	if w.high {
		return asm.HighWord(w.arg, order)
	}
	return asm.LowWord(w.arg, order)
}

// compare orders words without a late value.
func (w word) compare(v word) int {
	return cmp.Or(cmp.Compare(w.arg, v.arg), cmp.Compare(v.offset(binary.LittleEndian),
		w.offset(binary.LittleEndian)))
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
		order = slices.Insert(order, order.place(w), w)
		named[w] = &constants{}
	}
	for c := range policy.Tests(conds...) {
		switch t := c.(type) {
		case policy.Test:
			low, high := word{arg: t.Operand.Arg}, word{arg: t.Operand.Arg, high: true}
			if t.Operand.Width == 64 {
				see(high)
				named[high].note(t, 32)
			}
			see(low)
			named[low].note(t, 0)
		case policy.LateTest:
			for _, w := range lateWords(t) {
				see(w)
			}
		}
	}
	return order, named
}

// place returns where a word belongs in an order: beside the others of its argument, the high half
// before the low one, a comparison with a late value right before other tests of the word, which
// then is loaded already.
func (ws words) place(w word) int {
	at := len(ws)
	for i, x := range slices.Backward(ws) {
		switch {
		case x.arg != w.arg:
		case x.rank() <= w.rank():
			return i + 1
		default:
			at = i
		}
	}
	return at
}

// rank orders the words of one argument.
func (w word) rank() int {
	rank := 0
	if !w.high {
		rank += 2
	}
	if w.late == nil {
		rank++
	}
	return rank
}

// lateWords returns the words of a comparison with a late value, the high half first.
func lateWords(t policy.LateTest) []word {
	low := word{arg: t.Operand.Arg, late: t.Late}
	if t.Operand.Width == 32 {
		return []word{low}
	}
	return []word{{arg: t.Operand.Arg, high: true, late: t.Late}, low}
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
