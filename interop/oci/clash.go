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
	call, err := im.common(abi, nr, a, b)
	if err != nil {
		return false, fmt.Errorf("line %d: %s: %w", b.entry.Line, b.name, err)
	}
	at := fmt.Sprintf("line %d: %s: ", b.entry.Line, b.name)
	switch {
	case begins(abi, a, b) && begins(abi, b, a):
		return false, fmt.Errorf("%sthe same conditions as in line %d, and another action: a "+
			"container "+
			"with this profile does not start; keep one of them", at, a.entry.Line)
	case begins(abi, a, b):
		return true, nil
	case begins(abi, b, a):
		return false, fmt.Errorf("%sthe conditions are the first ones of line %d, which has "+
			"another "+
			"action: a container with this profile does not start; put this entry first", at,
			a.entry.Line)
	case call == nil:
		return false, nil
	case a.lowest() != b.lowest():
		first, second := a, b
		if b.lowest() > a.lowest() {
			first, second = b, a
		}
		if first == b {
			im.warn(b.entry.Line, "%s: this entry is asked before line %d, since it tests a later "+
				"argument: %s gets %s", b.name, second.entry.Line,
				explain.Call(*call, abi.ByteOrder()),
				explain.Action(b.entry.Action, abi))
		}
		return false, nil
	}
	return false, fmt.Errorf("%sline %d has another action for the same call, %s, and which of "+
		"them "+
		"counts depends on the engine's innards: make their conditions exclude each other", at,
		a.entry.Line, explain.Call(*call, abi.ByteOrder()))
}

// begins reports whether all tests of a are the first ones of b, as the engine compares them.
func begins(abi *linux.ABI, a, b *rule) bool {
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

// common returns a call for which both rules hold, or nil.
func (im *importer) common(abi *linux.ABI, nr uint32, a, b *rule) (*policy.Data, error) {
	var both policy.And
	for _, r := range []*rule{a, b} {
		c, ever := im.condition(abi, r, true)
		if !ever {
			return nil, nil
		}
		if c != nil {
			both = append(both, c)
		}
	}
	own := policy.ABI{Name: abi.Name, Arch: abi.Arch, BigEndian: abi.BigEndian,
		Numbers: []policy.Range{{Lo: 0, Hi: 1<<32 - 1}},
		Rules:   []policy.Rule{{Numbers: []uint32{nr}, Cond: both, Action: policy.Allow}}}
	s := proof.Part(16)
	f, err := s.Policy(&policy.Policy{ABIs: []policy.ABI{own}})
	if err != nil {
		return nil, err
	}
	calls := proof.Calls{Arch: abi.Arch, Numbers: []policy.Range{{Lo: uint64(nr), Hi: uint64(nr)}}}
	some, err := s.Find(f, calls, func(a policy.Action) bool { return a == policy.Allow })
	if some == nil {
		return nil, err
	}
	return &some.Data, nil
}

// modelled refuses two tests of one argument of which the first one leads to further ones where it
// does not hold, as !=, < and <= do: libseccomp asks the second one without looking at the argument
// again, in some releases. Comparisons of 64 bits are two tests each, and those of the upper halves
// of two orders become one.
func modelled(abi *linux.ABI, rules []*rule) error {
	for _, r := range rules {
		for i, a := range r.tests {
			if bits(abi) == 32 && i == len(r.tests)-1 {
				continue
			}
			for _, o := range rules {
				for _, b := range o.tests {
					if b.Index == a.Index && plain(abi, a) != plain(abi, b) &&
						(follows(a.Op, b.Op) || bits(abi) == 64 && order(a.Op) && order(b.Op)) {
						return fmt.Errorf("line %d: %s: argument %d is compared in line %d, "+
							"too, and what "+
							"engines make of the two is not modelled here: write one of them as "+
							"values or as a "+
							"mask", max(r.entry.Line, o.entry.Line), r.name, a.Index,
							min(r.entry.Line, o.entry.Line))
					}
				}
			}
		}
	}
	return nil
}

// follows reports whether libseccomp may ask for b behind a, and a is such a test.
func follows(a, b Op) bool {
	return a == NotEqual || (a == Less || a == LessEqual) && order(b)
}

func order(op Op) bool { return op >= Greater && op <= LessEqual }
