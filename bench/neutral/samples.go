package neutral

import (
	"math/rand"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// Args are the six argument registers of a call.
type Args = [6]uint64

const (
	maxProduct = 4096 // combinations of all values are taken up to here
	randomDraw = 1024 // beyond, this many are drawn
	garbage    = 0xdeadbeef << 32
)

// Samples returns calls of one number on both sides of every test that the policy makes of it, with
// clean upper halves where the test is of 32 bits. They are the same on every run.
func (p *Policy) Samples(abi ABI, nr uint32) []Args {
	rules := p.rules(abi, nr)
	var values [6][]uint64
	for arg := range values {
		values[arg] = boundaries(rules, arg)
	}
	random := rand.New(rand.NewSource(int64(nr)))
	samples := combine(values, random)
	for _, r := range rules {
		samples = append(samples, r.neighbours(values)...)
	}
	slices.SortFunc(samples, func(a, b Args) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(samples)
}

// Soiled returns the samples with something in the upper half of every argument.
func Soiled(samples []Args) []Args {
	soiled := slices.Clone(samples)
	for i := range soiled {
		for arg := range soiled[i] {
			soiled[i][arg] ^= garbage
		}
	}
	return soiled
}

// boundaries returns the values of one argument that the tests tell apart.
func boundaries(rules []Rule, arg int) []uint64 {
	values := []uint64{0}
	for _, r := range rules {
		for _, t := range r.When {
			if t.Arg == arg {
				values = append(values, t.boundaries()...)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func (t Test) boundaries() []uint64 {
	ones := policy.Ones(t.Width)
	values := []uint64{t.Value, (t.Value - 1) & ones, (t.Value + 1) & ones}
	if t.Op == Masked {
		values = append(values, t.Value|^t.Mask&ones)
		for bit := uint64(1); bit != 0 && bit <= ones; bit <<= 1 {
			if t.Mask&bit != 0 {
				values = append(values, t.Value^bit)
			}
		}
	}
	return values
}

// combine returns all combinations of the values, or a draw where they are too many.
func combine(values [6][]uint64, random *rand.Rand) []Args {
	product := 1
	for _, v := range values {
		if product *= len(v); product > maxProduct {
			return draw(values, random)
		}
	}
	all := []Args{{}}
	for arg, vs := range values {
		var next []Args
		for _, a := range all {
			for _, v := range vs {
				a[arg] = v
				next = append(next, a)
			}
		}
		all = next
	}
	return all
}

func draw(values [6][]uint64, random *rand.Rand) []Args {
	samples := make([]Args, randomDraw)
	for i := range samples {
		for arg, vs := range values {
			samples[i][arg] = vs[random.Intn(len(vs))]
		}
	}
	return samples
}

// neighbours returns a call that satisfies the rule, and all that differ from it in one argument:
// where there are too many combinations for a draw to find them.
func (r Rule) neighbours(values [6][]uint64) []Args {
	var base Args
	for arg, vs := range values {
		i := slices.IndexFunc(vs, func(v uint64) bool { return r.accepts(arg, v) })
		if i < 0 {
			return nil // its tests contradict each other
		}
		base[arg] = vs[i]
	}
	samples := []Args{base}
	for arg, vs := range values {
		for _, v := range vs {
			a := base
			a[arg] = v
			samples = append(samples, a)
		}
	}
	return samples
}

func (r Rule) accepts(arg int, v uint64) bool {
	for _, t := range r.When {
		if t.Arg == arg && !t.Holds(v) {
			return false
		}
	}
	return true
}
