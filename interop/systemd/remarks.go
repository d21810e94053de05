package systemd

import (
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
			im.warn(s.place, "MemoryDenyWriteExecute: from Linux 6.3 on systemd calls "+
				"prctl(PR_SET_MDWE) and "+
				"installs no filter; the policy has the filter's rules")
		}
		im.remarkShared(s)
	}
	if len(im.left) > 0 {
		im.warn(place{}, "%s: left out, so their callers are killed here; systemd has filters "+
			"for them",
			strings.Join(interop.Names(im.left), ", "))
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
	same := f.names(func(a answer) bool { return a.own && a.action == byDefault })
	if len(same) > 0 {
		im.warn(f.place, "the service does not start: libseccomp refuses a rule that says what "+
			"the filter's "+
			"default does, which is %s here: %s", explain.Action(byDefault, im.host),
			strings.Join(same, ", "))
	}
	if f.allow && im.enosys() && !im.opts.Exact {
		im.warn(f.place, "systemd answers ENOSYS to obsolete calls%s; the policy gives them %s; "+
			"--exact keeps "+
			"systemd's", im.withoutNative(), explain.Action(im.negative(), im.host))
	}
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
	for _, abi := range im.abis {
		if !slices.Contains(socketABIs, abi.Name) {
			open = append(open, abi.Name)
		}
	}
	if len(open) > 0 {
		im.warn(f.place, "RestrictAddressFamilies installs nothing for %s, so that its callers "+
			"reach every "+
			"family; SystemCallArchitectures=native shuts them out", strings.Join(open, ", "))
	}
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
		im.warn(s.place, "MemoryDenyWriteExecute does not look at shmat on %s, which maps memory "+
			"to execute",
			strings.Join(interop.Names(open), ", "))
	}
}
