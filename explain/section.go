package explain

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// filter is what a program does, by ABI.
type filter struct {
	sections []*section
	mismatch policy.Action // for callers of every other ABI, unless strange tells otherwise
	strange  error         // why no policy can say what the filter does for those
}

// section is what a program does for one ABI.
type section struct {
	abi      *linux.ABI
	own      []policy.Range // the numbers
	groups   []group        // by number, each of them once
	fallback policy.Action
	unknown  policy.Action
	dark     *group // nil, or most of the table, of which it is not known what it gets
}

// group is numbers that are treated alike: for each call one of the branches holds.
type group struct {
	numbers  []policy.Range
	branches []branch
}

// branch is the action of the calls for which a condition holds.
type branch struct {
	action policy.Action
	when   policy.Cond // nil: always, or opaque
	opaque bool
	call   policy.Data
	gap    *proof.Gap // nil, or why it is not known which action it is: this is the strictest
}

// always returns the action of a group that looks at no argument.
func (g *group) always() (policy.Action, bool) {
	return g.branches[0].action, len(g.branches) == 1 && g.branches[0].gap == nil
}

// filterOf collects what rows say, of all ABIs or of some alone.
func filterOf(rows []proof.Row, order binary.ByteOrder, only []*linux.ABI) *filter {
	out := &filter{}
	out.others(rows, order)
	if len(only) > 0 && out.strange != nil {
		out.strange, out.mismatch = nil, policy.KillProcess // nobody asks about those
	}
	for _, abi := range everybody(order).abis {
		if len(only) > 0 && !slices.Contains(only, abi) {
			continue
		}
		sec := newSection(abi, numbersOf(abi), rows)
		if a, same := sec.uniform(); !same || a != out.mismatch || len(only) > 0 {
			out.sections = append(out.sections, sec)
		}
		if len(only) == 0 {
			out.stray(newSection(linux.Stranger(abi.Arch, abi.BigEndian), strays(abi), rows))
		}
	}
	return out
}

// rowsOf returns what the kernel makes of programs, as rows that hold every call once.
func rowsOf(
	order binary.ByteOrder, late []*policy.Late, stack ...asm.Program,
) ([]proof.Row, error) {
	s := proof.New(linux.Arches()...)
	f, err := s.Partly(order, stack, late...)
	if err != nil {
		return nil, err
	}
	return s.Overview(f, tables())
}

// tables returns the numbers that the tables hold, by arch.
func tables() map[uint32][]policy.Range {
	numbers := map[uint32][]policy.Range{}
	for _, abi := range linux.ABIs() {
		numbers[abi.Arch] = policy.Union(append(numbers[abi.Arch], knownOf(abi)...))
	}
	return numbers
}

// others finds the action for callers of ABIs that the tables do not hold.
func (f *filter) others(rows []proof.Row, order binary.ByteOrder) {
	here := everybody(order).strange
	var most uint64
	for _, r := range rows {
		if n := policy.Size(policy.Intersect(r.Arches, here)); n > most && whole(r) {
			most, f.mismatch = n, r.A
		}
	}
	for _, r := range rows {
		arches := policy.Intersect(r.Arches, here)
		if len(arches) > 0 && (r.A != f.mismatch || !whole(r)) {
			if abi := otherOrder(arches, order); abi != nil {
				f.strange = fmt.Errorf("it has rules for %s, whose byte order is another", abi.Name)
				return
			}
			call := r.Call
			call.Arch = uint32(arches[0].Lo)
			if r.Gap != nil {
				f.strange = fmt.Errorf("it is not known what %s gets: %s", Call(call, order),
					r.Gap.Why)
				return
			}
			f.strange = fmt.Errorf("%s gets %s: the filter has rules for what is no ABI of the "+
				"tables, or it does not look at the ABI; "+
				"--arch NAME reads what it does for one", Call(call, order), Action(r.A, nil))
			return
		}
	}
}

// otherOrder returns an ABI of the other byte order among values of arch, if they are no others.
func otherOrder(arches []policy.Range, order binary.ByteOrder) *linux.ABI {
	for _, abi := range linux.ABIs() {
		if abi.BigEndian != isBig(order) && is(arches, uint64(abi.Arch)) {
			return abi
		}
	}
	return nil
}

// stray notes an action other than that for mismatches for numbers that are no ABI's.
func (f *filter) stray(s *section) {
	for i := range s.groups {
		g := &s.groups[i]
		if a, always := g.always(); f.strange == nil && (!always || a != f.mismatch) {
			call := g.branches[0].call
			call.Arch, call.Nr = s.abi.Arch, uint32(g.numbers[0].Lo)
			if gap := g.branches[0].gap; gap != nil {
				f.strange = fmt.Errorf("it is not known what %s gets: %s",
					Call(call, s.abi.ByteOrder()), gap.Why)
				continue
			}
			f.strange = fmt.Errorf("%s gets %s: the filter has rules for a number that is none of "+
				"the ABI's", Call(call, s.abi.ByteOrder()), Action(g.branches[0].action, nil))
		}
	}
}

// whole reports whether a row holds every call with its arches.
func whole(r proof.Row) bool {
	return r.When == nil && !r.Opaque && r.Gap == nil && slices.Equal(r.Numbers, allNumbers)
}

// uniform returns the action that all calls of the section get, if they get the same one.
func (s *section) uniform() (policy.Action, bool) {
	if len(s.groups) == 0 {
		return 0, false
	}
	a, always := s.groups[0].always()
	return a, always && len(s.groups) == 1
}

