package lint

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// nothingRuns finds the ABIs on which no program can end, and the calls that go to a supervisor
// though its loader makes them.
func nothingRuns(s *bypassSearch) diag.List {
	r := s.Resolved
	var diags diag.List
	var dead []int
	for i := range r.ABIs {
		if !s.somePass(i, "exit") && !s.somePass(i, "exit_group") {
			dead = append(dead, i)
		}
	}
	if len(dead) < len(r.ABIs) { // an ABI of which nothing is allowed is shut on purpose
		dead = slices.DeleteFunc(dead, func(i int) bool { return shut(r.Policy.ABIs[i]) })
	}
	if len(dead) > 0 {
		diags = append(diags, s.noExit(dead))
	}
	return append(diags, s.noLoader()...)
}

// openPolicy finds policies that refuse nothing though they have rules, and those that refuse by
// default, but not what the tables do not know.
func openPolicy(s *bypassSearch) diag.List {
	var diags diag.List
	refuses := false
	for i, a := range s.Policy.ABIs {
		f := s.Fallbacks[i]["unknown"]
		if f != nil && stops(a.Default) && a.Unknown == policy.Allow && len(diags) == 0 {
			diags = append(diags, unknownAllowed(f.Span, f.Action.Span))
		}
		refuses = refuses || a.Default != policy.Allow || stops(a.Unknown) ||
			slices.ContainsFunc(a.Rules, func(rule policy.Rule) bool {
				return rule.Action != policy.Allow
			})
	}
	if len(s.Rules) > 0 && !refuses && len(s.Params) == 0 {
		d := diag.Warningf(s.Rules[0].Range(), codes.OpenPolicy,
			"the policy refuses nothing: the default allows, and all rules do")
		diags = append(diags, d.WithHelp("write default deny, or deny in place of allow"))
	}
	return diags
}

func unknownAllowed(at, action diag.Span) diag.Finding {
	d := diag.Warningf(at, codes.OpenPolicy,
		"calls that the tables do not know are allowed, though the default refuses")
	d = d.WithNotes("they are those of newer kernels, and not looked at by any rule")
	d.Edits = []diag.Edit{{Span: action, New: "deny(ENOSYS)"}}
	return d.WithHelp("write unknown deny(ENOSYS)")
}

// somePass reports whether a call is not always stopped; where it is not known it is not.
func (s *bypassSearch) somePass(abi int, text string) bool {
	return slices.ContainsFunc(s.calls(abi, text), func(c resolve.Call) bool {
		f, ok := s.function(abi, c.Nr)
		return !ok || s.findIn(f, abi, c, func(a policy.Action) bool { return !stops(a) }) != nil
	})
}

// shut reports whether an ABI's rules and default let nothing pass.
func shut(a policy.ABI) bool {
	return stops(a.Default) && stops(a.Unknown) &&
		!slices.ContainsFunc(a.Rules, func(rule policy.Rule) bool {
			return !stops(rule.Action)
		})
}

func (s *bypassSearch) noExit(dead []int) diag.Finding {
	var abis []string
	for _, i := range dead {
		abis = append(abis, s.ABIs[i].Name)
	}
	at := s.Sources[0].Start()
	if d := s.Fallbacks[dead[0]]["default"]; d != nil {
		at = d.Span
	}
	for _, call := range s.calls(dead[0], "exit_group") {
		if some := s.find(dead[0], call, stops); some != nil {
			if rule := s.Policy.ABIs[dead[0]].Decide(some.Data, some.Late); rule != nil {
				at = s.Rules[rule.Source].Range()
			}
		}
	}
	d := diag.Warningf(at, codes.NothingRuns,
		"nothing runs under this policy: neither exit nor exit_group is allowed")
	if len(dead) < len(s.ABIs) {
		d = d.WithNotes("on " + strings.Join(abis, ", "))
	}
	return d.WithHelp("add allow exit, exit_group, and what the program needs besides")
}

// handover holds the calls with which whoever installs a filter hands its listener over.
var handover = []string{
	"write", "sendmsg", "close", "fcntl if cmd in {F_GETFD, F_SETFD, F_GETFL, F_SETFL, " +
		"F_DUPFD_CLOEXEC}",
	"fcntl64 if cmd in {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC}",
}

// noLoader reports the rules and defaults that send one of these to the supervisor.
func (s *bypassSearch) noLoader() (diags diag.List) {
	names, rules := map[diag.Span][]string{}, map[diag.Span]*policy.Rule{}
	var order []diag.Span
	for i := range s.ABIs {
		if !notifies(s.Policy.ABIs[i]) {
			continue
		}
		for _, text := range handover {
			for _, call := range s.calls(i, text) {
				some := s.find(i, call,
					func(a policy.Action) bool { return a.Kind() == policy.Notify })
				if some == nil {
					continue
				}
				at := s.decidedAt(i, *some)
				if names[at] == nil {
					order = append(order, at)
					rules[at] = s.Policy.ABIs[i].Decide(some.Data, some.Late)
				}
				if name := nameIn(text); !slices.Contains(names[at], name) {
					names[at] = append(names[at], name)
				}
			}
		}
	}
	for _, at := range order {
		d := diag.Warningf(at, codes.NothingRuns,
			"whoever installs the filter makes %s itself, before a supervisor can answer",
			strings.Join(names[at], ", "))
		d = d.WithNotes("it writes to its parent, sends the listener with sendmsg and closes it; " +
			"container runtimes refuse such a filter, or hang")
		diags = append(diags, d.WithHelp("%s", s.loaderHelp(rules[at], names[at])))
	}
	return diags
}

// notifies reports whether anything on an ABI is sent to the supervisor.
func notifies(a policy.ABI) bool {
	return a.Default.Kind() == policy.Notify || a.Unknown.Kind() == policy.Notify ||
		slices.ContainsFunc(a.Rules, func(rule policy.Rule) bool {
			return rule.Action.Kind() == policy.Notify
		})
}

// loaderHelp says how calls that a rule, or with nil the default, sends to the supervisor are
// allowed: above a rule that is about nothing else it could never decide.
func (s *bypassSearch) loaderHelp(rule *policy.Rule, names []string) string {
	allow := "allow " + strings.Join(names, ", ")
	if rule == nil {
		return "add " + allow
	}
	for _, sel := range s.Rules[rule.Source].Selectors {
		if !slices.Contains(names, sel.Name) {
			return "put above it: " + allow
		}
	}
	return "write allow in place of notify"
}

// decidedAt returns the place of the rule or the statement that decides a call.
func (s *bypassSearch) decidedAt(abi int, d proof.Example) diag.Span {
	if rule := s.Policy.ABIs[abi].Decide(d.Data, d.Late); rule != nil {
		return s.Rules[rule.Source].Range()
	}
	if f := s.Fallbacks[abi]["default"]; f != nil {
		return f.Span
	}
	return s.Sources[0].Start()
}
