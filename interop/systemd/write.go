package systemd

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// rules writes the policy's rules. What SystemCallFilter refuses comes first: its filter is
// installed last, so that of two errnos its own counts. The others' rules are then only about calls
// that it lets through, then comes what is logged, then the rest of what passes.
func (im *importer) rules(header string) string {
	u := &im.unit
	var out []interop.Rule
	if im.filters() {
		out = append(out, im.whole()...)
		out = append(out, im.refused()...)
	}
	for _, l := range im.layers() {
		out = append(out, im.layer(l)...)
	}
	passed := im.passed()
	if im.logs() {
		out = append(out, im.logged(passed)...)
	}
	if u.filter.given && u.filter.allow {
		out = append(out, im.listed(im.rest(), &u.filter, passed, "what SystemCallFilter lets "+
			"through")...)
		out = append(out, im.obsolete()...)
	}
	out = slices.DeleteFunc(out, func(r interop.Rule) bool { return len(r.Calls) == 0 })
	return interop.Rules(interop.Deciding(header, out, im.abis), im.abis)
}

// rest is what a call gets that passes all filters.
func (im *importer) rest() policy.Action {
	l := &im.unit.log
	if l.given && !l.allow && len(l.calls) > 0 {
		return policy.Log
	}
	return policy.Allow
}

// passed returns the listed calls of an allow-list that it lets through.
func (im *importer) passed() []string {
	return im.unit.filter.names(func(a answer) bool { return !a.own })
}

// whole returns the rules about a multiplexer that is listed and takes calls behind it along that
// have another answer.
func (im *importer) whole() (out []interop.Rule) {
	f := &im.unit.filter
	for _, mux := range linux.Multiplexers() {
		a, listed := f.calls[mux]
		action := im.action(f, a)
		passes := action == policy.Allow
		others := f.names(func(o answer) bool { return o != a })
		if passes {
			others = append(others, im.unit.log.names(func(answer) bool { return true })...)
		}
		if !listed || !slices.ContainsFunc(others, im.behind(mux)) {
			continue
		}
		if passes {
			action = im.loggedAs(mux)
		}
		var spread interop.Spread
		for _, abi := range im.abis {
			if abi.HasSyscall(mux) {
				if passes {
					im.loggedInside(&spread, abi, mux, action)
				}
				spread.Add(abi, interop.Rule{Action: im.text(action), Calls: []string{mux},
					Comment: "All of " + mux + " gets one answer from systemd, whatever is said " +
						"of the calls behind it."})
			}
		}
		out = append(out, spread.Rules(im.abis)...)
	}
	return out
}

// loggedAs is what SystemCallLog gives a call that passes.
func (im *importer) loggedAs(call string) policy.Action {
	l := &im.unit.log
	if _, listed := l.calls[call]; listed == l.allow && im.logs() {
		return policy.Log
	}
	return policy.Allow
}

// logs reports whether SystemCallLog installs a filter.
func (im *importer) logs() bool {
	return im.unit.log.given && (im.unit.log.allow || len(im.unit.log.calls) > 0)
}

// loggedInside adds rules about the calls behind a multiplexer that passes which SystemCallLog
// treats otherwise than all of it.
func (im *importer) loggedInside(s *interop.Spread, abi *linux.ABI, mux string, a policy.Action) {
	if _, whole := im.unit.log.calls[mux]; whole {
		return
	}
	for _, call := range im.unit.log.names(func(answer) bool { return true }) {
		m, n, ok := abi.Multiplexed(call)
		if !ok || m != mux || im.loggedAs(call) == a {
			continue
		}
		bits := policy.Ones(32)
		if !im.opts.Exact {
			bits = linux.MultiplexerMask(mux)
		}
		nr, _ := abi.Number(mux)
		s.Add(abi, interop.Rule{Action: im.text(im.loggedAs(call)), Calls: []string{mux},
			Comment: "SystemCallLog of calls behind " + mux + ".",
			Cond: explain.Cond(policy.Test{Operand: policy.Operand{Width: 32}, Mask: bits,
				Set: []policy.Range{{Lo: uint64(n), Hi: uint64(n)}}}, abi, nr)})
	}
}

