package oci

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// statement is a rule as it is written: those that agree in all but ABI or name become one.
type statement struct {
	class  int // multiplexers by themselves, then entries without conditions, then the others
	lowest int // the first argument tested
	at     int // of the entry
	seq    int
	gate   string
	abis   []*linux.ABI
	action policy.Action
	call   string // name or number
	cond   string
	hidden string // why it never decides a call; "": it does
}

// order is that in which statements are written: an entry without condition decides before others,
// and of those the one on the higher argument.
func (s *statement) order(o *statement) int {
	for _, d := range []int{s.class - o.class, o.lowest - s.lowest, s.at - o.at, s.seq - o.seq} {
		if d != 0 {
			return d
		}
	}
	return 0
}

// piece is part of a rule's condition on one ABI, before those of several ABIs are put together.
type piece struct {
	*rule
	cond   policy.Cond
	nr     uint32
	hidden string // why it never decides a call; "": it does
}

// statements returns the rules of all ABIs in the order in which they are written.
func (im *importer) statements() ([]*statement, error) {
	var out []*statement
	for _, abi := range im.abis {
		all := im.expand(abi)
		for _, nr := range slices.Sorted(maps.Keys(all)) {
			rules, err := im.combine(abi, nr, all[nr])
			if err != nil {
				return nil, err
			}
			pieces := im.joined(abi, nr, rules)
			im.hide(abi, nr, pieces)
			for i, p := range pieces {
				s := im.statement(abi, p)
				s.seq = i
				out = im.place(out, s)
			}
		}
	}
	out = slices.DeleteFunc(out, func(s *statement) bool {
		if s.hidden != "" {
			im.warn(im.p.Entries[s.at].Line, "%s", s.hidden)
		}
		return s.hidden != ""
	})
	slices.SortStableFunc(out, (*statement).order)
	return out, nil
}

// joined makes one condition of neighbours that differ in their values alone.
func (im *importer) joined(abi *linux.ABI, nr uint32, rules []*rule) (out []piece) {
	for _, r := range rules {
		c, ever := im.condition(abi, r, im.opts.Exact)
		if !ever {
			im.warn(r.entry.Line, "%s: the condition never holds", r.name)
			continue
		}
		if n := len(out) - 1; n >= 0 && c != nil && out[n].cond != nil && out[n].mux == r.mux &&
			out[n].entry.Action == r.entry.Action && out[n].gate.String() == r.gate.String() &&
			r.mux == "" {
			if joined, ok := union(out[n].cond, c); ok {
				out[n].cond = joined
				continue
			}
		}
		out = append(out, piece{rule: r, cond: c, nr: nr})
	}
	return out
}

// union returns the condition that holds where one of two tests does, nil for one that always does,
// if they look at the same bits.
func union(a, b policy.Cond) (c policy.Cond, ok bool) {
	x, ok := a.(policy.Test)
	y, ok2 := b.(policy.Test)
	if !ok || !ok2 || x.Operand != y.Operand || x.Mask != y.Mask {
		return nil, false
	}
	x.Set = policy.Union(append(slices.Clone(x.Set), y.Set...))
	if x.Set[0] == (policy.Range{Lo: 0, Hi: x.Mask}) {
		return nil, true
	}
	return x, true
}

func (im *importer) statement(abi *linux.ABI, p piece) *statement {
	s := &statement{class: 2, lowest: p.lowest(), at: p.at, gate: p.gate.String(),
		abis: []*linux.ABI{abi}, action: p.entry.Action, call: p.name,
		cond: text(p.cond, abi, p.nr), hidden: p.hidden}
	switch {
	case p.mux != "" && len(p.entry.Args) == 0 && !im.byNumber(abi, p.name):
		s.class, s.cond = 1, "" // a rule by name is about both doors
	case p.mux != "":
		s.call = p.mux
	case p.always():
		s.class = 1
		if slices.Contains(linux.Multiplexers(), p.name) {
			s.class = 0
		}
	}
	if p.mux == "" && im.byNumber(abi, p.name) {
		s.call = fmt.Sprint(p.nr)
	}
	if im.opts.Engine == Runsc { // the order of the text
		s.class, s.lowest = 0, 0
	}
	return s
}

