package resolve

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Guarded is a call that a rule stops by one of the call's doors.
type Guarded struct {
	Source int // of the rule
	Action policy.Action
	Name   string
	Call   Call // what the rule stops, if no rule above it decides
	// the rule has more comparisons for its calls than relatives are looked for; it is recorded
	// once
	Large bool

	scope    *scope
	rule     *dsl.Rule
	way      way
	list     []*dsl.Operand // of the rule's condition
	operands []operand
}

// Relative is what reaches the same in the kernel as a guarded call.
type Relative struct {
	Text string // the calls in the policy language
	Call Call
	Mux  string // the multiplexer that they come through, or ""
	// Hidden says that the multiplexer takes from memory what the rule's condition asks for: each
	// of the calls may be meant.
	Hidden bool
}

// maxGuarded bounds the comparisons of a rule, each counted for every call, whose relatives can be
// asked for.
const maxGuarded = 20_000

// guard records what a rule stops.
func (s *scope) guard(x *dsl.Rule, action policy.Action, calls []call) {
	g := Guarded{Source: s.r.rules[x], Action: action, scope: s, rule: x}
	if x.Cond == nil {
		for _, c := range calls {
			g.Name, g.Call = c.name, Call{Nr: c.nr, Cond: doorCond(c)}
			s.guarded = append(s.guarded, g)
		}
		return
	}
	tests := 0
	for range x.Cond.Tests() {
		tests++
	}
	if tests*len(calls) > maxGuarded {
		g.Large = true
		s.guarded = append(s.guarded, g)
		return
	}
	g.list = distinctOperands(x.Cond)
	quiet := s.quiet()
	for _, c := range calls {
		for _, g.way = range waysOf(s.abi, c) {
			var ok bool
			if g.operands, ok = quiet.operands(g.list, g.way); !ok {
				continue
			}
			if cond, seen := quiet.meaning(x.Cond, g.way, g.operands); seen {
				g.Name, g.Call = c.name, Call{Nr: c.nr, Cond: both(g.way.door, cond)}
				s.guarded = append(s.guarded, g)
			}
		}
	}
}

// quiet returns the scope with a report that nobody reads.
func (s *scope) quiet() *scope {
	r := *s.r
	r.report, r.quiet = newReport(), true
	out := *s
	out.r = &r
	return &out
}

// meaning resolves a condition where all of its operands are seen.
func (s *scope) meaning(c *dsl.Cond, w way, operands []operand) (policy.Cond, bool) {
	if slices.ContainsFunc(operands, func(o operand) bool { return o.hidden }) {
		return nil, false
	}
	return s.cond(c, w.call, operands)
}

// Doors returns the calls by other doors of the same call for which the rule's condition holds. A
// rule without a condition has none: where it names a call it covers all doors, and a number means
// itself.
func (g *Guarded) Doors() []Relative {
	if g.rule.Cond == nil {
		return nil
	}
	var out []Relative
	s := g.scope.quiet()
	for _, c := range appendDoors(nil, s.abi, g.Name) {
		if c.door() == g.way.call.door() {
			continue
		}
		ways := waysOf(s.abi, c)
		for _, w := range ways {
			r, ok := g.by(s, w)
			if !ok {
				r = Relative{muxText(c, w.door), Call{Nr: c.nr, Cond: w.door}, c.mux, true}
			}
			out = append(out, r)
		}
		if len(ways) == 0 {
			out = append(out, Relative{muxText(c, nil), Call{Nr: c.nr, Cond: doorCond(c)}, c.mux,
				true})
		}
	}
	return out
}

// As returns the calls of another name, by each of its doors, for which the rule's condition holds:
// it gets the meaning that it has for the arguments of the same names, in their widths. There are
// none where the ABI does not have the call or the call does not have the arguments.
func (g *Guarded) As(name string) []Relative { return g.as(g.scope.quiet(), name) }

// AsOn is [Guarded.As] for an ABI of the policy, by its index.
func (r *Resolved) AsOn(abi int, g *Guarded, name string) []Relative {
	return g.as(r.scopes[abi].quiet(), name)
}

