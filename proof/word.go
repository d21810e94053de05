package proof

import (
	"encoding/binary"
	"sort"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// word is one 32-bit word of a call, in the order in which the diagrams ask for them. The order is
// that of the values, not of the memory: the high word of a 64-bit field always stands before its
// low word, so that a field is 64 levels in a row and a policy means the same function in both byte
// orders.
type word int

const (
	wordArch word = iota
	wordNr
	wordIP   // two words
	wordArgs = wordIP + 2
)

// level returns the level of a bit of the word, bit 0 the least significant.
func (w word) level(bit int) uint32 { return uint32(32*int(w) + 31 - bit) }

// highWord returns the more significant word of an argument, 0 to 5, or of [policy.IP].
func highWord(arg int) word {
	if arg == policy.IP {
		return wordIP
	}
	return wordArgs + word(2*arg)
}

// wordsOf returns the words that a program loads, by byte offset divided by four.
func wordsOf(order binary.ByteOrder) [asm.DataSize / 4]word {
	var words [asm.DataSize / 4]word
	words[asm.OffNr/4], words[asm.OffArch/4] = wordNr, wordArch
	for arg := 0; arg <= policy.IP; arg++ {
		words[asm.HighWord(arg, order)/4] = highWord(arg)
		words[asm.LowWord(arg, order)/4] = highWord(arg) + 1
	}
	return words
}

// field is a run of levels that is read as one number: the width bits whose last, the least
// significant, stands just before the level end.
type field struct {
	end   uint32
	width int
}

// field returns the word as a field.
func (w word) field() field { return field{w.level(0) + 1, 32} }

// operandField returns the low width bits of an argument, 0 to 5, or of [policy.IP].
func operandField(arg, width int) field {
	return field{(highWord(arg) + 1).level(0) + 1, width}
}

// level returns the level of a bit, bit 0 the least significant.
func (f field) level(bit int) uint32 { return f.end - 1 - uint32(bit) }

// member returns the calls for which the field, after & mask, lies in one of the ranges.
func (s *Space) member(f field, mask uint64, ranges []policy.Range) node {
	if len(ranges) > 1 {
		ranges = sorted(ranges)
	}
	return s.block(f, mask, f.width, 0, ranges)
}

// equals returns the calls for which the field, after & mask, is the value.
func (s *Space) equals(f field, mask, value uint64) node {
	if value&^(mask&policy.Ones(f.width)) != 0 {
		return no
	}
	s.spend(f.width)
	all := yes
	for bit := range f.width {
		switch {
		case mask>>bit&1 == 0:
		case value>>bit&1 == 0:
			all = s.branch(f.level(bit), all, no)
		default:
			all = s.branch(f.level(bit), no, all)
		}
	}
	return all
}

// block is member for the calls whose field begins with the bits of base, the lowest bits being
// free.
func (s *Space) block(f field, mask uint64, bits int, base uint64, ranges []policy.Range) node {
	last := base | policy.Ones(bits)
	for len(ranges) > 0 && ranges[0].Hi < base {
		ranges = ranges[1:]
	}
	for len(ranges) > 0 && ranges[len(ranges)-1].Lo > last {
		ranges = ranges[:len(ranges)-1]
	}
	if len(ranges) == 0 {
		return no
	}
	if ranges[0].Lo <= base && last <= ranges[0].Hi {
		return yes
	}
	if len(ranges) == 1 && ranges[0].Lo == ranges[0].Hi {
		return s.equals(field{f.end, bits}, mask, ranges[0].Lo&policy.Ones(bits))
	}
	s.spend(1)
	bit := bits - 1
	lo := s.block(f, mask, bit, base, ranges)
	if mask>>bit&1 == 0 {
		return lo
	}
	return s.branch(f.level(bit), lo, s.block(f, mask, bit, base|1<<bit, ranges))
}

// sorted returns the ranges in order, those that touch joined.
func sorted(ranges []policy.Range) []policy.Range {
	in := append([]policy.Range(nil), ranges...)
	sort.Slice(in, func(i, j int) bool { return in[i].Lo < in[j].Lo })
	var out []policy.Range
	for _, r := range in {
		if r.Lo > r.Hi {
			continue
		}
		if n := len(out); n > 0 && (r.Lo <= out[n-1].Hi || r.Lo == out[n-1].Hi+1) {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// eval returns the value of the function for one input.
func (s *Space) eval(n node, in *input) uint32 {
	for !s.isLeaf(n) {
		v := s.vertices[n]
		if in.has(v.level) {
			n = v.hi
		} else {
			n = v.lo
		}
	}
	return s.value(n)
}