// behind reports whether a call is behind a multiplexer on one of the ABIs.
func (im *importer) behind(mux string) func(call string) bool {
	return func(call string) bool {
		return slices.ContainsFunc(im.abis, func(abi *linux.ABI) bool {
			m, _, ok := abi.Multiplexed(call)
			return ok && m == mux
		})
	}
}

// action is what SystemCallFilter gives a listed call.
func (im *importer) action(f *callList, a answer) policy.Action {
	switch {
	case a.own:
		return a.action
	case f.allow:
		return policy.Allow
	}
	return im.negative()
}

func (im *importer) text(a policy.Action) string { return explain.Action(a, im.host) }

// refused returns the rules about calls that SystemCallFilter names to stop them.
func (im *importer) refused() (out []interop.Rule) {
	f := &im.unit.filter
	var actions []policy.Action
	for _, name := range f.names(func(a answer) bool { return im.action(f, a) != policy.Allow }) {
		if a := im.action(f, f.calls[name]); !slices.Contains(actions, a) {
			actions = append(actions, a)
		}
	}
	slices.Sort(actions)
	slices.Reverse(actions) // kill first
	for _, action := range actions {
		names := f.names(func(a answer) bool { return im.action(f, a) == action })
		out = append(out, im.listed(action, f, names, "SystemCallFilter")...)
	}
	return out
}

// listed returns the rule about calls of a list: in the words of the author where they mean the
// same.
func (im *importer) listed(action policy.Action, l *callList, names []string,
	why string) (out []interop.Rule) {
	r := interop.Rule{Action: im.text(action), Comment: im.reason(why, "", setting{place: l.place,
		comment: l.comment})}
	if inside := im.insideIPC(l, names); len(inside) > 0 {
		var spread interop.Spread
		for _, call := range inside {
			for _, abi := range im.abis {
				if abi.HasSyscall(call) {
					im.byNumber(&spread, abi, interop.Rule{Action: r.Action, Calls: []string{call},
						Comment: r.Comment})
				}
			}
		}
		out = spread.Rules(im.abis)
		names = slices.DeleteFunc(slices.Clone(names),
			func(n string) bool { return slices.Contains(inside, n) })
	}
	plus, minus, same := im.expression(l, names)
	if !same {
		plus, minus = interop.SelectorsIn(im.release, im.present(l, names), im.abis), nil
	}
	if len(plus) > 0 && len(minus) > 0 {
		minus[0] = plus[len(plus)-1] + " - " + minus[0]
		plus = plus[:len(plus)-1]
	}
	r.Calls = append(plus, minus...)
	return append(out, r)
}

// insideIPC returns those of the calls that are also behind ipc, where a rule by name would look at
// fewer bits than libseccomp, unless ipc itself is listed.
func (im *importer) insideIPC(l *callList, names []string) (out []string) {
	if _, whole := l.calls["ipc"]; whole || !im.opts.Exact {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names),
		func(n string) bool { return !im.behind("ipc")(n) })
}

// present returns the calls that one of the ABIs has, and had when the sets were made.
func (im *importer) present(l *callList, names []string) (out []string) {
	for _, n := range names {
		has := func(abi *linux.ABI) bool {
			return abi.HasSyscall(n) && (l.named[n] || abi.In(im.release, n))
		}
		if slices.ContainsFunc(im.abis, has) {
			out = append(out, n)
		}
	}
	return out
}

