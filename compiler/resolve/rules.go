package resolve

import (
	"go/constant"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// appendRule resolves a rule. It becomes several where its condition looks at other words for other
// calls, or where it covers the doors of multiplexers; they keep the rule's place in the order.
func (s *scope) appendRule(out []policy.Rule, x *dsl.Rule) []policy.Rule {
	action, ok := s.action(&x.Action)
	calls := s.difference(x.Selectors, x.Remove, true)
	if onlySets(x.Selectors) || len(x.Remove) > 0 {
		s.r.covers[x] = s.r.covers[x] || len(calls) > 0
	}
	if !ok || len(calls) == 0 {
		return out
	}
	s.lintErrno(&x.Action, action)
	s.lintCalls(x, action, calls)
	parts := []part{{calls: calls}}
	if x.Cond != nil {
		parts = s.conditional(x, action, calls)
		s.lintCond(x, parts)
	}
	s.guard(x, action, calls)
	source := s.r.rules[x]
	for _, p := range parts {
		own, behind := split(p.calls)
		if len(own) > 0 {
			out = append(out, policy.Rule{
				Numbers: own, Cond: both(p.door, p.cond), Action: action, Source: source,
			})
		}
		for _, door := range behind {
			door.Action, door.Source = action, source
			out = append(out, door)
		}
	}
	return out
}

// checkEmpty reports rules whose sets are empty on every ABI. Names that do not exist are errors
// already.
func (r *resolver) checkEmpty() {
	if r.report.failed() {
		return
	}
	for x, covers := range r.covers {
		if !covers {
			d := diag.Warningf(selectorsSpan(x), codes.MissingOnABI,
				"this names no system call on any of the ABIs")
			r.report.add(nil,
				d.WithHelp("remove the rule, or put it into a when block for its ABI"))
		}
	}
}

func onlySets(list []*dsl.Selector) bool {
	return !slices.ContainsFunc(list, func(sel *dsl.Selector) bool { return sel.Set == "" })
}

// part is the calls of a rule for which its condition is the same.
type part struct {
	calls    []call
	operands []operand   // of the condition
	door     policy.Cond // the multiplexer is asked for the calls; nil for their own numbers
	cond     policy.Cond
	ok       bool
}

// split returns the numbers of the calls that have one, sorted, and a rule for the calls behind
// each multiplexer whose own number is not among them.
func split(calls []call) (own []uint32, behind []policy.Rule) {
	if len(calls) == 1 && calls[0].mux == "" { // as of most rules
		return []uint32{calls[0].nr}, nil
	}
	var direct doorSet
	doors := map[uint32][]call{}
	for _, c := range calls {
		if c.mux == "" {
			direct.add(c.door())
		} else {
			doors[c.nr] = append(doors[c.nr], c)
		}
	}
	own = direct.numbers()
	if len(doors) == 0 {
		return own, nil
	}
	for _, nr := range slices.Sorted(maps.Keys(doors)) {
		if _, whole := slices.BinarySearch(own, nr); !whole {
			behind = append(behind, policy.Rule{Numbers: []uint32{nr},
				Cond: behindMultiplexer(doors[nr])})
		}
	}
	return own, behind
}

// behindMultiplexer is the condition that one multiplexer is asked for one of the calls.
func behindMultiplexer(calls []call) policy.Cond {
	t := policy.Test{
		Operand: policy.Operand{Arg: 0, Width: 32}, Mask: linux.MultiplexerMask(calls[0].mux),
	}
	for _, c := range calls {
		t.Set = append(t.Set, policy.Range{Lo: uint64(c.sub), Hi: uint64(c.sub)})
	}
	t.Set = policy.Union(t.Set)
	return t
}

// action resolves an action; it reports whether there was no error.
func (s *scope) action(a *dsl.Action) (policy.Action, bool) {
	switch a.Kind {
	case "allow":
		return policy.Allow, true
	case "log":
		return policy.Log, true
	case "notify":
		return policy.Notify, true
	case "kill":
		return policy.KillProcess, true
	case "kill_thread":
		return policy.KillThread, true
	case "deny":
		if a.Data == nil {
			return policy.Errno | eperm, true
		}
		n, ok := s.data(a, maxErrno)
		return policy.Errno | n, ok
	case "trap":
		n, ok := s.data(a, 0xffff)
		return policy.Trap | n, ok
	case "trace":
		n, ok := s.data(a, 0xffff)
		return policy.Trace | n, ok
	}
	panic("resolve: unknown action " + a.Kind)
}

const (
	maxErrno = 4095 // MAX_ERRNO of include/linux/err.h; the kernel lowers what is larger
	eperm    = 1    // on every ABI
)

// decision resolves the action of a statement that decides calls.
func (s *scope) decision(a *dsl.Action) policy.Action {
	action, ok := s.action(a)
	if ok {
		s.lintErrno(a, action)
	}
	return action
}

// lintErrno reports an errno that callers take for success.
func (s *scope) lintErrno(a *dsl.Action, action policy.Action) {
	switch action {
	case policy.Errno:
		d := diag.Warningf(a.Data.Span, codes.ErrnoRange,
			"errno 0 pretends that the call succeeded")
		d = d.WithNotes("the call returns 0 and does nothing")
		s.add(d.WithHelp("write deny, or deny(ENOSYS)"))
	case policy.Errno | maxErrno:
		d := diag.Warningf(a.Data.Span, codes.ErrnoRange,
			"some programs take errno %d for success", maxErrno)
		d = d.WithNotes("Go's system call stubs do on x86_64, i386 and arm")
		s.add(d.WithHelp("write an errno that the call has: deny(EPERM)"))
	}
}

// data returns the number that an action carries, at most limit.
func (s *scope) data(a *dsl.Action, limit int64) (policy.Action, bool) {
	if a.Data == nil {
		return 0, true
	}
	v := s.integer(a.Data.Span, s.sum(a.Data))
	if v == nil {
		return 0, false
	}
	n, exact := constant.Int64Val(v)
	if !exact || n < 0 || n > limit {
		d := diag.Errorf(a.Data.Span, codes.ConstantRange,
			"%v is not between 0 and %d, as %s needs", v, limit, a.Kind)
		switch {
		case a.Kind == "deny" && exact && n < 0 && -n <= limit:
			bare := strings.TrimLeft(a.Data.Text(), "-( ")
			d = d.WithHelp("write the errno without a sign: deny(%s)", bare)
		case a.Kind == "deny":
			d = d.WithHelp("write an errno: deny(EPERM)")
		default:
			d = d.WithHelp("write a number up to %d", limit)
		}
		s.add(d)
		return 0, false
	}
	return policy.Action(n), true
}

// lintCalls reports calls that the rule's action does not suit, and those that no rule decides.
func (s *scope) lintCalls(x *dsl.Rule, action policy.Action, calls []call) {
	for _, c := range calls {
		if s.abi.Unseen(c.nr) {
			d := diag.Warningf(selectorOf(x, c.name), codes.Exempt,
				"no filter is asked about %d, %s's syscall", c.nr, s.abi.Name)
			s.add(d.WithNotes("it is asked about the call that this one makes").
				WithHelp("remove it from the rule"))
		}
	}
	s.lintLayout(x, calls)
	if action == policy.Allow {
		return
	}
	var exempt, unfailing []string
	for _, c := range calls {
		if s.abi.Exempt(c.name) {
			exempt = append(exempt, c.name)
		}
		if action.Kind() == policy.Errno && linux.NeverFails(c.name) {
			unfailing = append(unfailing, c.name)
		}
	}
	for _, name := range exempt {
		d := diag.Warningf(selectorOf(x, name), codes.Exempt,
			"the kernel lets %s pass whatever a filter says", name)
		d = d.WithNotes("it serves the kernel's own probes "+
			"(kernel/seccomp.c, seccomp_uprobe_exception)",
			"Linux 6.1 asks the filter; the later releases of 6.12, and newer kernels, do not")
		s.add(d.WithHelp("remove %s from the rule: nothing stops it", name))
	}
	if len(unfailing) > 0 {
		unfailing = slices.Compact(unfailing)
		d := diag.Warningf(selectorOf(x, unfailing[0]), codes.NeverFails,
			"callers do not expect %s to fail", strings.Join(unfailing, ", "))
		d = d.WithNotes("a program that takes -1 for a process " +
			"and sends it a signal reaches every process")
		s.add(d.WithHelp("allow it, or write kill in place of %s", x.Action.Kind))
	}
}

// lintLayout reports calls that are told by the first argument of a multiplexer on an ABI where a
// filter is shown another word in its place.
func (s *scope) lintLayout(x *dsl.Rule, calls []call) {
	i := slices.IndexFunc(calls, func(c call) bool { return c.mux != "" })
	if i < 0 || !s.abi.Shifted {
		return
	}
	d := diag.Warningf(selectorOf(x, calls[i].name), codes.ArgumentLayout,
		"%s is also told by the first argument of %s, in place of which a filter on %s is shown "+
			"the number",
		calls[i].name, calls[i].mux, s.abi.Name)
	s.add(d.WithHelp("decide %s as a whole, or leave %s out with when", calls[i].mux, s.abi.Name))
}

// selectorOf returns the place of the selector that names the call, or that of all where a set
// does.
func selectorOf(x *dsl.Rule, name string) diag.Span {
	for _, sel := range x.Selectors {
		if sel.Name == name {
			return sel.Span
		}
	}
	return selectorsSpan(x)
}

// selectorsSpan returns the place of all selectors of a rule.
func selectorsSpan(x *dsl.Rule) diag.Span {
	return x.Selectors[0].Span.To(x.Selectors[len(x.Selectors)-1].Span)
}

// stops reports whether an action keeps a call from being made, whoever else is asked.
func stops(a policy.Action) bool {
	switch a.Kind() {
	case policy.Allow, policy.Log, policy.Notify, policy.Trace:
		return false
	}
	return true
}
