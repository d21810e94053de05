package proof

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Partly is [Space.Programs] for programs of which a part may be too complex. What is answered to
// the calls that come to such a part is a gap; the rest is exact. Of a program that runs off its
// end, which the kernel would refuse, it is a gap what is answered there.
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
		gap := s.gap(Gap{Why: sk.name + sk.why(), Answers: answers})
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
