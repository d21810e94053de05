package systemd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// remarks tells what a unit does not do though it looks so, and where the policy is not bit for bit
// what systemd installs.
func (im *importer) remarks() {
	for text, p := range im.repairs {
		im.warn(p, "%s", text)
	}
	im.remarkList()
	im.remarkFamilies()
	if s, on := im.unit.switches["MemoryDenyWriteExecute"]; on {
		if im.opts.Version >= 254 {
			im.warnCall(s.place, im.calls("mmap", 0, 0, 6),
				"MemoryDenyWriteExecute: from Linux 6.3 "+
					"on systemd calls prctl(PR_SET_MDWE) and installs no filter; the policy has "+
					"the "+
					"filter's rules")
		}
		im.remarkShared(s)
	}
	if len(im.left) > 0 {
		im.warnCall(place{}, func() (*linux.ABI, string, []uint64) {
			return im.left[0], "getpid", nil
		}, "%s: left out, so their callers are killed here; systemd has filters for them",
			strings.Join(interop.Names(im.left), ", "))
	}
	for _, w := range im.later {
		w()
	}
}

// calls is a call of the host's, or of the first other ABI that has it.
func (im *importer) calls(name string, args ...uint64) func() (*linux.ABI, string, []uint64) {
	return func() (*linux.ABI, string, []uint64) {
		for _, abi := range im.abis {
			if abi.HasSyscall(name) {
				return abi, name, args
			}
		}
		return nil, "", nil
	}
}

// remarkList is about SystemCallFilter.
func (im *importer) remarkList() {
	f := &im.unit.filter
	if !im.filters() {
		return
	}
	byDefault := policy.Allow
	if f.allow {
		byDefault = im.negative()
		if im.enosys() {
			byDefault = im.errno("ENOSYS")
		}
	}
	for _, name := range f.names(func(a answer) bool { return a.own && a.action == byDefault }) {
		im.warnOf(f.places[name], name,
			"%s: the service does not start: libseccomp refuses a rule "+
				"that says what the filter's default does, which is %s here", name,
			explain.Action(byDefault, im.host))
	}
	if f.allow && im.enosys() && !im.opts.Exact {
		im.warnCall(f.place, im.obsoleteCall, "systemd answers ENOSYS to obsolete calls%s; the "+
			"policy gives them %s; --exact keeps systemd's", im.withoutNative(),
			explain.Action(im.negative(), im.host))
	}
}

// obsoleteCall is one to which systemd answers ENOSYS, as it does not know it.
func (im *importer) obsoleteCall() (*linux.ABI, string, []uint64) {
	known := im.known()
	for _, abi := range im.abis {
		for _, s := range abi.Syscalls() {
			if _, listed := im.unit.filter.calls[s.Name]; !listed && abi.In(im.release, s.Name) &&
				!slices.Contains(known, s.Name) {
				return abi, s.Name, nil
			}
		}
	}
	return nil, "", nil
}

func (im *importer) withoutNative() string {
	if len(im.abis) == 1 {
		return ""
	}
	return ", and on other ABIs to calls that have no number on " + im.host.Name
}

// remarkFamilies tells where RestrictAddressFamilies does nothing.
func (im *importer) remarkFamilies() {
	f := &im.unit.families
	if !f.given {
		return
	}
	var open []string
	var first *linux.ABI
	for _, abi := range im.abis {
		if !slices.Contains(socketABIs, abi.Name) {
			open = append(open, abi.Name)
			first = cmp.Or(first, abi)
		}
	}
	if len(open) > 0 {
		im.warnCall(f.place, func() (*linux.ABI, string, []uint64) {
			return first, "socket", []uint64{f.shut()}
		}, "RestrictAddressFamilies installs nothing for %s, so that its callers reach every "+
			"family; SystemCallArchitectures=native shuts them out", strings.Join(open, ", "))
	}
}

// shut is a family that the setting stops.
func (f *families) shut() uint64 {
	n := uint64(1)
	for n < 1<<16 && f.values[n] == f.allow {
		n++
	}
	return n
}

// remarkShared tells where memory is shared behind ipc.
func (im *importer) remarkShared(s setting) {
	shared := func(abi *linux.ABI) bool {
		mux, _, ok := abi.Multiplexed("shmat")
		return ok && mux == "ipc"
	}
	var open []*linux.ABI
	for _, abi := range im.abis {
		if shared(abi) {
			open = append(open, abi)
		}
	}
	if len(open) > 0 {
		im.warnCall(s.place, func() (*linux.ABI, string, []uint64) {
			return open[0], "shmat", []uint64{0, 0, im.constant("SHM_EXEC")}
		}, "MemoryDenyWriteExecute does not look at shmat on %s, which maps memory to execute",
			strings.Join(interop.Names(open), ", "))
	}
}
