package policy

import (
	"math/rand/v2"
	"testing"
)

// TestInHalves holds random comparisons of 64 bits against those of their halves in two arguments.
func TestInHalves(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	some := []uint64{0, 1, 2, 7, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff}
	word := func() uint64 { return some[r.IntN(len(some))]<<32 | some[r.IntN(len(some))] }
	holds := 0
	for range 20_000 {
		test := Test{
			Operand: Operand{Arg: 0, Width: 64, Signed: r.IntN(2) == 0},
			Op:      Op(r.IntN(int(Only) + 1)),
			Mask:    word(), Value: word(),
		}
		if r.IntN(2) == 0 {
			test.Mask = Ones(64)
		}
		for range r.IntN(4) {
			lo, hi := word(), word()
			test.Set = append(test.Set, Range{Lo: min(lo, hi), Hi: max(lo, hi)})
		}
		var c Cond = test
		if r.IntN(4) == 0 {
			c = Not{X: test}
		}
		split := InHalves(c, 3, 5)
		for range 10 {
			x := word()
			var d, halves Data
			d.Args[0], halves.Args[3], halves.Args[5] = x, 0xdead<<32|x&Ones(32), 0xbeef<<32|x>>32
			want := c.Holds(d)
			if got := split.Holds(halves); got != want {
				t.Fatalf("%#v of %#x: %v, and of its halves %v", c, x, want, got)
			}
			if want {
				holds++
			}
		}
	}
	if holds < 20_000 {
		t.Errorf("only %d conditions hold", holds)
	}
}
