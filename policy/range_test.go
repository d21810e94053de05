package policy

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestUnionAndComplement(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var ranges []Range
		for range r.IntN(6) {
			lo := uint64(r.IntN(30))
			ranges = append(ranges, Range{Lo: lo, Hi: lo + uint64(r.IntN(5))})
		}
		before := append([]Range(nil), ranges...)
		joined := Union(ranges)
		rest := Complement(joined, 40)
		for x := range uint64(41) {
			in := Contains(before, x)
			if Contains(joined, x) != in || Contains(rest, x) == in {
				t.Fatalf("%v: %v and %v differ at %d", before, joined, rest, x)
			}
		}
		for i := 1; i < len(joined); i++ {
			if joined[i].Lo <= joined[i-1].Hi+1 {
				t.Fatalf("%v is not joined", joined)
			}
		}
	}
	full := []Range{{Lo: 5, Hi: ^uint64(0)}, {Lo: 0, Hi: 4}}
	if got := Union(full); len(got) != 1 || len(Complement(got, ^uint64(0))) != 0 {
		t.Errorf("got %v", got)
	}
}

// TestMembers holds tests against what they say of all values of 16 bits.
func TestMembers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	value := func() uint64 {
		near := []uint64{0, 1, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, r.Uint64() & 0xffff}
		return near[r.IntN(len(near))]
	}
	for range 300 {
		test := Test{
			Operand: Operand{Width: 16, Signed: r.IntN(2) == 0}, Op: Op(r.IntN(8)),
			Mask: value(), Value: value(),
		}
		for range r.IntN(4) {
			lo := value()
			test.Set = append(test.Set, Range{Lo: lo, Hi: min(0xffff, lo+uint64(r.IntN(5)))})
		}
		mask, in := test.Members()
		for x := range uint64(1 << 16) {
			want := test.Holds(Data{Args: [6]uint64{x | 0xdead0000}})
			if got := Contains(in, x&mask); got != want {
				t.Fatalf("%+v: of %#x it holds %v, its members %#x of mask %#x", test, x, want, in,
					mask)
			}
		}
		for i, r := range in {
			if r.Lo > r.Hi || r.Hi > mask || i > 0 && in[i-1].Hi >= r.Lo {
				t.Fatalf("%+v: members %#x of mask %#x", test, in, mask)
			}
		}
	}
}

func TestIntersectAndSize(t *testing.T) {
	a, b := []Range{{1, 5}, {8, 8}, {10, 20}}, []Range{{0, 1}, {4, 8}, {15, ^uint64(0)}}
	got := Intersect(a, b)
	if want := []Range{{1, 1}, {4, 5}, {8, 8}, {15, 20}}; !slices.Equal(got, want) {
		t.Errorf("in both: %v, want %v", got, want)
	}
	rest := Subtract(a, b)
	if want := []Range{{2, 3}, {10, 14}}; !slices.Equal(rest, want) {
		t.Errorf("in one: %v, want %v", rest, want)
	}
	if Size(got)+Size(rest) != Size(a) {
		t.Errorf("%d and %d values of %d", Size(got), Size(rest), Size(a))
	}
}
