package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// replaced is newer calls that are decided at one place, with what programs make of that.
type replaced struct {
	at    diag.Span
	rule  int // the rule there, or -1
	newer []string
	older []string
	why   []replacing
	abis  []string
	call  *policy.Data // one of the newer ones that is refused

	stricter string // the action that they get, if it is stricter than an errno
}

// replacing says what makes newer calls in place of an older one.
type replacing struct {
	newer      []string
	older, why string
}

// replacements collects these, in the order in which they are found.
type replacements []*replaced

func (l *replacements) at(span diag.Span, rule int) *replaced {
	for _, r := range *l {
		if r.at == span {
			return r
		}
	}
	r := &replaced{at: span, rule: rule}
	*l = append(*l, r)
	return r
}

func (r *replaced) add(newer, older, why, abi string) {
	addNew(&r.abis, abi)
	addNew(&r.older, older)
	if !addNew(&r.newer, newer) {
		return
	}
	same := func(w replacing) bool { return w.older == older && w.why == why }
	i := slices.IndexFunc(r.why, same)
	if i < 0 {
		i = len(r.why)
		r.why = append(r.why, replacing{older: older, why: why})
	}
	r.why[i].newer = append(r.why[i].newer, newer)
}

// addNew adds a text that a list does not have.
func addNew(list *[]string, text string) bool {
	if slices.Contains(*list, text) {
		return false
	}
	*list = append(*list, text)
	return true
}

// notes returns what there is to say of the calls, and of which ABIs that is true.
func (r *replaced) notes(all int) []string {
	var notes []string
	for _, w := range r.why[:min(len(r.why), maxHiders)] {
		notes = append(notes, fmt.Sprintf("%s, else %s: %s", strings.Join(w.newer, ", "), w.older,
			w.why))
	}
	if more := len(r.why) - maxHiders; more > 0 {
		notes = append(notes, fmt.Sprintf("and %d more", more))
	}
	if len(r.abis) < all {
		notes = append(notes, "on "+strings.Join(r.abis, ", "))
	}
	return notes
}

// noFallback finds the newer calls that are refused, but not with ENOSYS, though an older one is
// allowed that callers would take then.
func noFallback(s *bypassSearch) diag.List {
	var found replacements
	for i := range s.ABIs {
		for _, rel := range relations() {
			if !rel.fallsBack || !s.ABIs[i].HasSyscall(rel.newer) {
				continue
			}
			older := s.allowedOf(i, rel.older)
			if older == "" {
				continue
			}
			if at, rule, ok := s.refused(i, rel.newer); ok && (rule >= 0 || !rel.rare) {
				place := found.at(at, rule)
				place.add(rel.newer, older, rel.why, s.ABIs[i].Name)
				if place.call == nil {
					place.call = s.stoppedCall(i, rel.newer)
					place.stricter = s.stricter(i, place.call)
				}
			}
		}
	}
	var diags diag.List
	for _, r := range found {
		diags = append(diags, s.withoutFallback(r))
	}
	return diags
}

// allowedOf returns the first of some calls that an ABI has and a policy and the filters beside it
// let pass, or "".
func (s *bypassSearch) allowedOf(abi int, names []string) string {
	for _, name := range names {
		if s.ABIs[abi].HasSyscall(name) && s.isOpen(abi, name) &&
			(s.stacked == nil || s.stacked.isOpen(abi, name)) {
			return name
		}
	}
	return ""
}

// refused reports whether all calls of a name are stopped, some of them not by ENOSYS, and where
// one of these is decided.
func (s *bypassSearch) refused(abi int, name string) (at diag.Span, rule int, ok bool) {
	if s.isOpen(abi, name) {
		return at, 0, false
	}
	enosys := s.enosys(abi)
	for _, call := range s.calls(abi, name) {
		some := s.find(abi, call, func(a policy.Action) bool { return stops(a) && a != enosys })
		if some != nil {
			rule = -1
			if r := s.Policy.ABIs[abi].Decide(some.Data, some.Late); r != nil {
				rule = r.Source
			}
			return s.decidedAt(abi, *some), rule, true
		}
	}
	return at, 0, false
}

// stoppedCall returns a call of a name that is stopped, but not by ENOSYS, or nil.
func (s *bypassSearch) stoppedCall(abi int, name string) *policy.Data {
	enosys := s.enosys(abi)
	for _, c := range s.calls(abi, name) {
		some := s.find(abi, c, func(a policy.Action) bool { return stops(a) && a != enosys })
		if some != nil {
			return &some.Data
		}
	}
	return nil
}

// stricter returns the action that a call gets if it is stricter than an errno, or "".
func (s *bypassSearch) stricter(abi int, call *policy.Data) string {
	if call == nil || s.Policy.Eval(*call).Kind() == policy.Errno {
		return ""
	}
	return s.Policy.Eval(*call).String()
}

