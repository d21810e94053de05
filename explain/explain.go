package explain

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Explanation is what a filter does, in words.
type Explanation struct {
	ABIs     []Section `json:"abis"`               // callers for whom the filter has rules
	Mismatch string    `json:"mismatch,omitempty"` // the action for all others, if there is one
}

// Section is what a filter does for the callers of one ABI, or for others whom it treats alike.
type Section struct {
	// its name, or "arch 0x7", "others", "every ABI but ..."
	ABI     string `json:"abi"`
	NamedAs string `json:"named_as,omitempty"` // the ABI that gives the names, where ABI is not one
	Default string `json:"default"`            // for the calls of the table without a rule
	// for numbers that the table does not hold, without a rule
	Unknown string `json:"unknown"`
	Rules   []Rule `json:"rules"` // no call is in two of them
}

// Rule is calls that are treated alike, and other than the rest.
type Rule struct {
	Calls []string `json:"calls"` // as [Calls] has them
	Steps []Step   `json:"steps"` // the first that holds decides, the default where none does
}

// Step is an action under a condition.
type Step struct {
	Action string `json:"action"`
	When   string `json:"when,omitempty"`   // empty: always
	Opaque bool   `json:"opaque,omitempty"` // there is a condition, too long to write

	// NotKnown tells why it is not known which of the actions it is; Action lists them.
	NotKnown string `json:"not_known,omitempty"`
}

// Explain tells what a program does on machines of a byte order: for each ABI, and for every other
// value of arch that it tells apart, the default and everything that is not the default. What is
// the same for all ABIs, as where a program does not look at arch, is told once, with the names of
// the commonest one. Where newer filters are installed behind it, it is told what the kernel makes
// of all together.
//
// What the program compares with late values, by number, is told by their names. The newer ones
// wait for none.
func Explain(
	p asm.Program, order binary.ByteOrder, late []*policy.Late, newer ...asm.Program,
) (*Explanation, error) {
	rows, err := rowsOf(order, late, append([]asm.Program{p}, newer...)...)
	if err != nil {
		return nil, err
	}
	out := &Explanation{ABIs: []Section{}}
	parts := partsOf(rows, order)
	// the part with the most values of arch that are no ABI's, of those with one action
	others := -1
	for i, p := range parts {
		if p.uniform() && len(p.callers.strange) > 0 &&
			(others < 0 ||
				policy.Size(p.callers.strange) > policy.Size(parts[others].callers.strange)) {
			others = i
		}
	}
	if others >= 0 {
		out.Mismatch = Action(parts[others].rows[0].A, nil)
		parts = slices.Delete(parts, others, others+1)
	}
	for _, p := range parts {
		sections, err := p.explain(out.Mismatch)
		if err != nil {
			return nil, err
		}
		out.ABIs = append(out.ABIs, sections...)
	}
	slices.SortStableFunc(out.ABIs, func(a, b Section) int {
		return cmp.Compare(a.rank(),
			b.rank())
	})
	return out, nil
}

// part is callers that a filter does not tell apart by arch, and all that it does for them.
type part struct {
	callers callers
	rows    []proof.Row
}

// partsOf divides rows by whom they are about.
func partsOf(rows []proof.Row, order binary.ByteOrder) []part {
	var parts []part
	places := map[uint64]int{}
	for _, r := range rows {
		first := r.Arches[0].Lo
		i, seen := places[first]
		if !seen {
			i = len(parts)
			places[first] = i
			parts = append(parts, part{callers: callersOf(r.Arches, order)})
		}
		parts[i].rows = append(parts[i].rows, r)
	}
	return parts
}

func (p part) uniform() bool { return whole(p.rows[0]) }

// explain tells what the filter does for the callers: together, where some are no ABI's, or else
// for each ABI. Numbers that are no ABI's are told where they do not get the action for all others.
func (p part) explain(mismatch string) ([]Section, error) {
	if len(p.callers.strange) > 0 {
		abi := p.callers.commonest()
		out, err := newSection(abi, allNumbers, p.rows).explain()
		if out.ABI = p.callers.String(); !abi.Strange() && !p.uniform() {
			out.NamedAs = abi.Name
		}
		return []Section{out}, err
	}
	var sections []*section
	for _, abi := range p.callers.abis {
		sections = append(sections, newSection(abi, numbersOf(abi), p.rows))
	}
	abi := p.callers.abis[0]
	stray := newSection(linux.Stranger(abi.Arch, abi.BigEndian), strays(abi), p.rows)
	if stray.abi.Name = abi.Name + ", numbers of other ABIs"; len(stray.groups) > 0 {
		sections = append(sections, stray)
	}
	var out []Section
	for _, s := range sections {
		if a, same := s.uniform(); same && Action(a, nil) == mismatch {
			continue
		}
		section, err := s.explain()
		if err != nil {
			return nil, err
		}
		out = append(out, section)
	}
	return out, nil
}