// byNumber reports whether a rule by name would reach more of the multiplexer's calls on the ABI
// than the engine's, as behind ipc, where it is about the call's own arguments and not about ipc's
// registers, or before an entry that is about the multiplexer itself.
func (im *importer) byNumber(abi *linux.ABI, name string) bool {
	mux, _, ok := abi.Multiplexed(name)
	return ok && (im.opts.Exact && (mux == "ipc" || bits(abi) == 64) || im.asked[mux] ||
		mux == "ipc" && im.asked[name])
}

// place adds a statement, or an ABI to the one that says the same of others.
func (im *importer) place(out []*statement, s *statement) []*statement {
	for _, o := range out {
		if o.class == s.class && o.at == s.at && o.gate == s.gate && o.action == s.action &&
			o.call == s.call && o.cond == s.cond && o.lowest == s.lowest {
			if !slices.Contains(o.abis, s.abis[0]) {
				o.abis = append(o.abis, s.abis[0])
			}
			if s.hidden == "" {
				o.hidden = ""
			}
			return out
		}
	}
	return append(out, s)
}

// group is statements that are written as one rule.
type group struct {
	*statement
	calls []string
}

// groups puts statements together that differ in the call alone, of one entry or of several with
// the same comment, where none about the call stands between them.
func (im *importer) groups(list []*statement) (out []group) {
	comment := func(s *statement) string { return im.p.Entries[s.at].Comment }
	for _, s := range list {
		like := func(o group) bool {
			return o.class == s.class && o.gate == s.gate && o.action == s.action &&
				o.cond == s.cond && o.lowest == s.lowest && slices.Equal(o.abis, s.abis) &&
				(o.at == s.at || !im.opts.Apart && comment(o.statement) == comment(s))
		}
		about := func(o group) bool { return slices.Contains(o.calls, s.call) }
		i := slices.IndexFunc(out, like)
		switch {
		case i < 0 || slices.ContainsFunc(out[i+1:], about):
			out = append(out, group{s, []string{s.call}})
		case !about(out[i]):
			out[i].calls = append(out[i].calls, s.call)
		}
	}
	return out
}

// part is a part of the policy's text, with the line of the profile that it is made from.
type part struct {
	text string
	line int
}

// rules writes the rules of the policy.
func (im *importer) rules(list []*statement) (out []part) {
	comment, when := -1, ""
	closeBlock := func() {
		if when != "" {
			out = append(out, part{"}\n", im.p.Line})
		}
		when = ""
	}
	for _, g := range im.groups(im.plainABIs(list)) {
		line := im.p.Entries[g.at].Line
		cond := im.when(g)
		if cond != when {
			closeBlock()
			if cond != "" {
				out = append(out, part{fmt.Sprintf("when %s {\n", cond), line})
			}
			when = cond
		}
		indent := ""
		if when != "" {
			indent = "    "
		}
		if text := im.p.Entries[g.at].Comment; text != "" && comment != g.at {
			out = append(out, part{interop.Comment(indent, text), line})
			comment = g.at
		}
		calls := interop.Selectors(g.calls, im.abis)
		if g.cond != "" {
			calls[len(calls)-1] += " if " + g.cond
		}
		text := interop.List(indent, im.action(g.action), calls)
		out = append(out, part{text, line})
	}
	closeBlock()
	return out
}

// action names the errno of an action where that is the same error on all ABIs: a profile has the
// host's numbers.
func (im *importer) action(a policy.Action) string {
	return explain.CommonAction(a, im.abis)
}

// plainABIs gives a statement that holds on every ABI that has the call all ABIs.
func (im *importer) plainABIs(list []*statement) []*statement {
	for _, s := range list {
		everywhere := !strings.ContainsAny(s.call[:1], "0123456789")
		for _, abi := range im.abis {
			everywhere = everywhere && (slices.Contains(s.abis, abi) || !abi.HasSyscall(s.call))
		}
		if everywhere {
			s.abis = nil
		}
	}
	return list
}

// when is the condition of the block in which a group stands.
func (im *importer) when(g group) string {
	var parts []string
	if g.gate != "" {
		parts = append(parts, g.gate)
	}
	var names []string
	for _, abi := range g.abis {
		names = append(names, abi.Name)
	}
	switch {
	case len(names) == 1 && len(im.abis) > 1:
		parts = append(parts, "arch == "+names[0])
	case len(names) > 1 && len(names) < len(im.abis):
		parts = append(parts, "arch in {"+strings.Join(names, ", ")+"}")
	}
	return strings.Join(parts, " && ")
}
