package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// doors looks for what the ABIs of one machine do not treat alike, and for callers of no known ABI.
func (a *auditor) doors() {
	for i, own := range a.ABIs {
		if !a.blind {
			a.foreign(own)
		}
		if slices.ContainsFunc(a.ABIs[:i], func(b *linux.ABI) bool {
			return b.Machine == own.Machine
		}) {
			continue // what the first ABI of a machine stops counts
		}
		for _, other := range linux.ABIs() {
			if other != own && own.Machine == other.Machine {
				a.door(own, other)
			}
		}
	}
	if a.blind && !a.has(ArchUnchecked) {
		a.add(ArchUnchecked, nil, "test arch first, and kill what is no ABI that it knows",
			"it does not look at arch: its numbers mean other calls by other ABIs")
	}
	if !a.blind {
		a.mismatch()
	}
}

// door reports the calls that one ABI stops and another lets through.
func (a *auditor) door(own, other *linux.ABI) {
	var open []string
	var shown *policy.Data
	for _, c := range own.Syscalls() {
		if own.Exempt(c.Name) || !other.HasSyscall(c.Name) {
			continue
		}
		there, err := a.throughDoor(own, other, c.Name)
		if a.unjudged(err, c.Name+" on "+other.Name) || there == nil {
			continue
		}
		open = append(open, c.Name)
		if shown == nil {
			shown = there
		}
	}
	if len(open) == 0 {
		return
	}
	code, help := ABIDoor, fmt.Sprintf("stop callers of %s: mismatch kill, or the same rules in "+
		"when arch == %s { … }", other.Name, other.Name)
	if other.Rare {
		code = X32Door
	}
	if a.blind {
		if a.has(ArchUnchecked) {
			return
		}
		code, help = ArchUnchecked, "test arch first, and kill what is no ABI that it knows"
		a.add(code, shown, help, "it does not look at arch: %s lets through what %s stops: %s",
			other.Name, own.Name, some(open))
		return
	}
	a.add(code, shown, help, "%s lets through what %s stops: %s", other.Name, own.Name, some(open))
}

// foreign reports the numbers of the kernel's other tables that get through with an ABI's arch, if
// no ABI here stands for them: MIPS's, where the number chooses the table.
func (a *auditor) foreign(own *linux.ABI) {
	var open []string
	var shown *policy.Data
	for _, f := range own.Unserved() {
		some, err := a.space.Find(a.all, proof.Calls{Arch: own.Arch,
			Numbers: []policy.Range{{Lo: uint64(f.Lo), Hi: uint64(f.Hi)}}}, passes)
		if a.unjudged(err, "what "+f.Table+"'s numbers get on "+own.Name) {
			return
		}
		if some == nil {
			continue
		}
		open = append(open, fmt.Sprintf("%d..%d (%s)", f.Lo, f.Hi, f.Table))
		if shown == nil {
			shown = &some.Data
		}
	}
	if len(open) > 0 {
		a.add(ABIDoor, shown,
			"kill these numbers: a 64-bit kernel chooses its table by the number, "+
				"from a task of any ABI",
			"numbers of other ABIs get through with the arch of %s: %s",
			own.Name, strings.Join(open, ", "))
	}
}

// throughDoor returns a call of a name that gets through by another ABI, if all of them are
// stopped by the own one.
func (a *auditor) throughDoor(own, other *linux.ABI, name string) (*policy.Data, error) {
	here := resolve.Doors(own, name)
	if passing, err := a.find(own, here, passes); passing != nil || err != nil {
		return nil, err
	}
	if stopped, err := a.find(own, here, stops); stopped == nil || err != nil {
		return nil, err
	}
	return a.find(other, resolve.Doors(other, name), passes)
}

// some lists names, the first of many.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// mismatch reports callers of no known ABI that get through.
func (a *auditor) mismatch() {
	some, err := a.space.Elsewhere(a.all, linux.Arches(), passes)
	if a.unjudged(err, "what callers of other ABIs get") || some == nil {
		return
	}
	a.add(MismatchOpen, &some.Data, "write mismatch kill",
		"callers with an arch of no known ABI get through")
}
