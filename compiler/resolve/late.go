package resolve

import (
	"go/constant"
	"reflect"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
)

// lateDefinition is a late value of the policy as one ABI sees it.
type lateDefinition struct {
	node  *dsl.Late
	value *policy.Late
	given constant.Value // on the command line, or nil
	ok    bool           // there is no error in it
}

// defineLate records a late value.
func (s *scope) defineLate(x *dsl.Late) {
	name := x.Name.Text
	if s.known(x, x.Name) {
		return
	}
	s.late[name] = &lateDefinition{node: x}
	s.lateOrder = append(s.lateOrder, s.late[name])
}

// known reports whether the policy defines a name of a value already. The same statement may do so
// again, another one is an error. It also reports a name that means something by itself.
func (s *scope) known(x dsl.Statement, name dsl.Name) bool {
	var first dsl.Statement
	var at diag.Span
	if d := s.defs[name.Text]; d != nil {
		first, at = d.node, d.node.Name.Span
	}
	if l := s.late[name.Text]; l != nil {
		first, at = l.node, l.node.Name.Span
	}
	switch {
	case first == nil:
		s.checkName(name.Span, name.Text)
		return false
	case first != x:
		s.duplicate(name.Span, name.Text, at)
	}
	return true
}

// resolveLate gives the late values their types and ranges, which are the same on every ABI, and
// returns those that the command line gives no value.
func (s *scope) resolveLate() []*policy.Late {
	var out []*policy.Late
	for _, d := range s.lateOrder {
		fresh, ok := s.lateOf(d.node)
		d.value, d.ok = fresh, ok
		if first := s.r.late[d.node]; first == nil {
			s.r.late[d.node] = fresh
		} else if d.value = first; ok && !reflect.DeepEqual(first, fresh) {
			e := diag.Errorf(d.node.In.Span, codes.ConstantRange,
				"the range of %s differs between the ABIs", fresh.Name)
			s.r.report.add(nil, e.WithHelp("write it in numbers"))
		}
		if e := s.r.params[d.node.Name.Text]; e != nil {
			d.given = s.lateValue(d, e)
			d.ok = d.ok && d.given != nil
			continue
		}
		out = append(out, d.value)
	}
	return out
}

// lateOf reads the declaration of a late value.
func (s *scope) lateOf(x *dsl.Late) (l *policy.Late, ok bool) {
	l = &policy.Late{Name: x.Name.Text, Width: 32, Signed: x.Type[0] == 'i'}
	if x.Type[1:] == "64" {
		l.Width = 64
	}
	l.Values = []policy.Range{{Hi: policy.Ones(l.Width)}}
	if x.In == nil {
		return l, true
	}
	r := x.In.Ranges[0]
	r0 := condResolver{scope: s}
	o := operandOf(l)
	lo, okLo := r0.ordered(&r.Lo, o)
	hi, okHi := r0.ordered(r.Hi, o)
	if !okLo || !okHi {
		return l, false
	}
	values, fits := interval(lo, hi, o.Operand)
	if !fits {
		s.add(diag.Errorf(r.Span, codes.ConstantRange, "the range is empty").WithHelp(smallerFirst))
		return l, false
	}
	l.Values = policy.Union(values)
	return l, true
}

// operandOf returns a late value as something that a constant is compared with.
func operandOf(l *policy.Late) operand {
	o := operand{arg: l.Name}
	o.Operand = policy.Operand{Width: l.Width, Signed: l.Signed}
	return o
}

// lateValue evaluates what the command line gives to a late value, which must be one that it may
// have.
func (s *scope) lateValue(d *lateDefinition, e *dsl.Expr) constant.Value {
	v := s.integer(e.Span, s.expr(e))
	if v == nil {
		return nil
	}
	o := operandOf(d.value)
	switch {
	case !fitsIn(v, o.Width) || !hasOrder(v, o):
		f := diag.Errorf(e.Span, codes.ConstantRange, "%s is no %s", numeral(v), d.value.Type())
		s.add(f.WithHelp("give a value that %s can have", d.value.Type()))
		return nil
	case d.ok && !policy.Contains(d.value.Values, bitsOf(v, o.Width)):
		f := diag.Errorf(e.Span, codes.ConstantRange, "%s is out of the range of %s: %s",
			numeral(v), d.value.Name, d.node.In.Text())
		s.add(f.WithHelp("give a value of that range"))
		return nil
	}
	return v
}

