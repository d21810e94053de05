package oci

import (
	"fmt"
	"slices"

	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// maxGated bounds the rules of one call of which each is looked at beside those that count with it.
const maxGated = 100

// hide notes which rules of one number never decide a call, because of those before them, and takes
// out of the gate of a rule what makes one before it decide all its calls. A policy in which such a
// rule stands does not compile.
func (im *importer) hide(abi *linux.ABI, nr uint32, pieces []piece) {
	gated := slices.ContainsFunc(pieces, func(p piece) bool { return !p.gate.open() })
	if !gated {
		for i, by := range hidden(abi, nr, pieces) {
			im.noteHidden(abi, nr, &pieces[i], by)
		}
		return
	}
	for i := range pieces[:min(len(pieces), maxGated)] {
		im.hideGated(abi, nr, pieces[:i+1])
	}
}

// hideGated is hide for the last one of some rules.
func (im *importer) hideGated(abi *linux.ABI, nr uint32, pieces []piece) {
	last := &pieces[len(pieces)-1]
	before := pieces[:len(pieces)-1]
	if by := hiding(abi, nr, before, last, last.gate); by != nil {
		im.noteHidden(abi, nr, last, by)
		return
	}
	for _, o := range before {
		both := gate{all: slices.Concat(last.gate.all, o.gate.all),
			none: slices.Concat(last.gate.none, o.gate.none), not: last.gate.not}
		if o.hidden != "" || len(o.gate.not) > 0 || o.gate.excludes(last.gate) ||
			o.gate.shut(last.gate) || !laxer(hiding(abi, nr, before, last, both), last) {
			continue
		}
		own := *last.rule
		own.gate.not = append(slices.Clone(own.gate.not), o.gate)
		last.rule = &own
		im.hideGated(abi, nr, pieces)
		return
	}
}

// hiding returns those of some rules that decide all calls of another one where a gate holds.
func hiding(abi *linux.ABI, nr uint32, before []piece, last *piece, where gate) []piece {
	var with []piece
	for _, p := range before {
		if p.hidden == "" && p.gate.within(where) {
			with = append(with, p)
		}
	}
	return hidden(abi, nr, append(with, *last))[len(with)]
}

// laxer reports whether one of some rules is less strict than another one, which a compiler takes
// for a mistake if it never decides.
func laxer(rules []piece, than *piece) bool {
	return slices.ContainsFunc(rules, func(p piece) bool {
		return p.entry.Action.Strictness() > than.entry.Action.Strictness()
	})
}

// shut reports whether another gate says that this one does not hold.
func (g gate) shut(o gate) bool {
	return slices.ContainsFunc(o.not, func(n gate) bool { return n.String() == g.String() })
}

// within reports whether a gate holds wherever another one does, as far as that is plain.
func (g gate) within(o gate) bool {
	part := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
	}
	return part(g.all, o.all) && part(g.none, o.none) &&
		!slices.ContainsFunc(g.not, func(n gate) bool { return !n.shut(o) })
}

// hidden returns, for each of some rules of one number, those before it that decide all its calls:
// none for a rule that decides one.
func hidden(abi *linux.ABI, nr uint32, pieces []piece) [][]piece {
	own := interop.Numbered(abi, nil, 0, 0)
	for _, p := range pieces {
		own.Rules = append(own.Rules, policy.Rule{Numbers: []uint32{nr}, Cond: p.cond,
			Action: p.entry.Action})
	}
	out := make([][]piece, len(pieces))
	if len(pieces) == 1 {
		return out
	}
	reports, _ := proof.Part(16).Rules(&policy.Policy{ABIs: []policy.ABI{own}})
	for _, r := range reports {
		if r.Decides == nil {
			for _, by := range r.HiddenBy {
				out[r.Rule] = append(out[r.Rule], pieces[by])
			}
		}
	}
	return out
}

// noteHidden says why a rule never decides.
func (im *importer) noteHidden(abi *linux.ABI, nr uint32, p *piece, by []piece) {
	if by == nil {
		return
	}
	c := p.cond
	if c == nil {
		c = policy.And{}
	}
	got := &policy.Policy{ABIs: []policy.ABI{interop.Numbered(abi, nil, 0, 0)}}
	for _, o := range by {
		got.ABIs[0].Rules = append(got.ABIs[0].Rules, policy.Rule{Numbers: []uint32{nr},
			Cond: o.cond, Action: o.entry.Action})
	}
	call, _ := interop.Example(abi, nr, c)
	p.hidden = fmt.Sprintf("%s, beside line %d: %s", p.name, by[0].entry.Line,
		interop.Never(p.entry.Action, abi, call, got))
}
