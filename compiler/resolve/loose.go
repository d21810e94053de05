package resolve

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/policy"
)

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
			out = append(out, Relative{Text: text, Call: Call{Nr: g.Call.Nr, Cond: both(g.way.door, meaning)}})
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