// rank orders sections as the tables order ABIs, before other values of arch.
func (s Section) rank() int {
	i := slices.IndexFunc(linux.ABIs(), func(abi *linux.ABI) bool { return abi.Name == s.ABI })
	if i < 0 {
		return len(linux.ABIs())
	}
	return i
}

// maxBranches bounds what is written of one section: for each of its system calls the conditions.
const maxBranches = 1 << 13

func (s *section) explain() (Section, error) {
	out := Section{
		ABI:     s.abi.Name,
		Default: Action(s.fallback, s.abi),
		Unknown: Action(s.unknown, s.abi),
		Rules:   []Rule{},
	}
	if s.darken(); s.dark != nil {
		nothing := about(s.abi, 0).step(s.dark.branches[0])
		out.Default = nothing.Action + nothing.doubt()
		out.Unknown = out.Default
	}
	work := 0
	for i := range s.groups {
		g := &s.groups[i]
		work += len(g.branches) * (1 + int(policy.Size(policy.Intersect(g.numbers,
			knownOf(s.abi)))))
	}
	if work > maxBranches {
		return out, fmt.Errorf("%s: %d conditions: %w", s.abi.Name, work, proof.ErrTooComplex)
	}
	var rules []ruled
	for i := range s.groups {
		g := &s.groups[i]
		known, unknown := s.ruled(g)
		if s.fallback == s.unknown || len(g.branches) == 1 || s.dark != nil {
			both := policy.Union(slices.Concat(known, unknown))
			s.rules(&rules, g, both, s.fallback)
			continue
		}
		s.rules(&rules, g, known, s.fallback)
		s.rules(&rules, g, unknown, s.unknown)
	}
	for _, r := range rules {
		out.Rules = append(out.Rules, Rule{Calls(s.abi, r.numbers), r.steps})
	}
	return out, nil
}

// ruled are numbers with the steps that are written of them: the same words for open and for
// openat, although it is another argument.
type ruled struct {
	steps   []Step
	numbers []policy.Range
}

// rules adds a group's rules for some of its numbers: several where the arguments' names differ.
func (s *section) rules(to *[]ruled, g *group, numbers []policy.Range, fallback policy.Action) {
	add := func(nr uint32, numbers ...policy.Range) {
		steps := g.steps(about(s.abi, nr), fallback, s.dark == nil)
		i := slices.IndexFunc(*to, func(r ruled) bool { return slices.Equal(r.steps, steps) })
		if i < 0 {
			i = len(*to)
			*to = append(*to, ruled{steps: steps})
		}
		(*to)[i].numbers = policy.Union(append((*to)[i].numbers, numbers...))
	}
	known := knownOf(s.abi)
	for _, r := range policy.Intersect(numbers, known) {
		for nr := r.Lo; nr <= r.Hi; nr++ {
			add(uint32(nr), policy.Range{Lo: nr, Hi: nr})
		}
	}
	if unknown := policy.Subtract(numbers, known); len(unknown) > 0 {
		add(uint32(unknown[0].Lo), unknown...)
	}
}

// steps writes the branches. The fallback needs no step if it counts; else the last one needs no
// condition.
func (g *group) steps(s *callWriter, fallback policy.Action, counts bool) []Step {
	last := g.last(s, fallback, counts)
	var out []Step
	for i, b := range g.branches {
		if i != last {
			out = append(out, s.step(b))
		}
	}
	end := s.step(g.branches[last])
	end.When, end.Opaque = "", false
	if !counts || end != (Step{Action: Action(fallback, s.abi)}) || len(out) == 0 {
		out = append(out, end)
	}
	return out
}

// step writes a branch.
func (s *callWriter) step(b branch) Step {
	step := Step{Action: Action(b.action, s.abi), When: s.when(b), Opaque: b.opaque}
	if b.gap != nil {
		step.Action, step.NotKnown = OneOf(b.gap.Answers, s.abi), b.gap.Why
	}
	return step
}

// anyAction is the action of calls that may get any.
const anyAction = "any action"

// OneOf writes that calls get one of some actions, the laxest first; of none, that it may be any.
func OneOf(actions []policy.Action, abi *linux.ABI) string {
	if len(actions) == 0 {
		return anyAction
	}
	sorted := slices.SortedFunc(slices.Values(actions), func(a, b policy.Action) int {
		return cmp.Compare(b.Strictness(), a.Strictness())
	})
	var texts []string
	for _, a := range sorted {
		texts = append(texts, Action(a, abi))
	}
	return strings.Join(texts, " or ")
}

