package proof

import "slices"

// witness returns one input of a set that is not empty: with an arch that policies and programs of
// this space name, or else one that machines have, the smallest number then, and the smallest
// arguments from left to right. The same set always gives the same input.
func (s *Space) witness(set node) input {
	for _, arch := range slices.Concat(s.arches, s.real) {
		if below := s.follow(set, wordArch, arch); below != no {
			in := s.smallest(below)
			in[wordArch] = arch
			return in
		}
	}
	return s.smallest(set)
}

// follow returns what is left of a function once a word has a value. The function must not depend
// on words that stand before it.
func (s *Space) follow(n node, w word, value uint32) node {
	for v := s.vertices[n]; v.level < w.level(0)+1; v = s.vertices[n] {
		if value>>(31-v.level%32)&1 == 0 {
			n = v.lo
		} else {
			n = v.hi
		}
	}
	return n
}

// smallest returns the first input of a set that is not empty, in the order of the words.
func (s *Space) smallest(set node) (in input) {
	for !s.isLeaf(set) {
		v := s.vertices[set]
		set = v.lo
		if v.lo == no {
			set = v.hi
			in.set(v.level)
		}
	}
	return in
}
