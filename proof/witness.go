package proof

import (
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// witness returns one call of a set that is not empty: with an arch that policies and programs of
// this space name, or else one that machines have, the smallest number then, and the smallest arguments from
// left to right. The same set always gives the same call.
func (s *Space) witness(set node) policy.Data {
	for _, arch := range slices.Concat(s.arches, s.real) {
		if below := s.follow(set, wordArch, arch); below != no {
			d := s.smallest(below)
			d.Arch = arch
			return d
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

// smallest returns the first call of a set that is not empty, in the order of the words.
func (s *Space) smallest(set node) policy.Data {
	var words [leafLevel / 32]uint32
	for !s.isLeaf(set) {
		v := s.vertices[set]
		set = v.lo
		if v.lo == no {
			set = v.hi
			words[v.level/32] |= 1 << (31 - v.level%32)
		}
	}
	wide := func(w word) uint64 { return uint64(words[w])<<32 | uint64(words[w+1]) }
	d := policy.Data{Nr: words[wordNr], Arch: words[wordArch], IP: wide(wordIP)}
	for i := range d.Args {
		d.Args[i] = wide(highWord(i))
	}
	return d
}
