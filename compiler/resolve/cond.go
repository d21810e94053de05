package resolve

import (
	"fmt"
	"go/constant"
	"go/token"
	"math/bits"
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// cond resolves a condition for calls that see its operands as given; "of" is one of them, for
// messages. Parts of it that are always or never true are reported, unless they make the whole so:
// that is for the caller to say.
func (s *scope) cond(c *dsl.Cond, of call, operands []operand) (policy.Cond, bool) {
	r := condResolver{scope: s, call: of, operands: operands, ok: true}
	out := r.or(c)
	if r.ok && len(r.constant) > 0 && truthOf(out) == depends {
		for _, d := range r.constant {
			s.add(d)
		}
	}
	return out, r.ok
}

// condResolver is the state of cond.
type condResolver struct {
	*scope
	call     call
	operands []operand
	known    known  // of the operands, in the place that is being resolved
	silent   *scope // whose findings nobody reads; made when it is needed
	constant diag.List
	narrower bool // a constant of the comparison is beyond the operand of this twin
	ok       bool
}

func (r *condResolver) or(c *dsl.Cond) policy.Cond {
	if len(c.Or) == 1 {
		return r.and(&c.Or[0])
	}
	if r.depends() {
		defer r.learn(r.facts(c, false))() // a part only matters where the others do not hold
	}
	out := make(policy.Or, len(c.Or))
	for i := range c.Or {
		out[i] = r.and(&c.Or[i])
	}
	return out
}

func (r *condResolver) and(c *dsl.CondAnd) policy.Cond {
	if len(c.And) == 1 {
		return r.term(&c.And[0])
	}
	if r.depends() {
		defer r.learn(r.factsOfAnd(c, true))()
	}
	out := make(policy.And, len(c.And))
	for i := range c.And {
		out[i] = r.term(&c.And[i])
	}
	return out
}

func (r *condResolver) term(t *dsl.CondTerm) policy.Cond {
	var c policy.Cond
	if t.Paren != nil {
		c = r.or(t.Paren)
	} else {
		c = r.test(t.Test)
	}
	if len(t.Not)%2 == 1 {
		return policy.Not{X: c}
	}
	return c
}

// test resolves one comparison and reports what it cannot do.
func (r *condResolver) test(t *dsl.Comparison) policy.Cond {
	o := r.settled(r.operand(&t.X))
	if !r.r.spend(t.Span, 1) {
		r.ok = false
		return nil
	}
	r.narrower = false
	c, ok := r.comparison(t, o)
	if !ok {
		r.ok = false
		return nil
	}
	r.lintComparison(t, o, c)
	return c
}

// operand returns what an operand of the text is for these calls.
func (r *condResolver) operand(x *dsl.Operand) operand {
	for _, o := range r.operands {
		if o.key == keyOf(x) {
			return o
		}
	}
	return operand{}
}

// comparison resolves one comparison.
func (r *condResolver) comparison(t *dsl.Comparison, o operand) (policy.Cond, bool) {
	c, ok := r.whole(t, o)
	if ok && o.split {
		return r.halves(t, o, c)
	}
	if !ok || o.ignored == 0 {
		return c, ok
	}
	return withoutBits(c, o), true
}

// whole resolves one comparison as if all bits of the operand counted.
func (r *condResolver) whole(t *dsl.Comparison, o operand) (policy.Cond, bool) {
	if d, is := r.isLogic(t, o); is {
		r.add(d)
		return nil, false
	}
	test := policy.Test{Operand: o.Operand, Mask: policy.Ones(o.Width)}
	if t.Mask == nil && t.In == nil && r.beyond(t.Value, o) {
		return settledCond(t.Op == "!=" || t.Op == "<" || t.Op == "<="), true
	}
	if t.Mask != nil {
		mask, ok := r.mask(t, o)
		if !ok {
			return nil, false
		}
		test.Mask = mask
	}
	switch t.Op {
	case "":
		if t.In != nil {
			return r.equality(t, o, test)
		}
		test.Op = policy.Any
		return test, true
	case "==", "!=":
		return r.equality(t, o, test)
	case "any", "all", "only":
		v, ok := r.pattern(t.Value, o)
		test.Op, test.Mask = maskOps[t.Op], v
		return test, ok
	}
	v, ok := r.ordered(t.Value, o)
	test.Op, test.Mask, test.Value = orderOps[t.Op], 0, v
	return test, ok
}

var (
	maskOps  = map[string]policy.Op{"any": policy.Any, "all": policy.All, "only": policy.Only}
	orderOps = map[string]policy.Op{"<": policy.Lt, "<=": policy.Le, ">": policy.Gt,
		">=": policy.Ge}
)

func negate(t policy.Cond, not bool) policy.Cond {
	if not {
		return policy.Not{X: t}
	}
	return t
}

// settledCond is a condition that holds for all values or for none.
func settledCond(holds bool) policy.Cond {
	if holds {
		return policy.And{}
	}
	return policy.Or{}
}

// beyond reports whether a constant is above all that the operand can be, in a call that "all"
// names along with a twin whose operand is wider: what is written for that one has its answer here.
func (r *condResolver) beyond(x *dsl.Sum, o operand) bool {
	if x == nil || !r.call.all || o.arg == "" || o.Width == 64 || r.lateName(x) != nil {
		return false
	}
	v := r.integer(x.Span, r.sum(x))
	if v == nil || constant.Sign(v) < 0 || !fitsIn(v, 64) || fitsIn(v, o.Width) && hasOrder(v, o) {
		return false
	}
	is := slices.ContainsFunc(r.abi.Twins(r.call.name), func(twin string) bool {
		params, _ := r.abi.Prototype(twin)
		return slices.ContainsFunc(params, func(p linux.Arg) bool {
			names := append([]string{p.Name}, p.Aliases...)
			return slices.Contains(names, o.arg+"_lo") ||
				p.Width > o.Width && slices.Contains(names, o.arg)
		})
	})
	r.narrower = r.narrower || is
	return is
}

// mask returns the mask behind "&". Without a comparison behind it, it must be one bit.
func (r *condResolver) mask(t *dsl.Comparison, o operand) (uint64, bool) {
	m, ok := r.fit(t.Mask.Span, r.integer(t.Mask.Span, r.unary(t.Mask)), o)
	if ok && t.Op == "" && t.In == nil && bits.OnesCount64(m) > 1 {
		x, mask := t.X.Text(), t.Mask.Text()
		d := diag.Errorf(t.Span, codes.MultiBitMask,
			"%s has several bits: & may mean any of them or all", mask)
		d = d.WithHelp("write %s any %s, %s all %s, or %s & %s == VALUE", x, mask, x, mask, x, mask)
		if e := r.enumerated(o); e != nil && e.mask != 0 && e.misused("", o.call, m, 0) {
			named, test := e.rightTest(t, m, 0)
			d = d.WithHelp("write %s", test)
			if exact(test) {
				d.Edits = []diag.Edit{{Span: t.Span, New: test}}
				r.enumAsFlags(t, o, named, test, m)
			}
		}
		r.add(d)
		return 0, false
	}
	return m, ok
}

// pattern returns a constant as the bits that an operand is compared with. A negative constant
// stands for its two's complement whatever the operand's sign.
func (r *condResolver) pattern(x *dsl.Sum, o operand) (uint64, bool) {
	return r.fit(x.Span, r.integer(x.Span, r.sum(x)), o)
}

func (r *condResolver) fit(at diag.Span, v constant.Value, o operand) (uint64, bool) {
	if v == nil {
		return 0, false
	}
	if fitsIn(v, o.Width) {
		return bitsOf(v, o.Width), true
	}
	r.add(r.outOfRange(at, v, o))
	return 0, false
}

// ordered returns a constant that stands behind an order: it must be a value that the operand can
// have.
func (r *condResolver) ordered(x *dsl.Sum, o operand) (uint64, bool) {
	v := r.integer(x.Span, r.sum(x))
	if v == nil {
		return 0, false
	}
	if fitsIn(v, o.Width) && hasOrder(v, o) {
		return bitsOf(v, o.Width), true
	}
	r.add(r.outOfRange(x.Span, v, o))
	return 0, false
}

func (r *condResolver) outOfRange(at diag.Span, v constant.Value, o operand) diag.Finding {
	sign := "unsigned"
	if o.Signed {
		sign = "signed"
	}
	d := diag.Errorf(at, codes.ConstantRange, "%s does not fit %s, which is %d bits, %s",
		numeral(v), o.means(), o.Width, sign)
	if o.Width < 64 && o.Width < r.abi.Bits && fitsIn(v, 64) {
		d = d.WithNotes("the kernel does not read the bits above")
	}
	if !o.Signed && constant.Sign(v) < 0 {
		return d.WithHelp("a cast reads it with a sign: i%d(ARGUMENT)", o.Width)
	}
	lo, hi := constant.MakeInt64(0), constant.MakeUint64(policy.Ones(o.Width))
	if o.Signed {
		hi = constant.Shift(constant.BinaryOp(hi, token.ADD, constant.MakeInt64(1)), token.SHR, 1)
		lo = constant.UnaryOp(token.SUB, hi, 0)
		hi = constant.BinaryOp(hi, token.SUB, constant.MakeInt64(1))
	}
	return d.WithHelp("write a value from %s to %s", numeral(lo), numeral(hi))
}

// numeral writes a number as people do: small ones in decimal.
func numeral(v constant.Value) string {
	if within(v, constant.MakeInt64(-1<<16), constant.MakeInt64(1<<16)) {
		return v.ExactString()
	}
	return fmt.Sprintf("%#x", constant.Val(v))
}

// members returns the values between the braces of "in", and calls late for those that are late.
// The bounds of a range are values that the operand can have; behind a mask they are unsigned.
func (r *condResolver) members(
	t *dsl.Comparison, o operand, late func(diag.Span, *lateDefinition),
) ([]policy.Range, bool) {
	ordered := o
	if t.Mask != nil {
		ordered.Signed = false
	}
	out := make([]policy.Range, 0, len(t.In.Ranges))
	ok := true
	for i := range t.In.Ranges {
		m := t.In.Ranges[i]
		if !r.r.spend(m.Span, 1) {
			return nil, false
		}
		if d := r.lateName(&m.Lo); d != nil && m.Hi == nil {
			late(m.Span, d)
			continue
		}
		if r.beyond(&m.Lo, o) {
			continue
		}
		if m.Hi == nil {
			v, fits := r.pattern(&m.Lo, o)
			ok = ok && fits
			out = append(out, policy.Range{Lo: v, Hi: v})
			continue
		}
		lo, okLo := r.ordered(&m.Lo, ordered)
		hi, okHi := highest(ordered), true
		if !r.beyond(m.Hi, ordered) {
			hi, okHi = r.ordered(m.Hi, ordered)
		}
		if !okLo || !okHi {
			ok = false
			continue
		}
		ranges, fits := interval(lo, hi, ordered.Operand)
		if !fits {
			d := diag.Errorf(m.Span, codes.ConstantRange, "the range is empty")
			r.add(d.WithHelp("%s", smallerFirst))
		}
		ok = ok && fits
		out = append(out, ranges...)
	}
	return policy.Union(out), ok
}

// highest returns the highest value of an operand in its order.
func highest(o operand) uint64 {
	if o.Signed {
		return policy.Ones(o.Width - 1)
	}
	return policy.Ones(o.Width)
}

const smallerFirst = "write the smaller number first"

// interval returns the patterns from lo to hi in the operand's order; below and above zero lie
// apart.
func interval(lo, hi uint64, o policy.Operand) ([]policy.Range, bool) {
	sign := uint64(1) << (o.Width - 1)
	if !o.Signed || lo&sign == hi&sign {
		return []policy.Range{{Lo: lo, Hi: hi}}, lo <= hi
	}
	return []policy.Range{{Lo: 0, Hi: hi}, {Lo: lo, Hi: policy.Ones(o.Width)}}, lo&sign != 0
}

func within(v, lo, hi constant.Value) bool {
	return constant.Compare(lo, token.LEQ, v) && constant.Compare(v, token.LEQ, hi)
}

// hasOrder reports whether a number that fits an operand is a value of it in its order.
func hasOrder(v constant.Value, o operand) bool {
	switch {
	case !o.Signed:
		return constant.Sign(v) >= 0
	case constant.Sign(v) < 0:
		return true
	}
	return fitsIn(v, o.Width-1)
}

// fitsIn reports whether a number is a signed or an unsigned one of width bits.
func fitsIn(v constant.Value, width int) bool {
	if i, ok := constant.Int64Val(v); ok && i < 0 {
		return i >= -1<<(width-1)
	}
	u, ok := constant.Uint64Val(v)
	return ok && u <= policy.Ones(width)
}

// bitsOf returns a number that fits as width bits.
func bitsOf(v constant.Value, width int) uint64 {
	if u, ok := constant.Uint64Val(v); ok {
		return u
	}
	i, _ := constant.Int64Val(v)
	return uint64(i) & policy.Ones(width)
}
