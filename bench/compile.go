package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/report"
	"github.com/seccompc/seccompc/bench/rows"
)

const (
	compileRepeats = 11
	patience       = 5 * time.Second // with one compilation
)

// stopwatch collects how long one compiler takes for one policy, round by round.
type stopwatch struct{ whole, proofs []time.Duration }

// compile takes the time of one compilation. The heap is collected first: what another compiler has left is
// not for this one to clear away.
func (s *stopwatch) compile(compile peers.Compile) (asm.Program, error) {
	runtime.GC()
	start := time.Now()
	filter, err := compile()
	s.whole = append(s.whole, time.Since(start))
	return filter, err
}

// prove takes the time of the proof that is part of a compilation, where the compiler is ours.
func (s *stopwatch) prove(peer string, p *neutral.Policy) error {
	if peer != peers.Ours {
		return nil
	}
	took, err := peers.ProofTime(p)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	s.proofs = append(s.proofs, took)
	return nil
}

// read returns the medians of compiling without the proof, and of the proof.
func (s *stopwatch) read() (compile, proof time.Duration) {
	proof = median(s.proofs)
	return median(s.whole) - proof, proof
}

func compileTimes(all []*candidate) error {
	watches := make([]stopwatch, len(all))
	for range compileRepeats {
		for i, c := range all {
			if c.compile == nil || c.Err != nil {
				continue
			}
			_, _ = watches[i].compile(c.compile) // it succeeded before
			if err := watches[i].prove(c.Peer, &c.row.Policy); err != nil {
				return err
			}
		}
	}
	for i, c := range all {
		c.Compile, c.Proof = watches[i].read()
	}
	return nil
}

// growth compiles ever larger policies, until the compiler gives up or is slow.
func growth(p peers.Peer) ([]report.Growth, error) {
	var points []report.Growth
	for _, n := range []int{10, 30, 100, 300, 1000, 3000, 10000} {
		scale := rows.Scale(n)
		compile, err := p.Prepare(&scale)
		if err != nil {
			return points, nil
		}
		var watch stopwatch
		var filter asm.Program
		for begin := time.Now(); len(watch.whole) < compileRepeats && time.Since(begin) < 3*time.Second; {
			filter, err = watch.compile(compile)
			if err != nil || filter.Check() != nil {
				return points, nil
			}
			if err := watch.prove(p.Name, &scale); err != nil {
				return points, err
			}
		}
		point := report.Growth{Peer: p.Name, Rules: n, Len: len(filter)}
		point.Compile, point.Proof = watch.read()
		points = append(points, point)
		if point.Compile+point.Proof > patience {
			return points, nil
		}
	}
	return points, nil
}

// median returns the middle duration, or 0 of none.
func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}
