package compiler

import (
	_ "embed"
	"fmt"
	"go/constant"
	"slices"
	"strings"
	"sync"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/internal/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// wayRound is a rule that should stand beside another.
type wayRound struct {
	action string // of the rule, with a blank: "deny "
	open   string // the call that is the way round, in the policy language
	why    string
}

// rule returns the rule to add; the ABI that a call may begin with is no part of it.
func (w wayRound) rule() string {
	if _, call, ok := strings.Cut(w.open, ": "); ok {
		return w.action + call
	}
	return w.action + w.open
}

// openWay is a way round a rule that a policy leaves open.
type openWay struct {
	wayRound
	abis []string
}

// bypassSearch looks for the ways round the rules of a policy.
type bypassSearch struct {
	*Resolved
	space *proof.Space
	f     proof.Function
	found [][]openWay // by policy.Rule.Source
	open  map[wayKey]bool
}

// wayKey is a way round, in the policy language, on an ABI of the policy.
type wayKey struct {
	abi  int
	open string
}

// bypass finds, by proof, the deny rules with a known way round that the policy leaves open.
func (r *Resolved) bypass() dsl.Diagnostics {
	space := proof.New()
	f, err := space.Policy(r.Policy)
	if err != nil {
		return nil // the proof of the program itself meets the same bound and reports it
	}
	s := &bypassSearch{Resolved: r, space: space, f: f, found: make([][]openWay, len(r.Rules)), open: map[wayKey]bool{}}
	for i := range r.ABIs {
		s.listed(i)
		s.derived(i)
	}
	var diags dsl.Diagnostics
	for source, ways := range s.found {
		if len(ways) > 0 {
			diags = append(diags, r.waysRound(r.Rules[source], ways))
		}
	}
	return diags
}

// waysRound reports a rule and what goes round it.
func (r *Resolved) waysRound(rule SourceRule, ways []openWay) dsl.Diagnostic {
	var names, rules []string
	var why []string
	for _, w := range ways {
		if name := nameIn(w.open); !slices.Contains(names, name) {
			names = append(names, name)
		}
		rules = append(rules, w.rule())
		on := ""
		if len(w.abis) < len(r.ABIs) {
			on = " (on " + strings.Join(w.abis, ", ") + ")"
		}
		why = append(why, fmt.Sprintf("%s is open: %s%s", w.open, w.why, on))
	}
	d := warningAt(rule.Range(), lintBypass, "there is a way round this rule: %s", strings.Join(names, ", "))
	return help(notes(d, why...), "put above what allows it: %s", strings.Join(rules, "; "))
}

// listed looks at the lines of the table whose calls are stopped as a whole.
func (s *bypassSearch) listed(abi int) {
	stopped := s.stopped(abi)
	for _, line := range bypassTable() {
		if line.some || !stopped[nameIn(line.guarded)] {
			continue
		}
		rule := s.guard(abi, line.guarded)
		if rule == nil || line.twin && s.fallback(abi, rule) {
			continue
		}
		s.check(abi, rule, line.wayRound)
	}
}

// stopped returns the names of the calls that a rule stops, or some of them.
func (s *bypassSearch) stopped(abi int) map[string]bool {
	names := map[string]bool{}
	for _, rule := range s.Policy.ABIs[abi].Rules {
		for _, nr := range rule.Numbers {
			if name, ok := s.ABIs[abi].SyscallName(nr); ok && stops(rule.Action) {
				names[name] = true
			}
		}
	}
	return names
}

// guard returns the rule that stops calls, if all of them are stopped, and by a rule.
func (s *bypassSearch) guard(abi int, text string) *policy.Rule {
	calls := s.calls(abi, text)
	if len(calls) == 0 || s.passing(abi, calls) {
		return nil
	}
	some, err := s.space.Find(s.f, s.claim(abi, calls[0]), stops)
	if err != nil || some == nil {
		return nil
	}
	return s.Policy.ABIs[abi].Decide(*some)
}

// derived looks at the ways round that follow from a rule whatever its condition: by a carrier, by the
// multiplexer, by the same call with types of another width.
func (s *bypassSearch) derived(abi int) {
	a := s.Policy.ABIs[abi]
	for i := range a.Rules {
		rule := &a.Rules[i]
		if !stops(rule.Action) {
			continue
		}
		for _, nr := range rule.Numbers {
			name, ok := s.ABIs[abi].SyscallName(nr)
			if !ok || !s.decides(abi, rule, nr) {
				continue
			}
			for _, line := range bypassTable() {
				if line.some && line.guarded == name {
					s.check(abi, rule, line.wayRound)
				}
			}
			s.multiplexer(abi, rule, name)
			if !s.fallback(abi, rule) {
				s.twins(abi, rule, name)
			}
		}
	}
}

// decides reports whether calls of the number that the rule names are stopped.
func (s *bypassSearch) decides(abi int, rule *policy.Rule, nr uint32) bool {
	some, err := s.space.Find(s.f, s.claim(abi, Call{Nr: nr, Cond: rule.Cond}), stops)
	return err == nil && some != nil
}

// multiplexer looks behind socketcall and ipc, where a rule with a condition does not reach.
func (s *bypassSearch) multiplexer(abi int, rule *policy.Rule, name string) {
	mux, sub, ok := s.ABIs[abi].Multiplexed(name)
	if !ok || rule.Cond == nil {
		return
	}
	open := fmt.Sprintf("%s if arg0 == %d", mux, sub)
	if mux == "ipc" {
		open = fmt.Sprintf("ipc if arg0 & 0xffff == %d", sub)
	}
	s.check(abi, rule, wayRound{"deny ", open, "it is " + name + ", with arguments in memory where no filter sees them"})
}

// twins looks at the calls that are the same but for the width of a type. A condition holds for both where
// their arguments are alike.
func (s *bypassSearch) twins(abi int, rule *policy.Rule, name string) {
	for _, twin := range twinNames(name) {
		nr, ok := s.ABIs[abi].Number(twin)
		if !ok || rule.Cond != nil && !alike(s.ABIs[abi], name, twin) {
			continue
		}
		if s.passing(abi, []Call{{Nr: nr, Cond: rule.Cond}}) {
			s.add(abi, rule, wayRound{"deny ", twin, "it is " + name + " with types of another width"})
		}
	}
}

// twinNames returns the names that the twins of a call may have.
func twinNames(name string) []string {
	var out []string
	for _, suffix := range []string{"_time64", "64", "32"} {
		out = append(out, name+suffix)
		if base, ok := strings.CutSuffix(name, suffix); ok {
			out = append(out, base)
		}
	}
	return out
}

// alike reports whether two calls have the same arguments at the same places.
func alike(abi *linux.ABI, a, b string) bool {
	x, okX := abi.Prototype(a)
	y, okY := abi.Prototype(b)
	return okX && okY && slices.EqualFunc(x, y, func(x, y linux.Arg) bool {
		return x.Name == y.Name && x.Width == y.Width
	})
}

// check adds a way round a rule if it is open.
func (s *bypassSearch) check(abi int, rule *policy.Rule, w wayRound) {
	key := wayKey{abi, w.open}
	open, known := s.open[key]
	if !known {
		open = s.passing(abi, s.calls(abi, w.open))
		s.open[key] = open
	}
	if open {
		s.add(abi, rule, w)
	}
}

func (s *bypassSearch) add(abi int, rule *policy.Rule, w wayRound) {
	name := s.ABIs[abi].Name
	ways := s.found[rule.Source]
	for i := range ways {
		if ways[i].rule() == w.rule() {
			if !slices.Contains(ways[i].abis, name) {
				ways[i].abis = append(ways[i].abis, name)
			}
			return
		}
	}
	s.found[rule.Source] = append(ways, openWay{w, []string{name}})
}

// calls returns the calls that a text means on an ABI, none where the ABI does not have them.
func (s *bypassSearch) calls(abi int, text string) []Call {
	name := nameIn(text)
	doors := lookup(s.ABIs[abi], name)
	var calls []Call
	switch {
	case len(doors) == 0:
	case name == text:
		for _, d := range doors {
			calls = append(calls, Call{Nr: d.nr, Cond: doorCond(d)})
		}
	default:
		calls, _ = ResolveCall(s.ABIs[abi], "bypass", text)
	}
	return calls
}

// passing reports whether some of the calls get through.
func (s *bypassSearch) passing(abi int, calls []Call) bool {
	return slices.ContainsFunc(calls, func(c Call) bool {
		some, err := s.space.Find(s.f, s.claim(abi, c), letsPass)
		return err == nil && some != nil
	})
}

func (s *bypassSearch) claim(abi int, c Call) proof.Calls {
	nr := uint64(c.Nr)
	return proof.Calls{
		Arch:    s.Policy.ABIs[abi].Arch,
		Numbers: []policy.Range{{Lo: nr, Hi: nr}},
		Cond:    c.Cond,
	}
}

// fallback reports whether a rule answers ENOSYS: it sends callers to another call on purpose.
func (s *bypassSearch) fallback(abi int, rule *policy.Rule) bool {
	enosys, ok := s.ABIs[abi].Constant("ENOSYS")
	if !ok {
		return false
	}
	errno, _ := constant.Uint64Val(enosys)
	return rule.Action == policy.Errno|policy.Action(errno)
}

// letsPass and stops leave out notify and trace, which somebody else decides.
func letsPass(a policy.Action) bool { return a.Kind() == policy.Allow || a.Kind() == policy.Log }

func stops(a policy.Action) bool {
	return !letsPass(a) && a.Kind() != policy.Notify && a.Kind() != policy.Trace
}

//go:embed bypass.txt
var bypassText string

// bypassLine is a line of the table, lists taken apart.
type bypassLine struct {
	guarded string // a call in the policy language
	some    bool   // any rule on the call counts
	twin    bool   // of calls that replace each other
	wayRound
}

var bypassTable = sync.OnceValue(func() []bypassLine {
	var out []bypassLine
	for text := range strings.Lines(bypassText) {
		body, why, ok := strings.Cut(strings.TrimSpace(text), " # ")
		if !ok || strings.HasPrefix(text, "#") {
			continue
		}
		left, right, directed := strings.Cut(body, " => ")
		if !directed {
			out = append(out, twinLines(strings.Split(body, " = "), why)...)
			continue
		}
		left, some := strings.CutPrefix(left, "some ")
		action, opens, _ := strings.Cut(right, " ")
		for _, guarded := range strings.Split(left, ", ") {
			for _, open := range strings.Split(opens, ", ") {
				out = append(out, bypassLine{guarded, some, false, wayRound{action + " ", open, why}})
			}
		}
	}
	return out
})

// twinLines pairs calls that do the same.
func twinLines(names []string, why string) []bypassLine {
	var out []bypassLine
	for _, a := range names {
		for _, b := range names {
			if a != b {
				out = append(out, bypassLine{a, false, true, wayRound{"deny ", b, why}})
			}
		}
	}
	return out
}

// nameIn returns the name of a call in the policy language.
func nameIn(text string) string {
	name, _, _ := strings.Cut(text, " if ")
	if _, after, ok := strings.Cut(name, ": "); ok {
		return after
	}
	return name
}
