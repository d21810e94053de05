package live

import "slices"

// Pair is what one process measured of a call: nanoseconds without a filter and under it. The
// processes differ in speed by more than filters do, so a filter is judged by the ratio of the two.
type Pair struct{ Bare, Filtered float64 }

// Pairs are one for each process.
type Pairs []Pair

// Filtered are the times under the filter.
func (p Pairs) Filtered() Quartiles {
	return p.quartiles(func(p Pair) float64 { return p.Filtered })
}

// Ratios are the times under the filter, each in units of its own process's time without.
func (p Pairs) Ratios() Quartiles {
	return p.quartiles(func(p Pair) float64 { return p.Filtered / p.Bare })
}

// Unfiltered returns the bare halves as measurements of their own, of a filter that takes no time.
func (p Pairs) Unfiltered() Pairs {
	var bare Pairs
	for _, pair := range p {
		bare = append(bare, Pair{pair.Bare, pair.Bare})
	}
	return bare
}

func (p Pairs) quartiles(value func(Pair) float64) Quartiles {
	var values []float64
	for _, pair := range p {
		values = append(values, value(pair))
	}
	return quartiles(values)
}

// Quartiles are the middle of a sample and the bounds of its middle half.
type Quartiles struct{ Low, Median, High float64 }

// quartiles picks them among the values; there are none of no values.
func quartiles(values []float64) Quartiles {
	n := len(values)
	if n == 0 {
		return Quartiles{}
	}
	slices.Sort(values)
	return Quartiles{values[n/4], values[n/2], values[n-1-n/4]}
}

// Below reports whether the middle half of q lies below that of other. Of two samples of which
// neither is below the other, the measurement does not show which is less: they are tied.
func (q Quartiles) Below(other Quartiles) bool { return q.High < other.Low }
