package systemd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Export returns the drop-in of a unit whose filters answer every call of the ABIs' tables as a
// filter does, and what they do otherwise with other calls. The filter has to decide by the call
// alone. What is written has been read back and is proved equal.
func Export(s *proof.Space, f proof.Function, opts Options) (text []byte, notes []string,
	err error) {
	ex := &exporter{importer: importer{opts: opts}, f: f}
	if err := ex.choose(); err != nil {
		return nil, nil, err
	}
	if ex.abis = opts.ABIs; len(ex.abis) == 0 {
		ex.abis = []*linux.ABI{ex.host}
	}
	if err := ex.read(); err != nil {
		return nil, nil, err
	}
	if err := ex.startable(); err != nil {
		return nil, nil, err
	}
	text = ex.write()
	notes, err = ex.check(s, text)
	return text, notes, err
}

// exporter is the state of [Export].
type exporter struct {
	importer
	f       proof.Function
	calls   map[string]policy.Action
	rest    policy.Action // what most calls get that no set of systemd's is about
	unknown policy.Action
}

// read asks what each call gets.
func (ex *exporter) read() error {
	ex.calls = map[string]policy.Action{}
	count := map[policy.Action]int{}
	for _, abi := range ex.abis {
		for _, call := range abi.Syscalls() {
			refuse := func(format string, args ...any) error {
				return &interop.Refused{Call: policy.Data{Arch: abi.Arch, Nr: call.Nr},
					Err: fmt.Errorf(format, args...)}
			}
			a, always := ex.f.Always(abi.Arch, call.Nr)
			switch {
			case !always && isMux(call.Name) > 0 || abi.Exempt(call.Name) || !abi.In(ex.release,
				call.Name):
				continue // what is behind it has names of its own
			case !always:
				return refuse("%s on %s: the answer depends on arguments, and "+
					"SystemCallFilter knows "+
					"names alone", call.Name, abi.Name)
			case !sayable(a):
				return refuse("%s on %s: SystemCallFilter has no word for %s", call.Name,
					abi.Name,
					explain.Action(a, abi))
			}
			if other, seen := ex.calls[call.Name]; seen && other != a {
				return refuse("%s gets %s on one ABI and %s on another: a unit says the same "+
					"of all",
					call.Name, explain.Action(other, ex.host), explain.Action(a, abi))
			}
			ex.calls[call.Name] = a
			count[a]++
		}
	}
	ex.unknown, _ = ex.f.Always(ex.host.Arch, beyond(ex.host))
	ex.rest = ex.unknown
	if passes(ex.unknown) {
		return nil
	}
	for _, a := range slices.Sorted(maps.Keys(count)) { // what stops most calls
		if !passes(a) && (passes(ex.rest) || count[a] > count[ex.rest]) {
			ex.rest = a
		}
	}
	return nil
}

// startable refuses what libseccomp does not take: rules that say what the filter's default does.
func (ex *exporter) startable() error {
	enosys := ex.errno("ENOSYS")
	if passes(ex.rest) || !ex.enosys() || ex.rest == enosys {
		return nil
	}
	if names := ex.named(func(a policy.Action) bool { return a == enosys }); len(names) > 0 {
		return fmt.Errorf("%s: an allow-list of systemd %d cannot give ENOSYS to a call that it "+
			"knows, and the "+
			"service would not start: give it the default's %s", strings.Join(names, ", "),
			ex.opts.Version,
			explain.Action(ex.rest, ex.host))
	}
	return nil
}

// beyond is a number behind the end of an ABI's table.
func beyond(abi *linux.ABI) uint32 {
	known := abi.Known()
	return known[len(known)-1].Hi + 1000
}

func passes(a policy.Action) bool { return a == policy.Allow || a == policy.Log }

func sayable(a policy.Action) bool {
	return passes(a) || a == policy.KillProcess || a.Kind() == policy.Errno && a.Data() <= 4095
}

