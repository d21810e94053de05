package oci

import (
	"fmt"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// clash compares two rules with different actions, of which a comes first, and reports whether a
// swallows b.
func (im *importer) clash(abi *linux.ABI, nr uint32, a, b *rule) (swallowed bool, err error) {
	conds := policy.And{im.condition(abi, a, true), im.condition(abi, b, true)}
	call, err := common(abi, nr, conds)
	if err != nil {
		return false, fmt.Errorf("line %d: %s: %w", b.entry.Line, b.name, err)
	}
	at := fmt.Sprintf("line %d: %s: ", b.entry.Line, b.name)
	begins := func(x, y *rule) bool { return im.begins(abi, x, y) }
	switch {
	case begins(a, b) && begins(b, a):
		return false, fmt.Errorf("%sthe same conditions as in line %d, and another action: a container "+
			"with this profile does not start; keep one of them", at, a.entry.Line)
	case begins(a, b):
		return true, nil
	case begins(b, a):
		return false, fmt.Errorf("%sthe conditions are the first ones of line %d, which has another "+
			"action: a container with this profile does not start; put this entry first", at, a.entry.Line)
	case call == nil:
		return false, nil
	case a.lowest() != b.lowest():
		first, second := a, b
		if b.lowest() > a.lowest() {
			first, second = b, a
		}
		if first == b {
			im.warn(b.entry.Line, "%s: this entry is asked before line %d, since it tests a later "+
				"argument: %s gets %s", b.name, second.entry.Line, explain.Call(*call, abi.ByteOrder()),
				explain.Action(b.entry.Action, abi))
		}
		return false, nil
	}
	return false, fmt.Errorf("%sline %d has another action for the same call, %s, and which of them "+
		"counts depends on the engine's innards: make their conditions exclude each other", at,
		a.entry.Line, explain.Call(*call, abi.ByteOrder()))
}

// begins reports whether all tests of a are the first ones of b, as the engine compares them.
func (im *importer) begins(abi *linux.ABI, a, b *rule) bool {
	if a.mux != "" || b.mux != "" {
		return a.mux == b.mux && a.call == b.call
	}
	if len(a.tests) > len(b.tests) {
		return false
	}
	for i, t := range a.tests {
		if t.Index != b.tests[i].Index || plain(abi, t) != plain(abi, b.tests[i]) {
			return false
		}
	}
	return true
}

// plain is a test without what does not count.
func plain(abi *linux.ABI, a Arg) Arg {
	ones := policy.Ones(bits(abi))
	a.Line = 0
	a.Value &= ones
	a.Two &= a.Value
	if a.Op != MaskedEqual {
		a.Two = 0
	}
	return a
}

// common returns a call for which a condition holds, or nil.
func common(abi *linux.ABI, nr uint32, c policy.Cond) (*policy.Data, error) {
	own := policy.ABI{Name: abi.Name, Arch: abi.Arch, BigEndian: abi.BigEndian,
		Numbers: []policy.Range{{Lo: 0, Hi: 1<<32 - 1}},
		Rules:   []policy.Rule{{Numbers: []uint32{nr}, Cond: c, Action: policy.Allow}}}
	s := proof.Part(16)
	f, err := s.Policy(&policy.Policy{ABIs: []policy.ABI{own}})
	if err != nil {
		return nil, err
	}
	calls := proof.Calls{Arch: abi.Arch, Numbers: []policy.Range{{Lo: uint64(nr), Hi: uint64(nr)}}}
	return s.Find(f, calls, func(a policy.Action) bool { return a == policy.Allow })
}
