package oci

import (
	"fmt"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
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
			im.once(b.entry.Line, fmt.Sprintf("%s: this entry is asked before line %d, since it "+
				"tests a later argument", b.name, second.entry.Line), ": "+
				explain.Call(*call, abi.ByteOrder())+" gets "+explain.Action(b.entry.Action, abi))
		}
		return false, nil
	}
	return false, fmt.Errorf("%sline %d has another action for the same call, %s, and which of "+
		"them "+
		"counts depends on the engine's innards: make their conditions exclude each other", at,
		a.entry.Line, explain.Call(*call, abi.ByteOrder()))
}

// apartAt reports whether two rules ask for different bits of one argument, so that no call is of
// both. It says no where it does not see that at once.
func apartAt(abi *linux.ABI, a, b *rule) bool {
	for _, x := range a.tests {
		for _, y := range b.tests {
			if x.Index != y.Index {
				continue
			}
			x, y := exactTest(abi, x), exactTest(abi, y)
			if len(x.Set) == 1 && len(y.Set) == 1 && x.Set[0].Lo == x.Set[0].Hi &&
				y.Set[0].Lo == y.Set[0].Hi && (x.Set[0].Lo^y.Set[0].Lo)&x.Mask&y.Mask != 0 {
				return true
			}
		}
	}
	return false
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
	return interop.Example(abi, nr, both)
}

// modelled refuses two tests of one argument of which libseccomp's tree makes something else, in
// some releases. Tests that it takes for one share what comes behind them: where that is reached in
// two ways, as behind != and the orders of 64 bits, what a rule adds to one is added to the other.
// Orders of 64 bits share their upper halves even where these are not equal.
func modelled(abi *linux.ABI, rules []*rule) error {
	for _, r := range rules {
		for i := range r.tests {
			for _, o := range rules {
				for j := range o.tests {
					if r != o && confused(abi, r, o, i, j) {
						return fmt.Errorf("line %d: %s: argument %d is compared in line %d, "+
							"too, and what engines make of the two is not modelled here: write "+
							"one of them as values or as a mask", max(r.entry.Line, o.entry.Line),
							r.name, r.tests[i].Index, min(r.entry.Line, o.entry.Line))
					}
				}
			}
		}
	}
	return nil
}

// confused looks at the tests i of r and j of o.
func confused(abi *linux.ABI, r, o *rule, i, j int) bool {
	a, b := r.tests[i], o.tests[j]
	if a.Index != b.Index {
		return false
	}
	if i < len(r.tests)-1 && shares(abi, a, b) || apart(abi, a, b) {
		return true
	}
	if !opposite(plain(abi, a), plain(abi, b)) {
		return false
	}
	ends := i == j && i == len(r.tests)-1 && j == len(o.tests)-1
	prefix := rule{tests: r.tests[:i]}
	return !(ends && begins(abi, &prefix, o)) && pruned(abi, r, o)
}

// shares reports whether libseccomp may add to what comes behind a for b's sake, or in vain.
func shares(abi *linux.ABI, a, b Arg) bool {
	if bits(abi) == 64 {
		return a.Op == NotEqual || order(a.Op)
	}
	return plain(abi, a) != plain(abi, b) &&
		(a.Op == NotEqual || (a.Op == Less || a.Op == LessEqual) && order(b.Op))
}

// apart reports whether two tests are orders of 64 bits with different upper halves.
func apart(abi *linux.ABI, a, b Arg) bool {
	return bits(abi) == 64 && order(a.Op) && order(b.Op) && a.Value>>32 != b.Value>>32
}

// opposite reports whether one of two tests holds where the other one does not, which makes equal
// nodes of them.
func opposite(a, b Arg) bool {
	of := func(a, b Op) bool {
		return a == Equal && b == NotEqual || a == GreaterEqual && b == Less ||
			a == Greater && b == LessEqual
	}
	return a.Value == b.Value && (of(a.Op, b.Op) || of(b.Op, a.Op))
}

// pruned reports whether libseccomp may take one of two rules with opposite tests for part of the
// other and drop it. What keeps them is another action, and for 32 bits that the longer one comes
// first.
func pruned(abi *linux.ABI, r, o *rule) bool {
	first, second := r, o
	if o.at < r.at {
		first, second = o, r
	}
	return r.entry.Action == o.entry.Action ||
		bits(abi) == 32 && len(first.tests) <= len(second.tests)
}

func order(op Op) bool { return op >= Greater && op <= LessEqual }
