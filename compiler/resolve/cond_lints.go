package resolve

import (
	"fmt"
	"go/constant"
	"math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// lintCond reports conditions that always or never hold. They change what the rule means. Of the
// calls that "all" names together it is enough that the condition asks something of one.
func (s *scope) lintCond(x *dsl.Rule, parts []part) {
	asks := func(p part) bool { return truthOf(p.cond) == depends && p.calls[0].all }
	for _, p := range parts {
		how := truthOf(p.cond)
		if how != depends && !(p.calls[0].all && slices.ContainsFunc(parts, asks)) {
			d := diag.Errorf(x.Cond.Span, codes.ConstantCondition, "the condition %v holds", how)
			for _, o := range p.operands {
				d = ignoredNote(d, o)
			}
			s.add(d.WithHelp("%s", how.ruleHelp()))
		}
	}
}

// ruleHelp says what to do about a rule whose condition always or never holds.
func (t truth) ruleHelp() string {
	if t == never {
		return "compare with a value that the argument can have, or remove the rule"
	}
	return "leave the condition out, or mend it: the rule is for every such call now"
}

// claimHelp says what to do about a claim whose condition always or never holds.
func (t truth) claimHelp() string {
	if t == never {
		return "compare with a value that the argument can have: the line says nothing now"
	}
	return "leave the condition out: the line is about every such call"
}

// lintComparison reports what a comparison cannot do.
func (r *condResolver) lintComparison(t *dsl.Comparison, o operand, c policy.Cond) {
	if o.unread {
		d := diag.Warningf(t.X.Span, codes.UnreadArgument, "%s does not read arg%d", r.call.name,
			o.Arg)
		note := "the register holds whatever the caller left there"
		if args, _ := r.abi.Prototype(r.call.name); inMemory(args) {
			note = inMemoryNote(r.abi, r.call)
		}
		d = d.WithNotes(note)
		r.add(d.WithHelp("seccompc syscalls %s shows its arguments", r.call.name))
	}
	if o.pointer && !asksForNull(c) {
		d := diag.Warningf(t.Span, codes.PointerCompare, "%s is a pointer", o.means())
		d = d.WithNotes("the memory behind it can change after the filter has looked at the " +
			"address")
		r.add(d.WithHelp("compare it with 0, or decide by the call and its other arguments"))
	}
	if o.dependsOn != "" && hangsOnUpperHalf(c) {
		x := t.X.Text()
		d := diag.Warningf(t.X.Span, codes.DependentWidth,
			"how many bits the kernel reads of %s depends on %s", o.means(), o.dependsOn)
		d = d.WithNotes("where it is an int, a bit in the upper half of the register " +
			"gets past the comparison")
		r.add(d.WithHelp("write u32(%s) if it is an int there, u64(%s) if all 64 bits count", x, x))
	}
	if o.reads > 0 && hangsAbove(c, o.reads) && !r.r.quiet {
		r.r.wide = append(r.r.wide, WideCompare{&t.X, o.Arg, o.reads, o.means()})
	}
	if r.abi.Shifted && o.Arg != policy.IP {
		d := diag.Warningf(t.X.Span, codes.ArgumentLayout,
			"this compares another word: on %s a filter is shown each argument one place further "+
				"on", r.abi.Name)
		d = d.WithNotes(
			"the number stands in place of the first argument, and the sixth is not shown " +
				"(arch/m68k/include/asm/syscall.h)")
		r.add(d.WithHelp("decide by the call alone, or leave %s out with when", r.abi.Name))
	}
	if o32 := r.abi.Name == "mips" || r.abi.Name == "mipsel"; o32 && o.call != "" &&
		(o.Arg == 4 || o.Arg == 5) {
		r.lintStack(t, o)
	}
	r.lintEnumeration(t, o)
	r.lintPacked(t, o)
	if how := truthOf(c); how != depends && !r.narrower {
		d := diag.Warningf(t.Span, codes.ConstantCondition, "this comparison %v holds", how)
		d = d.WithHelp("remove it, or compare with a value that only some calls have")
		r.constant = append(r.constant, ignoredNote(d, o))
	}
}

// lintPacked reports a comparison with what is only a part of the argument, and stands elsewhere in
// it: no call that the kernel knows has it as the whole.
func (r *condResolver) lintPacked(t *dsl.Comparison, o operand) {
	if _, of := asksFor(t); !of || r.r.quiet {
		return
	}
	var names, values []string
	var x, where string
	members := membersOf(t)
	for _, m := range members {
		if p, ok := r.abi.ArgPacked(o.call, o.arg, m.text); ok {
			names, values = append(names, m.text), append(values, r.packedValue(p, m.text))
			x, where = t.X.Text(), "in network byte order"
			if !p.Swapped {
				x = fmt.Sprintf("%s & %#x", x, p.Mask)
				where = fmt.Sprintf("%d bits further up in the argument", p.Shift)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	d := diag.Warningf(t.Span, codes.ConstantCondition, "no call has %s as %s",
		strings.Join(names, " or "), o.means())
	help := x + " " + t.Op + " " + values[0]
	if t.In != nil {
		help = x + map[bool]string{true: " not", false: ""}[t.Not] + " in {" +
			strings.Join(values, ", ") + "}"
	}
	d = d.WithNotes("the kernel reads it "+where).WithHelp("write %s", help)
	if len(names) == len(members) {
		d.Edits = []diag.Edit{{Span: t.Span, New: help}}
	}
	r.add(d)
}

// packedValue returns a constant as it stands in an argument.
func (r *condResolver) packedValue(p linux.Packed, name string) string {
	if !p.Swapped {
		return fmt.Sprintf("%s << %d", name, p.Shift)
	}
	v, _ := r.abi.Constant(name)
	return fmt.Sprintf("%#x", bits.ReverseBytes16(uint16(bitsOf(v, 16))))
}

// lintEnumeration reports a test of bits of an enumeration.
func (r *condResolver) lintEnumeration(t *dsl.Comparison, o operand) {
	if r.r.quiet {
		return
	}
	if named, help, ok := r.notBits(t, o); ok {
		asked, _, _ := r.asked(t, o)
		r.enumAsFlags(t, o, named, help, asked)
	}
}

// enumAsFlags reports that a comparison asks for bits of a value.
func (r *condResolver) enumAsFlags(
	t *dsl.Comparison, o operand, named, help string, asked uint64,
) {
	e := r.enumerated(o)
	d := diag.Warningf(t.Span, codes.EnumAsFlags, "%s is a value of %s, not a bit", named,
		o.means())
	if e.joined(t) == nil && strings.Contains(named, " | ") {
		d.Message = fmt.Sprintf("%s are values of %s, not bits", named, o.means())
	} else if e.joined(t) != nil {
		d.Message = fmt.Sprintf("%s are values of %s, not bits: | makes another number of them",
			named, o.means())
	} else if e.text != "" && !e.whole {
		d.Message = fmt.Sprintf("%s is a value of %s & %s, not a bit", named, t.X.Text(), e.text)
	}
	for _, v := range e.values {
		if t.Op != "only" && asked&e.mask != 0 && v.value&e.mask != asked&e.mask &&
			v.value&asked&e.mask == asked&e.mask {
			d = d.WithNotes(v.name + " has the bit too")
			break
		}
	}
	d = d.WithHelp("write %s", help)
	if exact(help) {
		d.Edits = []diag.Edit{{Span: t.Span, New: help}}
	}
	r.add(d)
}

// isLogic returns the error for numbers of a comparison that "||", "&&" or "!" takes for
// conditions.
func (r *condResolver) isLogic(t *dsl.Comparison, o operand) (d diag.Finding, is bool) {
	if d, is := joinedByLogic(t); is {
		return d, true
	}
	for _, x := range singleNumbers(t) {
		plain, not := withoutNot(x)
		if !not || x.Span.Source() == nil {
			continue
		}
		if v := r.scope.quiet().unary(plain); v != nil && v.Kind() == constant.Int {
			return r.negated(t, o, x, bits.OnesCount64(bitsOf(v, 64))), true
		}
	}
	return d, false
}

// negated is the error for a number with so many bits behind "!": that the comparison is not to
// hold may be meant, or all other bits; of an argument that is one of several values, the former.
func (r *condResolver) negated(
	t *dsl.Comparison, o operand, x *dsl.Unary, ones int,
) diag.Finding {
	d := diag.Errorf(x.Span, codes.WrongType, "! negates conditions, not numbers")
	left, number := t.X.Text(), plainly(x.Text())
	not, others := "!("+plainly(t.Text())+")", negations("~").Replace(t.Text())
	opposite := map[string]string{"==": "!=", "!=": "=="}[t.Op]
	if t.Op == "" && t.In == nil {
		others = left + " any ~" + number
		if ones > 1 {
			not = "!(" + left + " any " +
				strings.TrimSuffix(strings.TrimPrefix(number, "("), ")") + ")"
		}
	}
	if t.Mask == nil && opposite != "" {
		not = left + " " + opposite + " " + number
		if e := r.enumerated(o); e != nil && e.whole {
			d.Edits = []diag.Edit{{Span: t.Span, New: not}}
			return d.WithHelp("write %s", not)
		}
	}
	return d.WithHelp("write %s, or if all other bits are meant, %s", not, others)
}

// plainly returns the text of numbers without the "!" before them.
func plainly(text string) string { return negations("").Replace(text) }

// negations puts another sign in place of "!".
func negations(sign string) *strings.Replacer {
	return strings.NewReplacer("!=", "!=", "!!", sign, "! ", sign, "!", sign)
}

// withoutNot returns a number without the "!" before it, and whether there is one.
func withoutNot(x *dsl.Unary) (*dsl.Unary, bool) {
	plain := *x
	for len(plain.Ops) > 0 && plain.Ops[0] == "!" {
		plain.Ops = plain.Ops[1:]
	}
	return &plain, len(plain.Ops) < len(x.Ops)
}

// singleNumbers returns the masks and values of a comparison that are a single number.
func singleNumbers(t *dsl.Comparison) []*dsl.Unary {
	var out []*dsl.Unary
	if t.Mask != nil {
		out = append(out, withoutParens(t.Mask))
	}
	sums := []*dsl.Sum{t.Value}
	if t.In != nil {
		sums = nil
		for _, m := range t.In.Ranges {
			sums = append(sums, &m.Lo)
		}
	}
	for _, s := range sums {
		if s != nil && len(s.Rest)+len(s.X.Rest) == 0 {
			out = append(out, withoutParens(&s.X.X))
		}
	}
	return out
}

// withoutParens returns what stands in the parentheses around a single number.
func withoutParens(x *dsl.Unary) *dsl.Unary {
	for len(x.Ops) == 0 && x.Paren != nil && len(x.Paren.Or) == 1 && len(x.Paren.Or[0].And) == 1 {
		c := &x.Paren.Or[0].And[0]
		if c.Op != "" || c.In != nil || len(c.X.Rest)+len(c.X.X.Rest) > 0 {
			break
		}
		x = &c.X.X.X
	}
	return x
}

// joinedByLogic is the error for bits or values that "||" or "&&" joins in parentheses, as if each
// were a condition.
func joinedByLogic(t *dsl.Comparison) (d diag.Finding, is bool) {
	mask := t.Mask
	if mask == nil && t.Value != nil && len(t.Value.Rest)+len(t.Value.X.Rest) == 0 {
		mask = &t.Value.X.X
	}
	names, sign, is := terms(mask)
	if !is {
		return d, false
	}
	how, bits, x := map[string]string{"||": " any ", "&&": " all "}[sign],
		strings.Join(names, " | "),
		t.X.Text()
	edit := diag.Edit{Span: t.Span, New: x + how + bits}
	switch {
	case t.Mask != nil && (t.Op != "" || t.In != nil):
		edit = diag.Edit{Span: mask.Span, New: "(" + bits + ")"}
	case t.Op == "only" || sign == "&&" && (t.Op == "==" || t.Op == "!="):
		edit.New = x + " " + t.Op + " " + bits
	case t.Op == "==":
		edit.New = x + " in {" + strings.Join(names, ", ") + "}"
	case t.Op == "!=":
		edit.New = x + " not in {" + strings.Join(names, ", ") + "}"
	}
	d = diag.Errorf(mask.Span, codes.WrongType, "%s joins conditions, not numbers", sign)
	d.Edits = []diag.Edit{edit}
	return d.WithHelp("write %s", edit.New), true
}

// terms returns the numbers that one of "||" and "&&" joins between parentheses.
func terms(x *dsl.Unary) (names []string, sign string, ok bool) {
	if x == nil || x.Paren == nil || len(x.Ops) > 0 || x.Span.Source() == nil {
		return nil, "", false
	}
	parts := x.Paren.Or
	sign = "||"
	if len(parts) == 1 {
		sign, parts = "&&", nil
		for _, c := range x.Paren.Or[0].And {
			parts = append(parts, dsl.ExprAnd{And: []dsl.Compare{c}})
		}
	}
	for _, p := range parts {
		if len(p.And) != 1 || p.And[0].Op != "" || p.And[0].In != nil {
			return nil, "", false
		}
		names = append(names, p.And[0].X.Text())
	}
	return names, sign, len(names) > 1
}

// hangsOnUpperHalf reports whether bits above the lower 32 that the comparison does not ask for by
// name can change its outcome.
func hangsOnUpperHalf(c policy.Cond) bool {
	if n, ok := c.(policy.Not); ok {
		c = n.X
	}
	t, ok := c.(policy.Test)
	if !ok {
		return true // a late value
	}
	switch t.Op {
	case policy.All:
		return false
	case policy.Any:
		return t.Mask == policy.Ones(64) // the argument alone, which asks for 0
	case policy.In:
		return t.Mask>>32 != 0
	}
	return true
}

// hangsAbove reports whether bits above the lower ones can change the outcome of a comparison.
func hangsAbove(c policy.Cond, width int) bool {
	if n, ok := c.(policy.Not); ok {
		c = n.X
	}
	t, ok := c.(policy.Test)
	if !ok {
		return true // a late value
	}
	above := policy.Ones(t.Operand.Width) &^ policy.Ones(width)
	switch t.Op {
	case policy.In, policy.Any, policy.All:
		return t.Mask&above != 0
	case policy.Only:
		return ^t.Mask&above != 0
	}
	return true
}

// lintStack reports a comparison of what a caller of MIPS's o32 passes on its stack.
func (r *condResolver) lintStack(t *dsl.Comparison, o operand) {
	d := diag.Warningf(t.X.Span, codes.StackArgument,
		"%s lies on the caller's stack, and can change after the check", o.means())
	d = d.WithNotes("older kernels read the arguments 5 and 6 of an o32 call again when they " +
		"make it (arch/mips/kernel/scall32-o32.S)")
	r.add(d.WithHelp("decide by the first four arguments, or leave %s out with when", r.abi.Name))
}

// asksForNull reports whether a comparison only tells 0 from the rest.
func asksForNull(c policy.Cond) bool {
	if n, ok := c.(policy.Not); ok {
		c = n.X
	}
	t, ok := c.(policy.Test)
	if !ok || t.Mask != policy.Ones(t.Operand.Width) {
		return false
	}
	return t.Op == policy.Any || t.Op == policy.In && len(t.Set) == 1 && t.Set[0] == policy.Range{}
}

// truth says what is known about a condition without looking at a call.
type truth int

const (
	depends truth = iota
	never
	always
)

func (t truth) String() string { return [...]string{"sometimes", "never", "always"}[t] }

func (t truth) not() truth {
	switch t {
	case never:
		return always
	case always:
		return never
	}
	return t
}

// truthOf finds conditions of which each part by itself decides: it is exact for a comparison, and
// leaves "x == 1 && x == 2" to the proof.
func truthOf(c policy.Cond) truth {
	switch c := c.(type) {
	case policy.Not:
		return truthOf(c.X).not()
	case policy.And:
		return fold(c, never)
	case policy.Or:
		return fold(c, always)
	case policy.Test:
		return truthOfTest(c)
	case policy.LateTest:
		return depends
	}
	return always // no condition
}

// fold combines parts of which one that is equal to the decisive value makes the whole so.
func fold(parts []policy.Cond, decisive truth) truth {
	out := decisive.not()
	for _, p := range parts {
		switch truthOf(p) {
		case decisive:
			return decisive
		case depends:
			out = depends
		}
	}
	return out
}

func truthOfTest(t policy.Test) truth {
	mask, in := t.Members()
	switch {
	case !hits(in, mask):
		return never
	case !hits(policy.Complement(in, policy.Ones(t.Operand.Width)), mask):
		return always
	}
	return depends
}

// hits reports whether the ranges hold a value that has no bit outside of mask.
func hits(ranges []policy.Range, mask uint64) bool {
	return slices.ContainsFunc(ranges, func(r policy.Range) bool {
		v, ok := firstWithin(mask, r.Lo)
		return ok && v <= r.Hi
	})
}

// firstWithin returns the smallest value from lo upwards that has no bit outside of mask.
func firstWithin(mask, lo uint64) (uint64, bool) {
	v := lo
	for {
		outside := v &^ mask
		if outside == 0 {
			return v, true
		}
		// The highest bit outside must go: carry into the next clear bit of the mask above it.
		top := uint64(1) << (bits.Len64(outside) - 1)
		above := mask &^ v &^ (top<<1 - 1)
		if top == 1<<63 || above == 0 {
			return 0, false
		}
		bit := above & -above
		v = v&^(bit<<1-1) | bit
	}
}