func (s *bypassSearch) withoutFallback(r *replaced) diag.Finding {
	names := strings.Join(r.newer, ", ")
	verb := "is"
	if len(r.newer) > 1 {
		verb = "are"
	}
	d := diag.Warningf(r.at, codes.NoFallback,
		"%s %s refused, but not with ENOSYS, on which callers take %s",
		names, verb, strings.Join(r.older, ", "))
	d = d.WithNotes(r.notes(len(s.ABIs))...)
	d.Example = r.call
	if r.stricter != "" {
		d = d.WithNotes("--fix leaves this to you: deny(ENOSYS) is less strict than " + r.stricter)
	}
	if r.rule < 0 {
		d = d.WithHelp("add deny(ENOSYS) %s", names)
		d.Edits = s.atEnd("deny(ENOSYS) " + names)
		return d
	}
	rule := s.Rules[r.rule]
	if onlyNames(rule, r.newer) {
		d = d.WithHelp("write deny(ENOSYS) %s", names)
		d.Edits = []diag.Edit{{Span: rule.Action.Span, New: "deny(ENOSYS)"}}
		return d
	}
	d = d.WithHelp("put above it: deny(ENOSYS) %s", names)
	d.Edits = s.above(r.rule, "deny(ENOSYS) "+names)
	return d
}

// sibling finds the calls that rules allow while the default refuses what C libraries make in their
// place.
func sibling(s *bypassSearch) diag.List {
	var found replacements
	for i := range s.ABIs {
		for _, rel := range relations() {
			if !rel.harmless || !s.ABIs[i].HasSyscall(rel.newer) || !s.byDefault(i, rel) {
				continue
			}
			for _, older := range rel.older {
				if rule := s.allowedBy(i, older, rel.newer); rule != nil {
					at := s.Rules[rule.Source].Range()
					found.at(at, rule.Source).add(rel.newer, s.named(i, rule.Source, older),
						rel.why,
						s.ABIs[i].Name)
					break
				}
			}
		}
	}
	var diags diag.List
	for _, r := range found {
		d := diag.Warningf(r.at, codes.Sibling,
			"%s: allowed here, but C libraries make %s in place of them, which no rule allows",
			strings.Join(r.older, ", "), strings.Join(r.newer, ", "))
		if len(r.older) == 1 {
			d.Message = fmt.Sprintf("%s is allowed here, but C libraries make %s in place of it, "+
				"which no rule allows", r.older[0], strings.Join(r.newer, ", "))
		}
		d = d.WithNotes(r.notes(len(s.ABIs))...)
		diags = append(diags, d.WithHelp("%s", s.siblingHelp(r)))
	}
	return diags
}

// named returns the call as the rule that allows it names it: that may be the multiplexer before
// it.
func (s *bypassSearch) named(abi, source int, name string) string {
	mux, _, ok := s.ABIs[abi].Multiplexed(name)
	if ok && mentions(s.Rules[source], mux) && !mentions(s.Rules[source], name) {
		return mux
	}
	return name
}

// siblingHelp says how the newer calls are allowed too: by one word where they are twins of the
// older.
func (s *bypassSearch) siblingHelp(r *replaced) string {
	twins := func(abi *linux.ABI) bool {
		isTwin := func(name string) bool { return slices.Contains(abi.Twins(r.older[0]), name) }
		return !slices.ContainsFunc(r.newer, func(name string) bool { return !isTwin(name) })
	}
	if len(r.older) == 1 && mentions(s.Rules[r.rule], r.older[0]) &&
		slices.ContainsFunc(s.ABIs, twins) {
		return "write all " + r.older[0] + " in place of " + r.older[0]
	}
	help := "add " + s.Rules[r.rule].Action.Span.Text() + " " + strings.Join(r.newer, ", ")
	if s.Rules[r.rule].Cond != nil && !slices.Contains(linux.Multiplexers(), r.older[0]) {
		help += ", under the same condition"
	}
	return help
}

// byDefault reports whether the default refuses all of the newer calls of a relation, in a way that
// their callers take for the answer.
func (s *bypassSearch) byDefault(abi int, rel relation) bool {
	enosys := s.enosys(abi)
	calls := s.calls(abi, rel.newer)
	if mux, _, ok := s.ABIs[abi].Multiplexed(rel.newer); ok && slices.Contains(rel.older, mux) {
		own, _ := s.ABIs[abi].Number(rel.newer)
		isOther := func(c resolve.Call) bool { return c.Nr != own }
		calls = slices.DeleteFunc(slices.Clone(calls), isOther)
	}
	stopped := func(c resolve.Call) bool {
		some := s.find(abi, c, func(a policy.Action) bool {
			return stops(a) && !(rel.fallsBack && a == enosys)
		})
		return some != nil && s.Policy.ABIs[abi].Decide(some.Data, some.Late) == nil
	}
	return s.passing(abi, calls...) == nil && slices.ContainsFunc(calls, stopped)
}

// allowedBy returns the rule that lets a call pass, or nil: of a multiplexer, what does behind it
// the work of a newer call.
func (s *bypassSearch) allowedBy(abi int, name, newer string) *policy.Rule {
	if !s.ABIs[abi].HasSyscall(name) || !s.isOpen(abi, name) {
		return nil
	}
	calls := s.calls(abi, name)
	if mux, _, ok := s.ABIs[abi].Multiplexed(newer); ok && mux == name {
		own, _ := s.ABIs[abi].Number(mux)
		isOther := func(c resolve.Call) bool { return c.Nr != own }
		calls = slices.DeleteFunc(resolve.Doors(s.ABIs[abi], newer), isOther)
	}
	for _, call := range calls {
		if some := s.find(abi, call, letsPass); some != nil {
			return s.Policy.ABIs[abi].Decide(some.Data, some.Late)
		}
	}
	return nil
}