// write writes the settings.
func (ex *exporter) write() []byte {
	var out strings.Builder
	out.WriteString("[Service]\n")
	if len(ex.abis) < len(local(ex.host)) {
		words := []string{"native"}
		for _, abi := range ex.abis {
			if abi != ex.host {
				words = append(words, unitName(abi))
			}
		}
		fmt.Fprintf(&out, "SystemCallArchitectures=%s\n", strings.Join(words, " "))
	}
	allow := !passes(ex.rest)
	if !allow {
		ex.rest = ex.commonest()
	}
	if ex.rest.Kind() == policy.Errno && ex.rest.Data() > 0 {
		fmt.Fprintf(&out, "SystemCallErrorNumber=%s\n", ex.number(ex.rest))
	}
	if allow {
		given, _ := linux.SetIn("@default", ex.release)
		more := slices.DeleteFunc(ex.named(passes),
			func(n string) bool { return slices.Contains(given, n) })
		if len(more) == 0 {
			out.WriteString("SystemCallFilter=@default\n")
		}
		ex.list(&out, "SystemCallFilter=", more, "")
		ex.list(&out, "SystemCallFilter=~", slices.DeleteFunc(given, func(n string) bool {
			a, listed := ex.calls[n]
			return !listed || passes(a)
		}), "")
	} else {
		ex.list(&out, "SystemCallFilter=~",
			ex.named(func(a policy.Action) bool { return a == ex.rest }), "")
	}
	others := map[policy.Action]bool{}
	for _, a := range ex.calls {
		others[a] = a != ex.rest && !passes(a)
	}
	for _, a := range slices.Sorted(maps.Keys(others)) {
		if others[a] {
			ex.list(&out, "SystemCallFilter=~",
				ex.named(func(b policy.Action) bool { return a == b }),
				":"+ex.number(a))
		}
	}
	ex.list(&out, "SystemCallLog=",
		ex.named(func(a policy.Action) bool { return a == policy.Log }), "")
	return []byte(out.String())
}

// commonest is what most of the calls get that a deny-list names.
func (ex *exporter) commonest() policy.Action {
	count := map[policy.Action]int{}
	best := policy.KillProcess
	for _, a := range ex.calls {
		if !passes(a) {
			count[a]++
		}
	}
	for _, a := range slices.Sorted(maps.Keys(count)) {
		if count[a] > count[best] {
			best = a
		}
	}
	return best
}

// number writes an errno or kill as a unit has it.
func (ex *exporter) number(a policy.Action) string {
	if a == policy.KillProcess {
		return "kill"
	}
	if name, ok := ex.host.ErrnoName(uint32(a.Data())); ok {
		return name
	}
	return fmt.Sprint(a.Data())
}

// named returns the calls that get an action, sorted.
func (ex *exporter) named(which func(policy.Action) bool) (out []string) {
	for n, a := range ex.calls {
		if which(a) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// perLine is how many words a line of a unit gets.
const perLine = 8

// list writes lines of one setting, with sets in place of calls where all of one is meant.
func (ex *exporter) list(out *strings.Builder, key string, names []string, suffix string) {
	own := append(linux.ContainerSets(), "@go-runtime") // which systemd does not have
	words := interop.SelectorsIn(ex.release, names, ex.abis, own...)
	for line := range slices.Chunk(words, perLine) {
		fmt.Fprintf(out, "%s%s%s\n", key, strings.Join(line, suffix+" "), suffix)
	}
}

// unitName is systemd's name of an ABI.
func unitName(abi *linux.ABI) string {
	for name, own := range archNames {
		if own == abi.Name {
			return name
		}
	}
	return abi.Name
}

// check reads the settings and compares them with the filter, for the calls of the ABIs' tables.
// What calls get otherwise that systemd does not know, or from other ABIs, is noted.
func (ex *exporter) check(s *proof.Space, text []byte) (notes []string, err error) {
	var own []proof.Calls
	for _, abi := range ex.abis {
		calls := proof.Calls{Arch: abi.Arch}
		for _, r := range abi.KnownIn(ex.release) {
			calls.Numbers = append(calls.Numbers, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
		}
		own = append(own, calls)
	}
	g, err := ex.readBack(s, text, false)
	if err != nil {
		return nil, err
	}
	a, err := s.Within(ex.f, own...)
	if err != nil {
		return nil, err
	}
	b, err := s.Within(g, own...)
	if err != nil {
		return nil, err
	}
	d, err := s.Differ(a, b)
	switch {
	case err != nil:
		return nil, err
	case d != nil:
		return nil, fmt.Errorf("a unit cannot say it: %s gets %s, and by the unit %s",
			explain.Call(d.Call, ex.host.ByteOrder()), explain.Action(d.A, ex.host),
			explain.Action(d.B, ex.host))
	}
	if g, err = ex.readBack(s, text, true); err != nil {
		return nil, err
	}
	rows, err := s.Diff(ex.f, g)
	for _, l := range explain.Differences(rows, ex.host.ByteOrder()) {
		notes = append(notes, fmt.Sprintf("%s gets %s, and by the unit %s", l.Call, l.A, l.B))
	}
	return notes, err
}

// readBack returns what systemd makes of the settings.
func (ex *exporter) readBack(s *proof.Space, text []byte, exact bool) (f proof.Function,
	err error) {
	opts := ex.opts
	opts.ABIs, opts.Host, opts.Exact = nil, ex.host, exact
	p, err := Import([]Source{{"what was written", text}}, opts)
	if err != nil {
		return f, err
	}
	return interop.Function(s, p.Text)
}
