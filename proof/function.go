package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Function is the answer to every one of the 2^512 calls, in a canonical form: two functions of one
// space are the same for all calls exactly when they are equal by ==. The answers are the 32 bits
// that a filter returns, so that allow and "allow with data 1" differ.
//
// A function of [Space.Partly] may have gaps: calls whose answer is not known. Nothing is said of
// these calls: a question whose answer depends on one is not decided, and two functions with gaps
// are never equal.
type Function struct {
	space *Space
	root  node // 0 where there is a gap
	gaps  node // the number of the gap, 0 where there is none
}

// known returns a function without gaps.
func known(s *Space, root node) Function { return Function{s, root, no} }

// Eval returns the action for one call that is in no gap, where late values are what they are.
func (f Function) Eval(d policy.Data, late ...policy.LateValues) policy.Action {
	return policy.Action(f.space.eval(f.root, f.space.inputOf(d, late...)))
}

// Always returns the action of every call with the arch and the number, if they all get the same
// one.
func (f Function) Always(arch, nr uint32) (a policy.Action, always bool) {
	n := f.space.of(f.root, arch, nr)
	if !f.space.isLeaf(n) || f.space.of(f.gaps, arch, nr) != no {
		return 0, false
	}
	return policy.Action(f.space.value(n)), true
}

// Difference is one call to which two functions give different actions.
type Difference struct {
	Call policy.Data
	Late policy.LateValues // late values with which it is so, of those that the functions ask for
	A, B policy.Action
}

// Example is one call of a set.
type Example struct {
	policy.Data
	Late policy.LateValues // late values with which it is of the set
}

// Calls describes a set of calls: those with this arch, a number in one of the ranges, and
// arguments for which the condition holds; a nil condition always does.
type Calls struct {
	Arch    uint32
	Numbers []policy.Range
	Cond    policy.Cond
}

// Equal proves that the program answers every call as the policy does, or returns a call that it
// answers otherwise: A is the policy's action then, B the program's. With an error it is not known
// which. The arches are those of [New].
func Equal(p *policy.Policy, program asm.Program, arches ...uint32) (*Difference, error) {
	order, err := byteOrder(p)
	if err != nil {
		return nil, err
	}
	s := newFor(len(program))
	s.real = arches
	a, err := s.Policy(p)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	b, err := s.Program(program, order, p.Late...)
	if err != nil {
		return nil, fmt.Errorf("program: %w", err)
	}
	return s.Differ(a, b)
}

// EqualStack is [Equal] for programs that are installed one after the other: B is what the kernel
// makes of their answers.
func EqualStack(
	p *policy.Policy, order binary.ByteOrder, stack []asm.Program, late []*policy.Late,
	arches ...uint32,
) (*Difference, error) {
	if len(stack) == 1 {
		return Equal(p, stack[0], arches...)
	}
	s := New(arches...)
	a, err := s.Policy(p)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	b, err := s.Programs(order, stack, late...)
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	return s.Differ(a, b)
}

// byteOrder returns the byte order that the policy's ABIs share.
func byteOrder(p *policy.Policy) (binary.ByteOrder, error) {
	if len(p.ABIs) == 0 {
		return nil, errors.New("a policy without an ABI: the byte order of its filter is not known")
	}
	for _, abi := range p.ABIs {
		if abi.BigEndian != p.ABIs[0].BigEndian {
			return nil, fmt.Errorf("%s and %s differ in byte order: no filter can serve both",
				p.ABIs[0].Name, abi.Name)
		}
	}
	if p.ABIs[0].BigEndian {
		return binary.BigEndian, nil
	}
	return binary.LittleEndian, nil
}

// of returns what a function does for the calls of one number.
func (s *Space) of(n node, arch, nr uint32) node {
	return s.follow(s.follow(n, wordArch, arch), wordNr, nr)
}

// Differ returns a call to which the functions give different actions, or nil if there is none.
func (s *Space) Differ(a, b Function) (*Difference, error) {
	return s.disagreement(a, b, different)
}

func different(x, y uint32) bool { return x != y }

