package oci

import (
	"maps"
	"slices"
	"strconv"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// model returns what the engine makes of the profile while some parameters are true, as a policy.
func (im *importer) model(set map[string]bool) (*policy.Policy, error) {
	p := &policy.Policy{Mismatch: policy.KillThread}
	for _, abi := range im.abis {
		own := policy.ABI{Name: abi.Name, Arch: abi.Arch, BigEndian: abi.BigEndian,
			Default: im.p.Default, Unknown: im.p.Default}
		for _, r := range abi.Numbers() {
			own.Numbers = append(own.Numbers, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
		}
		if im.whole {
			own.Numbers = policy.Union(append(own.Numbers, strangers(abi)...))
		}
		all := im.expand(abi)
		if im.stubbed() {
			last := im.last(abi, func(i int) bool { return im.gates[i].holds(set) })
			stub := own
			stub.Numbers = im.behind(abi, last)
			stub.Default, stub.Unknown = enosys(im.opts.Host), enosys(im.opts.Host)
			own.Numbers = policy.Subtract(own.Numbers, stub.Numbers)
			p.ABIs = append(p.ABIs, stub)
		}
		for _, nr := range slices.Sorted(maps.Keys(all)) {
			counts := slices.DeleteFunc(slices.Clone(all[nr]), func(r *rule) bool {
				return !r.gate.holds(set)
			})
			rules, err := im.combine(abi, nr, counts)
			if err != nil {
				return nil, err
			}
			for _, r := range rules {
				if c, ever := im.condition(abi, r, im.opts.Exact); ever {
					own.Rules = append(own.Rules, policy.Rule{Numbers: []uint32{nr}, Cond: c,
						Action: r.entry.Action})
				}
			}
		}
		for _, k := range abi.Known() {
			own.Known = append(own.Known, policy.Range{Lo: uint64(k.Lo), Hi: uint64(k.Hi)})
		}
		p.ABIs = append(p.ABIs, own)
	}
	return p, nil
}

// strangers are the numbers of the kernel's other tables that MIPS's callers can use. The engines
// tell numbers apart by x86_64's bit for x32 alone: to them these are numbers that no rule names.
func strangers(abi *linux.ABI) []policy.Range {
	var out []policy.Range
	for _, f := range abi.Unserved() {
		out = append(out, policy.Range{Lo: uint64(f.Lo), Hi: uint64(f.Hi)})
	}
	return out
}

// enosys is what runc answers to numbers behind the largest one that a profile names: the error of
// the machine that it runs on.
func enosys(host *linux.ABI) policy.Action {
	v, _ := host.Constant("ENOSYS")
	n, _ := strconv.ParseUint(v.ExactString(), 10, 12)
	return policy.Errno | policy.Action(n)
}

// stubbed reports whether the engine puts such a rule before the filter.
func (im *importer) stubbed() bool {
	return im.opts.Engine == Runc && takesStub(im.p.Default)
}

// takesStub reports whether runc puts its stub before a filter with this default.
func takesStub(fallback policy.Action) bool {
	k := fallback.Kind()
	return k != policy.Allow && k != policy.Log && k != policy.Trace
}

// last returns the largest number that the entries name which count while some parameters are true;
// 0 is for none.
func (im *importer) last(abi *linux.ABI, counts func(i int) bool) (last uint32) {
	for i, e := range im.p.Entries {
		if !im.counts[i] || !counts(i) {
			continue
		}
		for _, name := range e.Names {
			if nr, ok := abi.Number(name); ok {
				last = max(last, nr)
			}
		}
	}
	return last
}

// stubMost is the largest number of an ABI that runc's stub is about: 0xffffffff has the bit of
// x32's numbers, and goes with them.
func stubMost(abi *linux.ABI, served []*linux.ABI) uint64 {
	x32 := slices.ContainsFunc(served, func(a *linux.ABI) bool { return a.Name == "x32" })
	if abi.Name == "x86_64" && !x32 {
		return 0x3fffffff
	}
	return 0xffffffff
}

// behind returns the numbers that get ENOSYS where last is the largest named one: those of the ABI.
func (im *importer) behind(abi *linux.ABI, last uint32) []policy.Range {
	if last == 0 {
		return nil
	}
	var own []policy.Range
	for _, r := range abi.Numbers() {
		own = append(own, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
	}
	all := policy.Intersect(own, []policy.Range{{Lo: uint64(last) + 1, Hi: stubMost(abi, im.abis)}})
	if im.whole || !im.scattered(abi, last) {
		return all
	}
	im.beyond(abi, last)
	return policy.Intersect(all, known(abi))
}

// scattered reports whether more numbers without a call lie before the largest named one than a
// policy can list: Arm's own calls are at 0xf0000.
func (im *importer) scattered(abi *linux.ABI, last uint32) bool {
	var own []policy.Range
	for _, r := range abi.Numbers() {
		own = append(own, policy.Range{Lo: uint64(r.Lo), Hi: uint64(r.Hi)})
	}
	var gaps uint64
	before := policy.Intersect(own, []policy.Range{{Lo: 0, Hi: uint64(last)}})
	for _, r := range policy.Subtract(before, known(abi)) {
		gaps += r.Hi - r.Lo + 1
	}
	return gaps > 1<<16 && len(strangers(abi)) == 0
}

// beyond tells of numbers that get the default in place of runc's ENOSYS.
func (im *importer) beyond(abi *linux.ABI, last uint32) {
	if im.unlisted[abi.Name] < last {
		im.unlisted[abi.Name] = last
	}
}
