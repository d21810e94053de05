package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// defaults returns the defaults that a profile can have, the likeliest first. What the numbers get
// that no table has is the default; but ENOSYS behind all calls can be what runc adds.
func (e *exporter) defaults() ([]policy.Action, error) {
	var first *served
	var fallback policy.Action
	for _, on := range e.served {
		own, certain, err := on.fallback(enosys(e.host))
		switch {
		case err != nil:
			return nil, err
		case own.Kind() == notify:
			return nil, errors.New("the default is notify, which engines refuse: they would wait " +
				"themselves")
		case !certain:
		case first != nil && own != fallback:
			return nil, fmt.Errorf("%s's numbers that no table has get %s, and %s's %s: a profile "+
				"has one default; --arch chooses one ABI", first.abi.Name,
				explain.Action(fallback, first.abi), on.abi.Name, explain.Action(own, on.abi))
		default:
			first, fallback = on, own
		}
	}
	if first != nil {
		return []policy.Action{fallback}, nil
	}
	if a, ok := e.commonest(); ok {
		return []policy.Action{enosys(e.host), a}, nil
	}
	return []policy.Action{enosys(e.host)}, nil
}

// fallback returns what the numbers get that no table has. It is not certain where all of them get
// ENOSYS: runc gives it behind the last call.
func (on *served) fallback(enosys policy.Action) (a policy.Action, certain bool, err error) {
	gets := map[policy.Action][]policy.Range{}
	for _, r := range on.rows {
		if r.When == nil && !r.Opaque {
			gets[r.A] = append(gets[r.A], policy.Subtract(r.Numbers, known(on.abi))...)
		}
	}
	most := uint64(0)
	var others []policy.Action
	for _, own := range slices.Sorted(maps.Keys(gets)) {
		n := policy.Size(gets[own])
		if n > most {
			most, a = n, own
		}
		if n > 0 && own != enosys {
			others = append(others, own)
		}
	}
	switch {
	case most < 1<<20 && !on.abi.Rare:
		return a, true, fmt.Errorf("%s: the numbers that no table has do not all get one action, "+
			"which a profile cannot say", on.abi.Name)
	case a != enosys || len(others) > 1:
		return a, true, nil
	case len(others) == 0:
		return a, false, nil
	}
	before := policy.Intersect(gets[others[0]], []policy.Range{{Lo: 0, Hi: on.most}})
	behind := policy.Union(gets[enosys])[0].Lo
	if takesStub(others[0]) && !slices.ContainsFunc(before,
		func(r policy.Range) bool { return r.Hi > behind }) {
		return others[0], true, nil
	}
	return a, true, nil
}

// commonest is what most calls get that may be a default with runc's stub, if any do.
func (e *exporter) commonest() (a policy.Action, ok bool) {
	count, most := map[policy.Action]uint64{}, uint64(0)
	for _, on := range e.served {
		for _, r := range on.rows {
			if r.When == nil && !r.Opaque && r.A != enosys(e.host) && takesStub(r.A) {
				count[r.A] += policy.Size(policy.Intersect(r.Numbers, known(on.abi)))
			}
		}
	}
	for _, own := range slices.Sorted(maps.Keys(count)) {
		if count[own] > most {
			most, a = count[own], own
		}
	}
	return a, most > 0
}

// ends reports whether the ABI's numbers end in ENOSYS, as runc's filters do.
func (on *served) ends(fallback, enosys policy.Action) bool {
	own, certain, _ := on.fallback(enosys)
	tail := on.abi.Known()[len(on.abi.Known())-1].Hi
	return fallback != enosys && takesStub(fallback) && (!certain || own != enosys) &&
		on.always(uint64(tail)+1, enosys)
}

// always reports whether a number gets an action whatever its arguments are.
func (on *served) always(nr uint64, a policy.Action) bool {
	return slices.ContainsFunc(on.rows, func(r proof.Row) bool {
		return r.A == a && r.When == nil && !r.Opaque && policy.Contains(r.Numbers, nr)
	})
}

// lastOther returns the largest number that does not always get ENOSYS.
func (on *served) lastOther(enosys policy.Action) (last uint64) {
	for _, r := range on.rows {
		if r.A == enosys && r.When == nil && !r.Opaque {
			continue
		}
		for _, n := range policy.Intersect(r.Numbers, []policy.Range{{Lo: 0, Hi: on.most}}) {
			last = max(last, n.Hi)
		}
	}
	return last
}

// left reports whether a call is left to runc's stub, or to the default where there is none.
func (e *exporter) left(on *served, nr uint32) bool {
	return on.stub && (e.opts.For.engine() == Runc || e.form.bare) && uint64(nr) > on.last
}

// writes reports whether the profile names a call.
func (e *exporter) writes(name string) bool {
	return slices.Contains(e.anchors, name) || slices.ContainsFunc(e.served, func(on *served) bool {
		nr, _ := on.abi.Number(name)
		return len(on.rules[name]) > 0 && !e.left(on, nr)
	})
}

// placeStubs lets runc's stub begin where the function's does: behind the largest number that the
// profile names.
func (e *exporter) placeStubs() error {
	if e.opts.For.engine() != Runc {
		return nil
	}
	e.settle()
	if err := e.agreed(); err != nil {
		return err
	}
	for _, on := range e.served {
		if on.stub && !e.anchored(on) && !e.anchor(on) {
			return fmt.Errorf("%s: the numbers behind %d get ENOSYS, and no call can be named so "+
				"that runc begins there", on.abi.Name, on.last)
		}
	}
	return nil
}

// settle moves the stubs behind all numbers that the profile names.
func (e *exporter) settle() {
	for moved := true; moved; {
		moved = false
		for _, on := range e.served {
			for _, c := range calls(on.abi) {
				if e.left(on, c.Nr) && e.writes(c.Name) {
					on.last, moved = uint64(c.Nr), true
				}
			}
		}
	}
}

// anchored reports whether the profile names the call before the ABI's stub.
func (e *exporter) anchored(on *served) bool {
	name, ok := callAt(on.abi, on.last)
	return ok && e.writes(name)
}

// anchor names a call at the beginning of the ABI's stub, or behind it where those between get
// ENOSYS by name.
func (e *exporter) anchor(on *served) bool {
	saved := make([]uint64, len(e.served))
	for i, o := range e.served {
		saved[i] = o.last
	}
	for nr := on.last; nr < on.last+64; nr++ {
		name, ok := callAt(on.abi, nr)
		switch {
		case !ok && nr > saved[slices.Index(e.served, on)]:
			return false
		case !ok:
			continue
		}
		if len(on.rules[name]) == 0 {
			e.anchors = append(e.anchors, name)
		}
		on.last = nr
		e.settle()
		if e.anchored(on) && e.agreed() == nil {
			return true
		}
		e.anchors = slices.DeleteFunc(e.anchors, func(a string) bool { return a == name })
		for i, o := range e.served {
			o.last = saved[i]
		}
	}
	return false
}

// agreed returns an error where a call that is named does not get the same on all ABIs, or a number
// without a name is not left to the stub.
func (e *exporter) agreed() error {
	for _, on := range e.served {
		between := []policy.Range{{Lo: on.first + 1, Hi: on.last}}
		if on.stub && len(policy.Subtract(between, known(on.abi))) > 0 {
			return fmt.Errorf("%s: runc's ENOSYS would begin behind %d", on.abi.Name, on.last)
		}
		for _, c := range calls(on.abi) {
			if !e.writes(c.Name) {
				continue
			}
			if err := e.agree(c.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
