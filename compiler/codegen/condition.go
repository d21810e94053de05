package codegen

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"
	"sort"

	"github.com/seccompc/seccompc/policy"
)

// cond returns the function that is t where a condition holds and f elsewhere.
func (d *diagrams) cond(c policy.Cond, order words, t, f ref) ref {
	switch c := c.(type) {
	case policy.And: // not one of its parts does not hold
		return d.cond(negated(c), order, f, t)
	case policy.Or:
		if t >= 0 && len(c) > 1 { // not once for each part
			return d.ite(d.cond(c, order, yes, no), t, f)
		}
		for _, x := range slices.Backward(joinTests(c)) {
			f = d.cond(x, order, t, f)
		}
		return f
	case policy.Not:
		return d.cond(c.X, order, f, t)
	case policy.Test:
		return d.test(c, order, t, f)
	case policy.LateTest:
		return d.late(c, order, t, f)
	}
	panic("codegen: unknown condition")
}

// negated returns the condition that a part of a conjunction does not hold.
func negated(c policy.And) policy.Or {
	parts := make(policy.Or, len(c))
	for i, x := range c {
		if not, ok := x.(policy.Not); ok {
			parts[i] = not.X
		} else {
			parts[i] = policy.Not{X: x}
		}
	}
	return parts
}

// joinTests makes one test of those that look for the same bits in sets:
//
//	cmd == 1 || arg == 3 || cmd in {4..7}     ⇒     cmd in {1, 4..7} || arg == 3
func joinTests(c policy.Or) policy.Or {
	if len(c) == 1 {
		return c
	}
	type bits struct {
		operand policy.Operand
		mask    uint64
	}
	first := map[bits]int{}
	var joined policy.Or
	for _, x := range c {
		t, ok := x.(policy.Test)
		if !ok || t.Op != policy.In {
			joined = append(joined, x)
			continue
		}
		i, seen := first[bits{t.Operand, t.Mask}]
		if !seen {
			first[bits{t.Operand, t.Mask}] = len(joined)
			t.Set = slices.Clone(t.Set)
			joined = append(joined, t)
			continue
		}
		set := joined[i].(policy.Test).Set
		t.Set = append(set, t.Set...)
		joined[i] = t
	}
	return joined
}

// maskTest is the test whether the bits of mask in a word are those of value.
type maskTest struct {
	word        word
	mask, value uint32
	differ      bool // whether it is that they are not
}

// masked returns the test of one mask of one word that a comparison is, if it is one.
func masked(t policy.Test) (m maskTest, ok bool) {
	mask, in := t.Members()
	if len(in) != 1 {
		return m, false
	}
	value := in[0].Lo
	if in[0] == (policy.Range{Lo: 1, Hi: mask}) {
		m.differ, value = true, 0
	} else if in[0].Lo != in[0].Hi {
		return m, false
	}
	m.word = word{arg: t.Operand.Arg, high: mask>>32 != 0}
	if m.word.high {
		mask, value = bits.RotateLeft64(mask, 32), bits.RotateLeft64(value, 32)
	}
	m.mask, m.value = uint32(mask), uint32(value)
	return m, mask != 0 && mask < whole && value&^mask == 0
}

// wanted returns what a condition wants some bits of a word to be, if that is all that it says.
func wanted(c policy.Cond) (m maskTest, ok bool) {
	n, not := c.(policy.Not)
	if not {
		c = n.X
	}
	t, ok := c.(policy.Test)
	if !ok {
		return m, false
	}
	if m, ok = masked(t); !ok {
		return m, false
	}
	if m.differ != not { // of one bit it says what it is then
		m.value ^= m.mask
		ok = m.mask&(m.mask-1) == 0
	}
	m.differ = false
	return m, ok
}

// test returns the comparison that wants the same.
func (m maskTest) test() policy.Test {
	o, shift := policy.Operand{Arg: m.word.arg, Width: 32}, 0
	if m.word.high {
		o.Width, shift = 64, 32
	}
	value := uint64(m.value) << shift
	return policy.Test{Operand: o, Mask: uint64(m.mask) << shift,
		Set: []policy.Range{{Lo: value, Hi: value}}}
}

// joinMasks makes one test of those in a conjunction that want bits of one word. Where they want
// one bit to be set and clear, it never holds.
//
//	x & 6 == 2 && x & 9 == 9     ⇒     x & 0xf == 0xb
func joinMasks(c policy.Cond) policy.Cond {
	switch c := c.(type) {
	case policy.Or:
		out := make(policy.Or, len(c))
		for i, x := range c {
			out[i] = joinMasks(x)
		}
		return out
	case policy.Not:
		x := joinMasks(c.X)
		if twice, ok := x.(policy.Not); ok {
			return twice.X
		}
		return policy.Not{X: x}
	case policy.And:
		var parts policy.And
		for _, x := range c {
			x = joinMasks(x)
			if inner, ok := x.(policy.And); ok {
				parts = append(parts, inner...)
			} else {
				parts = append(parts, x)
			}
		}
		return joinWanted(parts)
	}
	return c
}