// Subset returns a call for which b is laxer than a by [policy.Action.Strictness], or nil if there
// is none: b grants nothing then that a does not.
func (s *Space) Subset(a, b Function) (*Difference, error) { return s.disagreement(a, b, laxer) }

// laxer reports whether the second action is laxer than the first.
func laxer(x, y uint32) bool {
	return policy.Action(y).Strictness() > policy.Action(x).Strictness()
}

// disagreement returns a call whose two values stand in the relation; no value does with itself.
func (s *Space) disagreement(
	a, b Function, related func(x, y uint32) bool,
) (d *Difference, err error) {
	s.own(a, b)
	defer guard(&err, func() string { return "comparison" })
	leaf := func(x, y uint32) uint32 {
		if related(x, y) {
			return 1
		}
		return 0
	}
	calls := s.apply(s.operation(leaf, func(node) node { return no }), a.root, b.root)
	in, late, found := s.possible(s.without(calls, s.inGap(a, b)), s.witness)
	if !found {
		return nil, s.notKnown(yes, a.gaps, b.gaps)
	}
	call := in.call() // the set may not ask what either function asks of late values
	return &Difference{call, late, a.Eval(call, late), b.Eval(call, late)}, nil
}

// Find returns one of the calls to which f gives an action that is wanted, or nil if there is none.
func (s *Space) Find(
	f Function, c Calls, wanted func(policy.Action) bool,
) (d *Example, err error) {
	s.own(f)
	defer guard(&err, func() string { return "claim" })
	holds, err := s.condition(c.Cond)
	if err != nil {
		return nil, err
	}
	if nr, one := c.number(); one { // of a function of all numbers, only its part is looked at
		return s.search(s.of(f.root, c.Arch, nr), s.of(f.gaps, c.Arch, nr), holds, wanted,
			func(set node) input {
				in := s.smallest(set)
				in[wordArch], in[wordNr] = c.Arch, nr
				return in
			})
	}
	calls := s.and(s.numbers(c.Arch, c.Numbers), holds)
	return s.search(f.root, f.gaps, calls, wanted, s.witness)
}

// Elsewhere is [Space.Find] for the calls with none of some values of arch.
func (s *Space) Elsewhere(
	f Function, arches []uint32, wanted func(policy.Action) bool,
) (e *Example, err error) {
	s.own(f)
	defer guard(&err, func() string { return "other arches" })
	var known []policy.Range
	for _, arch := range arches {
		known = append(known, policy.Range{Lo: uint64(arch), Hi: uint64(arch)})
	}
	calls := s.not(s.member(wordArch.field(), policy.Ones(32), known))
	return s.search(f.root, f.gaps, calls, wanted, s.smallest)
}

// LooksAtArch reports whether what a function answers depends on arch.
func (s *Space) LooksAtArch(f Function) bool {
	s.own(f)
	return min(s.level(f.root), s.level(f.gaps)) <= wordArch.level(0)
}

// search returns one of some calls that gets what is wanted. Where none is known to, those must
// not get it that are in a gap.
func (s *Space) search(
	root, gaps, calls node, wanted func(policy.Action) bool, find func(node) input,
) (*Example, error) {
	some := s.some(gaps)
	if e := s.example(s.among(s.without(calls, some), root, wanted), find); e != nil {
		return e, nil
	}
	return nil, s.notKnown(s.and(calls, s.where(gaps, func(gap uint32) bool {
		return gap != 0 && s.gaps[gap-1].may(wanted)
	})), gaps)
}

// example returns one call of a set, or nil where none belongs to any late values.
func (s *Space) example(set node, find func(node) input) *Example {
	in, late, found := s.possible(set, find)
	if !found {
		return nil
	}
	return &Example{in.call(), late}
}

// Within returns a function that answers some calls as f does, and every other call with 0:
// functions so made differ in these calls alone.
func (s *Space) Within(f Function, calls ...Calls) (Function, error) {
	return s.choose(f, calls, func(some, n node) node { return s.ite(some, n, no) })
}

// Without returns a function that answers all calls but some as f does, and these with 0.
func (s *Space) Without(f Function, calls ...Calls) (Function, error) {
	return s.choose(f, calls, func(some, n node) node { return s.ite(some, no, n) })
}

