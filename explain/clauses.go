package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// maxRanges bounds the ranges of numbers without a name that a policy has rules for, unless there
// are few numbers in them, maxNumbers.
const (
	maxRanges  = 64
	maxNumbers = 1 << 15
)

// site is what one selector stands for on one ABI.
type site struct {
	*section
	*group
	nr     uint32
	silent bool // the ABI's fallback says it already
	full   string
}

// collect makes the clauses. Every call is in one of them or in none, so that their order means
// nothing.
func (w *writer) collect() {
	for _, name := range w.names() {
		var sites []site
		for _, s := range w.sections {
			if nr, ok := s.abi.Number(name); ok {
				sites = append(sites, s.site(nr, s.fallback))
			}
		}
		w.add(name, sites)
	}
	w.collectNumbers()
}

// names returns the system calls of the ABIs, in the order of their numbers.
func (w *writer) names() []string {
	var names []string
	seen := map[string]bool{}
	for _, abi := range w.abis {
		for _, c := range abi.Syscalls() {
			if !seen[c.Name] {
				seen[c.Name] = true
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// collectNumbers makes clauses of the numbers that no table holds. A number that is a system call
// on another ABI of the policy needs a block.
func (w *writer) collectNumbers() {
	var numbers []policy.Range
	for _, s := range w.sections {
		for i := range s.groups {
			_, unknown := s.ruled(&s.groups[i])
			numbers = append(numbers, unknown...)
		}
	}
	for _, r := range w.alike(policy.Union(numbers)) {
		var sites []site
		elsewhere := false
		for _, s := range w.sections {
			_, known := s.abi.SyscallName(uint32(r.Lo))
			elsewhere = elsewhere || known
			if policy.Contains(numbersOf(s.abi), r.Lo) && !known {
				sites = append(sites, s.site(uint32(r.Lo), s.unknown))
			}
		}
		if elsewhere {
			w.addBlocks(interval(r), sites)
		} else {
			w.add(interval(r), sites)
		}
	}
}

// alike cuts ranges of numbers where a group, a table or an ABI's numbers begin or end.
func (w *writer) alike(numbers []policy.Range) []policy.Range {
	cut := func(at []policy.Range) {
		inside, outside := policy.Intersect(numbers, at), policy.Subtract(numbers, at)
		numbers = append(inside, outside...)
		slices.SortFunc(numbers, func(a, b policy.Range) int { return cmp.Compare(a.Lo, b.Lo) })
	}
	for _, s := range w.sections {
		cut(knownOf(s.abi))
		cut(numbersOf(s.abi))
		for i := range s.groups {
			cut(s.groups[i].numbers)
		}
	}
	return numbers
}

func (s *section) site(nr uint32, fallback policy.Action) site {
	at := site{section: s, group: s.at(nr), nr: nr}
	a, always := at.always()
	at.silent = always && a == fallback
	at.full = fullText(about(s.abi, nr), at.branches)
	return at
}

// fullText tells apart what is done for a call, whatever the ABI's fallback.
func fullText(s *callWriter, branches []branch) string {
	var out strings.Builder
	for _, b := range branches {
		fmt.Fprintf(&out, "%s", Action(b.action, s.abi))
		if b.opaque {
			fmt.Fprintf(&out, " on %s for some %d", s.abi.Name, s.nr)
		} else if b.when != nil {
			out.WriteString(" if " + s.cond(b.when))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// add puts a selector into a clause for all ABIs, or into blocks where they differ.
func (w *writer) add(selector string, sites []site) {
	silent := !slices.ContainsFunc(sites, func(s site) bool { return !s.silent })
	differ := slices.ContainsFunc(sites, func(s site) bool { return s.full != sites[0].full })
	if _, always := sites[0].always(); !always && w.behind(selector) {
		differ = true
	}
	switch {
	case silent:
	case differ:
		w.addBlocks(selector, sites)
	default:
		w.join(newClause(selector, nil, sites, true))
	}
}

// behind reports whether some ABI has a call only behind a multiplexer, where a condition may not
// reach.
func (w *writer) behind(name string) bool {
	return slices.ContainsFunc(w.abis, func(abi *linux.ABI) bool {
		_, own := abi.Number(name)
		return !own && abi.HasSyscall(name)
	})
}

// addBlocks puts a selector into a clause for each group of ABIs that need a rule and have the
// same.
func (w *writer) addBlocks(selector string, sites []site) {
	done := map[string]bool{}
	for _, first := range sites {
		var alike []site
		var abis []*linux.ABI
		for _, s := range sites {
			if !s.silent && s.full == first.full {
				alike = append(alike, s)
				abis = append(abis, s.abi)
			}
		}
		if len(alike) == 0 || done[first.full] {
			continue
		}
		done[first.full] = true
		if len(abis) == len(w.abis) {
			abis = nil
		}
		w.join(newClause(selector, abis, alike, true))
	}
}

// newClause returns the rules for a selector at sites that are alike. With brief it leaves out what
// the fallback of all of them says.
func newClause(selector string, abis []*linux.ABI, sites []site, brief bool) *clause {
	first := sites[0]
	for _, s := range sites {
		brief = brief && s.fallback == first.fallback && s.unknown == first.unknown
	}
	fallback := first.fallback
	if _, known := first.abi.SyscallName(first.nr); !known {
		fallback = first.unknown
	}
	c := &clause{abis: abis, selectors: []string{selector}}
	callWriter := about(first.abi, first.nr)
	c.steps = first.steps(callWriter, fallback, brief)
	if c.steps[len(c.steps)-1].When == "" {
		c.final, c.decided = first.branches[first.last(callWriter, fallback, brief)].action, true
	}
	return c
}

// join adds a clause to another one that has the same rules on the same ABIs.
func (w *writer) join(c *clause) {
	for _, other := range w.clauses {
		if slices.Equal(other.abis, c.abis) && slices.Equal(other.steps, c.steps) {
			other.selectors = append(other.selectors, c.selectors...)
			return
		}
	}
	w.clauses = append(w.clauses, c)
}

// gather moves system calls that only some of the ABIs have to a block with the same rules for
// these, if that is the longer list, so that what belongs together stands together.
func (w *writer) gather() {
	for _, block := range w.clauses {
		if len(block.abis) == 0 {
			continue
		}
		for _, c := range w.clauses {
			fewer := len(c.selectors) < len(block.selectors)
			if len(c.abis) > 0 || !fewer || !slices.Equal(c.steps, block.steps) {
				continue
			}
			c.selectors = slices.DeleteFunc(c.selectors, func(name string) bool {
				inside := w.onlyOn(name, block.abis)
				if inside {
					block.selectors = append(block.selectors, name)
				}
				return inside
			})
		}
	}
	w.clauses = slices.DeleteFunc(w.clauses, func(c *clause) bool { return len(c.selectors) == 0 })
}

// onlyOn reports whether a selector is the name of a system call and none of the other ABIs has it.
func (w *writer) onlyOn(name string, abis []*linux.ABI) bool {
	found := false
	for _, abi := range w.abis {
		_, ok := abi.Number(name)
		if ok && !slices.Contains(abis, abi) {
			return false
		}
		found = found || ok
	}
	return found
}

// openDoors puts socketcall and ipc first where the rules for calls behind them would decide
// otherwise: a rule covers both ways into a call, with a condition where ipc shows the arguments,
// and the filter tells them apart.
func (w *writer) openDoors() {
	for _, mux := range linux.Multiplexers() {
		var sites []site
		needed := false
		for _, s := range w.sections {
			nr, ok := s.abi.Number(mux)
			if !ok {
				continue
			}
			at := s.site(nr, s.fallback)
			sites = append(sites, at)
			needed = needed || w.crosses(mux, at)
		}
		if needed {
			w.first(mux, sites)
		}
	}
}

// crosses reports whether a clause gives a call behind the multiplexer another action than the
// filter gives to the multiplexer.
func (w *writer) crosses(mux string, at site) bool {
	own, always := at.always()
	return slices.ContainsFunc(w.clauses, func(c *clause) bool {
		elsewhere := len(c.abis) > 0 && !slices.Contains(c.abis, at.abi)
		other := func(s Step) bool {
			return (s.When == "" || mux == "ipc") && s.Action != Action(own, at.abi)
		}
		if elsewhere || always && !slices.ContainsFunc(c.steps, other) {
			return false
		}
		if !c.decided && mux != "ipc" {
			return false
		}
		return slices.ContainsFunc(c.selectors, func(name string) bool {
			behind, _, ok := at.abi.Multiplexed(name)
			return ok && behind == mux
		})
	})
}

// first puts rules that decide every call of a multiplexer before all others.
func (w *writer) first(mux string, sites []site) {
	for _, c := range w.clauses {
		c.selectors = slices.DeleteFunc(c.selectors, func(s string) bool { return s == mux })
	}
	w.clauses = slices.DeleteFunc(w.clauses, func(c *clause) bool { return len(c.selectors) == 0 })
	var heads []*clause
	done := map[string]bool{}
	for _, s := range sites {
		if done[s.full] {
			continue
		}
		done[s.full] = true
		alike := slices.DeleteFunc(slices.Clone(sites), func(other site) bool {
			return other.full != s.full
		})
		var abis []*linux.ABI
		if len(alike) < len(sites) {
			for _, a := range alike {
				abis = append(abis, a.abi)
			}
		}
		head := newClause(mux, abis, alike, false)
		head.head = true
		heads = append(heads, head)
	}
	w.clauses = append(heads, w.clauses...)
}

// columns is the width of a policy that is written.
const columns = 96

// Wrap breaks a rule of a policy's text into lines.
func Wrap(rule string) string { return wrapTo(rule, columns) }

// wrapTo breaks a rule into lines of a length, where the language lets a line go on: behind commas
// and operators. With no length it leaves the rule as it is.
func wrapTo(rule string, length int) string {
	if length <= 0 {
		return rule
	}
	var lines []string
	start, end := 0, 0 // the line so far, and where it can end
	for at, c := range rule {
		if at-start > length && end > start {
			lines = append(lines, rule[start:end])
			start = end + 1
		}
		if c == ' ' && breaks(rule, at) {
			end = at
		}
	}
	return strings.Join(append(lines, rule[start:]), "\n")
}

// breaks reports whether a line may end before the blank at a place.
func breaks(rule string, at int) bool {
	if strings.HasPrefix(rule[at:], notKnown) {
		return true
	}
	return slices.ContainsFunc([]string{",", "|", "&&"}, func(end string) bool {
		return strings.HasSuffix(rule[:at], end)
	})
}
