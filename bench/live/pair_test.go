package live

import (
	"slices"
	"testing"
)

func TestRatiosAreOfOneProcess(t *testing.T) {
	// Three processes of very different speed, under a filter that adds a quarter or so.
	pairs := Pairs{{200, 250}, {100, 130}, {400, 480}}
	if got, want := pairs.Ratios(), (Quartiles{1.2, 1.25, 1.3}); got != want {
		t.Errorf("the ratios are %v, want %v", got, want)
	}
	if got := pairs.Filtered().Median; got != 250 {
		t.Errorf("the median under the filter is %v", got)
	}
	bare := pairs.Unfiltered()
	if got, want := bare.Ratios(), (Quartiles{1, 1, 1}); got != want ||
		bare.Filtered().Median != 200 {
		t.Errorf("without the filter, the ratios are %v and the times %v", got, bare.Filtered())
	}
}

func TestQuartiles(t *testing.T) {
	tests := []struct {
		values []float64
		want   Quartiles
	}{
		{nil, Quartiles{}},
		{[]float64{5}, Quartiles{5, 5, 5}},
		{[]float64{9, 1, 5}, Quartiles{1, 5, 9}},
		{[]float64{7, 6, 5, 4, 3, 2, 1}, Quartiles{2, 4, 6}},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99}, Quartiles{4, 8, 12}},
	}
	for _, tt := range tests {
		if got := quartiles(slices.Clone(tt.values)); got != tt.want {
			t.Errorf("of %v: %v, want %v", tt.values, got, tt.want)
		}
	}
}

func TestBelow(t *testing.T) {
	q := Quartiles{1.0, 1.1, 1.2}
	tests := []struct {
		other Quartiles
		want  bool
	}{
		{Quartiles{1.3, 1.4, 1.5}, true},
		{Quartiles{1.2, 1.4, 1.5}, false}, // they touch
		{Quartiles{1.15, 1.4, 1.5}, false},
		{q, false},
		{Quartiles{0.7, 0.8, 0.9}, false},
	}
	for _, tt := range tests {
		if got := q.Below(tt.other); got != tt.want {
			t.Errorf("%v below %v: %v", q, tt.other, got)
		}
	}
}
