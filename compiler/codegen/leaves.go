package codegen

import (
	"math/bits"
	"slices"
)

// leaf is the cheapest way to decide a sublist of intervals without a split, of
//
//	chain           JEQ for each single value that stands out; the rest goes to one target
//	bits            the same, the rest decided by JSET of one bit
type leaf struct {
	price int64
	choice
}

const (
	// intervals of a leaf: more than a chain can have, and than what is left by collapse
	maxLeaf = 16
	// What a cut into groups counts of what it costs, in tenths: less, so that there are more
	// groups than the best tree has leaves, and the search can join some.
	cutTenths = 9
)

// leafList is the leaves of a list of intervals.
type leafList struct {
	// those that begin with the first interval, the shortest first, then the second's …
	all   []leaf
	first []int // where those of each interval begin, and behind the last one how many there are

	// The ways to decide the sublists at hand, and which of them still may: a bit for each.
	chains     [2]chainScan
	bits       [maxBit]bitScan
	openChains uint
	openBits   uint
}

// find finds the leaves of a list; or only up to the first long group that one bit tells apart, and
// reports that there is one.
func (f *leafList) find(l *intervalList, testBits, toGroup bool) bool {
	f.all = slices.Grow(f.all[:0], 8*len(l.intervals))
	f.first = slices.Grow(f.first[:0], len(l.intervals)+1)
	for i := range l.intervals {
		f.first = append(f.first, len(f.all))
		f.begin(l, i, testBits)
		end := min(i+maxLeaf, len(l.intervals))
		for k := i; k < end; k++ {
			best := f.next(l, k)
			if f.openChains|f.openBits == 0 {
				break
			}
			f.all = append(f.all, best)
			if toGroup && best.kind == bitTest && k-i+1 >= longGroup {
				return true
			}
		}
	}
	f.first = append(f.first, len(f.all))
	return false
}

// begin prepares the scans for the sublists that begin with interval i. Bits are looked at that may
// decide two intervals.
func (f *leafList) begin(l *intervalList, i int, testBits bool) {
	f.openChains, f.openBits = 0, 0
	last := len(l.intervals) - 1
	for k := range min(len(f.chains), last-i+1) {
		f.chains[k] = chainScan{d: i + k}
		f.openChains |= 1 << k
	}
	if !testBits || i == last {
		return
	}
	for b := max(l.lowestBit(i), l.lowestBit(i+1)); b < maxBit; b++ {
		f.bits[b] = bitScan{bit: 1 << b}
		f.openBits |= 1 << b
	}
}

// next shows an interval to the scans that are open, closes those that it ends, and returns the
// cheapest of the others.
func (f *leafList) next(l *intervalList, k int) leaf {
	best := leaf{price: impossible}
	for open := f.openChains; open != 0; open &= open - 1 {
		i := bits.TrailingZeros(open)
		if s := &f.chains[i]; !s.add(l, k) {
			f.openChains &^= 1 << i
		} else if p := s.price(l); p < best.price {
			best = leaf{p, choice{chain, int32(s.d)}}
		}
	}
	for open := f.openBits; open != 0; open &= open - 1 {
		i := bits.TrailingZeros(open)
		if s := &f.bits[i]; !s.add(l, k) {
			f.openBits &^= 1 << i
		} else if p := s.price(l); p < best.price {
			best = leaf{p, choice{bitTest, int32(s.bit)}}
		}
	}
	return best
}

// from returns the leaves that begin with interval i, the shortest first.
func (f *leafList) from(i int) []leaf { return f.all[f.first[i]:f.first[i+1]] }

// cover appends the first interval of each leaf of those that cover the list and are the cheapest
// together, with the splits between them, if each stood as deep in the tree as its weight asks for;
// and the number of intervals.
func (f *leafList) cover(l *intervalList, out []int) []int {
	n := len(l.intervals)
	// Of the intervals from i on the price, and where their first leaf ends.
	price, next := make([]int64, n+1), make([]int, n)
	for i := n - 1; i >= 0; i-- {
		price[i] = impossible
		for k, leaf := range f.from(i) {
			end := i + k + 1
			cut := testsTo(l.weight(i, end-1)) + l.size
			if p := leaf.price + cut/10*cutTenths + price[end]; p < price[i] {
				price[i], next[i] = p, end
			}
		}
	}
	for i := 0; i < n; i = next[i] {
		out = append(out, i)
	}
	return append(out, n)
}

// testsTo returns the price of the tests that lead to a part of a list's weight in a tree that
// halves the weight with each: the part times its logarithm, which is interpolated between the
// powers of two.
func testsTo(part int64) int64 {
	exponent := bits.Len64(uint64(part)) - 1
	behind := part - 1<<exponent // over 1<<exponent, what the logarithm has behind the point
	return part*int64(bits.Len64(listWeight)-1-exponent) - part*(behind>>(exponent-16))>>16
}
