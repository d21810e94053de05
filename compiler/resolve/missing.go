package resolve

import (
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// checkUses reports names that none of the ABIs has, and lints those that some lack, where that is
// asked for. A name that the policy uses for another ABI of its own, while it is compiled for
// fewer, is in order.
func (r *resolver) checkUses() {
	lint := r.lintsMissing()
	for _, m := range slices.SortedFunc(maps.Keys(r.missing), mention.compare) {
		switch found := r.found[m]; {
		case !found && m.number != "" && !r.ownedElsewhere(m):
			r.report.add(nil, r.noNumber(m))
		case !found && m.name != "" && !r.elsewhere(m.name):
			r.report.add(nil, r.noSyscall(m))
		case m.name != "" && lint:
			d := diag.Warningf(m.at, codes.MissingOnABI, "some ABIs have no system call %q", m.name)
			d.Severity = diag.Off
			d = d.WithNotes("missing on " + strings.Join(r.missing[m], ", "))
			r.report.add(nil, d.WithHelp("seccompc syscalls %s shows which ABIs have it", m.name))
		}
	}
}

func (r *resolver) lintsMissing() bool { return r.opts.Levels[codes.MissingOnABI] != diag.Off }

// noSyscall is the finding about a name that none of the ABIs has: a lint where it is another
// ABI's.
func (r *resolver) noSyscall(m mention) diag.Finding {
	on := haveSyscall(m.name)
	if len(on) == 0 {
		return r.unknownSyscall(m.at, m.name)
	}
	subject, verb := "no ABI of the policy has", ""
	if len(r.abis) == 1 {
		subject, verb = r.abis[0].Name+" has no system call", ""
	}
	d := diag.Errorf(m.at, codes.MissingOnABI, "%s %q%s", subject, m.name, verb)
	if r.inSet(m.at) {
		d.Severity = diag.Off
	}
	d = d.WithNotes("it exists on " + strings.Join(on, ", "))
	help := r.successorHelp(m.name, r.abis)
	if call, ok := r.deniesSuccessor(m); ok {
		d.Edits = []diag.Edit{{Span: m.at, New: call}}
		return d.WithHelp("write %s: %s", call, help)
	}
	if help == "" || r.namesSuccessors(m.name) {
		d.Edits = r.withoutMention(m)
	}
	switch {
	case len(d.Edits) > 0 && help != "":
		return d.WithHelp("remove it: %s, and is named too", help)
	case help != "":
		return d.WithHelp("%s", help)
	}
	return d.WithHelp("remove it, or silence this: # lint: allow %s REASON", codes.MissingOnABI)
}

// successorHelp says which calls do the work of one on ABIs that do not have it: "on aarch64, arm
// openat does this", or "".
func (r *resolver) successorHelp(name string, abis []*linux.ABI) string {
	on := map[string][]string{}
	var order []string
	for _, abi := range abis {
		call, ok := abi.Successor(name)
		if !ok {
			continue
		}
		if on[call] == nil {
			order = append(order, call)
		}
		on[call] = append(on[call], abi.Name)
	}
	var parts []string
	for _, call := range order {
		parts = append(parts, "on "+strings.Join(on[call], ", ")+" "+call+" does this")
	}
	return strings.Join(parts, "; ")
}

// deniesSuccessor returns the call to name in place of one in a rule that stops every such call,
// where it is the same on all ABIs. A rule that lets pass would let more pass.
func (r *resolver) deniesSuccessor(m mention) (string, bool) {
	call, same := r.abis[0].Successor(m.name)
	for _, abi := range r.abis {
		other, ok := abi.Successor(m.name)
		same = same && ok && other == call
	}
	i := slices.IndexFunc(r.source, func(x SourceRule) bool { return x.Span.Contains(m.at) })
	if !same || m.all || i < 0 || r.source[i].Cond != nil {
		return "", false
	}
	x := r.source[i]
	isCall := func(sel *dsl.Selector) bool { return sel.Name == call }
	switch x.Action.Kind {
	case "kill", "kill_thread", "trap", "deny":
		soft := x.Action.Data != nil && x.Action.Data.Text() == "ENOSYS"
		return call, !soft && !slices.ContainsFunc(x.Selectors, isCall) && len(x.Remove) == 0
	}
	return "", false
}

// namesSuccessors reports whether rules name, on each ABI, what does the work of a call.
func (r *resolver) namesSuccessors(name string) bool {
	return !slices.ContainsFunc(r.abis, func(abi *linux.ABI) bool {
		call, ok := abi.Successor(name)
		return ok && !slices.ContainsFunc(r.source, func(x SourceRule) bool {
			return slices.ContainsFunc(x.Selectors, func(sel *dsl.Selector) bool {
				return sel.Name == call
			})
		})
	})
}

// withoutMention returns the edit that removes a name from its list.
func (r *resolver) withoutMention(m mention) []diag.Edit {
	find := func(before, list []*dsl.Selector) []diag.Edit {
		for i := range list {
			if list[i].Span == m.at {
				return withoutOne(before, list, i)
			}
		}
		return nil
	}
	for _, f := range r.files {
		for s := range f.All() {
			add, remove := listsOf(s)
			if edits := append(find(nil, add), find(add, remove)...); len(edits) > 0 {
				return edits
			}
		}
	}
	return nil
}

// inSet reports whether a place lies in the definition of a set.
func (r *resolver) inSet(at diag.Span) bool {
	for _, f := range r.files {
		for s := range f.All() {
			if set, ok := s.(*dsl.Set); ok && set.Span.Contains(at) {
				return true
			}
		}
	}
	return false
}

// lintLeftOut reports names in rules that allow where an ABI lacks the call and what does its work
// there is not allowed: the program works on the other ABIs only.
func (r *resolver) lintLeftOut(p *policy.Policy) {
	for _, x := range r.source {
		if x.Action.Kind != "allow" && x.Action.Kind != "log" {
			continue
		}
		for i := range x.Selectors {
			m := mentionOf(x.Selectors[i])
			if m.name == "" || !r.found[m] {
				continue
			}
			if abis := r.leftOut(m, p); len(abis) > 0 {
				d := diag.Warningf(m.at, codes.MissingOnABI,
					"%s has no %s, and what does its work there is not allowed",
					strings.Join(namesOfABIs(abis), ", "), m.name)
				r.report.add(nil, d.WithHelp("allow it too: %s", r.successorHelp(m.name, abis)))
			}
		}
	}
}

// leftOut returns the ABIs that lack a call and do not allow its successor.
func (r *resolver) leftOut(m mention, p *policy.Policy) []*linux.ABI {
	var out []*linux.ABI
	for i, abi := range r.abis {
		call, ok := abi.Successor(m.name)
		if !ok || !slices.Contains(r.missing[m], abi.Name) {
			continue
		}
		reached := !stops(p.ABIs[i].Default)
		for _, c := range appendDoors(nil, abi, call) {
			reached = reached || slices.ContainsFunc(p.ABIs[i].Rules, func(rule policy.Rule) bool {
				return !stops(rule.Action) && slices.Contains(rule.Numbers, c.nr)
			})
		}
		if !reached {
			out = append(out, abi)
		}
	}
	return out
}

func namesOfABIs(abis []*linux.ABI) []string {
	var out []string
	for _, abi := range abis {
		out = append(out, abi.Name)
	}
	return out
}
