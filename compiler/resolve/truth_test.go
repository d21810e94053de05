package resolve

import (
	"math/rand/v2"
	"testing"

	"github.com/seccompc/seccompc/policy"
)

// TestTruthOfTest holds the shortcut against all values of 16 bits.
func TestTruthOfTest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := rand.New(rand.NewPCG(1, 2))
	edges := []uint64{0, 1, 2, 0xff, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff}
	pick := func() uint64 { return edges[r.IntN(len(edges))] }
	seen := map[truth]int{}
	for range 400 {
		test := policy.Test{
			Operand: policy.Operand{Width: 16, Signed: r.IntN(2) == 0},
			Op:      policy.Op(r.IntN(int(policy.Only) + 1)),
			//lint:ignore SA4000 two random numbers: more bits than in one
			Mask:  pick() | pick(),
			Value: pick(),
		}
		for range 1 + r.IntN(3) {
			lo, hi := pick(), pick()
			test.Set = append(test.Set, policy.Range{Lo: min(lo, hi), Hi: max(lo, hi)})
		}
		test.Set = policy.Union(test.Set)
		holds := 0
		for x := range uint64(1 << 16) {
			if test.Holds(policy.Data{Args: [6]uint64{x}}) {
				holds++
			}
		}
		want := depends
		switch holds {
		case 0:
			want = never
		case 1 << 16:
			want = always
		}
		seen[want]++
		if got := truthOf(test); got != want {
			t.Errorf("%+v: got %v, want %v", test, got, want)
		}
	}
	if seen[never] < 10 || seen[always] < 10 || seen[depends] < 10 {
		t.Errorf("the tests are one-sided: %v", seen)
	}
}

func TestTruthOfParts(t *testing.T) {
	no := policy.Or{}
	yes := policy.And{}
	open := policy.Test{Operand: policy.Operand{Width: 32}, Op: policy.Any, Mask: 1}
	tests := []struct {
		cond policy.Cond
		want truth
	}{
		{no, never}, {yes, always}, {nil, always}, {policy.Not{X: no}, always},
		{policy.Not{X: open}, depends},
		{policy.And{open, no}, never}, {policy.And{yes, open}, depends},
		{policy.Or{open, yes}, always},
		{policy.Or{no, policy.And{open, yes}}, depends}, {policy.Or{no, policy.Not{X: yes}}, never},
	}
	for _, test := range tests {
		if got := truthOf(test.cond); got != test.want {
			t.Errorf("%#v: got %v, want %v", test.cond, got, test.want)
		}
	}
}
