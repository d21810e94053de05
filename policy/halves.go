package policy

// InHalves returns what a comparison of 64 bits, or a Not around one, is where two arguments hold
// the lower and the upper half.
func InHalves(c Cond, lower, upper int) Cond {
	if n, ok := c.(Not); ok {
		return Not{X: InHalves(n.X, lower, upper)}
	}
	h := halves{Operand{Arg: lower, Width: 32}, Operand{Arg: upper, Width: 32}}
	return h.test(c.(Test))
}

type halves struct{ lower, upper Operand }

func (h halves) test(t Test) Cond {
	low := Test{Operand: h.lower, Op: t.Op, Mask: t.Mask & Ones(32)}
	high := Test{Operand: h.upper, Op: t.Op, Mask: t.Mask >> 32}
	switch t.Op {
	case Any:
		return Or{high, low}
	case All, Only:
		return And{high, low}
	}
	mask, members := t.Members()
	low.Op, low.Mask, high.Op, high.Mask = In, mask&Ones(32), In, mask>>32
	out := make(Or, 0, len(members))
	for _, r := range members {
		out = append(out, between(r, low, high))
	}
	return out
}

// between is the condition that the masked value lies in a range, by tests of the masked halves.
func between(r Range, low, high Test) Cond {
	within := func(t Test, lo, hi uint64) Cond {
		t.Set = []Range{{Lo: lo, Hi: hi}}
		return t
	}
	first, last := r.Lo>>32, r.Hi>>32
	from, to := r.Lo&Ones(32), r.Hi&Ones(32)
	if first == last {
		return And{within(high, first, first), within(low, from, to)}
	}
	var out Or // upper halves of which some of the lower count, then those of which all do
	if from > 0 {
		out = append(out, And{within(high, first, first), within(low, from, Ones(32))})
		first++
	}
	if to < Ones(32) {
		out = append(out, And{within(high, last, last), within(low, 0, to)})
		last--
	}
	if first <= last {
		out = append(out, within(high, first, last))
	}
	return out
}
