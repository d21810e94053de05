// Package audit gives one verdict over any filter, or several that are installed one after the
// other: what gets through that should not, each finding with a call that is proved to.
//
// [Audit] asks the prover about what the kernel makes of all programs together, so that it does
// not matter where they come from. What stands in tables of the project beside that (calls that
// are dangerous to hand out, ways round rules) is looked for in the same way. What could not be
// judged is a finding too, an error: nobody is told that a filter is fine of which nothing is
// known.
package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/lint"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Filters are what is judged: programs in the order in which they are installed.
type Filters struct {
	Name   string // for the places of findings
	Stack  []asm.Program
	Order  binary.ByteOrder
	Late   []*policy.Late // that they wait for, by number: the same in each
	ABIs   []*linux.ABI   // whose callers the filters are for; the first is the machine's own
	Policy *Policy        // where FILE is one policy, which is judged by its own text
}

// Policy is a policy and what was found when it was compiled.
type Policy struct {
	*resolve.Resolved
	Found diag.List
}

// Audit returns all findings, the worst first. Their codes are those of [Codes].
func Audit(f Filters) diag.List {
	a := &auditor{
		Filters: f,
		place:   (&diag.Source{Name: f.Name}).Start(),
		space:   proof.New(linux.Arches()...),
	}
	if f.Policy != nil {
		a.place = f.Policy.Sources[0].Start()
	}
	var err error
	if a.all, err = a.space.Partly(f.Order, f.Stack, f.Late...); err == nil {
		a.blind = !a.space.LooksAtArch(a.all)
	}
	if err != nil {
		a.unjudged(err, "what it does")
		return a.found
	}
	a.judge()
	a.found.Sort()
	return a.found
}

// auditor collects what is found.
type auditor struct {
	Filters
	place diag.Span
	space *proof.Space
	all   proof.Function // what the kernel makes of the filters
	blind bool           // it is the same for every ABI
	spent bool           // something was too complex, and what comes behind it may be too
	found diag.List
}

// judge looks at everything.
func (a *auditor) judge() {
	a.gaps()
	stopping := false
	for _, abi := range a.ABIs {
		some, err := a.any(abi, stops)
		if a.unjudged(err, "what "+abi.Name+"'s callers get") {
			some = true
		}
		stopping = stopping || some
	}
	if !stopping {
		a.add(StopsNothing, nil, "", "no call is stopped")
	}
	if stopping {
		a.doors()
	}
	for _, abi := range a.ABIs {
		a.unread(abi)
	}
	a.unknown()
	a.dangers()
	a.lints()
}

// add notes a finding, with a call that shows it, if there is one, and what to change.
func (a *auditor) add(
	code string, call *policy.Data, help, format string, args ...any,
) *diag.Finding {
	c, ok := Lookup(code)
	if !ok {
		panic("audit: no such code: " + code)
	}
	f := diag.Finding{
		Severity: c.Severity, Code: code, Span: a.place, Message: fmt.Sprintf(format, args...),
		Help: help,
	}
	if call != nil {
		f.Call, f.Gets = a.call(*call), a.gets(*call)
	}
	a.found = append(a.found, f)
	return &a.found[len(a.found)-1]
}

// unjudged notes what an error keeps from being known.
func (a *auditor) unjudged(err error, what string) bool {
	if err == nil || errors.As(err, new(*proof.NotKnown)) {
		return err != nil // gaps are found already
	}
	help := "read the filter by hand, or ask for another one"
	if errors.Is(err, proof.ErrTooComplex) {
		if a.spent {
			return true
		}
		a.spent, help = true, simpler
		what += ", and maybe more,"
	}
	a.add(NotJudged, nil, help, "%s is not known: %v", what, err)
	return true
}

const simpler = "have its author make it simpler, or trust it for other reasons"

// gaps notes the calls of which it is not known what they get.
func (a *auditor) gaps() {
	for _, abi := range a.ABIs {
		gaps, err := a.space.GapsOf(a.all, proof.Calls{Arch: abi.Arch, Numbers: numbersOf(abi)})
		if a.unjudged(err, "what "+abi.Name+"'s callers get") {
			continue
		}
		for _, gap := range gaps {
			gets := explain.OneOf(gap.Answers, abi)
			f := a.add(NotJudged, nil, simpler, "it is not known what %s gets on %s (%s): %s",
				a.within(gap, abi), abi.Name, gets, gap.Why)
			if gap.Call != nil {
				f.Call, f.Gets = a.call(*gap.Call), gets
			}
		}
	}
}

// within names the calls of an ABI of which some are in a gap.
func (a *auditor) within(gap proof.Gap, abi *linux.ABI) string {
	var names []string
	for _, c := range abi.Syscalls() {
		number := []policy.Range{{Lo: uint64(c.Nr), Hi: uint64(c.Nr)}}
		here, err := a.space.GapsOf(a.all, proof.Calls{Arch: abi.Arch, Numbers: number})
		if err == nil && slices.ContainsFunc(here, func(g proof.Gap) bool {
			return g.Why == gap.Why
		}) {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) == len(abi.Syscalls()):
		return "any call"
	case len(names) == 0:
		return "a number that no table holds"
	}
	return some(names)
}

