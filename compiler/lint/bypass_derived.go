package lint

import (
	"slices"
	"sync"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// derived looks at the ways round that follow from a rule whatever its condition: by a carrier, by
// another door, by the same call with types of another width, by a call that does the same and has
// the same arguments.
func (s *bypassSearch) derived(abi int) {
	names := namesOf(s.Guarded[abi])
	for i := range s.Guarded[abi] {
		g := &s.Guarded[abi][i]
		if s.silent[g.Source] {
			s.excused = s.excused || slices.ContainsFunc(s.carried(abi, g), everywhere)
			continue
		}
		if g.Large {
			s.large[g.Source] = true
			continue
		}
		rule := &policy.Rule{Source: g.Source, Action: g.Action}
		open := s.carried(abi, g)
		open = append(open, s.throughDoors(abi, g)...)
		open = append(open, s.throughFlags(abi, g)...)
		if !s.fallback(abi, rule) {
			open = append(open, s.throughTwins(abi, g, names[g.Source])...)
		}
		if len(open) == 0 || s.own(abi, g.Call, stops) == nil {
			continue
		}
		for _, way := range open {
			s.add(abi, rule, way)
		}
	}
	for i := range s.Lax[abi] {
		if g := &s.Lax[abi][i]; !s.silent[g.Source] {
			for _, way := range s.throughFlags(abi, g) {
				s.add(abi, &policy.Rule{Source: g.Source, Action: g.Action}, way)
			}
		}
	}
}

// carried returns the open ways of the table round any rule on a call.
func (s *bypassSearch) carried(abi int, g *resolve.Guarded) (open []wayRound) {
	for _, way := range carriers(g.Name) {
		if s.isOpen(abi, way.open) {
			open = append(open, way)
		}
	}
	return open
}

// everyRule is the way that goes round most rules.
const everyRule = "io_uring_setup"

func everywhere(w wayRound) bool { return w.open == everyRule }

// throughDoors returns the open doors of a call that a rule does not reach.
func (s *bypassSearch) throughDoors(abi int, g *resolve.Guarded) (open []wayRound) {
	for _, r := range g.Doors() {
		if s.find(abi, r.Call, letsPass) == nil {
			continue
		}
		why := "it is the same call behind " + r.Mux
		if r.Hidden {
			why = "it is " + g.Name + ", with arguments in memory where no filter sees them"
		}
		open = append(open, wayRound{action: "deny ", open: r.Text, why: why})
	}
	return open
}

// throughFlags returns what gets past a rule that compares as a whole what has flags beside the
// value, or bits that the kernel does not read.
func (s *bypassSearch) throughFlags(abi int, g *resolve.Guarded) (open []wayRound) {
	if g.Mended == nil {
		return nil
	}
	why := "the comparison asks for the whole argument, and a flag beside makes another number of it"
	if g.Mended.Cast {
		why = "the comparison looks at bits that the kernel does not read, and these make another " +
			"number of it"
	}
	for _, past := range g.Mended.Past {
		if s.find(abi, past.Call, letsPass) != nil {
			open = append(open, wayRound{"deny ", past.Text, why, g.Mended})
		}
	}
	return open
}

// namesOf returns the names of the calls that rules with a condition stop, by the rule.
func namesOf(guarded []resolve.Guarded) map[int]map[string]bool {
	out := map[int]map[string]bool{}
	for _, g := range guarded {
		if out[g.Source] == nil {
			out[g.Source] = map[string]bool{}
		}
		out[g.Source][g.Name] = g.Call.Cond != nil
	}
	return out
}

// throughTwins returns the open calls that do the same, but for those that the rule names too.
// Where what a condition asks for has no counterpart, a call with types of another width is open if
// no rule stops any of it.
func (s *bypassSearch) throughTwins(
	abi int, g *resolve.Guarded, named map[string]bool,
) (open []wayRound) {
	for _, name := range twins.of(s.ABIs[abi], g.Name, twinsOf) {
		if named[name] {
			continue
		}
		why := "it is " + g.Name + " with types of another width"
		as := g.As(name)
		for _, r := range as {
			if s.find(abi, r.Call, letsPass) != nil {
				open = append(open, wayRound{action: "deny ", open: r.Text, why: why})
			}
		}
		stopped := func(c resolve.Call) bool { return s.find(abi, c, stops) != nil }
		if len(as) == 0 && !slices.ContainsFunc(resolve.Doors(s.ABIs[abi], name), stopped) {
			open = append(open, wayRound{action: "deny ", open: name, why: why})
		}
	}
	if g.Call.Cond == nil {
		return open // of these the table's lines speak
	}
	for _, line := range twinLines()[g.Name] {
		for _, name := range line.names {
			if name == g.Name || named[name] {
				continue
			}
			for _, r := range g.As(name) {
				if s.find(abi, r.Call, letsPass) != nil {
					open = append(open, wayRound{action: "deny ", open: r.Text, why: line.why})
				}
			}
		}
	}
	return open
}

var twins remembered[[]string] // see twinsOf

// twinsOf returns the calls of an ABI that are the same as another but for the width of a type.
func twinsOf(abi *linux.ABI, name string) []string {
	return slices.DeleteFunc(abi.Twins(name), func(twin string) bool { return twin == name })
}

// carriers returns the ways of the table round any rule on a call.
func carriers(name string) []wayRound {
	var ways []wayRound
	for _, line := range carrierLines()[name] {
		ways = slices.AppendSeq(ways, line.ways(name))
	}
	return ways
}

// twinLines returns the lines of calls that replace each other, by their names.
var twinLines = sync.OnceValue(func() map[string][]*bypassLine {
	out := map[string][]*bypassLine{}
	for _, line := range bypassTable() {
		for _, name := range line.names {
			if line.twin {
				out[name] = append(out[name], line)
			}
		}
	}
	return out
})

// carrierLines returns the lines that count for any rule on a call, by its name.
var carrierLines = sync.OnceValue(func() map[string][]*bypassLine {
	out := map[string][]*bypassLine{}
	for _, line := range bypassTable() {
		if line.some {
			for _, name := range line.guarded {
				out[name] = append(out[name], line)
			}
		}
	}
	return out
})
