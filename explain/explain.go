package explain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Explanation is what a filter does, in words.
type Explanation struct {
	ABIs     []Section `json:"abis"`               // those that the filter has rules for
	Mismatch string    `json:"mismatch,omitempty"` // the action for callers of every other ABI
	Strange  string    `json:"strange,omitempty"`  // or else why there is no such action
}

// Section is what a filter does for the callers of one ABI.
type Section struct {
	ABI     string `json:"abi"`
	Default string `json:"default"` // for the calls of the table without a rule
	Unknown string `json:"unknown"` // for numbers that the table does not hold, without a rule
	Rules   []Rule `json:"rules"`   // no call is in two of them
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
}

// Explain tells what a program does on machines of a byte order: for each ABI that it knows, the
// default and everything that is not the default. A program that never looks at the ABI does the
// same for all of them; it is explained with the names of the commonest one.
func Explain(p asm.Program, order binary.ByteOrder) (*Explanation, error) {
	f, err := read(p, order)
	if err != nil {
		return nil, err
	}
	out := &Explanation{}
	if f.strange == nil {
		out.Mismatch = Action(f.mismatch, nil)
	} else {
		out.Strange = f.strange.Error()
		f.sections = f.representative(p.Arches())
	}
	for _, s := range f.sections {
		out.ABIs = append(out.ABIs, s.explain())
	}
	return out, nil
}

// representative returns the sections of the ABIs that a program names, or else the first one.
func (f *filter) representative(arches []uint32) []*section {
	var named []*section
	for _, s := range f.sections {
		if slices.Contains(arches, s.abi.Arch) {
			named = append(named, s)
		}
	}
	if len(named) == 0 {
		return f.sections[:min(1, len(f.sections))]
	}
	return named
}

func (s *section) explain() Section {
	out := Section{
		ABI:     s.abi.Name,
		Default: Action(s.fallback, s.abi),
		Unknown: Action(s.unknown, s.abi),
		Rules:   []Rule{},
	}
	for i := range s.groups {
		g := &s.groups[i]
		known, unknown := s.ruled(g)
		if s.fallback == s.unknown || len(g.branches) == 1 {
			both := policy.Union(slices.Concat(known, unknown))
			out.Rules = append(out.Rules, s.rules(g, both, s.fallback)...)
			continue
		}
		out.Rules = append(out.Rules, s.rules(g, known, s.fallback)...)
		out.Rules = append(out.Rules, s.rules(g, unknown, s.unknown)...)
	}
	return out
}

// rules writes a group's rules for some of its numbers: several where the arguments' names differ.
func (s *section) rules(g *group, numbers []policy.Range, fallback policy.Action) []Rule {
	type part struct {
		steps   []Step
		numbers []policy.Range
	}
	var parts []part
	add := func(nr uint32, numbers ...policy.Range) {
		steps := g.steps(about(s.abi, nr), fallback, true)
		i := slices.IndexFunc(parts, func(p part) bool { return slices.Equal(p.steps, steps) })
		if i < 0 {
			i = len(parts)
			parts = append(parts, part{steps: steps})
		}
		parts[i].numbers = policy.Union(append(parts[i].numbers, numbers...))
	}
	known := knownOf(s.abi)
	for _, r := range intersect(numbers, known) {
		for nr := r.Lo; nr <= r.Hi; nr++ {
			add(uint32(nr), policy.Range{Lo: nr, Hi: nr})
		}
	}
	if unknown := subtract(numbers, known); len(unknown) > 0 {
		add(uint32(unknown[0].Lo), unknown...)
	}
	var out []Rule
	for _, p := range parts {
		out = append(out, Rule{Calls(s.abi, p.numbers), p.steps})
	}
	return out
}

// steps writes the branches. The fallback needs no step if it counts; else the last one needs no
// condition.
func (g *group) steps(s *speaker, fallback policy.Action, counts bool) []Step {
	last := g.last(s, fallback, counts)
	var out []Step
	for i, b := range g.branches {
		if i != last {
			out = append(out, Step{Action(b.action, s.abi), s.when(b), b.opaque})
		}
	}
	if end := g.branches[last].action; !counts || end != fallback || len(out) == 0 {
		out = append(out, Step{Action: Action(end, s.abi)})
	}
	return out
}

// when writes the condition of a branch, nothing for one that cannot be written.
func (s *speaker) when(b branch) string {
	if b.when == nil {
		return ""
	}
	return s.cond(b.when)
}

// last returns the branch that is to hold where the others do not: the one that cannot be written,
// or else the fallback if it counts, or else the one with the longest condition.
func (g *group) last(s *speaker, fallback policy.Action, counts bool) int {
	if i := slices.IndexFunc(g.branches, func(b branch) bool { return b.opaque }); i >= 0 {
		return i
	}
	i := slices.IndexFunc(g.branches, func(b branch) bool { return b.action == fallback })
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

// String returns the explanation for a terminal.
func (e *Explanation) String() string {
	var out strings.Builder
	for _, s := range e.ABIs {
		fmt.Fprintf(&out, "%s: %s", s.ABI, s.Default)
		if len(s.Rules) > 0 {
			out.WriteString(" unless below")
		}
		if s.Unknown != s.Default {
			fmt.Fprintf(&out, "; %s for numbers that no table holds", s.Unknown)
		}
		out.WriteString("\n")
		for _, r := range s.Rules {
			for _, step := range r.Steps {
				rule := wrap(step.Action + " " + listed(r.Calls) + step.condition())
				fmt.Fprintf(&out, "    %s\n", strings.ReplaceAll(rule, "\n", "\n        "))
			}
		}
		out.WriteByte('\n')
	}
	if e.Strange != "" {
		fmt.Fprintf(&out, "every other ABI: no single action\n    %s\n", e.Strange)
	} else {
		fmt.Fprintf(&out, "every other ABI: %s\n", e.Mismatch)
	}
	return out.String()
}

func (s Step) condition() string {
	switch {
	case s.Opaque:
		return " for some arguments"
	case s.When != "":
		return " if " + s.When
	}
	return ""
}
