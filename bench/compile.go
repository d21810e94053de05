package main

import (
	"runtime"
	"slices"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/report"
	"github.com/seccompc/seccompc/bench/rows"
)

const (
	compileRepeats = 11
	patience       = 5 * time.Second // with one compilation
)

// stopwatch collects how long one compiler takes for one policy, round by round: to read the text,
// for the code, and for the proof of the filter.
type stopwatch struct{ texts, codes, proofs []time.Duration }

// compile takes the time of one compilation. The heap is collected first: what another compiler has
// left is not for this one to clear away.
func (s *stopwatch) compile(compile peers.Compile) (asm.Program, error) {
	runtime.GC()
	start := time.Now()
	filter, own, err := compile()
	if own.Code == 0 {
		own.Code = time.Since(start)
	}
	s.codes = append(s.codes, own.Code)
	s.texts = append(s.texts, own.Text)
	s.proofs = append(s.proofs, own.Proof)
	return filter, err
}

// read returns the medians.
func (s *stopwatch) read() report.Times {
	return report.Times{Text: median(s.texts), Code: median(s.codes), Proof: median(s.proofs)}
}

func compileTimes(all []*candidate) {
	watches := make([]stopwatch, len(all))
	for range compileRepeats {
		for i, c := range all {
			if c.compile == nil || c.Err != nil {
				continue
			}
			_, _ = watches[i].compile(c.compile) // it succeeded before
		}
	}
	for i, c := range all {
		c.Took = watches[i].read()
	}
}

// growth compiles ever larger policies, until the compiler gives up or is slow.
func growth(p peers.Peer) (points []report.Growth) {
	for _, n := range []int{10, 30, 100, 300, 1000, 3000, 10000} {
		scale := rows.Scale(n)
		compile, err := p.Prepare(&scale)
		if err != nil {
			return points
		}
		var watch stopwatch
		var filter asm.Program
		begin := time.Now()
		for len(watch.codes) < compileRepeats && time.Since(begin) < 3*time.Second {
			filter, err = watch.compile(compile)
			if err != nil || filter.Check() != nil {
				return points
			}
		}
		point := report.Growth{Peer: p.Name, Rules: n, Len: len(filter)}
		point.Took = watch.read()
		points = append(points, point)
		if point.Took.Sum() > patience {
			return points
		}
	}
	return points
}

// median returns the middle duration, or 0 of none.
func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}
