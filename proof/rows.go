package proof

import (
	"cmp"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// Row is a set of calls that get the same answer: those with one of the arches, one of the numbers,
// and arguments for which the condition holds. Ranges are sorted and disjoint.
type Row struct {
	Arches  []policy.Range
	Numbers []policy.Range
	When    policy.Cond // over the arguments and the instruction pointer; nil: always
	Opaque  bool        // the condition has no short form, and When is nil without meaning it
	A, B    policy.Action
	Call    policy.Data // one of them
	Gap     *Gap        // why it is not known what they get; nil: it is, and A and B tell it
}

// Explain returns what the function answers, as rows that together hold every call once. A and B
// are the same in each. With an error there are only some of the rows.
func (s *Space) Explain(f Function) ([]Row, error) {
	s.own(f)
	var codes coding
	whole := func() node { return s.code(&codes, f) }
	return s.rows(whole, func(value uint32) (Row, bool) {
		if gap := codes.gap(value); gap != 0 {
			return Row{Gap: &s.gaps[gap-1]}, true
		}
		a := policy.Action(codes.value(value))
		return Row{A: a, B: a}, true
	})
}

// Diff returns the calls to which the functions give different actions, as rows that together hold
// each of them once: none if the functions are equal. With an error there are only some of the
// rows, maybe none; whether the functions are equal tells [Space.Differ].
func (s *Space) Diff(a, b Function) ([]Row, error) { return s.related(a, b, different) }

// Laxer returns the calls for which b is laxer than a, as [Space.Diff] does.
func (s *Space) Laxer(a, b Function) ([]Row, error) { return s.related(a, b, laxer) }

// related returns the calls whose two values stand in a relation; no value does with itself.
func (s *Space) related(a, b Function, related func(x, y uint32) bool) ([]Row, error) {
	s.own(a, b)
	var pairs [][2]uint32
	places := map[[2]uint32]uint32{}
	leaf := func(x, y uint32) uint32 {
		pair := [2]uint32{x, y}
		if !related(x, y) {
			return 0
		}
		if places[pair] == 0 {
			pairs = append(pairs, pair)
			places[pair] = uint32(len(pairs))
		}
		return places[pair]
	}
	relation := s.operation(leaf, func(node) node { return no })
	rows, err := s.rows(func() node {
		return s.without(s.apply(relation, a.root, b.root), s.inGap(a, b))
	}, func(value uint32) (Row, bool) {
		if value == 0 {
			return Row{}, false
		}
		pair := pairs[value-1]
		return Row{A: policy.Action(pair[0]), B: policy.Action(pair[1])}, true
	})
	return rows, cmp.Or(err, s.notKnown(yes, a.gaps, b.gaps))
}

// maxRows bounds the rows of one answer.
const maxRows = 4096

// rows splits a function by arch, by value and by number. The function rowOf tells what a value
// stands for, and whether it is wanted at all.
func (s *Space) rows(
	f func() node, rowOf func(value uint32) (row Row, wanted bool),
) ([]Row, error) {
	var rows []Row
	err := s.collect(&rows, f, rowOf)
	slices.SortStableFunc(rows, func(x, y Row) int {
		return cmp.Or(
			cmp.Compare(size(x.Arches), size(y.Arches)),
			cmp.Compare(x.Arches[0].Lo, y.Arches[0].Lo),
			cmp.Compare(x.Numbers[0].Lo, y.Numbers[0].Lo))
	})
	return rows, err
}

// collect appends the rows of a function, as many as the budget allows.
func (s *Space) collect(
	rows *[]Row, f func() node, rowOf func(value uint32) (row Row, wanted bool),
) (err error) {
	defer guard(&err, func() string { return "rows" })
	for _, arch := range s.split(f(), wordArch) {
		for _, value := range s.values(arch.below) {
			row, wanted := rowOf(value)
			if !wanted {
				continue
			}
			set := s.where(arch.below, func(v uint32) bool { return v == value })
			for _, nr := range s.split(set, wordNr) {
				if _, _, some := s.possible(nr.below, s.smallest); !some {
					continue
				}
				if len(*rows) == maxRows {
					panic(exhausted{})
				}
				row.Arches, row.Numbers = arch.ranges, nr.ranges
				row.Call = s.exampleOf(arch.ranges, nr)
				if row.When, row.Opaque, err = s.express(nr.below); err != nil {
					return err
				}
				*rows = append(*rows, row)
			}
		}
	}
	return nil
}

// size counts the values in disjoint ranges.
func size(ranges []policy.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Hi - r.Lo + 1
	}
	return n
}

// exampleOf returns a call of a row.
func (s *Space) exampleOf(arches []policy.Range, nr part) policy.Data {
	in := s.smallest(nr.below)
	d := in.call()
	d.Nr = uint32(nr.ranges[0].Lo)
	d.Arch = uint32(arches[0].Lo)
	for _, arch := range slices.Concat(s.arches, s.real) {
		if policy.Contains(arches, uint64(arch)) {
			d.Arch = arch
			break
		}
	}
	return d
}

// part is what a function does below a word, and the values of the word for which it does that.
type part struct {
	below  node
	ranges []policy.Range
}

// maxRuns bounds the ranges of one word that rows are made of.
const maxRuns = 4096

// split takes a function apart by a word on which it depends first. The parts are in the order of
// their first values.
func (s *Space) split(n node, w word) []part {
	var parts []part
	runs := 0
	last := -1 // the part that the run before belongs to
	var visit func(n node, bits int, base uint64)
	visit = func(n node, bits int, base uint64) {
		if s.level(n) > w.level(0) {
			end := base | policy.Ones(bits)
			if last >= 0 && parts[last].below == n {
				ranges := parts[last].ranges
				ranges[len(ranges)-1].Hi = end
				return
			}
			if runs++; runs > maxRuns {
				panic(exhausted{})
			}
			last = slices.IndexFunc(parts, func(p part) bool { return p.below == n })
			if last < 0 {
				last = len(parts)
				parts = append(parts, part{below: n})
			}
			parts[last].ranges = append(parts[last].ranges, policy.Range{Lo: base, Hi: end})
			return
		}
		s.spend(1)
		lo, hi := s.at(n, w.level(bits-1))
		visit(lo, bits-1, base)
		visit(hi, bits-1, base|1<<(bits-1))
	}
	visit(n, 32, 0)
	return parts
}

// values returns the values of the function, in the order in which its diagram holds them.
func (s *Space) values(n node) []uint32 {
	var values []uint32
	for _, leaf := range s.frontier(n, leafLevel) {
		values = append(values, s.value(leaf))
	}
	return values
}

// frontier returns the first nodes at or below a level on every path from a node, each once.
func (s *Space) frontier(n node, level uint32) []node {
	var found []node
	seen := map[node]bool{}
	var visit func(n node)
	visit = func(n node) {
		if seen[n] {
			return
		}
		seen[n] = true
		s.spend(1)
		v := s.vertices[n]
		if v.level >= level {
			found = append(found, n)
			return
		}
		visit(v.lo)
		visit(v.hi)
	}
	visit(n)
	return found
}
