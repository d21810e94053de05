package proof

import (
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// naturalArches are tried, in this order, for a witness that no arch met so far admits:
// AUDIT_ARCH_* of include/uapi/linux/audit.h.
var naturalArches = []uint32{
	0xc000003e, // x86_64
	0x40000003, // i386
	0xc00000b7, // aarch64
	0x40000028, // arm
	0xc00000f3, // riscv64
	0xc0000102, // loongarch64
	0xc0000015, // ppc64le
	0x80000015, // ppc64
	0x80000016, // s390x
	0x00000016, // s390
	0xc0000008, // mips64el
	0x80000008, // mips64
	0x40000008, // mipsel
	0x00000008, // mips
}

// witness returns one call of a set that is not empty: with an arch that policies and programs of
// this space name, or else a common one, the smallest number then, and the smallest arguments from
// left to right. The same set always gives the same call.
func (s *Space) witness(set node) policy.Data {
	for _, arch := range slices.Concat(s.arches, naturalArches) {
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
