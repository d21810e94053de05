package proof

import "github.com/seccompc/seccompc/policy"

// Unread looks for two calls that differ in bits of the arguments alone that the kernel does not
// read, and get actions of two kinds: one that stops them, with these bits clear, and another
// that lets them pass, with some of them set. The calls have one number. It returns nil where
// there are none.
func (s *Space) Unread(
	f Function, c Calls, unread [6]uint64, stops, passes func(policy.Action) bool,
) (stopped, passed *Example, err error) {
	s.own(f)
	defer guard(&err, func() string { return "bits that are not read" })
	holds, err := s.condition(c.Cond)
	if err != nil {
		return nil, nil, err
	}
	nr, one := c.number()
	if !one {
		panic("proof: Unread is about one number")
	}
	below, gaps := s.of(f.root, c.Arch, nr), s.of(f.gaps, c.Arch, nr)
	if s.and(holds, s.some(gaps)) != no {
		return nil, nil, s.notKnown(s.and(holds, s.some(gaps)), gaps)
	}
	bits := unreadBits(unread)
	clear := s.clear(s.among(holds, below, stops), bits)
	open := s.among(holds, below, passes)
	pairs := s.and(clear, s.forget(open, bits))
	first := s.example(pairs, s.smallest)
	if first == nil {
		return nil, nil, nil
	}
	same := yes
	for arg, value := range first.Args {
		same = s.and(same, s.equals(operandField(arg, 64), ^unread[arg], value&^unread[arg]))
	}
	second := s.example(s.and(open, same), s.smallest)
	if second == nil {
		return nil, nil, nil
	}
	for _, e := range []*Example{first, second} {
		e.Arch, e.Nr = c.Arch, nr
	}
	return first, second, nil
}

// unreadBits returns the levels of bits of the arguments.
func unreadBits(bits [6]uint64) map[uint32]bool {
	levels := map[uint32]bool{}
	for arg, mask := range bits {
		for bit := range 64 {
			if mask>>bit&1 == 1 {
				levels[operandField(arg, 64).level(bit)] = true
			}
		}
	}
	return levels
}

// clear returns the calls that are in a set with some bits clear, whatever these are.
func (s *Space) clear(set node, bits map[uint32]bool) node {
	return s.rebuild(set, bits, func(lo, _ node) node { return lo })
}

// forget returns the calls that are in a set with some values of some bits.
func (s *Space) forget(set node, bits map[uint32]bool) node {
	return s.rebuild(set, bits, s.or)
}

// rebuild puts something in the place of the tests of some bits.
func (s *Space) rebuild(set node, bits map[uint32]bool, instead func(lo, hi node) node) node {
	done := map[node]node{}
	var visit func(n node) node
	visit = func(n node) node {
		if s.isLeaf(n) {
			return n
		}
		if r, known := done[n]; known {
			return r
		}
		s.spend(1)
		v := s.vertices[n]
		lo, hi := visit(v.lo), visit(v.hi)
		r := no
		if bits[v.level] {
			r = instead(lo, hi)
		} else {
			r = s.branch(v.level, lo, hi)
		}
		done[n] = r
		return r
	}
	return visit(set)
}

// Map returns the function whose action for every call is what becomes of f's.
func (s *Space) Map(
	f Function, become func(policy.Action) policy.Action,
) (out Function, err error) {
	s.own(f)
	defer guard(&err, func() string { return "actions" })
	op := s.operation(func(x, _ uint32) uint32 { return uint32(become(policy.Action(x))) }, nil)
	return Function{s, s.without(s.apply(op, f.root, no), s.some(f.gaps)), f.gaps}, nil
}
