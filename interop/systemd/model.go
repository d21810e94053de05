package systemd

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// model returns the filters that systemd installs, in its order.
func (im *importer) model() (out []*policy.Policy) {
	for _, l := range slices.Backward(im.layers()) {
		p := im.empty(policy.Allow, policy.Allow)
		for i, abi := range im.abis {
			for _, r := range l.rules {
				if !r.on(abi) {
					continue
				}
				for _, call := range r.calls {
					cond := im.condition(abi, call, r.test, l.place)
					p.ABIs[i].Rules = append(p.ABIs[i].Rules, im.byName(abi, call, cond,
						r.action)...)
				}
			}
		}
		out = append(out, p)
	}
	if im.mismatch() == policy.KillThread {
		p := im.empty(policy.Allow, policy.Allow)
		p.Mismatch = policy.KillThread
		out = append(out, p)
	}
	u := &im.unit
	if im.logs() {
		listed, others := policy.Log, policy.Allow
		if !u.log.allow {
			listed, others = others, listed
		}
		out = append(out, im.listFilter(&u.log, listed, others))
	}
	if im.filters() {
		listed, others := im.negative(), policy.Allow
		if u.filter.allow {
			listed, others = others, listed
		}
		out = append(out, im.listFilter(&u.filter, listed, others))
	}
	return out
}

// filters reports whether SystemCallFilter installs anything.
func (im *importer) filters() bool {
	return im.unit.filter.given && (im.unit.filter.allow || len(im.unit.filter.calls) > 0)
}

// negative is what calls get that SystemCallFilter does not let through.
func (im *importer) negative() policy.Action {
	if im.unit.errno.own {
		return im.unit.errno.action
	}
	return policy.KillProcess
}

// empty returns a policy without rules.
func (im *importer) empty(byDefault, unknown policy.Action) *policy.Policy {
	p := &policy.Policy{Mismatch: policy.Allow}
	for _, abi := range im.abis {
		p.ABIs = append(p.ABIs, interop.Numbered(abi, abi.KnownIn(im.release), byDefault, unknown))
	}
	return p
}

// listFilter is the filter of a list. A rule about socketcall or ipc as a whole takes all that is
// behind it, whatever other rules say.
func (im *importer) listFilter(l *callList, listed, others policy.Action) *policy.Policy {
	p := im.empty(others, others)
	calls := slices.Sorted(maps.Keys(l.calls))
	slices.SortStableFunc(calls, func(a, b string) int { return isMux(b) - isMux(a) })
	for i, abi := range im.abis {
		if im.enosys() && others != policy.Allow && others != policy.Log {
			p.ABIs[i].Unknown = im.errno("ENOSYS")
			if im.opts.Exact {
				p.ABIs[i].Default = p.ABIs[i].Unknown
			}
		}
		for _, call := range calls {
			a := listed
			if own := l.calls[call]; own.own {
				a = own.action
			}
			if !l.named[call] && !abi.In(im.release, call) {
				continue
			}
			p.ABIs[i].Rules = append(p.ABIs[i].Rules, im.byName(abi, call, nil, a)...)
		}
		for _, call := range im.others(l, abi) {
			p.ABIs[i].Rules = append(p.ABIs[i].Rules, im.byName(abi, call, nil, others)...)
		}
	}
	return p
}

// byName returns the rules about a call: as libseccomp has them, or with the bits that the kernel
// looks at behind a multiplexer.
func (im *importer) byName(abi *linux.ABI, call string, c policy.Cond,
	a policy.Action) []policy.Rule {
	rules := interop.ByName(abi, call, c, a)
	for i := range rules {
		if t, ok := rules[i].Cond.(policy.Test); ok && c == nil && im.opts.Exact {
			t.Mask = policy.Ones(32)
			rules[i].Cond = t
		}
	}
	return rules
}

// others returns the calls that an allow-list's own action is for where systemd answers ENOSYS to
// calls that it does not know: those of its list that have a number on the host. Unless this is to
// be exact, all calls of the tables are known.
func (im *importer) others(l *callList, abi *linux.ABI) (out []string) {
	if !im.enosys() || !l.allow || l != &im.unit.filter || !im.opts.Exact {
		return nil
	}
	for _, call := range im.known() {
		if _, listed := l.calls[call]; !listed && abi.HasSyscall(call) {
			out = append(out, call)
		}
	}
	return out
}

func isMux(name string) int {
	if slices.Contains(linux.Multiplexers(), name) {
		return 1
	}
	return 0
}

// enosys reports whether an allow-list answers ENOSYS to calls that systemd does not know.
func (im *importer) enosys() bool { return im.opts.Version >= 254 }

// known returns the calls of systemd's list (src/basic/syscall-list.txt) that have a number on the
// host. It has not got those that no kernel implements any more.
func (im *importer) known() (out []string) {
	obsolete, _ := linux.SetIn("@obsolete", im.release)
	obsolete = append(obsolete, "nfsservctl")
	for _, name := range linux.SyscallNames() {
		_, native := im.host.Number(name)
		if native && im.host.In(im.release, name) &&
			(!slices.Contains(obsolete, name) || name == "ustat" || name == "sysfs") {
			out = append(out, name)
		}
	}
	return out
}
