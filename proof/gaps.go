package proof

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/policy"
)

// Gap is calls of which it is not known what they get.
type Gap struct {
	Why     string          // "instruction 7 is too complex to follow"
	Answers []policy.Action // one of which they get, in ascending order; none: it may be any
	Call    *policy.Data    // one of them, of [Space.GapsOf]; nil: late values keep all out
}

// maxAnswers bounds the answers that a gap lists.
const maxAnswers = 16

// may reports whether the calls may get an action that is wanted.
func (g Gap) may(wanted func(policy.Action) bool) bool {
	return len(g.Answers) == 0 || slices.ContainsFunc(g.Answers, wanted)
}

// NotKnown is the error of a question that a gap leaves open. It is an [ErrTooComplex].
type NotKnown struct{ Gap }

func (e *NotKnown) Error() string { return e.Why }

func (e *NotKnown) Unwrap() error { return ErrTooComplex }

// notKnown returns the error for the first gap of functions that is among some calls, or nil.
func (s *Space) notKnown(calls node, gaps ...node) error {
	for _, g := range gaps {
		if g == no {
			continue
		}
		for _, gap := range s.values(s.ite(calls, g, no)) {
			if gap != 0 {
				return &NotKnown{s.gaps[gap-1]}
			}
		}
	}
	return nil
}

// some returns the calls that are in a gap.
func (s *Space) some(gaps node) node {
	if gaps == no {
		return no
	}
	return s.where(gaps, func(gap uint32) bool { return gap != 0 })
}

// inGap returns the calls that are in a gap of one of the functions.
func (s *Space) inGap(fs ...Function) node {
	all := no
	for _, f := range fs {
		all = s.or(all, s.some(f.gaps))
	}
	return all
}

// gap returns the number that a function has for a gap.
func (s *Space) gap(g Gap) uint32 {
	slices.Sort(g.Answers)
	if g.Answers = slices.Compact(g.Answers); len(g.Answers) > maxAnswers {
		g.Answers = nil
	}
	i := slices.IndexFunc(s.gaps, func(other Gap) bool {
		return other.Why == g.Why && slices.Equal(other.Answers, g.Answers)
	})
	if i < 0 {
		i = len(s.gaps)
		s.gaps = append(s.gaps, g)
	}
	return uint32(i + 1)
}

// Sure returns the function that answers what is known of another one, and the calls in its gaps
// with 0.
func (s *Space) Sure(f Function) Function {
	s.own(f)
	return known(s, f.root)
}

// coding numbers what functions with gaps answer; without gaps an answer is its own number.
type coding struct {
	list  [][2]uint32 // an answer, and a gap or 0
	index map[[2]uint32]uint32
}

func (c *coding) of(value, gap uint32) uint32 {
	pair := [2]uint32{value, gap}
	i, ok := c.index[pair]
	if !ok {
		i = uint32(len(c.list))
		c.list, c.index[pair] = append(c.list, pair), i
	}
	return i
}

func (c *coding) value(code uint32) uint32 {
	if c.index == nil {
		return code
	}
	return c.list[code][0]
}

func (c *coding) gap(code uint32) uint32 {
	if c.index == nil {
		return 0
	}
	return c.list[code][1]
}

// code returns what a function answers as one number: of a function without gaps the answer itself.
func (s *Space) code(c *coding, f Function) node {
	if f.gaps == no && c.index == nil {
		return f.root
	}
	if c.index == nil {
		c.index = map[[2]uint32]uint32{}
	}
	return s.apply(s.operation(c.of, nil), f.root, f.gaps)
}

// decode returns the function that a number stands for.
func (s *Space) decode(c *coding, n node) Function {
	part := func(of func(uint32) uint32) node {
		return s.apply(s.operation(func(code, _ uint32) uint32 { return of(code) }, nil), n, no)
	}
	return Function{s, part(c.value), part(c.gap)}
}

// combine returns the function whose answers are op of those of two functions; of one answer twice
// op is that answer. Of a gap that leaves op one answer there is none left.
func (s *Space) combine(op func(x, y uint32) uint32, a, b Function) Function {
	if a.gaps == no && b.gaps == no {
		same := func(n node) node { return n }
		return known(s, s.apply(s.operation(op, same), a.root, b.root))
	}
	c := coding{index: map[[2]uint32]uint32{}}
	n := s.apply(s.operation(func(x, y uint32) uint32 {
		if c.gap(x) == 0 && c.gap(y) == 0 {
			return c.of(op(c.value(x), c.value(y)), 0)
		}
		return s.combineGaps(op, &c, x, y)
	}, nil), s.code(&c, a), s.code(&c, b))
	return s.decode(&c, n)
}

// combineGaps is op for two answers of which one is not known.
func (s *Space) combineGaps(op func(x, y uint32) uint32, c *coding, x, y uint32) uint32 {
	var why []string
	any := false
	answers := func(code uint32) []policy.Action {
		gap := c.gap(code)
		if gap == 0 {
			return []policy.Action{policy.Action(c.value(code))}
		}
		g := s.gaps[gap-1]
		why = append(why, g.Why)
		any = any || len(g.Answers) == 0
		return g.Answers
	}
	var all []policy.Action
	for _, p := range answers(x) {
		for _, q := range answers(y) {
			all = append(all, policy.Action(op(uint32(p), uint32(q))))
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 1 && !any {
		return c.of(uint32(all[0]), 0)
	}
	slices.Sort(why)
	return c.of(0, s.gap(Gap{Why: strings.Join(slices.Compact(why), " and "), Answers: all}))
}

// GapsOf returns the gaps among the calls of one number, or of all numbers, each with a call.
func (s *Space) GapsOf(f Function, c Calls) (gaps []Gap, err error) {
	s.own(f)
	if f.gaps == no {
		return nil, nil
	}
	defer guard(&err, func() string { return "gaps" })
	calls := s.numbers(c.Arch, c.Numbers)
	for _, n := range s.values(s.and(calls, f.gaps)) {
		if n == 0 {
			continue
		}
		gap := s.gaps[n-1]
		here := s.where(f.gaps, func(m uint32) bool { return m == n })
		if e := s.example(s.and(calls, here), s.witness); e != nil {
			gap.Call = &e.Data
		}
		gaps = append(gaps, gap)
	}
	return gaps, nil
}