// newSection collects what the rows say of numbers of one ABI.
func newSection(abi *linux.ABI, numbers []policy.Range, rows []proof.Row) *section {
	s := &section{abi: abi, own: numbers}
	var mine []proof.Row
	var bounds []uint64
	for _, r := range rows {
		if !policy.Contains(r.Arches, uint64(abi.Arch)) {
			continue
		}
		r.Numbers = policy.Intersect(r.Numbers, numbers)
		for _, n := range r.Numbers {
			bounds = append(bounds, n.Lo, n.Hi+1)
		}
		mine = append(mine, r)
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	holding := make([][]int, len(bounds)) // the rows that hold the numbers from a bound to the next
	for i, r := range mine {
		for _, n := range r.Numbers {
			first, _ := slices.BinarySearch(bounds, n.Lo)
			for at := first; bounds[at] <= n.Hi; at++ {
				holding[at] = append(holding[at], i)
			}
		}
	}
	index := map[string]int{}
	for at, list := range holding {
		if len(list) == 0 {
			continue // a gap between the ABI's numbers
		}
		key := fmt.Sprint(list)
		i, seen := index[key]
		if !seen {
			i = len(s.groups)
			index[key] = i
			s.groups = append(s.groups, group{branches: branches(mine, list)})
		}
		r := policy.Range{Lo: bounds[at], Hi: bounds[at+1] - 1}
		s.groups[i].numbers = append(s.groups[i].numbers, r)
	}
	for i := range s.groups {
		s.groups[i].numbers = policy.Union(s.groups[i].numbers)
	}
	if len(s.groups) > 0 {
		s.choose()
	}
	return s
}

func branches(rows []proof.Row, list []int) []branch {
	var out []branch
	for _, i := range list {
		r := rows[i]
		b := branch{r.A, r.When, r.Opaque, r.Call, r.Gap}
		if r.Gap != nil {
			b.action = strictest(r.Gap)
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b branch) int {
		return cmp.Compare(a.action.Strictness(), b.action.Strictness())
	})
	return out
}

// strictest returns the strictest action that calls in a gap may get.
func strictest(g *proof.Gap) policy.Action {
	if len(g.Answers) == 0 {
		return policy.KillProcess
	}
	return slices.MinFunc(g.Answers, func(a, b policy.Action) int {
		return cmp.Compare(a.Strictness(), b.Strictness())
	})
}

// choose finds the actions of the calls that need no rule. Numbers that the table does not hold
// tell whether the filter is a list of what is allowed or of what is denied: the default is theirs,
// so that what is read back does not depend on how new the tables are. A filter that denies them
// otherwise than the rest has two; but one that denies few of the known calls besides is a list of
// what is denied all the same.
func (s *section) choose() {
	known := knownOf(s.abi)
	anything := func(policy.Action) bool { return true }
	var n uint64
	if s.unknown, n = s.frequent(policy.Subtract(s.own, known), anything); n == 0 {
		s.unknown = s.groups[0].branches[0].action // every call looks at arguments
	}
	s.fallback = s.unknown
	if denies(s.unknown) {
		a, denied := s.frequent(known, denies)
		if denied > 0 {
			s.fallback = a
		}
		if a, n := s.frequent(known, anything); fewDenied*denied < n && s.fallback != s.unknown {
			s.fallback = a
		}
	}
}

// darken finds the numbers of which it is not known what they get, if these are most of the
// table's: no action is the default then.
func (s *section) darken() {
	known := policy.Intersect(s.own, knownOf(s.abi))
	if len(known) == 0 {
		known = s.own
	}
	for i := range s.groups {
		g := &s.groups[i]
		if len(g.branches) == 1 && g.branches[0].gap != nil &&
			2*policy.Size(policy.Intersect(g.numbers, known)) > policy.Size(known) {
			s.dark = g
		}
	}
}

// fewDenied is how many calls must be let through for each one that is denied in a list of what is
// denied.
const fewDenied = 6

// frequent returns the eligible action that most of the numbers always get, and how many these are.
func (s *section) frequent(
	numbers []policy.Range, eligible func(policy.Action) bool,
) (best policy.Action, most uint64) {
	count := map[policy.Action]uint64{}
	for i := range s.groups {
		n := policy.Size(policy.Intersect(s.groups[i].numbers, numbers))
		if a, always := s.groups[i].always(); always && eligible(a) {
			if count[a] += n; count[a] > most {
				best, most = a, count[a]
			}
		}
	}
	return best, most
}

// denies reports whether an action keeps a call from being made as it is.
func denies(a policy.Action) bool { return a.Strictness() < policy.Log.Strictness() }

// at returns the group of a number.
func (s *section) at(nr uint32) *group {
	i := slices.IndexFunc(s.groups, func(g group) bool {
		return policy.Contains(g.numbers, uint64(nr))
	})
	return &s.groups[i]
}

// ruled returns what the group has beyond the section's fallbacks: the numbers of the table and the
// others.
func (s *section) ruled(g *group) (known, unknown []policy.Range) {
	table := knownOf(s.abi)
	known, unknown = policy.Intersect(g.numbers, table), policy.Subtract(g.numbers, table)
	switch s.dark {
	case nil:
	case g:
		return nil, nil
	default:
		return known, unknown
	}
	if a, always := g.always(); always && a == s.fallback {
		known = nil
	}
	if a, always := g.always(); always && a == s.unknown {
		unknown = nil
	}
	return known, unknown
}
