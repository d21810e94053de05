package proof

import (
	"errors"

	"github.com/seccompc/seccompc/policy"
)

// Overview is [Space.Explain] for a function that may divide numbers into too many parts: what it
// does is told of an arch's notable numbers then, and what it does for others, and for an arch that
// has none, is a gap where it tells them apart.
func (s *Space) Overview(f Function, notable map[uint32][]policy.Range) ([]Row, error) {
	steps, length := s.steps, len(s.vertices)
	rows, err := s.Explain(f)
	if !errors.Is(err, ErrTooComplex) {
		return rows, err
	}
	s.shrink(length)
	s.steps = steps / 2
	if f, err = s.outline(f, notable); err != nil {
		return nil, err
	}
	return s.Explain(f)
}

// outline puts what a function tells apart beyond what is notable into gaps.
func (s *Space) outline(f Function, notable map[uint32][]policy.Range) (out Function, err error) {
	defer guard(&err, func() string { return "outline" })
	o := outliner{space: s, numbers: notable, known: map[outlined]node{}}
	for arch := range notable {
		o.arches = append(o.arches, policy.Range{Lo: uint64(arch), Hi: uint64(arch)})
	}
	o.arches = policy.Union(o.arches)
	gaps := o.byArch(s.code(&o.codes, f), 32, 0)
	some := s.some(gaps)
	return Function{s, s.without(f.root, some), s.ite(some, gaps, f.gaps)}, nil
}

// outliner finds what a function tells apart beyond what is notable.
type outliner struct {
	space   *Space
	codes   coding
	arches  []policy.Range
	numbers map[uint32][]policy.Range
	known   map[outlined]node // what byNumber returned
}

// outlined is what a function does for some arches, by the first notable one.
type outlined struct {
	n    node
	arch uint64
}

// byArch returns the gaps in the block of arches that begin with the bits of base.
func (o *outliner) byArch(n node, bits int, base uint64) node {
	s := o.space
	here := policy.Intersect(o.arches, []policy.Range{{Lo: base, Hi: base | policy.Ones(bits)}})
	switch {
	case s.level(n) > wordArch.level(0):
		key := outlined{n: n}
		var notable []policy.Range
		for _, arch := range here {
			key.arch = here[0].Lo
			notable = append(notable, o.numbers[uint32(arch.Lo)]...)
		}
		gaps, ok := o.known[key]
		if !ok {
			gaps = o.byNumber(n, policy.Union(notable), 32, 0)
			o.known[key] = gaps
		}
		return gaps
	case len(here) == 0:
		return o.gap(n, "how the filter divides the values of arch is too complex to follow")
	}
	s.spend(1)
	level := wordArch.level(bits - 1)
	lo, hi := s.at(n, level)
	return s.branch(level, o.byArch(lo, bits-1, base), o.byArch(hi, bits-1, base|1<<(bits-1)))
}

// byNumber returns the gaps in the block of numbers that begin with the bits of base.
func (o *outliner) byNumber(n node, notable []policy.Range, bits int, base uint64) node {
	s := o.space
	notable = policy.Intersect(notable, []policy.Range{{Lo: base, Hi: base | policy.Ones(bits)}})
	switch {
	case s.level(n) > wordNr.level(0):
		return no
	case len(notable) == 0:
		return o.gap(n, "how the filter divides these numbers is too complex to follow")
	}
	s.spend(1)
	level := wordNr.level(bits - 1)
	lo, hi := s.at(n, level)
	return s.branch(level, o.byNumber(lo, notable, bits-1, base),
		o.byNumber(hi, notable, bits-1, base|1<<(bits-1)))
}

// gap returns the gap that holds every call that a function is about.
func (o *outliner) gap(n node, why string) node {
	return o.space.leaf(o.space.gap(Gap{Why: why, Answers: o.answers(n)}))
}

// answers returns the answers of a function, or nothing for anything.
func (o *outliner) answers(n node) []policy.Action {
	var answers []policy.Action
	for _, code := range o.space.values(n) {
		gap := o.codes.gap(code)
		if gap == 0 {
			answers = append(answers, policy.Action(o.codes.value(code)))
			continue
		}
		more := o.space.gaps[gap-1].Answers
		if len(more) == 0 {
			return nil
		}
		answers = append(answers, more...)
	}
	return answers
}
