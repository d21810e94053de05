package resolve

import (
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// way is one of the doors of a call, with what a filter sees there of the arguments.
type way struct {
	call
	params []linux.Arg
	known  bool        // the tables hold the parameters
	at     []int       // by parameter: its position in the arguments, -1 in memory; nil: its own
	door   policy.Cond // the multiplexer is asked for the call; nil for the call's own number
}

// waysOf returns the ways through a door of a call at which arguments are seen: none behind
// socketcall.
func waysOf(abi *linux.ABI, c call) []way {
	if c.mux == "" {
		params, known := abi.Prototype(c.name)
		return []way{{call: c, params: params, known: known}}
	}
	var out []way
	for _, d := range abi.Doors(c.name) {
		out = append(out, way{call: c, params: d.Params, known: true, at: d.At,
			door: versionCond(c, d)})
	}
	return out
}

// versionCond is the condition that ipc is asked for a call in one of the versions of a door.
func versionCond(c call, d linux.Door) policy.Cond {
	named := behindMultiplexer([]call{c}).(policy.Test)
	switch d.Versions {
	case linux.Version0:
		named.Mask = policy.Ones(32)
	case linux.OtherVersion:
		none := policy.Test{Operand: named.Operand, Mask: policy.Ones(32) &^ named.Mask,
			Set: []policy.Range{{}}}
		return policy.And{named, policy.Not{X: none}}
	}
	return named
}

// both returns the condition that both hold.
func both(door, cond policy.Cond) policy.Cond {
	if door == nil {
		return cond
	}
	if cond == nil {
		return door
	}
	return policy.And{door, cond}
}

// conditional divides the calls by what the condition means for each, at each of its doors. Where
// the arguments lie in memory the condition does not reach.
func (s *scope) conditional(x *dsl.Rule, action policy.Action, calls []call) []part {
	var parts []part
	list := distinctOperands(x.Cond)
	judged := map[string]bool{} // the calls of which a door is in the parts
	for at, c := range calls {
		ways := waysOf(s.abi, c)
		if c.all && len(ways) == 0 {
			s.unseen(x.Cond.Span, c)
		}
		for _, w := range ways {
			operands, ok := s.operands(list, w)
			if ok && slices.ContainsFunc(operands, func(o operand) bool { return o.hidden }) {
				if c.all {
					s.unseen(x.Cond.Span, c)
				}
				continue
			}
			judged[c.name] = true // or else an error says why not
			if !ok {
				continue
			}
			i := slices.IndexFunc(parts, func(p part) bool {
				return w.door == nil && p.door == nil && sameViews(p.operands, operands)
			})
			if i >= 0 {
				parts[i].calls = append(parts[i].calls, c)
				continue
			}
			p := part{calls: slices.Clip(calls[at : at+1]), operands: operands, door: w.door}
			if w.door != nil {
				p.calls = []call{{name: c.mux, nr: c.nr}}
			}
			p.cond, p.ok = s.cond(x.Cond, w.call, operands)
			parts = append(parts, p)
		}
	}
	s.checkJudged(x, action, calls, judged)
	return slices.DeleteFunc(parts, func(p part) bool { return !p.ok })
}

// checkJudged reports calls that a condition reaches at none of their doors. A rule that stops
// leaves them open.
func (s *scope) checkJudged(
	x *dsl.Rule, action policy.Action, calls []call, judged map[string]bool,
) {
	for _, c := range calls {
		if c.mux == "" || c.all || judged[c.name] {
			continue
		}
		report := diag.Warningf
		if stops(action) || len(judged) == 0 {
			report = diag.Errorf
		}
		d := report(x.Cond.Span, codes.BehindMultiplexer,
			"the condition cannot see the arguments of %s behind %s", c.name, c.mux)
		d = d.WithNotes("the rule does not cover " + c.name)
		s.add(d.WithHelp("write a rule without a condition, or leave the ABI out with when"))
	}
}

// unseen is the error for a door that "all" means and a condition does not reach.
func (s *scope) unseen(at diag.Span, c call) {
	d := diag.Errorf(at, codes.BehindMultiplexer,
		"the condition cannot see the arguments of %s behind %s", c.name, c.mux)
	d = d.WithNotes("all means each way to the call, on " + s.abi.Name + " that one too")
	if _, own := s.abi.Number(c.name); !own {
		s.add(d.WithHelp("write a rule without a condition, or leave %s out with when", s.abi.Name))
		return
	}
	s.add(d.WithHelp("write %s without all, and a rule without a condition for %s", c.name, c.mux))
}

// withoutBits makes a comparison see 0 in the bits of its operand that the kernel ignores.
func withoutBits(c policy.Cond, o operand) policy.Cond {
	if n, ok := c.(policy.Not); ok {
		return policy.Not{X: withoutBits(n.X, o)}
	}
	t := c.(policy.Test)
	counts := policy.Ones(o.Width) &^ o.ignored
	switch t.Op {
	case policy.In, policy.Any:
		t.Mask &= counts
	case policy.Only:
		t.Mask |= o.ignored
	case policy.All:
		if t.Mask&o.ignored != 0 { // they are never all set
			t = policy.Test{Operand: t.Operand, Mask: counts}
		}
	default:
		_, holds := t.Members()
		t = policy.Test{Operand: t.Operand, Mask: counts, Set: holds}
	}
	return t
}

// ignoredNote says which bits of an operand a comparison asks for in vain.
func ignoredNote(d diag.Finding, o operand) diag.Finding {
	if o.ignored == 0 {
		return d
	}
	return d.WithNotes(fmt.Sprintf("the kernel does not read %#x of %s", o.ignored, o.means()))
}
