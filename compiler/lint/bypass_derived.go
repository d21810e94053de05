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
			open = append(open, s.throughNumbers(abi, g)...)
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

// throughNumbers returns the open calls with numbers of their own, of which a rule on a multiplexer
// stops all that come through it. Where some of a number's calls are stopped its author has looked.
func (s *bypassSearch) throughNumbers(abi int, g *resolve.Guarded) (open []wayRound) {
	if !slices.Contains(linux.Multiplexers(), g.Name) {
		return nil
	}
	why := "each has a number of its own, beside " + g.Name
	for _, name := range behind.of(s.ABIs[abi], g.Name, behindMultiplexer) {
		if !s.stopsBehind(abi, g, name) {
			continue
		}
		for _, twin := range append([]string{name}, twins.of(s.ABIs[abi], name, twinsOf)...) {
			nr, has := s.ABIs[abi].Number(twin)
			call := resolve.Call{Nr: nr}
			if has && s.find(abi, call, letsPass) != nil && s.find(abi, call, stops) == nil {
				open = append(open, wayRound{action: "deny ", open: twin, why: why})
			}
		}
		if g.Call.Cond != nil {
			open = append(open, s.besideBehind(abi, name)...)
		}
	}
	return open
}

// besideBehind returns the open calls that the table has for a call behind a multiplexer, which a
// rule on the multiplexer stops.
func (s *bypassSearch) besideBehind(abi int, name string) (open []wayRound) {
	for _, line := range bypassLines() {
		at := slices.Index(line.guarded, name)
		if at < 0 || line.some || line.conditional || s.newestAlone(abi, line, at) {
			continue
		}
		for way := range line.ways(name) {
			if s.isOpen(abi, way.open) && !s.judged(abi, way.open) {
				open = append(open, way)
			}
		}
	}
	return open
}

// stopsBehind reports whether a rule on a multiplexer, as it will be meant, stops a call of a name
// behind it, and nothing lets another call of the name pass there.
func (s *bypassSearch) stopsBehind(abi int, g *resolve.Guarded, name string) bool {
	rule, meant := policy.And{}, policy.Or{}
	if g.Call.Cond != nil {
		rule = policy.And{g.Call.Cond}
	}
	if g.Mended != nil {
		meant = policy.Or{g.Mended.Past[0].Call.Cond}
	}
	stopped := false
	for _, door := range s.calls(abi, name) {
		if door.Nr != g.Call.Nr {
			continue
		}
		of := func(c policy.Cond) resolve.Call {
			return resolve.Call{Nr: door.Nr, Cond: policy.And{door.Cond, c}}
		}
		if s.find(abi, of(policy.Not{X: meant}), letsPass) != nil {
			return false
		}
		stopped = stopped || s.own(abi, of(rule), stops) != nil
	}
	return stopped
}

var behind remembered[[]string] // see behindMultiplexer

// behindMultiplexer returns the calls that an ABI has behind a multiplexer.
func behindMultiplexer(abi *linux.ABI, mux string) []string {
	return slices.DeleteFunc(linux.SyscallNames(), func(name string) bool {
		before, _, ok := abi.Multiplexed(name)
		return !ok || before != mux
	})
}

// throughFlags returns what gets past a rule that compares as a whole what has flags beside the
// value, or bits that the kernel does not read.
func (s *bypassSearch) throughFlags(abi int, g *resolve.Guarded) (open []wayRound) {
	if g.Mended == nil {
		return nil
	}
	why := "the comparison asks for the whole argument, and with other bits beside that is " +
		"another number"
	if g.Mended.Cast {
		why = "the comparison looks at bits that the kernel does not read, and with them that is " +
			"another number"
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
	others := twins.of(s.ABIs[abi], g.Name, twinsOf)
	if g.Call.Cond == nil && isNewer(g.Name) &&
		!slices.ContainsFunc(others, func(name string) bool {
			return named[name] || s.guard(abi, name) != nil
		}) {
		others = nil // see newestAlone
	}
	for _, name := range others {
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
	for _, same := range s.ofEachWidth(abi, g.Name) {
		for _, line := range twinLines()[same] {
			others := slices.DeleteFunc(slices.Clone(line.names), func(name string) bool {
				return name == same
			})
			open = append(open, s.replacing(abi, g, others, named, line.why)...)
		}
	}
	return open
}

// replacing returns the open calls of some names that a rule's calls have a counterpart among.
func (s *bypassSearch) replacing(
	abi int, g *resolve.Guarded, names []string, named map[string]bool, why string,
) (open []wayRound) {
	for _, of := range names {
		for _, name := range s.ofEachWidth(abi, of) {
			if named[name] {
				continue
			}
			for _, r := range g.As(name) {
				if s.find(abi, r.Call, letsPass) != nil {
					open = append(open, wayRound{action: "deny ", open: r.Text, why: why})
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