// lateName returns the late value that an expression names, or nil.
func (s *scope) lateName(x *dsl.Sum) *lateDefinition { return s.late[bareName(x)] }

// lateTest returns the condition that an operand is a late value: bit for bit where both have one
// width. An unsigned value of 32 bits is extended with zeros.
func (r *condResolver) lateTest(at diag.Span, d *lateDefinition, o operand) (policy.Cond, bool) {
	if !d.ok {
		return nil, false
	}
	l, name := d.value, d.value.Name
	wrong := func(help, format string, args ...any) (policy.Cond, bool) {
		e := diag.Errorf(at, codes.LateValue, format, args...)
		r.add(e.WithHelp("%s", help))
		return nil, false
	}
	arg := o.means()
	switch {
	case l.Width > o.Width:
		return wrong("declare "+name+" with a type of that width",
			"%s is %s, and %s has %d bits", name, l.Type(), arg, o.Width)
	case l.Width < o.Width && l.Signed:
		return wrong("compare u32(...), or declare "+name+" as i64",
			"%s is %s, and %s has %d bits: where it is negative, they differ above bit 31", name,
			l.Type(), arg, o.Width)
	case o.ignored != 0:
		return wrong("compare u32(...) or u64(...), which count all bits",
			"the kernel does not read all bits of %s: a late value cannot be compared with the "+
				"others",
			arg)
	case d.given != nil:
		v := bitsOf(d.given, l.Width)
		return policy.Test{
			Operand: o.Operand, Mask: policy.Ones(o.Width), Set: []policy.Range{{Lo: v, Hi: v}},
		}, true
	case l.Width == o.Width:
		return policy.LateTest{Operand: o.Operand, Late: l}, true
	}
	upper := policy.Test{Operand: o.Operand, Mask: policy.Ones(64) &^ policy.Ones(32),
		Set: []policy.Range{{}}}
	low := policy.Operand{Arg: o.Arg, Width: 32}
	return policy.And{upper, policy.LateTest{Operand: low, Late: l}}, true
}

// equality resolves a comparison with one value or with those between the braces of "in", late
// ones among them.
func (r *condResolver) equality(t *dsl.Comparison, o operand, test policy.Test) (policy.Cond,
	bool) {
	var late []policy.Cond
	ok, constants := true, true
	add := func(at diag.Span, d *lateDefinition) {
		if t.Mask != nil {
			r.add(misplacedLate(at, d.node))
			ok = false
			return
		}
		c, fits := r.lateTest(at, d, o)
		late, ok = append(late, c), ok && fits
	}
	if t.In == nil {
		d := r.lateName(t.Value)
		if d == nil {
			v, fits := r.pattern(t.Value, o)
			test.Set = []policy.Range{{Lo: v, Hi: v}}
			return negate(test, t.Op == "!="), fits
		}
		add(t.Value.Span, d)
		constants = false
	} else {
		var fits bool
		test.Set, fits = r.members(t, o, add)
		ok, constants = ok && fits, len(test.Set) > 0
	}
	if !ok {
		return nil, false
	}
	var all policy.Cond = test
	switch {
	case len(late) == 1 && !constants:
		all = late[0]
	case len(late) > 0:
		if constants {
			late = append([]policy.Cond{test}, late...)
		}
		all = policy.Or(late)
	}
	return negate(all, t.Not || t.Op == "!="), true
}

// misplacedLate reports a late value where its value would have to be known.
func misplacedLate(at diag.Span, x *dsl.Late) diag.Finding {
	d := diag.Errorf(at, codes.LateValue,
		"the value of %s is not known before the filter is installed", x.Name.Text)
	d.Notes = []diag.Note{{Span: &x.Name.Span, Text: "it is declared late"}}
	return d.WithHelp("a late value stands alone behind ==, != or between the braces of in, " +
		"without a mask")
}
