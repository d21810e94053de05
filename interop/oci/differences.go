package oci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// check reads the profile back, proves that it is the function for all calls of its ABIs, and
// returns what no profile avoids.
func (e *exporter) check(f proof.Function, text []byte) ([]Difference, error) {
	p, err := Read(text, "")
	if err != nil {
		return nil, fmt.Errorf("bug in seccompc: the profile that was written: %w", err)
	}
	again, err := p.function(e.space, Options{Host: e.host, Engine: Crun})
	if err != nil {
		return nil, fmt.Errorf("no profile was found for this: %w", err)
	}
	real, err := p.function(e.space, Options{Host: e.host, Engine: e.opts.For.engine()})
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, on := range e.served {
		own, err := e.onABI(on, f, again, real)
		if err != nil {
			return nil, err
		}
		out = append(out, own...)
	}
	elsewhere, err := e.elsewhere(f, again)
	if err != nil {
		return nil, err
	}
	out = append(out, elsewhere...)
	return append(out, e.young()...), nil
}

// onABI returns the differences on one ABI: again is the profile without runc's stub, real with it
// where the profile is for runc.
func (e *exporter) onABI(on *served, f, again, real proof.Function) ([]Difference, error) {
	calls, rest := ownCalls(on.abi), ownCalls(on.abi)
	x, y, why := again, real, "runc answers ENOSYS behind the largest number that a profile names"
	switch {
	case on.stub && e.opts.For.engine() == Runc:
		again, x, why = real, f, "runc takes it for a number of x32"
		rest.Numbers = policy.Subtract(rest.Numbers, []policy.Range{{Lo: 0, Hi: on.most}})
		calls.Numbers = policy.Subtract(calls.Numbers, rest.Numbers)
	case on.stub:
		behind := []policy.Range{{Lo: on.last + 1, Hi: on.most}}
		rest.Numbers = policy.Intersect(rest.Numbers, behind)
		if !e.form.bare {
			rest.Numbers = policy.Subtract(rest.Numbers, known(on.abi))
		}
		calls.Numbers = policy.Subtract(calls.Numbers, rest.Numbers)
		x, y, why = f, again, "no other engine adds runc's ENOSYS behind the largest number"
	}
	out, err := e.same(on.abi, f, again, calls)
	if err != nil {
		return nil, err
	}
	d, err := e.strangers(on.abi, f, again)
	if err != nil {
		return nil, err
	}
	if d != nil {
		out = append(out, e.difference(d, "libseccomp takes the numbers of other ABIs for unknown "+
			"ones of "+on.abi.Name))
	}
	if d, err = e.differ(x, y, rest); d != nil {
		out = append(out, e.difference(d, why))
	}
	return out, err
}

// same proves that the profile is the function on an ABI, but for the multiplexers there.
func (e *exporter) same(
	abi *linux.ABI, f, again proof.Function, calls proof.Calls,
) (out []Difference, err error) {
	for {
		d, err := e.differ(f, again, calls)
		if err != nil || d == nil {
			return out, err
		}
		name, _ := abi.SyscallName(d.Call.Nr)
		if !isMultiplexer(name) {
			if err := e.doubtful[name]; err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("no profile was found for this: %s would get %s in place of %s",
				explain.Call(d.Call, abi.ByteOrder()), explain.Action(d.B, abi),
				explain.Action(d.A, abi))
		}
		behind := e.difference(d, "libseccomp makes rules for "+name+" of those for the calls "+
			"behind it, without their conditions")
		behind.mux = true
		out = append(out, behind)
		nr := uint64(d.Call.Nr)
		calls.Numbers = policy.Subtract(calls.Numbers, []policy.Range{{Lo: nr, Hi: nr}})
	}
}

// strangers looks at the numbers of other ABIs that an ABI's callers can use.
func (e *exporter) strangers(
	abi *linux.ABI, f, again proof.Function,
) (*proof.Difference, error) {
	numbers := strangers(abi)
	if len(numbers) == 0 {
		return nil, nil
	}
	return e.differ(f, again, proof.Calls{Arch: abi.Arch, Numbers: numbers})
}

// elsewhere looks at the callers that the profile does not serve.
func (e *exporter) elsewhere(f, again proof.Function) (out []Difference, err error) {
	var known []policy.Range
	for _, abi := range linux.ABIs() {
		known = append(known, policy.Range{Lo: uint64(abi.Arch), Hi: uint64(abi.Arch)})
		beside := abi.Arch == e.host.Arch || slices.ContainsFunc(machines, func(m []string) bool {
			return slices.Contains(m, abi.Name) && slices.Contains(m, e.host.Name)
		})
		if !beside || slices.Contains(e.opts.ABIs, abi) {
			continue
		}
		d, err := e.differ(f, again, ownCalls(abi))
		if err != nil {
			return nil, err
		}
		if d != nil {
			out = append(out, e.difference(d, abi.Name+" is not among the profile's architectures"))
		}
	}
	strange := policy.Complement(policy.Union(known), 0xffffffff)
	d, err := e.differ(f, again, proof.Calls{Arch: uint32(strange[0].Lo),
		Numbers: []policy.Range{{Lo: 0, Hi: 0xffffffff}}})
	if d != nil {
		out = append(out, e.difference(d, "callers of other architectures are killed by thread"))
	}
	return out, err
}

// machines are the ABIs that one kernel serves beside those of its own arch.
var machines = [][]string{
	{"x86_64", "i386"}, {"aarch64", "arm"}, {"s390x", "s390"}, {"mips64", "mips"},
	{"mips64el", "mipsel"},
}

func (e *exporter) differ(a, b proof.Function, calls proof.Calls) (*proof.Difference, error) {
	a, err := e.space.Within(a, calls)
	if err != nil {
		return nil, err
	}
	if b, err = e.space.Within(b, calls); err != nil {
		return nil, err
	}
	return e.space.Differ(a, b)
}

func (e *exporter) difference(d *proof.Difference, why string) Difference {
	abi := explain.ABIOf(d.Call)
	return Difference{Why: why, Call: explain.Call(d.Call, e.host.ByteOrder()),
		Want: explain.Action(d.A, abi), Gets: explain.Action(d.B, abi)}
}

// libseccomp254 is the kernel whose calls libseccomp 2.5.4 knows, which Debian 12 has.
var libseccomp254 = linux.Release{Major: 5, Minor: 17}

// young tells of names that an older libseccomp does not know.
func (e *exporter) young() []Difference {
	var names []string
	for _, r := range e.out.Syscalls {
		for _, name := range r.Names {
			since, ok := e.host.Since(name)
			if ok && since.Compare(libseccomp254) > 0 && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Difference{{Why: "a libseccomp that does not know a name drops it, such as 2.5.4, " +
		"which knows " +
		"those of Linux 5.17, " + strings.Join(names, ", ")}}
}