// any reports whether a caller of an ABI can get an action that is wanted.
func (a *auditor) any(abi *linux.ABI, wanted func(policy.Action) bool) (bool, error) {
	some, err := a.space.Find(a.all, proof.Calls{Arch: abi.Arch, Numbers: numbersOf(abi)}, wanted)
	return some != nil, err
}

// find returns one of some calls that gets an action that is wanted, or nil.
func (a *auditor) find(
	abi *linux.ABI, calls []resolve.Call, wanted func(policy.Action) bool,
) (*policy.Data, error) {
	for _, c := range calls {
		some, err := a.space.Find(a.all, proof.Calls{
			Arch: abi.Arch, Numbers: []policy.Range{{Lo: uint64(c.Nr), Hi: uint64(c.Nr)}},
			Cond: c.Cond,
		}, wanted)
		if err != nil {
			return nil, err
		}
		if some != nil {
			return &some.Data, nil
		}
	}
	return nil, nil
}

// call writes a call.
func (a *auditor) call(d policy.Data) string { return explain.Call(d, a.Order) }

// gets writes what a call gets. Of a filter that waits for late values that may depend on them.
func (a *auditor) gets(d policy.Data) string {
	return explain.Action(a.all.Eval(d, a.values()...), explain.ABIOf(d))
}

// values are the least late values, for calls that do not depend on them.
func (a *auditor) values() []policy.LateValues {
	values := policy.LateValues{}
	for _, l := range a.Late {
		values[l.Name] = l.Values[0].Lo
	}
	return []policy.LateValues{values}
}

// lints adds what is found about the policy that the filters are.
func (a *auditor) lints() {
	p := a.Policy
	if p == nil {
		if p = a.readBack(); p == nil {
			return
		}
	}
	kept := []string{Bypass, NoFallback, EnumAsFlags, ABIDoor}
	for _, f := range p.Found {
		if !slices.Contains(kept, f.Code) || f.Code == ABIDoor && a.has(ABIDoor, X32Door,
			ArchUnchecked) {
			continue
		}
		c, _ := Lookup(f.Code)
		f.Severity = c.Severity
		call, _ := f.Example.(*policy.Data)
		if call == nil {
			call = a.callOf(p, f.Span)
		}
		if call != nil {
			f.Call, f.Gets = a.call(*call), a.gets(*call)
		}
		a.found = append(a.found, f)
	}
}

// has reports whether something is found already.
func (a *auditor) has(codes ...string) bool {
	return slices.ContainsFunc(a.found, func(f diag.Finding) bool {
		return slices.Contains(codes, f.Code)
	})
}

// readBack returns the policy that the filters are, and what there is to find about it, or nil.
func (a *auditor) readBack() *Policy {
	if slices.ContainsFunc(a.Stack, func(p asm.Program) bool { _, off := p.Ended(); return off }) {
		a.add(NotJudged, nil, "end the program with ret",
			"it runs off its end, so that the kernel "+
				"would refuse it; it is not known which ways lead round its rules")
		return nil
	}
	reading := explain.Reading{Resolve: func(text []byte) (*policy.Policy, error) {
		res, diags := resolve.Text("decompiled", text, resolve.Options{})
		if res == nil {
			return nil, diags.Err()
		}
		return res.Policy, nil
	}, Late: a.Late}
	if a.blind {
		reading.ABIs = a.ABIs
	}
	back, err := explain.Decompile(a.Order, reading, a.Stack...)
	if err != nil && !a.blind {
		reading.ABIs = a.ABIs
		back, err = explain.Decompile(a.Order, reading, a.Stack...)
	}
	if a.unjudged(err, "which ways lead round its rules") {
		return nil
	}
	for _, text := range back.Stricter {
		a.add(NotJudged, nil, "have its author make it simpler", "not known: %s", text)
	}
	res, found := resolve.Text(a.Name+", decompiled", back.Text, resolve.Options{})
	if res == nil {
		a.unjudged(found.Err(), "which ways lead round its rules")
		return nil
	}
	return &Policy{res, append(found, lint.Find(res, found)...)}
}

// callOf returns a call that shows a finding about a rule: one that passes by the rule, or beside
// it.
func (a *auditor) callOf(p *Policy, at diag.Span) *policy.Data {
	source := slices.IndexFunc(p.Rules,
		func(r resolve.SourceRule) bool { return r.Span.Contains(at) })
	for i, abi := range p.Policy.ABIs {
		for _, r := range abi.Rules {
			if r.Source != source || source < 0 {
				continue
			}
			cond := r.Cond
			if !passes(r.Action) && cond != nil {
				cond = policy.Not{X: cond}
			}
			for _, nr := range r.Numbers {
				some, err := a.find(p.ABIs[i], []resolve.Call{{Nr: nr, Cond: cond}}, passes)
				if err == nil && some != nil {
					return some
				}
			}
		}
	}
	return nil
}

func numbersOf(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, n := range abi.Numbers() {
		out = append(out, policy.Range{Lo: uint64(n.Lo), Hi: uint64(n.Hi)})
	}
	return out
}

// passes and stops leave out notify and trace, which somebody else decides.
func passes(a policy.Action) bool {
	kind := explain.Taken(a).Kind()
	return kind == policy.Allow || kind == policy.Log
}

func stops(a policy.Action) bool {
	kind := explain.Taken(a).Kind()
	return !passes(a) && kind != policy.Notify && kind != policy.Trace
}
