package lint

import (
	"fmt"
	"go/constant"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// wayRound is a rule that should stand beside another.
type wayRound struct {
	action string // of the rule, with a blank: "deny "
	open   string // the call that is the way round, in the policy language
	why    string
	meant  *resolve.Mended // nil, or the rule that stops it in place of another one beside it
}

// throughMux reports whether a multiplexer is the way round a rule about what is behind it.
func (w wayRound) throughMux() bool {
	return w.meant == nil && slices.Contains(linux.Multiplexers(), nameIn(w.open))
}

// openWay is a way round a rule that a policy leaves open.
type openWay struct {
	wayRound
	abis []string
}

// bypassSearch looks for the ways round the rules of a policy. It asks about few numbers, so that
// each has a function of its own.
type bypassSearch struct {
	*resolve.Resolved
	space   *proof.Space
	silent  []bool      // by policy.Rule.Source: ways round the rule are not reported
	excused bool        // one of these has a way round that every rule of its kind has
	large   []bool      // by policy.Rule.Source: ways round the rule are not looked for
	found   [][]openWay // by policy.Rule.Source
	numbers map[numberKey]numbered
	beside  *proof.Function          // what the other filters of a stack do, if there are any
	stacked *bypassSearch            // the same search with them, of one that is without
	open    map[callKey]bool         // does it get through?
	guards  map[callKey]*policy.Rule // see guard
}

// callKey is a call in the policy language on an ABI of the policy, numberKey one as a number.
type (
	callKey struct {
		abi  int
		text string
	}
	numberKey struct {
		abi int
		nr  uint32
	}
)

// numbered is what is done with the calls of a number: by the policy, and together with the filters
// that stand beside it.
type numbered struct{ own, all proof.Function }

// bypass finds, by proof, the deny rules with a known way round that the policy leaves open, and
// the filters beside it too. Where these are too complex they count for nothing.
func bypass(r *resolve.Resolved, space *proof.Space, beside ...asm.Program) diag.List {
	s := newSearch(r, space)
	s.with(beside)
	for i, rule := range r.Rules {
		s.silent[i] = r.Silences(codes.Bypass, rule.Range())
	}
	for i := range r.ABIs {
		s.listed(i)
		s.derived(i)
	}
	s.once()
	var diags diag.List
	for source, ways := range s.found {
		ways = withoutCovered(ways)
		if s.large[source] {
			d := diag.Warningf(r.Rules[source].Range(), codes.Bypass,
				"the rule is too large to look for ways round it")
			diags = append(diags, d.WithHelp("make several rules of it"))
		}
		if len(ways) > 0 {
			d := waysRound(r, r.Rules[source], ways)
			d.Example = s.shown(ways)
			diags = append(diags, s.shut(d, source, ways))
		}
	}
	return diags
}

// withoutCovered returns ways without those that are some calls of a name which is one as a whole.
func withoutCovered(ways []openWay) []openWay {
	whole := map[string]bool{}
	for _, w := range ways {
		whole[w.open] = true
	}
	return slices.DeleteFunc(ways, func(w openWay) bool {
		return nameIn(w.open) != w.open && w.meant == nil && whole[nameIn(w.open)]
	})
}

func newSearch(r *resolve.Resolved, space *proof.Space) *bypassSearch {
	return &bypassSearch{
		Resolved: r,
		space:    space,
		silent:   make([]bool, len(r.Rules)),
		large:    make([]bool, len(r.Rules)),
		found:    make([][]openWay, len(r.Rules)),
		numbers:  map[numberKey]numbered{},
		open:     map[callKey]bool{},
		guards:   map[callKey]*policy.Rule{},
	}
}

// with gives the search the filters that stand beside the policy's.
func (s *bypassSearch) with(beside []asm.Program) {
	if len(beside) == 0 {
		return
	}
	var late []*policy.Late // values of their own, whatever their names are here
	for _, p := range beside {
		for _, at := range p.Places() {
			for len(late) <= at.Value {
				l := &policy.Late{Name: fmt.Sprint("beside ", len(late)), Width: 64}
				l.Values = []policy.Range{{Hi: policy.Ones(64)}}
				late = append(late, l)
			}
		}
	}
	if f, err := s.space.Programs(s.Policy.ByteOrder(), beside, late...); err == nil {
		s.beside = &f
	}
}

// shut gives a finding about ways round a rule the help, and the edits where that is all that there
// is to say: where no rule above allows a call, none is about one ABI, or costs too much.
func (s *bypassSearch) shut(d diag.Finding, source int, ways []openWay) diag.Finding {
	if !s.shutFrom(source, ways) {
		instead := ""
		for _, w := range ways {
			if w.throughMux() {
				instead = ", or leave " + strings.Join(w.abis, ", ") + " out of arch"
			}
		}
		return d.WithHelp("put above the rule that allows it%s:\n%s", instead,
			strings.Join(remedy(ways), "\n"))
	}
	meant, others := instead(ways)
	rules := remedy(others)
	if len(rules) > 0 {
		d.Edits = s.above(source, rules...)
	}
	switch {
	case meant == nil:
		return d.WithHelp("put above it:\n%s", strings.Join(rules, "\n"))
	case len(rules) == 0:
		d.Edits = meant.Edits
		return d.WithHelp("write %s", meant.Text)
	case d.Edits != nil:
		d.Edits = append(d.Edits, meant.Edits...)
	}
	return d.WithHelp("write in place of it:\n%s", strings.Join(append(rules, meant.Text), "\n"))
}

// instead returns the rule that is better than the one with ways round it, nil where it is not the
// same for all, and the ways that stay open.
func instead(ways []openWay) (meant *resolve.Mended, others []openWay) {
	for _, w := range ways {
		switch {
		case w.meant == nil:
			others = append(others, w)
		case meant != nil && meant.Text != w.meant.Text:
			return nil, ways
		default:
			meant = w.meant
		}
	}
	return meant, others
}

// shutFrom reports whether rules in the place of one shut the ways round it.
func (s *bypassSearch) shutFrom(source int, ways []openWay) bool {
	for _, w := range ways {
		if strings.Contains(w.open, ": ") || w.throughMux() {
			return false
		}
		for abi := range s.ABIs {
			for _, c := range s.calls(abi, w.open) {
				some := s.find(abi, c, letsPass)
				if some == nil {
					continue
				}
				if by := s.Policy.ABIs[abi].Decide(some.Data, some.Late); by != nil &&
					by.Source < source {
					return false
				}
			}
		}
	}
	return true
}

// once leaves everyRule at the first rule that it goes round, and nowhere if a rule says that it
// may stay open.
func (s *bypassSearch) once() {
	first := !s.excused
	for source, ways := range s.found {
		is := func(w openWay) bool { return everywhere(w.wayRound) }
		if !slices.ContainsFunc(ways, is) {
			continue
		}
		if !first {
			s.found[source] = slices.DeleteFunc(ways, is)
		}
		first = false
	}
}

// waysRound reports a rule and what goes round it.
func waysRound(r *resolve.Resolved, rule resolve.SourceRule, ways []openWay) diag.Finding {
	var names, notes, costs []string
	for _, w := range ways {
		addNew(&names, nameIn(w.open))
		if cost := w.cost(); cost != "" {
			addNew(&costs, cost)
		}
	}
	for len(ways) > 0 { // those for one reason stand together
		first := ways[0]
		same := func(w openWay) bool {
			return w.why == first.why &&
				slices.Equal(w.abis, first.abis)
		}
		var open []string
		for _, w := range ways {
			if same(w) {
				open = append(open, w.open)
			}
		}
		ways = slices.DeleteFunc(slices.Clone(ways), same)
		is, on := "is", ""
		if len(open) > 1 {
			is = "are"
		}
		if len(first.abis) < len(r.ABIs) {
			on = " (on " + strings.Join(first.abis, ", ") + ")"
		}
		notes = append(notes, fmt.Sprintf("%s %s not stopped: %s%s", strings.Join(open, ", "), is,
			first.why, on))
	}
	d := diag.Warningf(rule.Range(), codes.Bypass, "this rule can be bypassed: %s",
		strings.Join(names, ", "))
	return d.WithNotes(notes...).WithNotes(costs...)
}

// shown returns a call that one of the ways round a rule is, a *policy.Data, or nil.
func (s *bypassSearch) shown(ways []openWay) any {
	for _, w := range ways {
		text := w.open
		if _, after, ok := strings.Cut(text, ": "); ok {
			text = after
		}
		for i, abi := range s.ABIs {
			if slices.Contains(w.abis, abi.Name) {
				if call := s.passing(i, s.calls(i, text)...); call != nil {
					return call
				}
			}
		}
	}
	return nil
}

// passing returns one of some calls that gets through, or nil.
func (s *bypassSearch) passing(abi int, calls ...resolve.Call) *policy.Data {
	for _, c := range calls {
		if some := s.find(abi, c, letsPass); some != nil {
			return &some.Data
		}
	}
	return nil
}

// listed looks at the lines of the table whose calls are stopped as a whole.
func (s *bypassSearch) listed(abi int) {
	stopped := s.stopped(abi)
	for _, line := range bypassLines() {
		if line.some || line.conditional {
			continue
		}
		for i, guarded := range line.guarded {
			rule := s.guardOfAny(abi, guarded, stopped)
			if rule == nil || line.twin && (s.fallback(abi, rule) || s.newestAlone(abi, line, i)) ||
				s.excepted(abi, line, rule) {
				continue
			}
			for way := range line.ways(guarded) {
				for _, way.open = range s.ofEachWidth(abi, way.open) {
					if s.isOpen(abi, way.open) && !s.judged(abi, way.open) {
						s.add(abi, rule, way)
					}
				}
			}
		}
	}
}

// guardOfAny is guard for calls or, if a rule stops these alone, those that are the same with types
// of another width: not for newer ones, whose callers may be meant to take the older.
func (s *bypassSearch) guardOfAny(abi int, text string, stopped map[string]bool) *policy.Rule {
	for i, same := range s.ofEachWidth(abi, text) {
		if name := nameIn(same); !stopped[name] || i > 0 && isNewer(name) {
			continue
		}
		if rule := s.guard(abi, same); rule != nil {
			return rule
		}
	}
	return nil
}

// ofEachWidth returns a text about calls, and behind it the same of the calls that do the same with
// types of another width.
func (s *bypassSearch) ofEachWidth(abi int, text string) []string {
	name := nameIn(text)
	out := []string{text}
	for _, twin := range twins.of(s.ABIs[abi], name, twinsOf) {
		out = append(out, strings.Replace(text, name, twin, 1))
	}
	return out
}

// excepted reports whether a rule stops what says that it is not about a line's calls.
func (s *bypassSearch) excepted(abi int, line *bypassLine, rule *policy.Rule) bool {
	return slices.ContainsFunc(line.unless, func(text string) bool {
		return s.guard(abi, text) == rule
	})
}

// newestAlone reports whether of calls that do the same one is stopped, on whose refusal callers
// take another: no-fallback says how it is refused, and to stop the others too would be the
// opposite.
func (s *bypassSearch) newestAlone(abi int, line *bypassLine, at int) bool {
	return isNewer(line.names[at]) && !slices.ContainsFunc(line.guarded, func(other string) bool {
		return other != line.guarded[at] && s.guard(abi, other) != nil
	})
}

// judged reports whether a text is a name of which the policy stops some calls and lets others
// pass: its author has looked at them.
func (s *bypassSearch) judged(abi int, name string) bool {
	return nameIn(name) == name && slices.ContainsFunc(s.calls(abi, name),
		func(c resolve.Call) bool {
			return s.find(abi, c, stops) != nil && s.find(abi, c, letsPass) != nil
		})
}

// stopped returns the names of the calls that a rule stops, or some of them, if ways round it are
// reported.
func (s *bypassSearch) stopped(abi int) map[string]bool {
	names := map[string]bool{}
	for _, rule := range s.Policy.ABIs[abi].Rules {
		if !stops(rule.Action) || s.silent[rule.Source] {
			continue
		}
		for _, nr := range rule.Numbers {
			if name, ok := s.ABIs[abi].SyscallName(nr); ok {
				names[name] = true
			}
		}
	}
	return names
}

// guard returns the rule that stops calls, if all of them are stopped, and by a rule.
func (s *bypassSearch) guard(abi int, text string) *policy.Rule {
	key := callKey{abi, text}
	rule, known := s.guards[key]
	if !known {
		if calls := s.calls(abi, text); len(calls) > 0 && !s.isOpen(abi, text) {
			if some := s.own(abi, calls[0], stops); some != nil {
				rule = s.Policy.ABIs[abi].Decide(some.Data, some.Late)
			}
		}
		s.guards[key] = rule
	}
	return rule
}

// isOpen reports whether some of the calls that a text means get through.
func (s *bypassSearch) isOpen(abi int, text string) bool {
	key := callKey{abi, text}
	open, known := s.open[key]
	if !known {
		open = slices.ContainsFunc(s.calls(abi, text), func(c resolve.Call) bool {
			return s.find(abi, c, letsPass) != nil
		})
		s.open[key] = open
	}
	return open
}

func (s *bypassSearch) add(abi int, rule *policy.Rule, w wayRound) {
	name := s.ABIs[abi].Name
	if w.action == "deny " {
		w.action = s.Rules[rule.Source].Action.Span.Text() + " "
	}
	if len(s.ABIs) == 1 {
		w.open = strings.TrimPrefix(w.open, name+": ")
	}
	ways := s.found[rule.Source]
	for i := range ways {
		if ways[i].open == w.open {
			if w.meant != nil {
				ways[i].wayRound = w
			}
			if !slices.Contains(ways[i].abis, name) {
				ways[i].abis = append(ways[i].abis, name)
			}
			return
		}
	}
	s.found[rule.Source] = append(ways, openWay{w, []string{name}})
}

// fallback reports whether a rule answers ENOSYS: it sends callers to another call on purpose.
func (s *bypassSearch) fallback(abi int, rule *policy.Rule) bool {
	return rule.Action == s.enosys(abi)
}

// enosys returns the action deny(ENOSYS).
func (s *bypassSearch) enosys(abi int) policy.Action {
	enosys, _ := s.ABIs[abi].Constant("ENOSYS") // each ABI has it
	errno, _ := constant.Uint64Val(enosys)
	return policy.Errno | policy.Action(errno)
}

// nameIn returns the name of a call in the policy language.
func nameIn(text string) string {
	name, _, _ := strings.Cut(text, " if ")
	if _, after, ok := strings.Cut(name, ": "); ok {
		return after
	}
	return name
}