// choose makes a function of the set of some calls.
func (s *Space) choose(
	f Function, calls []Calls, make func(some, n node) node,
) (out Function, err error) {
	s.own(f)
	defer guard(&err, func() string { return "calls" })
	some := no
	for _, c := range calls {
		holds, err := s.condition(c.Cond)
		if err != nil {
			return Function{}, err
		}
		some = s.or(some, s.and(s.numbers(c.Arch, c.Numbers), holds))
	}
	return Function{s, make(some, f.root), make(some, f.gaps)}, nil
}

// Narrow returns a function that answers the calls of some arches as f does where the upper
// halves of all arguments are 0, whatever they are: registers of 32 bits have no other calls.
func (s *Space) Narrow(f Function, arches ...uint32) (out Function, err error) {
	s.own(f)
	defer guard(&err, func() string { return "upper halves" })
	upper := [6]uint64{}
	for arg := range upper {
		upper[arg] = ^policy.Ones(32)
	}
	bits := unreadBits(upper)
	some := no
	for _, arch := range arches {
		some = s.or(some, s.numbers(arch, []policy.Range{{Lo: 0, Hi: math.MaxUint32}}))
	}
	root := s.ite(some, s.clear(f.root, bits), f.root)
	return Function{s, root, s.ite(some, s.clear(f.gaps, bits), f.gaps)}, nil
}

// number returns the only number of the calls, if there is only one.
func (c Calls) number() (nr uint32, one bool) {
	if len(c.Numbers) != 1 || c.Numbers[0].Lo != c.Numbers[0].Hi ||
		c.Numbers[0].Lo > math.MaxUint32 {
		return 0, false
	}
	return uint32(c.Numbers[0].Lo), true
}

// among returns those of the calls to which f gives a value that is wanted.
func (s *Space) among(calls, f node, wanted func(policy.Action) bool) node {
	op := s.operation(func(_, value uint32) uint32 {
		if wanted(policy.Action(value)) {
			return 1
		}
		return 0
	}, nil)
	op.part = true // so that the search is as long as the claim, not as f
	return s.apply(op, calls, f)
}

// Stack returns what the kernel does with several filters, given in the order in which they were
// installed: the smallest action as a signed number wins, and of equal ones the newest filter's
// data (seccomp_run_filters of kernel/seccomp.c). With no filter at all everything is allowed.
func (s *Space) Stack(filters ...Function) (f Function, err error) {
	s.own(filters...)
	defer guard(&err, func() string { return "stack" })
	strictest := func(newer, older uint32) uint32 {
		if policy.Action(older).Precedence() < policy.Action(newer).Precedence() {
			return older
		}
		return newer
	}
	f = known(s, s.leaf(uint32(policy.Allow)))
	for _, newer := range filters {
		f = s.combine(strictest, newer, f)
	}
	return f, nil
}

// Laxest returns the function that answers each call as the laxer of two does, by
// [policy.Action.Strictness], and where they are equally strict as the first does.
func (s *Space) Laxest(a, b Function) (f Function, err error) {
	s.own(a, b)
	defer guard(&err, func() string { return "the laxer action" })
	return s.combine(func(x, y uint32) uint32 {
		if laxer(x, y) {
			return y
		}
		return x
	}, a, b), nil
}

// Programs returns what a program does, or what the kernel does with several, as [Space.Stack]
// has it. The late values have the same numbers in each program.
func (s *Space) Programs(
	order binary.ByteOrder, programs []asm.Program, late ...*policy.Late,
) (Function, error) {
	filters := make([]Function, len(programs))
	for i, p := range programs {
		var err error
		if filters[i], err = s.Program(p, order, late...); err != nil {
			return Function{}, err
		}
	}
	return s.together(filters)
}

// together is [Space.Stack] for filters of which there is one at least.
func (s *Space) together(filters []Function) (Function, error) {
	if len(filters) == 1 {
		return filters[0], nil
	}
	return s.Stack(filters...)
}

// own panics when a function belongs to another space: its node means something else here.
func (s *Space) own(fs ...Function) {
	for _, f := range fs {
		if f.space != s {
			panic("proof: a function of another space")
		}
	}
}
