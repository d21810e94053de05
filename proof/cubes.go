package proof

import "github.com/seccompc/seccompc/policy"

// maxCubes bounds the masked comparisons that a set is written by where it has no other form.
const maxCubes = 24

// cube is the values of an operand that have given bits in the mask.
type cube struct{ mask, value uint64 }

// describeCubes writes a set as masked comparisons of which one holds, or none: as few as the
// method of Minato and Morreale finds, none of which could be left out.
func (s *Space) describeCubes(f factor) formula {
	end := operandField(f.arg, 64).end
	best := formula{}
	for _, inside := range []bool{true, false} {
		set := f.set
		if !inside {
			set = s.not(set)
		}
		cubes, _, ok := s.cover(set, set, end)
		if !ok || len(cubes) > maxCubes {
			continue
		}
		var parts []policy.Cond
		cost := 0
		for _, c := range cubes {
			t := membership(operandFor(f.arg, c.mask), c.mask, point(c.value), true)
			parts = append(parts, t.cond)
			cost += t.cost + 1
		}
		found := formula{anyOf(parts...), cost}
		if !inside {
			found = found.negated()
		}
		best = best.cheaper(found)
	}
	return best
}

// cover returns cubes that hold everything in lower and nothing outside of upper, and their
// union. It gives up where there are many.
func (s *Space) cover(lower, upper node, end uint32) (cubes []cube, union node, ok bool) {
	switch {
	case lower == no:
		return nil, no, true
	case upper == yes:
		return []cube{{}}, yes, true
	}
	s.spend(1)
	level := min(s.level(lower), s.level(upper))
	bit := uint64(1) << (end - 1 - level)
	l0, l1 := s.at(lower, level)
	u0, u1 := s.at(upper, level)
	clear, f0, ok0 := s.cover(s.without(l0, u1), u0, end)
	set, f1, ok1 := s.cover(s.without(l1, u0), u1, end)
	rest := s.or(s.without(l0, f0), s.without(l1, f1))
	any, fd, okd := s.cover(rest, s.and(u0, u1), end)
	if !ok0 || !ok1 || !okd || len(clear)+len(set)+len(any) > maxCubes {
		return nil, no, false
	}
	for _, c := range clear {
		cubes = append(cubes, cube{c.mask | bit, c.value})
	}
	for _, c := range set {
		cubes = append(cubes, cube{c.mask | bit, c.value | bit})
	}
	cubes = append(cubes, any...)
	return cubes, s.or(s.branch(level, f0, f1), fd), true
}