// expression returns the author's words as selectors, those that are taken out behind the others,
// if that makes the same calls.
func (im *importer) expression(l *callList, names []string) (plus, minus []string, same bool) {
	have, final := map[string]bool{}, map[string]bool{}
	for _, n := range im.present(l, names) {
		final[n] = true
	}
	sets := map[string]bool{}
	for _, w := range l.words {
		members := []string{w.name}
		if strings.HasPrefix(w.name, "@") {
			members, _ = linux.SetIn(w.name, im.release)
		}
		changed := false
		for _, m := range im.present(l, members) {
			changed = changed || have[m] == w.out
			have[m] = !w.out
		}
		switch {
		case !changed:
		case w.out && im.cuts(members, final):
			return nil, nil, false
		case w.out:
			minus = append(minus, w.name)
		case len(minus) > 0: // what was taken out would have to come back
			return nil, nil, false
		default:
			plus = append(plus, w.name)
			sets[w.name] = true
		}
	}
	for m, in := range have {
		if in != final[m] {
			return nil, nil, false
		}
	}
	for m := range final {
		if !have[m] {
			return nil, nil, false
		}
	}
	return plus, minus, len(plus) > 0
}

// cuts reports whether to take calls out would take part of a multiplexer along that is to stay.
func (im *importer) cuts(calls []string, stay map[string]bool) bool {
	for _, mux := range linux.Multiplexers() {
		if stay[mux] && slices.ContainsFunc(calls, im.behind(mux)) {
			return true
		}
	}
	return false
}

// layer returns the rules of a setting, but for calls that never get to it.
func (im *importer) layer(l layer) (out []interop.Rule) {
	var spread interop.Spread
	stopped := func(call string) bool { return !im.unit.filter.passes(call) }
	for _, r := range l.rules {
		if r.set != "" && !slices.ContainsFunc(r.calls, stopped) {
			return []interop.Rule{{Action: im.text(r.action), Calls: []string{r.set},
				Comment: im.reason(l.key, l.value, l.setting)}}
		}
		for _, abi := range im.abis {
			for _, call := range r.calls {
				if r.on(abi) && im.unit.filter.passes(call) && abi.HasSyscall(call) {
					spread.Add(abi, interop.Rule{Action: im.text(r.action), Calls: []string{call},
						Cond:    im.conditionText(abi, call, r.test, l.place),
						Comment: im.reason(l.key, l.value, l.setting)})
				}
			}
		}
	}
	return spread.Rules(im.abis)
}

func (im *importer) conditionText(abi *linux.ABI, call string, t test, p place) string {
	c := im.condition(abi, call, t, p)
	if c == nil {
		return ""
	}
	nr, _ := abi.Number(call)
	return explain.Cond(c, abi, nr)
}

// reason is the comment of a setting's rules.
func (im *importer) reason(key, value string, s setting) string {
	out := key
	if value != "" && len(value) < 60 {
		out += "=" + value
	}
	out += fmt.Sprintf(" (%s:%d)", path.Base(im.sources[s.source].Name), s.line)
	if s.comment != "" {
		out += ": " + s.comment
	}
	return out
}

// logged returns the rules of SystemCallLog about calls that pass.
func (im *importer) logged(passed []string) []interop.Rule {
	f, l := &im.unit.filter, &im.unit.log
	action := policy.Log
	if !l.allow {
		action = policy.Allow // of those that are not logged
	}
	names := l.names(func(answer) bool { return true })
	names = slices.DeleteFunc(names, func(n string) bool { return f.given && !f.passes(n) })
	return im.listed(action, l, names, "SystemCallLog")
}

