package proof

// vector is a 32-bit value that depends on the call: each bit is a set, the calls for which it is
// 1. Bit 0 is the least significant.
//
// Loops over a vector go from bit 0 up: the most significant bit of a word stands nearest to the
// root, so each step puts one vertex above what it has.
type vector [32]node

// constant returns the vector of a number.
func constant(k uint32) vector {
	var v vector
	for i := range v {
		v[i] = node(k >> i & 1)
	}
	return v
}

// load returns the vector of one word of seccomp_data.
func (s *Space) load(w word) vector {
	var v vector
	for i := range v {
		v[i] = s.branch(w.level(i), no, yes)
	}
	return v
}

func (s *Space) bitwise(f func(a, b node) node, a, b vector) vector {
	for i := range a {
		a[i] = f(a[i], b[i])
	}
	return a
}

func (s *Space) invert(a vector) vector {
	for i := range a {
		a[i] = s.not(a[i])
	}
	return a
}

// mux returns a on the calls in c, b elsewhere.
func (s *Space) mux(c node, a, b vector) vector {
	for i := range a {
		a[i] = s.ite(c, a[i], b[i])
	}
	return a
}

// add returns a + b + carry, where carry is one bit.
func (s *Space) add(a, b vector, carry node) vector {
	for i := range a {
		differ := s.xor(a[i], b[i])
		a[i], carry = s.xor(differ, carry), s.ite(differ, carry, b[i])
	}
	return a
}

func (s *Space) sub(a, b vector) vector { return s.add(a, s.invert(b), yes) }

// mul returns the low 32 bits of a * b: b is better the simpler one.
func (s *Space) mul(a, b vector) vector {
	var sum vector
	for i, bit := range b {
		if bit != no {
			sum = s.mux(bit, s.add(sum, shiftLeft(a, i), no), sum)
		}
	}
	return sum
}

// div returns a / b on the calls where b is not 0, by long division from the most significant bit.
func (s *Space) div(a, b vector) vector {
	var quotient, rest vector
	for i := 31; i >= 0; i-- {
		// The rest is below b before the shift, so that one bit more than 32 is enough.
		carry := rest[31]
		rest = shiftLeft(rest, 1)
		rest[0] = a[i]
		quotient[i] = s.or(carry, s.atLeast(rest, b))
		rest = s.mux(quotient[i], s.sub(rest, b), rest)
	}
	return quotient
}

// shift applies move, a shift by a constant, by the low five bits of b.
func (s *Space) shift(move func(vector, int) vector, a, b vector) vector {
	for i := range 5 {
		a = s.mux(b[i], move(a, 1<<i), a)
	}
	return a
}

func shiftLeft(a vector, n int) vector {
	var v vector
	copy(v[n:], a[:32-n])
	return v
}

func shiftRight(a vector, n int) vector {
	var v vector
	copy(v[:], a[n:])
	return v
}

// equal returns the calls for which a == b.
func (s *Space) equal(a, b vector) node {
	all := yes
	for i := range a {
		all = s.ite(s.xor(a[i], b[i]), no, all)
	}
	return all
}

// above returns the calls for which a > b, unsigned.
func (s *Space) above(a, b vector) node { return s.compare(a, b, no) }

// atLeast returns the calls for which a >= b, unsigned.
func (s *Space) atLeast(a, b vector) node { return s.compare(a, b, yes) }

// compare returns the calls for which a > b, and where they are equal, tie.
func (s *Space) compare(a, b vector, tie node) node {
	for i := range a {
		tie = s.ite(s.xor(a[i], b[i]), a[i], tie)
	}
	return tie
}

// meets returns the calls for which a & b is not 0.
func (s *Space) meets(a, b vector) node {
	some := no
	for i := range a {
		some = s.or(s.and(a[i], b[i]), some)
	}
	return some
}

// number returns the function whose value is the vector's.
func (s *Space) number(v vector) node {
	f := no
	for i, bit := range v {
		set := s.operation(func(x, _ uint32) uint32 { return x | 1<<i }, nil)
		f = s.ite(bit, s.apply(set, f, no), f)
	}
	return f
}
