package audit

import (
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// unread looks for calls that bits decide about that the kernel does not read.
func (a *auditor) unread(abi *linux.ABI) {
	if abi.Bits == 32 {
		return // the registers have no other bits
	}
	var strict []string
	var shown *policy.Data
	for _, c := range abi.Syscalls() {
		args, ok := abi.Prototype(c.Name)
		if _, always := a.all.Always(abi.Arch, c.Nr); !ok || always {
			continue
		}
		bits := unreadBits(args)
		calls := proof.Calls{Arch: abi.Arch, Numbers: []policy.Range{{Lo: uint64(c.Nr),
			Hi: uint64(c.Nr)}}}
		stopped, passed, err := a.space.Unread(a.all, calls, bits, stops, passes)
		if a.unjudged(err, c.Name+" on "+abi.Name) {
			continue
		}
		if stopped != nil {
			f := a.add(GetsPast, &passed.Data, "compare only the bits that the kernel reads",
				"a call of %s that is stopped gets past by bits that the kernel does not read",
				c.Name)
			*f = f.WithNotes("the kernel does the same for " + a.call(stopped.Data) +
				", which is stopped")
			continue
		}
		passed, stopped, err = a.space.Unread(a.all, calls, bits, passes, stops)
		if a.unjudged(err, c.Name+" on "+abi.Name) || passed == nil {
			continue
		}
		strict = append(strict, c.Name)
		if shown == nil {
			shown = &stopped.Data
		}
	}
	if len(strict) > 0 {
		a.add(TooWide, shown, "compare only the bits that the kernel reads",
			"on %s bits that the kernel does not read stop calls that are allowed: %s", abi.Name,
			some(strict))
	}
}

// unreadBits returns the bits of each argument that the kernel does not read.
func unreadBits(args []linux.Arg) (bits [6]uint64) {
	for i := range bits {
		bits[i] = policy.Ones(64)
		if i < len(args) {
			bits[i] = ^args[i].Counts()
		}
	}
	return bits
}

// unknown looks at the numbers that no table holds: it tells of ABIs together that treat them
// alike.
func (a *auditor) unknown() {
	type group struct {
		code, gets string
		abis       []string
		call       *policy.Data
	}
	var groups []*group
	for _, abi := range a.ABIs {
		code, call := a.unknownOf(abi)
		if call == nil {
			continue
		}
		gets := explain.Action(explain.Taken(a.all.Eval(*call, a.values()...)), abi)
		i := slices.IndexFunc(groups, func(g *group) bool {
			return g.code == code &&
				g.gets == gets
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{code: code, gets: gets, call: call})
		}
		groups[i].abis = append(groups[i].abis, abi.Name)
	}
	for _, g := range groups {
		on := strings.Join(g.abis, ", ")
		if g.code == UnknownOpen {
			a.add(g.code, g.call, "write default deny, or unknown deny(ENOSYS)",
				"calls of kernels newer than %s get through on %s", linux.KernelVersion, on)
			continue
		}
		a.add(g.code, g.call, "write unknown deny(ENOSYS)", "calls of kernels newer than %s get "+
			"%s on %s, "+
			"and programs do not take them for absent", linux.KernelVersion, g.gets, on)
	}
}

// unknownOf returns what is to be said about the numbers that no table of an ABI holds, and a call.
func (a *auditor) unknownOf(abi *linux.ABI) (code string, call *policy.Data) {
	var known []policy.Range
	for _, c := range abi.Syscalls() {
		known = append(known, policy.Range{Lo: uint64(c.Nr), Hi: uint64(c.Nr)})
	}
	calls := proof.Calls{Arch: abi.Arch,
		Numbers: policy.Subtract(numbersOf(abi), policy.Union(known))}
	enosys := enosysOf(abi)
	for _, q := range []struct {
		code   string
		wanted func(policy.Action) bool
	}{
		{UnknownOpen, passes},
		{UnknownErrno, func(got policy.Action) bool { return stops(got) && got != enosys }},
	} {
		some, err := a.space.Find(a.all, calls, q.wanted)
		if a.unjudged(err, "what numbers that no table holds get on "+abi.Name) {
			return "", nil
		}
		if some != nil {
			return q.code, &some.Data
		}
	}
	return "", nil
}

// enosysOf returns the action deny(ENOSYS).
func enosysOf(abi *linux.ABI) policy.Action {
	for n := range uint32(200) {
		if name, ok := abi.ErrnoName(n); ok && name == "ENOSYS" {
			return policy.Errno | policy.Action(n)
		}
	}
	panic("audit: " + abi.Name + " has no ENOSYS")
}