// obsolete returns the rule about calls to which systemd answers ENOSYS though its kernel has them,
// and before it that about calls behind a multiplexer that is one of these.
func (im *importer) obsolete() []interop.Rule {
	if !im.opts.Exact || !im.enosys() {
		return nil
	}
	f := &im.unit.filter
	known := im.known()
	var inside, spread interop.Spread
	for _, abi := range im.abis {
		for _, call := range im.others(f, abi) {
			if mux, _, ok := abi.Multiplexed(call); ok && !slices.Contains(known, mux) {
				if _, listed := f.calls[mux]; !listed {
					im.byNumber(&inside, abi, interop.Rule{Action: im.text(im.negative()),
						Calls:   []string{call},
						Comment: "Known to systemd, behind what it does not know."})
				}
			}
		}
		for _, s := range abi.Syscalls() {
			if _, listed := f.calls[s.Name]; !listed && !slices.Contains(known, s.Name) &&
				abi.In(im.release, s.Name) {
				spread.Add(abi, interop.Rule{Action: im.text(im.errno("ENOSYS")),
					Calls: []string{s.Name},
					Comment: "Not known to systemd: obsolete, or without a number on " +
						im.host.Name + "."})
			}
		}
	}
	return append(inside.Rules(im.abis), spread.Rules(im.abis)...)
}

// byNumber adds a rule about a call: by its name, or, where ipc has it, by its number and ipc's, as
// libseccomp looks at more bits than count for the kernel.
func (im *importer) byNumber(s *interop.Spread, abi *linux.ABI, r interop.Rule) {
	mux, n, ok := abi.Multiplexed(r.Calls[0])
	if !ok || mux != "ipc" || !im.opts.Exact {
		s.Add(abi, r)
		return
	}
	if nr, own := abi.Number(r.Calls[0]); own {
		direct := r
		direct.Calls = []string{fmt.Sprint(nr)}
		s.Add(abi, direct)
	}
	nr, _ := abi.Number(mux)
	r.Calls = []string{mux}
	r.Cond = explain.Cond(policy.Test{Operand: policy.Operand{Width: 32}, Mask: policy.Ones(32),
		Set: []policy.Range{{Lo: uint64(n), Hi: uint64(n)}}}, abi, nr)
	s.Add(abi, r)
}

// header says what the policy was made from and what it does not say.
func (im *importer) header(filters int) string {
	var names []string
	for _, s := range im.sources {
		names = append(names, path.Base(s.Name))
	}
	out := interop.Comment("", fmt.Sprintf("From %s: what systemd %d installs on %s, a stack of "+
		"filters for %d "+
		"settings, with a libseccomp that knows the calls of Linux %s.", strings.Join(names,
		" and "),
		im.opts.Version, im.host.Name, filters, im.release))
	nnp := "no_new_privileges is set where systemd has not the right to do without"
	if on, ok := boolean(im.noNewPrivileges); ok && on {
		nnp = "NoNewPrivileges=yes"
	}
	out += interop.Comment("", "Not in the filter: "+nnp+", and what these settings do besides: "+
		"namespaces, "+
		"mounts, capabilities.")
	byDefault, unknown := policy.Action(im.rest()), policy.Action(0)
	if im.unit.filter.given && im.unit.filter.allow {
		byDefault = im.negative()
		if im.enosys() {
			unknown = im.errno("ENOSYS")
		}
	}
	out += fmt.Sprintf("arch %s\nas of linux %s\nmismatch %s\ndefault %s\n",
		strings.Join(interop.Names(im.abis), ", "),
		im.release, im.text(im.mismatch()), im.text(byDefault))
	if unknown != 0 && unknown != byDefault {
		out += "unknown " + im.text(unknown) + "\n"
	}
	return out
}

// proved is the last line.
func (im *importer) proved() string {
	out := fmt.Sprintf("Proved: every call gets what systemd %d's filters give it", im.opts.Version)
	if im.opts.Exact {
		return out + "."
	}
	var but []string
	if len(im.repairs) > 0 {
		but = append(but, "bits of arguments that the kernel does not read")
	}
	if im.enosys() && im.unit.filter.given && im.unit.filter.allow {
		but = append(but, "calls to which systemd answers ENOSYS as if the kernel had not got them")
	}
	if len(but) > 0 {
		out += ", but for " + strings.Join(but, ", and ")
	}
	return out + "."
}
