package resolve

import (
	"iter"
	"maps"
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// setDefinition is a set of the policy.
type setDefinition struct {
	node       *dsl.Set
	busy, done bool
	calls      []call
}

// set returns the calls of a set: the policy's own, or else a built-in one.
func (s *scope) set(at diag.Span, name string) []call {
	d := s.sets[name]
	if d == nil {
		return s.builtIn(at, name)
	}
	switch {
	case d.done:
		return d.calls
	case d.busy:
		s.add(diag.Errorf(at, codes.Cycle, "%s contains itself", name))
		return nil
	case s.depth == maxNameDepth:
		s.add(diag.Errorf(at, codes.TooLarge, "more than %d sets contain each other", maxNameDepth))
		return nil
	}
	d.busy = true
	s.depth++
	d.calls = s.difference(d.node.Add, d.node.Remove, true)
	s.depth--
	d.busy, d.done = false, true
	return d.calls
}

// difference returns the calls that the selectors of add name and those of remove do not.
func (s *scope) difference(add, remove []dsl.Selector, warn bool) []call {
	calls := s.selectors(add, warn)
	if len(remove) == 0 {
		return calls
	}
	return s.without(slices.Clone(calls), s.selectors(remove, warn))
}

// without returns the calls that are not gone. A call that goes takes its door behind a multiplexer
// along, also where the calls hold the multiplexer as a whole: that is narrowed to its other calls.
// A multiplexer that goes takes all its doors along.
func (s *scope) without(calls, gone []call) []call {
	if len(gone) == 0 {
		return calls
	}
	doors, whole, narrow := map[door]bool{}, map[uint32]bool{}, map[uint32]bool{}
	for _, c := range gone {
		doors[c.door()] = true
		if c.mux == "" {
			whole[c.nr] = true
		} else {
			narrow[c.nr] = true
		}
	}
	var out []call
	for _, c := range calls {
		if c.mux == "" && narrow[c.nr] && !whole[c.nr] {
			out = append(out, s.behind(c.nr)...)
		} else {
			out = append(out, c)
		}
	}
	return slices.DeleteFunc(out, func(c call) bool { return doors[c.door()] || whole[c.nr] })
}

// behind returns all calls behind the multiplexer with a number.
func (s *scope) behind(nr uint32) []call {
	var out []call
	for _, name := range linux.SyscallNames() {
		for _, c := range appendDoors(nil, s.abi, name) {
			if c.mux != "" && c.nr == nr {
				out = append(out, c)
			}
		}
	}
	return out
}

func (s *scope) builtIn(at diag.Span, name string) []call {
	members, ok := linux.SetIn(name, s.r.tables)
	if !ok && s.r.gaps.mayDefine(name) {
		return nil
	}
	if !ok && linux.HasSet(name) {
		d := diag.Errorf(at, codes.UnknownSet, "%s is newer than Linux %v", name, s.r.tables)
		s.add(d.WithHelp("name a newer release behind as of, or the calls"))
		return nil
	}
	if !ok {
		names := slices.AppendSeq(linux.SetNames(), maps.Keys(s.sets))
		s.add(s.r.unknownSet(at, name, slices.Values(names)))
		return nil
	}
	out := make([]call, 0, len(members))
	for _, m := range members {
		doors := appendDoors(out, s.abi, m)
		for _, c := range doors[len(out):] {
			if c.mux != "" || s.abi.In(s.r.tables, m) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (r *resolver) unknownSet(at diag.Span, name string, names iter.Seq[string]) diag.Finding {
	d := diag.Errorf(at, codes.UnknownSet, "unknown set %s", name)
	r.report.suggest(&d, name, names)
	return d
}
