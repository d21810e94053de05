package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Gap is calls of which it is not known what they get.
type Gap struct {
	Why     string          // "instruction 7 is too complex to follow"
	Answers []policy.Action // one of which they get, in ascending order; none: it may be any
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
	return c.of(0, s.gap(Gap{strings.Join(slices.Compact(why), " and "), all}))
}

// GapsOf returns the gaps among the calls of one number, or of all numbers.
func (s *Space) GapsOf(f Function, c Calls) (gaps []Gap, err error) {
	s.own(f)
	if f.gaps == no {
		return nil, nil
	}
	defer guard(&err, func() string { return "gaps" })
	for _, gap := range s.values(s.and(s.numbers(c.Arch, c.Numbers), f.gaps)) {
		if gap != 0 {
			gaps = append(gaps, s.gaps[gap-1])
		}
	}
	return gaps, nil
}

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
	return o.space.leaf(o.space.gap(Gap{why, o.answers(n)}))
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

// Partly is [Space.Programs] for programs of which a part may be too complex. What is answered to
// the calls that come to such a part is a gap; the rest is exact. Of a program that runs off its end,
// which the kernel would refuse, it is a gap what is answered there.
func (s *Space) Partly(
	order binary.ByteOrder, programs []asm.Program, late ...*policy.Late,
) (f Function, err error) {
	filters := make([]Function, len(programs))
	for i, p := range programs {
		name := ""
		if len(programs) > 1 {
			name = fmt.Sprintf("filter %d, ", i+1)
		}
		if filters[i], err = s.partly(name, p, order, late); err != nil {
			return f, err
		}
	}
	return s.together(filters)
}

// partly follows one program: as a whole, or where that is too much, as far as it can be followed
// with half of what there was.
func (s *Space) partly(
	name string, p asm.Program, order binary.ByteOrder, late []*policy.Late,
) (f Function, err error) {
	steps, length := s.steps, len(s.vertices)
	ended, runsOff := p.Ended()
	if f, err = s.Program(p, order, late...); !runsOff && !errors.Is(err, ErrTooComplex) {
		return f, err
	}
	s.shrink(length)
	s.steps = steps / 2
	if runsOff {
		p = ended
		p[len(p)-1].Op = offEnd
	}
	defer guard(&err, func() string { return "gaps" })
	e := newExecutor(s, p)
	e.late = late
	sk := sketch{executor: e, name: name}
	return sk.run(order)
}

// offEnd stands behind the last instruction of a program that runs off its end.
const offEnd = 0xffff

// shrink takes out the vertices that came after the first ones. Nothing may hold them any more.
func (s *Space) shrink(length int) {
	mask := uint32(len(s.table) - 1)
	for i := len(s.vertices) - 1; i >= length; i-- {
		v := s.vertices[i]
		at := hash(v.level, uint32(v.lo), uint32(v.hi)) & mask
		for s.table[at] != node(i) {
			at = (at + 1) & mask
		}
		s.table[at] = 0 // it is the newest: nothing has been put behind it
	}
	if length < len(s.vertices) {
		s.vertices = s.vertices[:length]
		clear(s.memo)
	}
}

// The parts of a budget that one step of a sketch may take, and that a sketch leaves for questions
// about what is known.
const (
	sketchStep = 64
	sketchRest = 8
)

// sketch runs a program forwards, and leaves out the states in which a step is too complex.
type sketch struct {
	*executor
	name         string
	result, gaps node
	everything   node // the gap that holds every call
}

func (sk *sketch) run(order binary.ByteOrder) (Function, error) {
	s := sk.space
	sk.everything = s.leaf(s.gap(Gap{Why: sk.name + "the program is too complex to follow"}))
	sk.load(order)
	sk.begin()
	for sk.pc = range sk.program {
		for _, st := range sk.states[sk.pc] {
			var err error
			if !sk.try(func() { err = sk.advance(st) }) {
				sk.lose(st)
			}
			if err != nil {
				return Function{}, fmt.Errorf("instruction %d: %w", sk.pc, err)
			}
		}
	}
	root := no
	if !sk.try(func() { root = s.without(sk.result, s.some(sk.gaps)) }) {
		root, sk.gaps = no, sk.everything
	}
	return Function{s, root, sk.gaps}, nil
}

// try does some work with what a step may take, and leaves nothing of it where that is not enough.
func (sk *sketch) try(work func()) bool {
	s := sk.space
	length, full := len(s.vertices), s.full
	done := s.steps > full/sketchRest && s.within(full/sketchStep, work)
	if !done {
		s.shrink(length)
	}
	return done
}

// advance executes an instruction in a state that some call comes to.
func (sk *sketch) advance(st *state) error {
	s := sk.space
	if sk.calls(st) == no {
		return nil
	}
	if sk.program[sk.pc].Op == offEnd {
		panic(exhausted{})
	}
	s.spend(32)
	if err := sk.step(sk.program[sk.pc], st); err != nil {
		return err
	}
	if st.then == nil {
		sk.result = s.ite(st.calls, st.answer, sk.result)
	}
	return nil
}

// lose puts the calls that come to a state into a gap. Where it is too complex to tell which these
// are, it is all calls that come to the states before it, and they may get anything.
func (sk *sketch) lose(st *state) {
	s, calls, answers := sk.space, yes, sk.ends()
	st.asked = st.asked && len(st.from) == 0 // what it has of its calls may be gone
	switch {
	case sk.try(func() { calls = sk.calls(st) }):
	case sk.try(func() { calls = s.allOf(st.from) }):
		answers = nil
	default:
		calls, answers = yes, nil
	}
	st.asked, st.calls = true, calls
	if !sk.try(func() {
		gap := s.gap(Gap{sk.name + sk.why(), answers})
		sk.gaps = s.ite(calls, s.leaf(gap), sk.gaps)
	}) {
		sk.gaps = sk.everything
	}
}

// why says why a call cannot be followed beyond the instruction at hand.
func (sk *sketch) why() string {
	if sk.program[sk.pc].Op == offEnd {
		return fmt.Sprintf("it runs off the program's end, at %d", sk.pc)
	}
	return fmt.Sprintf("instruction %d is too complex to follow", sk.pc)
}

// allOf returns the calls that come to any of some states.
func (s *Space) allOf(states []*state) node {
	all := no
	for _, st := range states {
		all = s.or(all, st.calls)
	}
	return all
}

// ends returns what a program that is at an instruction may return, or nothing for anything.
func (sk *sketch) ends() []policy.Action {
	var answers []policy.Action
	reached := map[int]bool{sk.pc: true}
	for pc := sk.pc; pc < len(sk.program); pc++ {
		if !reached[pc] {
			continue
		}
		switch in := sk.program[pc]; {
		case in.Op == asm.RetK:
			answers = append(answers, policy.Action(in.K))
		case in.Op == asm.RetA, in.Op == offEnd:
			return nil
		case in.Op == asm.Ja:
			reached[pc+1+int(in.K)] = true
		case in.Op&0x07 == 0x05:
			reached[pc+1+int(in.Jt)], reached[pc+1+int(in.Jf)] = true, true
		default:
			if in.Op == asm.DivX {
				answers = append(answers, policy.KillThread)
			}
			reached[pc+1] = true
		}
	}
	return answers
}