// when writes the condition of a branch, nothing for one that cannot be written.
func (s *callWriter) when(b branch) string {
	if b.when == nil {
		return ""
	}
	return s.cond(b.when)
}

// last returns the branch that is to hold where the others do not: the one that cannot be written,
// or else the fallback if it counts, or else the one with the longest condition.
func (g *group) last(s *callWriter, fallback policy.Action, counts bool) int {
	if i := slices.IndexFunc(g.branches, func(b branch) bool { return b.opaque }); i >= 0 {
		return i
	}
	i := slices.IndexFunc(g.branches, func(b branch) bool {
		return b.action == fallback && b.gap == nil
	})
	if i >= 0 && counts {
		return i
	}
	length := func(b branch) int {
		when := s.when(b)
		return len(when) + 2*strings.Count(when, "!") + 2*strings.Count(when, " not ")
	}
	longest := 0
	for i, b := range g.branches {
		if length(b) > length(g.branches[longest]) {
			longest = i
		}
	}
	return longest
}

// The columns in which a rule begins and goes on.
const (
	indented = 4
	hanging  = 8
)

// folded writes a rule for people, in lines of a width where there is one.
func folded(rule string, width int) string {
	if width > 0 {
		width = max(width, 5*hanging) - hanging
	}
	rule = strings.ReplaceAll(wrapTo(rule, width), "\n", "\n"+strings.Repeat(" ", hanging))
	return strings.Repeat(" ", indented) + rule + "\n"
}

// String is [Explanation.Text] for a wide terminal.
func (e *Explanation) String() string { return e.Text(columns + hanging) }

// Text returns the explanation for people, in lines of a width, or 0 for one line a rule. Sections
// that say the same stand once.
func (e *Explanation) Text(width int) string {
	var out strings.Builder
	done := map[string]bool{}
	for _, s := range e.ABIs {
		if done[s.key()] {
			continue
		}
		var names []string
		for _, other := range e.ABIs {
			if other.key() == s.key() {
				names = append(names, other.heading())
			}
		}
		done[s.key()] = true
		fmt.Fprintf(&out, "%s: %s", strings.Join(names, ", "), s.Default)
		if len(s.Rules) > 0 {
			out.WriteString(" unless below")
		}
		if s.Unknown != s.Default {
			fmt.Fprintf(&out, "; %s for numbers that no table holds", s.Unknown)
		}
		out.WriteString("\n")
		for _, r := range s.Rules {
			for _, step := range r.Steps {
				out.WriteString(folded(
					step.verb()+" "+listed(r.Calls)+step.condition()+step.doubt(), width))
			}
		}
		out.WriteByte('\n')
	}
	switch {
	case e.Mismatch == "":
	case len(e.ABIs) == 0:
		fmt.Fprintf(&out, "every ABI: %s\n", e.Mismatch)
	default:
		fmt.Fprintf(&out, "every other ABI: %s\n", e.Mismatch)
	}
	return out.String()
}

// heading names the callers of a section.
func (s Section) heading() string {
	text := s.ABI
	if s.ABI == allABIs {
		text += ", as it does not look at arch"
	}
	if s.NamedAs != "" {
		text += ", with " + s.NamedAs + "'s names"
	}
	return text
}

// key tells apart what sections say, in whatever order.
func (s Section) key() string {
	var rules []string
	for _, r := range s.Rules {
		calls := slices.Clone(r.Calls)
		if !strings.HasSuffix(calls[0], but) {
			slices.Sort(calls)
		}
		rules = append(rules, fmt.Sprint(calls, r.Steps))
	}
	slices.Sort(rules)
	return fmt.Sprint(s.Default, s.Unknown, s.NamedAs, s.ABI == allABIs, rules)
}

// verb is what a rule begins with.
func (s Step) verb() string {
	if s.Action == anyAction {
		return anyAction + " for"
	}
	return s.Action
}

// notKnown begins what says why it is not known which action calls get.
const notKnown = " (not known which: "

// doubt says that it is not known which action it is, and why.
func (s Step) doubt() string {
	if s.NotKnown == "" {
		return ""
	}
	return notKnown + s.NotKnown + ")"
}

func (s Step) condition() string {
	if c := conditionText(s.Opaque, s.When); c != "" {
		return " " + c
	}
	return ""
}

// conditionText says when something is true of a call, nothing where it always is.
func conditionText(opaque bool, when string) string {
	switch {
	case opaque:
		return "for some arguments"
	case when != "":
		return "if " + when
	}
	return ""
}
