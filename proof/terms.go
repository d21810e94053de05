package proof

import (
	"cmp"
	"errors"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// A condition with more terms than maxTerms is not worth reading, and one that takes more steps to
// find is not worth waiting for.
const (
	maxTerms        = 64
	maxExpressSteps = 1 << 17
)

// factor is one part of a term: a set of values of one operand.
type factor struct {
	arg int
	set node
}

// term is a product of factors, each of another operand.
type term []factor

// express returns a condition, over the arguments and the instruction pointer, that holds exactly
// for the calls in the set, which are some: nil for all. Where no short one is found it is opaque.
func (s *Space) express(set node) (when policy.Cond, opaque bool, err error) {
	if set == yes {
		return nil, false, nil
	}
	best := s.shortest(set)
	if best.cond == nil {
		return nil, true, nil
	}
	if again, err := s.condition(best.cond); err != nil || again != set {
		return nil, false, errors.New("a condition fails for calls that it was read from")
	}
	return best.cond, false, nil
}

// shortest writes a set or what is outside it, whichever is shorter.
func (s *Space) shortest(set node) formula {
	direct := s.attempt(func() formula { return s.union(set) })
	inverse := s.attempt(func() formula { return s.union(s.not(set)) })
	return direct.cheaper(inverse.negated())
}

// attempt looks for a formula, with a part of the budget. Where that is not enough there is none.
func (s *Space) attempt(look func() formula) (f formula) {
	s.within(maxExpressSteps, func() { f = look() })
	return f
}

// formula is a way to write a condition, and how much there is to read. A nil condition is none.
type formula struct {
	cond policy.Cond
	cost int
}

// cheaper returns the cheaper of two formulas, the first in case of a tie.
func (f formula) cheaper(g formula) formula {
	if f.cond == nil || g.cond != nil && g.cost < f.cost {
		return g
	}
	return f
}

func (f formula) negated() formula {
	if f.cond == nil {
		return f
	}
	if n, ok := f.cond.(policy.Not); ok {
		return formula{n.X, f.cost}
	}
	return formula{policy.Not{X: f.cond}, f.cost + 1}
}

// union writes a set as a disjunction of terms.
func (s *Space) union(set node) formula {
	var terms []term
	if !s.terms(set, nil, &terms) {
		return formula{}
	}
	return s.sum(terms, set, s.describe)
}

// sum writes the set that is the union of the terms.
func (s *Space) sum(terms []term, set node, describe func(factor) formula) formula {
	for i := range terms {
		terms[i] = s.widen(terms[i], set)
	}
	terms = s.irredundant(terms)
	slices.SortStableFunc(terms, func(t, u term) int {
		return cmp.Or(cmp.Compare(t[0].arg, u[0].arg), cmp.Compare(len(t), len(u)))
	})
	var sum []policy.Cond
	cost := len(terms) - 1
	for _, t := range terms {
		product := product(t, describe)
		if product.cond == nil {
			return formula{}
		}
		sum = append(sum, product.cond)
		cost += product.cost
	}
	return formula{anyOf(sum...), cost}
}

// product writes a term as a conjunction.
func product(t term, describe func(factor) formula) formula {
	var all []policy.Cond
	cost := len(t) - 1
	for _, f := range t {
		one := describe(f)
		if one.cond == nil {
			return formula{}
		}
		all = append(all, one.cond)
		cost += one.cost
	}
	return formula{allOf(all...), cost}
}

// anyOf returns the disjunction, without a disjunction in it.
func anyOf(parts ...policy.Cond) policy.Cond {
	var flat policy.Or
	for _, part := range parts {
		if or, ok := part.(policy.Or); ok {
			flat = append(flat, or...)
		} else {
			flat = append(flat, part)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return flat
}

// allOf returns the conjunction, without a conjunction in it.
func allOf(parts ...policy.Cond) policy.Cond {
	var flat policy.And
	for _, part := range parts {
		if and, ok := part.(policy.And); ok {
			flat = append(flat, and...)
		} else {
			flat = append(flat, part)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return flat
}

// terms appends the paths to yes, operand by operand: the values of an operand that lead to the
// same rest make one factor. It reports false once there are too many.
func (s *Space) terms(n node, prefix term, terms *[]term) bool {
	switch n {
	case no:
		return true
	case yes:
		*terms = append(*terms, slices.Clone(prefix))
		return len(*terms) <= maxTerms
	}
	arg := argOf(s.level(n))
	below := lastLevel(arg) + 1
	for _, rest := range s.frontier(n, below) {
		if rest == no {
			continue
		}
		f := factor{arg, s.leading(n, below, rest, map[node]node{})}
		if !s.terms(rest, append(prefix, f), terms) {
			return false
		}
	}
	return true
}

// argOf returns the argument, or [policy.IP], to which a level below nr belongs, or firstSlot and
// more for what is known of late values.
func argOf(level uint32) int {
	if level >= lateLevel {
		return firstSlot + int(level-lateLevel)/2
	}
	w := word(level / 32)
	if w < wordArgs {
		return policy.IP
	}
	return int(w-wordArgs) / 2
}

// lastLevel returns the last level of what argOf returns.
func lastLevel(arg int) uint32 {
	if arg >= firstSlot {
		return lateLevel + 2*uint32(arg-firstSlot) + 1
	}
	return (highWord(arg) + 1).level(0)
}

// leading returns the calls for which the way from n ends at rest, a node at or below the level.
func (s *Space) leading(n node, level uint32, rest node, known map[node]node) node {
	if n == rest {
		return yes
	}
	v := s.vertices[n]
	if v.level >= level {
		return no
	}
	if r, ok := known[n]; ok {
		return r
	}
	s.spend(1)
	r := s.branch(v.level,
		s.leading(v.lo, level, rest, known), s.leading(v.hi, level, rest, known))
	known[n] = r
	return r
}

// calls returns the calls in a term.
func (s *Space) calls(t term) node {
	all := yes
	for _, f := range t {
		all = s.and(all, f.set)
	}
	return all
}

// widen drops the factors without which the term still lies in the set. Terms may overlap then.
func (s *Space) widen(t term, set node) term {
	for i := 0; i < len(t); {
		wider := slices.Delete(slices.Clone(t), i, i+1)
		if s.without(s.calls(wider), set) == no {
			t = wider
		} else {
			i++
		}
	}
	return t
}

// irredundant drops the terms that the others cover.
func (s *Space) irredundant(terms []term) []term {
	for i := len(terms) - 1; i >= 0; i-- {
		others := no
		for j, t := range terms {
			if j != i {
				others = s.or(others, s.calls(t))
			}
		}
		if s.without(s.calls(terms[i]), others) == no {
			terms = slices.Delete(terms, i, i+1)
		}
	}
	return terms
}
