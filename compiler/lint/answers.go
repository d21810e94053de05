package lint

import (
	"sync"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// What the policy, and the filters beside it, do with the calls that a line of text means.

func (s *bypassSearch) calls(abi int, text string) []resolve.Call {
	return meanings.of(s.ABIs[abi], text, meaningOf)
}

// remembered holds what a function finds of the few texts that it is asked about again and again,
// for whatever policy: those of the table, and the names of calls.
type remembered[V any] struct{ values sync.Map }

type textOn struct {
	abi  *linux.ABI
	text string
}

func (r *remembered[V]) of(abi *linux.ABI, text string, find func(*linux.ABI, string) V) V {
	key := textOn{abi, text}
	if v, ok := r.values.Load(key); ok {
		return v.(V)
	}
	v := find(abi, text)
	r.values.Store(key, v)
	return v
}

var meanings remembered[[]resolve.Call] // see meaningOf

// meaningOf returns the calls that a text means on an ABI, none where the ABI does not have them.
func meaningOf(abi *linux.ABI, text string) (calls []resolve.Call) {
	name := nameIn(text)
	doors := resolve.Doors(abi, name)
	switch {
	case len(doors) == 0:
	case name == text:
		calls = doors
	default:
		calls, _ = resolve.Calls(abi, "bypass", text)
	}
	return calls
}

// find returns one of the calls that gets an action that is wanted, from all filters together.
// Where the prover gives up there is none: the proof of the program meets the same bound and
// reports it.
func (s *bypassSearch) find(abi int, c resolve.Call,
	wanted func(policy.Action) bool) *proof.Example {
	return s.findIn(s.number(abi, c.Nr).all, abi, c, wanted)
}

// own is find for the policy alone.
func (s *bypassSearch) own(abi int, c resolve.Call,
	wanted func(policy.Action) bool) *proof.Example {
	return s.findIn(s.number(abi, c.Nr).own, abi, c, wanted)
}

// function returns what is done with a number, and false where that is too much for the prover.
func (s *bypassSearch) function(abi int, nr uint32) (proof.Function, bool) {
	f := s.number(abi, nr).all
	return f, f != (proof.Function{})
}

func (s *bypassSearch) findIn(
	f proof.Function, abi int, c resolve.Call, wanted func(policy.Action) bool,
) *proof.Example {
	if f == (proof.Function{}) {
		return nil
	}
	nr := uint64(c.Nr)
	calls := proof.Calls{
		Arch: s.Policy.ABIs[abi].Arch, Numbers: []policy.Range{{Lo: nr, Hi: nr}}, Cond: c.Cond,
	}
	some, err := s.space.Find(f, calls, wanted)
	if err != nil {
		return nil
	}
	return some
}

// number returns what is done with the calls of a number, nothing where the prover gives up.
func (s *bypassSearch) number(abi int, nr uint32) numbered {
	key := numberKey{abi, nr}
	n, known := s.numbers[key]
	if known {
		return n
	}
	own, err := s.space.Number(s.Policy, s.Policy.ABIs[abi].Arch, nr)
	if err != nil {
		return numbered{}
	}
	n = numbered{own, own}
	if s.beside != nil {
		if n.all, err = s.space.Stack(*s.beside, own); err != nil {
			return numbered{}
		}
	}
	s.numbers[key] = n
	return n
}

// letsPass and stops leave out notify and trace, which somebody else decides.
func letsPass(a policy.Action) bool { return a.Kind() == policy.Allow || a.Kind() == policy.Log }

func stops(a policy.Action) bool {
	return !letsPass(a) && a.Kind() != policy.Notify && a.Kind() != policy.Trace
}