func (g *Guarded) as(s *scope, name string) []Relative {
	var out []Relative
	for _, c := range appendDoors(nil, s.abi, name) {
		if g.rule.Cond == nil {
			out = append(out, Relative{c.name, Call{Nr: c.nr, Cond: doorCond(c)}, c.mux, false})
			continue
		}
		for _, w := range waysOf(s.abi, c) {
			if r, ok := g.by(s, w); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

// by gives the rule's condition its meaning for another way.
func (g *Guarded) by(s *scope, w way) (Relative, bool) {
	there, ok := g.translate(s, w)
	if !ok {
		return Relative{}, false
	}
	cond, ok := s.meaning(g.rule.Cond, w, there)
	if !ok {
		return Relative{}, false
	}
	text := w.name
	if own, ok := s.operands(g.list, w); ok && sameViews(own, there) {
		text += " if " + strings.Join(strings.Fields(g.rule.Cond.Span.Text()), " ")
	}
	return Relative{text, Call{Nr: w.nr, Cond: both(w.door, cond)}, w.mux, false}, true
}

// translate returns what the operands of the condition are for another call.
func (g *Guarded) translate(s *scope, to way) ([]operand, bool) {
	out := make([]operand, 0, len(g.list))
	for i, x := range g.list {
		o := g.operands[i]
		if o.Arg != policy.IP {
			there, ok := s.counterpart(g.way.params, o.arg, to)
			if !ok {
				return nil, false
			}
			o = s.cast(x, there)
			o.key = keyOf(x)
		}
		out = append(out, o)
	}
	return out, true
}

// counterpart returns the operand that has a name in common with one of another call, "" for none.
func (s *scope) counterpart(params []linux.Arg, name string, to way) (operand, bool) {
	names := []string{name}
	if i := parameter(params, name); i >= 0 {
		names = append(names, params[i].Aliases...)
	} else if lo, _, ok := halves(params, name); ok {
		for _, alias := range params[lo].Aliases {
			names = append(names, strings.TrimSuffix(alias, "_lo"))
		}
	} else {
		return operand{}, false
	}
	for _, name := range names {
		if o, ok := s.named(to, name); ok {
			return o, true
		}
	}
	return operand{}, false
}

// muxText returns the calls of a multiplexer that go through a door to a call.
func muxText(c call, door policy.Cond) string {
	mask := ""
	if m := linux.MultiplexerMask(c.mux); m != policy.Ones(32) {
		mask = fmt.Sprintf(" & %#x", m)
	}
	if t, ok := door.(policy.Test); ok && t.Mask == policy.Ones(32) {
		mask = "" // version 0 alone
	}
	return fmt.Sprintf("%s if arg0%s == %d", c.mux, mask, c.sub)
}

// maxLoose bounds the comparisons of a rule that are looked at as parts of a word.
const maxLoose = 16

// Loose returns what the rule's condition would mean if a comparison with one value asked for the
// bits of that value alone, where the argument has flags beside, or a cast looks at more than the
// kernel reads: SOCK_RAW in the lower four bits of socket's type, whatever SOCK_CLOEXEC is.
func (g *Guarded) Loose() []Relative {
	if g.rule.Cond == nil || g.way.mux != "" {
		return nil
	}
	var out []Relative
	s := g.scope.quiet()
	seen := 0
	for t := range positive(g.rule.Cond) {
		if seen++; seen > maxLoose {
			break
		}
		for _, loose := range g.loosened(s, t) {
			cond := replaced(g.rule.Cond, t, &loose.test)
			operands, ok := s.operands(distinctOperands(cond), g.way)
			if !ok {
				continue
			}
			meaning, ok := s.meaning(cond, g.way, operands)
			if !ok {
				continue
			}
			text := g.Name + " if " + withText(g.rule.Cond.Span, t.Span, loose.text)
			out = append(out, Relative{Text: text,
				Call: Call{Nr: g.Call.Nr, Cond: both(g.way.door, meaning)}})
		}
	}
	return out
}

// positive yields the comparisons for equality whose holding helps a condition to hold.
func positive(c *dsl.Cond) iter.Seq[*dsl.Comparison] {
	return func(yield func(*dsl.Comparison) bool) { eachPositive(c, yield) }
}

func eachPositive(c *dsl.Cond, yield func(*dsl.Comparison) bool) bool {
	for i := range c.Or {
		for _, t := range c.Or[i].And {
			switch x := t.Test; {
			case len(t.Not)%2 == 1:
			case t.Paren != nil:
				if !eachPositive(t.Paren, yield) {
					return false
				}
			case x.Mask == nil && (x.Op == "==" || x.In != nil && !x.Not):
				if !yield(x) {
					return false
				}
			}
		}
	}
	return true
}

type loosened struct {
	test dsl.Comparison
	text string
}

// loosened returns a comparison for the bits of each value that a comparison names.
func (g *Guarded) loosened(s *scope, t *dsl.Comparison) (out []loosened) {
	r := condResolver{scope: s, operands: g.operands}
	o := r.operand(&t.X)
	e := r.enumerated(o)
	if o.reads == 0 && (e == nil || e.flags == 0) || o.hidden {
		return nil
	}
	for _, v := range valuesIn(t) {
		value, ok := r.pattern(v, o)
		if !ok || value == 0 && o.reads == 0 || value == policy.Ones(o.Width) {
			continue
		}
		test := dsl.Comparison{X: t.X, Op: "==", Value: v}
		text := strings.Join(strings.Fields(v.Text()), " ")
		x := t.X.Name.Text
		test.X.Cast = ""
		switch mask := e.maskFor(value); {
		case o.reads > 0 && (e == nil || e.flags == 0):
			text = x + " == " + text
		case mask == value && bits.OnesCount64(mask) == 1:
			test.Op, test.Value, test.Mask = "", nil, numberWord(mask)
			text = x + " & " + text
		case mask == value:
			test.Op = "all"
			text = x + " all " + text
		case e.mask != 0 && mask == e.mask:
			test.Mask = numberWord(mask)
			text = x + " & " + e.text + " == " + text
		default:
			test.Mask = numberWord(mask)
			text = fmt.Sprintf("%s & %#x == %s", x, mask, text)
		}
		out = append(out, loosened{test, text})
	}
	return out
}

// maskFor returns the bits of an argument in which a value of it lies.
func (e *enumeration) maskFor(value uint64) uint64 {
	if e == nil {
		return 0
	}
	if value&e.mask == 0 {
		return value
	}
	return e.mask | value
}

func numberWord(n uint64) *dsl.Unary { return &dsl.Unary{Number: fmt.Sprintf("%#x", n)} }

// valuesIn returns the single values that a comparison names.
func valuesIn(t *dsl.Comparison) (out []*dsl.Sum) {
	if t.In == nil {
		return []*dsl.Sum{t.Value}
	}
	for i := range t.In.Ranges {
		if m := &t.In.Ranges[i]; m.Hi == nil && len(out) < maxLoose {
			out = append(out, &m.Lo)
		}
	}
	return out
}

// replaced returns a condition with another comparison in the place of one.
func replaced(c *dsl.Cond, old, by *dsl.Comparison) *dsl.Cond {
	out := *c
	out.Or = slices.Clone(c.Or)
	for i := range out.Or {
		out.Or[i].And = slices.Clone(out.Or[i].And)
		for j := range out.Or[i].And {
			t := &out.Or[i].And[j]
			switch {
			case t.Test == old:
				t.Test = by
			case t.Paren != nil:
				t.Paren = replaced(t.Paren, old, by)
			}
		}
	}
	return &out
}

// withText returns the text of a place, on one line, with another text for a part of it.
func withText(whole, part diag.Span, text string) string {
	start, _ := whole.Offsets()
	from, to := part.Offsets()
	all := whole.Text()
	return strings.Join(strings.Fields(all[:from-start]+text+all[to-start:]), " ")
}
