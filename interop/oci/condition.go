package oci

import (
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// bits is how many bits of an argument libseccomp compares: it takes x32 for a 32-bit ABI.
func bits(abi *linux.ABI) int {
	if abi.Bits == 32 || abi.Name == "x32" {
		return 32
	}
	return 64
}

// condition returns the condition of a rule: exactly the engine's, or with the widths that the
// kernel reads. It is nil for one that always holds, and false for one that never does.
func (im *importer) condition(abi *linux.ABI, r *rule, exact bool) (c policy.Cond, ever bool) {
	var and policy.And
	for _, a := range r.tests {
		if im.opts.Engine == Runsc && a.Op == MaskedEqual && a.Two&^a.Value != 0 {
			return nil, false
		}
		t := im.test(abi, r, a, exact)
		switch {
		case len(t.Set) == 0:
			return nil, false
		case t.Set[0] == policy.Range{Lo: 0, Hi: t.Mask}:
		default:
			and = append(and, t)
		}
	}
	switch len(and) {
	case 0:
		return nil, true
	case 1:
		return and[0], true
	}
	return and, true
}

func (im *importer) test(abi *linux.ABI, r *rule, a Arg, exact bool) policy.Test {
	t := exactTest(abi, a)
	switch {
	case exact:
	case r.mux != "" && a.Index == 0 && len(r.tests) == 1:
		t.Operand.Width, t.Mask = 32, linux.MultiplexerMask(r.mux)
	case r.mux == "":
		if natural, ok := im.repaired(abi, r, a); ok {
			return natural
		}
	}
	return t
}

// exactTest is what libseccomp compares: all bits, unsigned.
func exactTest(abi *linux.ABI, a Arg) policy.Test {
	width := bits(abi)
	a = plain(abi, a)
	t := policy.Test{Operand: policy.Operand{Arg: a.Index, Width: width}, Mask: policy.Ones(width)}
	if a.Op == MaskedEqual {
		t.Mask, t.Set = a.Value, []policy.Range{{Lo: a.Two, Hi: a.Two}}
		return t
	}
	t.Set = members(a.Op, a.Value, policy.Ones(width))
	return t
}

// members returns the values for which a comparison holds.
func members(op Op, v, most uint64) []policy.Range {
	below := func(v uint64) []policy.Range {
		if v == 0 {
			return nil
		}
		return []policy.Range{{Lo: 0, Hi: v - 1}}
	}
	switch op {
	case Equal:
		return []policy.Range{{Lo: v, Hi: v}}
	case NotEqual:
		return policy.Complement([]policy.Range{{Lo: v, Hi: v}}, most)
	case Less:
		return below(v)
	case LessEqual:
		return []policy.Range{{Lo: 0, Hi: v}}
	case Greater:
		return policy.Complement([]policy.Range{{Lo: 0, Hi: v}}, most)
	}
	return policy.Complement(below(v), most)
}

// repaired is a test of the bits that the kernel reads, where they are fewer than the engine
// compares and the constants say the same for them.
func (im *importer) repaired(abi *linux.ABI, r *rule, a Arg) (t policy.Test, ok bool) {
	proto, known := abi.Prototype(r.name)
	if !known || a.Index >= len(proto) || proto[a.Index].Width == 0 {
		return t, false
	}
	p := proto[a.Index]
	ones := policy.Ones(p.Width)
	a = plain(abi, a)
	if p.Width >= bits(abi) && p.Ignored == 0 || !fits(a, p.Width) {
		return t, false
	}
	t = policy.Test{Operand: policy.Operand{Arg: a.Index, Width: p.Width, Signed: p.Signed},
		Mask: ones &^ p.Ignored}
	switch a.Op {
	case MaskedEqual:
		if a.Value&p.Ignored != 0 {
			return t, false
		}
		t.Mask = a.Value & ones
		t.Set = []policy.Range{{Lo: a.Two & ones, Hi: a.Two & ones}}
	case Equal, NotEqual:
		if a.Value&p.Ignored != 0 {
			return t, false
		}
		t.Set = members(a.Op, a.Value&ones, ones)
		if a.Op == NotEqual && p.Ignored != 0 {
			return t, false
		}
	default:
		if p.Ignored != 0 || a.Value > ones {
			return t, false
		}
		t.Set = members(a.Op, a.Value, ones)
	}
	if p.Width < bits(abi) && !(a.Op == MaskedEqual && a.Value <= ones) {
		im.repairs.note(abi, r, a, p)
	}
	return t, true
}

// fits reports whether a test's constants are values of so many bits, as such or with their sign
// carried on.
func fits(a Arg, width int) bool {
	ok := func(v uint64) bool {
		return v <= policy.Ones(width) || int64(v)>>(width-1) == -1
	}
	if a.Op == MaskedEqual {
		return a.Two <= policy.Ones(width)
	}
	return ok(a.Value)
}

// repairs say which arguments are compared as wide as the kernel reads them, and the first line
// that compares each.
type repairs map[string]int

func (s repairs) note(abi *linux.ABI, r *rule, a Arg, p linux.Arg) {
	text := interop.Repair("the engine", abi, r.name, a.Index, bits(abi), p.Width)
	if at, seen := s[text]; !seen || r.entry.Line < at {
		s[text] = r.entry.Line
	}
}

// text writes a condition for a rule about one call.
func text(c policy.Cond, abi *linux.ABI, nr uint32) string {
	if c == nil {
		return ""
	}
	return explain.Cond(c, abi, nr)
}
