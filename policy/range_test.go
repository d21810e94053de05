package policy

import (
	"math/rand/v2"
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