func joinWanted(parts policy.And) policy.Cond {
	var joined policy.And
	type place struct {
		maskTest
		at int // in joined
	}
	first := map[word]place{}
	for _, x := range parts {
		m, ok := wanted(x)
		p, seen := first[m.word]
		switch {
		case ok && !seen:
			first[m.word] = place{m, len(joined)}
		case ok && (p.value^m.value)&p.mask&m.mask != 0:
			return policy.Or{}
		case ok:
			p.mask, p.value = p.mask|m.mask, p.value|m.value
			joined[p.at], first[m.word] = p.test(), p
			continue
		}
		joined = append(joined, x)
	}
	return joined
}

// test returns the function that is t where a comparison holds and f elsewhere.
func (d *diagrams) test(c policy.Test, order words, t, f ref) ref {
	mask, in := c.Members()
	return d.members(fieldOf(c.Operand, order), mask, in, t, f)
}

// late returns the function that is t where an operand is a late value and f elsewhere.
func (d *diagrams) late(c policy.LateTest, order words, t, f ref) ref {
	for _, w := range slices.Backward(lateWords(c)) {
		same := d.mk(wholeWord(order.index(w)).bit(0), no, yes)
		t = d.ite(same, t, f)
	}
	return t
}

// field says where the bits of a value stand in a diagram: in one word, or in two of which the high
// half comes first.
type field struct {
	high, low int32
	width     int
}

func fieldOf(o policy.Operand, order words) field {
	f := field{low: int32(order.index(word{arg: o.Arg})), width: o.Width}
	if o.Width > 32 {
		f.high = int32(order.index(word{arg: o.Arg, high: true}))
	}
	return f
}

// bit returns the diagram's bit for bit i of the value.
func (f field) bit(i int) int32 {
	if i >= 32 {
		return f.high*32 + 63 - int32(i)
	}
	return f.low*32 + 31 - int32(i)
}

// members returns the function that is t for the values x with x & mask in one of the ranges, which
// are sorted and disjoint, and f elsewhere.
func (d *diagrams) members(in field, mask uint64, set []policy.Range, t, f ref) ref {
	// t or f looks at bits of the field or at earlier ones
	if min(d.bit(t), d.bit(f)) <= in.bit(0) {
		return d.ite(d.members(in, mask, set, yes, no), t, f)
	}
	// below is for base and what differs from it in the lowest i bits.
	var below func(i int, base uint64, set []policy.Range) ref
	below = func(i int, base uint64, set []policy.Range) ref {
		switch {
		case len(set) == 0:
			return f
		case i == 0 || set[0].Lo <= base && set[0].Hi >= base|policy.Ones(i):
			return t
		case len(set) == 1 && set[0].Lo == set[0].Hi:
			return d.value(in, mask, i, set[0].Lo, t, f)
		}
		i--
		middle := base | 1<<i
		first := sort.Search(len(set), func(k int) bool { return set[k].Lo >= middle })
		lo := set[:first]
		if mask&(1<<i) == 0 {
			return below(i, base, lo)
		}
		if first > 0 && set[first-1].Hi >= middle {
			first--
		}
		return d.mk(in.bit(i), below(i, base, lo), below(i, middle, set[first:]))
	}
	return below(in.width, 0, set)
}

// value returns the function that is t where the lowest n bits in mask are those of v, and f
// elsewhere.
func (d *diagrams) value(in field, mask uint64, n int, v uint64, t, f ref) ref {
	if v&^mask&policy.Ones(n) != 0 {
		return f
	}
	for i := range n {
		switch bit := uint64(1) << i; {
		case mask&bit == 0:
		case v&bit == 0:
			t = d.mk(in.bit(i), t, f)
		default:
			t = d.mk(in.bit(i), f, t)
		}
	}
	return t
}

// inOrder returns conditions in an order that depends on nothing but what they say, each once.
func inOrder(conds policy.Or) policy.Or {
	if len(conds) < 2 {
		return conds
	}
	said := map[string]policy.Cond{}
	for _, c := range conds {
		said[string(appendCond(nil, c))] = c
	}
	out := make(policy.Or, 0, len(said))
	for _, s := range slices.Sorted(maps.Keys(said)) {
		out = append(out, said[s])
	}
	return out
}

// appendCond appends what a condition says: other bytes for another one.
func appendCond(b []byte, c policy.Cond) []byte {
	switch c := c.(type) {
	case policy.And:
		return appendConds(append(b, 'a'), c)
	case policy.Or:
		return appendConds(append(b, 'o'), c)
	case policy.Not:
		return appendCond(append(b, 'n'), c.X)
	case policy.Test:
		b = appendOperand(append(b, 't', byte(c.Op)), c.Operand)
		b = binary.AppendUvarint(b, c.Mask)
		b = binary.AppendUvarint(b, c.Value)
		b = binary.AppendUvarint(b, uint64(len(c.Set)))
		for _, r := range c.Set {
			b = binary.AppendUvarint(binary.AppendUvarint(b, r.Lo), r.Hi)
		}
		return b
	case policy.LateTest:
		b = appendOperand(append(b, 'l'), c.Operand)
		b = binary.AppendUvarint(b, uint64(len(c.Late.Name)))
		return append(b, c.Late.Name...)
	}
	panic("codegen: unknown condition")
}

func appendConds(b []byte, conds []policy.Cond) []byte {
	b = binary.AppendUvarint(b, uint64(len(conds)))
	for _, c := range conds {
		b = appendCond(b, c)
	}
	return b
}

func appendOperand(b []byte, o policy.Operand) []byte {
	signed := byte(0)
	if o.Signed {
		signed = 1
	}
	return append(b, byte(o.Arg), byte(o.Width), signed)
}
