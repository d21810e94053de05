package oci

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/interop"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// Engine is what makes a filter of a profile.
//
// Runc, Crun and Libseccomp go by libseccomp's tree of rules: an entry without conditions swallows
// all others of its call; the same conditions with another action are an error, as are those that
// begin an earlier entry's; the later one of two that begin alike is swallowed; of two that begin
// with different arguments the one with the higher argument is asked first. Runc puts before the
// filter that numbers behind the largest named one get ENOSYS.
//
// Runsc asks in the order of the text, for the machine's own ABI alone (runsc/specutils/seccomp of
// gVisor, convertRules): an entry with the default's action decides there like any other, and a
// masked comparison with bits outside of the mask never holds (maskedEqual of pkg/seccomp).
type Engine string

// The engines.
const (
	Runc       Engine = "runc"
	Crun       Engine = "crun"
	Runsc      Engine = "runsc"
	Libseccomp Engine = "libseccomp"

	// LXC is what makes the filters of its own policies, which package lxc reads: Libseccomp,
	// without the rules for calls behind multiplexers.
	LXC Engine = "lxc"
)

// Engines returns the names of the engines of containers' profiles.
func Engines() []string {
	return []string{string(Runc), string(Crun), string(Runsc), string(Libseccomp)}
}

// rule is what one entry says about one number of one ABI.
type rule struct {
	entry *Entry
	at    int // of the entry
	gate  gate
	name  string // of the call; behind a multiplexer that of the other call
	mux   string // the multiplexer whose number this is about
	call  uint32 // behind the multiplexer, which the first test asks for
	tests []Arg  // by ascending index; none: always
}

// always reports whether the rule has no condition.
func (r *rule) always() bool { return len(r.tests) == 0 }

// lowest is the first argument that the rule tests.
func (r *rule) lowest() int {
	if r.always() {
		return 0
	}
	return r.tests[0].Index
}

// numbered are the rules of one number, in the order of the text.
type numbered map[uint32][]*rule

// expand makes rules of the entries that count, for one ABI.
func (im *importer) expand(abi *linux.ABI) numbered {
	out := numbered{}
	for i := range im.p.Entries {
		e := &im.p.Entries[i]
		g, counts := im.gates[i], im.counts[i]
		if !counts || e.Action == im.p.Default && im.opts.Engine != Runsc {
			continue
		}
		for _, name := range e.Names {
			for _, tests := range im.alternatives(e) {
				im.add(out, abi, rule{entry: e, at: i, gate: g, name: name, tests: tests})
			}
		}
	}
	return out
}

// add adds a rule at each number that stands for its call. Behind a multiplexer the number of the
// call takes the place of a condition on the first argument; the other conditions stay, and look at
// the multiplexer's own registers (src/syscalls.c of libseccomp, abi_rule_add).
func (im *importer) add(out numbered, abi *linux.ABI, r rule) {
	if _, _, behind := abi.Multiplexed(r.name); behind && im.opts.Engine == LXC {
		return
	}
	if nr, ok := abi.Number(r.name); ok {
		own := r
		out[nr] = append(out[nr], &own)
	}
	if mux, call, ok := abi.Multiplexed(r.name); ok {
		nr, _ := abi.Number(mux)
		tests := []Arg{{Line: r.entry.Line, Op: Equal, Value: uint64(call)}}
		for _, a := range r.tests {
			if a.Index > 0 {
				tests = append(tests, a)
			}
		}
		r.mux, r.call, r.tests = mux, call, tests
		out[nr] = append(out[nr], &r)
	}
}

// alternatives are the conditions of an entry, any of which will do: an index that occurs twice
// makes each condition one by itself.
func (im *importer) alternatives(e *Entry) [][]Arg {
	seen := map[int]bool{}
	twice := false
	for _, a := range e.Args {
		twice = twice || seen[a.Index]
		seen[a.Index] = true
	}
	if !twice {
		tests := slices.Clone(e.Args)
		slices.SortFunc(tests, func(a, b Arg) int { return cmp.Compare(a.Index, b.Index) })
		return [][]Arg{tests}
	}
	var out [][]Arg
	for _, a := range e.Args {
		out = append(out, []Arg{a})
	}
	return out
}

// gate says for which values of the policy's parameters a rule counts.
type gate struct {
	all, none []string
	not       []gate // and none of these holds
}

func (g gate) open() bool { return len(g.all)+len(g.none)+len(g.not) == 0 }

// holds evaluates the gate.
func (g gate) holds(set map[string]bool) bool {
	is := func(name string) bool { return set[name] }
	return !slices.ContainsFunc(g.none, is) &&
		!slices.ContainsFunc(g.all, func(n string) bool { return !set[n] }) &&
		!slices.ContainsFunc(g.not, func(n gate) bool { return n.holds(set) })
}

// excludes reports whether two gates never hold together, as far as that is plain.
func (g gate) excludes(o gate) bool {
	in := func(list []string) func(string) bool {
		return func(s string) bool { return slices.Contains(list, s) }
	}
	return slices.ContainsFunc(g.all, in(o.none)) || slices.ContainsFunc(o.all, in(g.none))
}

// String writes the gate as a condition of "when".
func (g gate) String() string {
	parts := slices.Clone(g.all)
	for _, n := range g.none {
		parts = append(parts, "!"+n)
	}
	for _, n := range g.not {
		parts = append(parts, "!("+n.String()+")")
	}
	return strings.Join(parts, " && ")
}

// combine returns the rules of one number in an order in which the first that holds decides.
func (im *importer) combine(abi *linux.ABI, nr uint32, rules []*rule) ([]*rule, error) {
	if im.opts.Engine == Runsc {
		return rules, nil
	}
	var out, conditional []*rule
	open, before := false, 0 // entries with conditions before those without
	for _, r := range rules {
		if !open && !r.always() {
			before++
		}
		if !r.always() {
			conditional = append(conditional, r)
			continue
		}
		if open {
			im.swallowed(abi, nr, r, out[len(out)-1])
			continue
		}
		own := *r
		own.gate.not = im.others(out, r)
		out = append(out, &own)
		open = r.gate.open()
	}
	if open {
		if _, err := im.tree(abi, nr, conditional[:before]); err != nil {
			return nil, err
		}
		for _, r := range conditional {
			im.swallowed(abi, nr, r, out[len(out)-1])
		}
		return out, nil
	}
	conditional, err := im.tree(abi, nr, conditional)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(conditional, func(a, b *rule) int { return b.lowest() - a.lowest() })
	unconditional := out
	for _, r := range conditional {
		own := *r
		own.gate.not = im.others(unconditional, r)
		out = append(out, &own)
	}
	return out, nil
}

// others returns the gates of rules with other actions than o's that may be open with its own, each
// once.
func (im *importer) others(rules []*rule, o *rule) (out []gate) {
	seen := map[string]bool{}
	for _, r := range rules {
		if r.entry.Action == o.entry.Action || r.gate.excludes(o.gate) {
			continue
		}
		own := gate{all: r.gate.all, none: r.gate.none}
		if text := own.String(); !seen[text] {
			seen[text] = true
			out = append(out, own)
		}
	}
	return out
}

// swallowed warns of a rule that never decides, with a call that it is about.
func (im *importer) swallowed(abi *linux.ABI, nr uint32, r, by *rule) {
	if r.entry.Action == by.entry.Action {
		return
	}
	why := "the entry without condition in line %d decides alone"
	if !by.always() {
		why = "line %d has the first of these conditions, and decides alone"
	}
	name := r.name
	if r.mux != "" {
		name += " through " + r.mux
	}
	text := fmt.Sprintf("%s: "+why+", this one has no effect", name, by.entry.Line)
	c, ever := im.condition(abi, r, true)
	if c == nil {
		c = policy.And{}
	}
	call, err := interop.Example(abi, nr, c)
	if !ever || err != nil || call == nil {
		im.warn(r.entry.Line, "%s", text)
		return
	}
	im.once(r.entry.Line, text, ": "+explain.Call(*call, abi.ByteOrder())+" gets "+
		explain.Action(by.entry.Action, abi))
}

// once warns with the first call that shows it: other ABIs have the like.
func (im *importer) once(line int, text, shown string) {
	key := fmt.Sprintf("%d %s", line, text)
	if !im.said[key] {
		im.said[key] = true
		im.warn(line, "%s%s", text, shown)
	}
}

// tree returns the rules with conditions of which libseccomp's tree is made.
func (im *importer) tree(abi *linux.ABI, nr uint32, rules []*rule) ([]*rule, error) {
	if err := modelled(abi, rules); err != nil {
		return nil, err
	}
	return im.compatible(abi, nr, rules)
}

// maxPairs bounds the pairs of entries of one call that are compared.
const maxPairs = 3000

// compatible returns an error for two rules of which the engine makes something that is not known
// here, and leaves out those that a rule before them swallows.
func (im *importer) compatible(abi *linux.ABI, nr uint32, rules []*rule) ([]*rule, error) {
	var out []*rule
	pairs := 0
next:
	for _, b := range rules {
		for _, a := range out {
			if a.entry.Action == b.entry.Action || a.gate.excludes(b.gate) || apartAt(abi, a, b) {
				continue
			}
			if pairs++; pairs > maxPairs {
				return nil, fmt.Errorf("line %d: %s has too many entries with different actions",
					b.entry.Line, b.name)
			}
			swallowed, err := im.clash(abi, nr, a, b)
			if err != nil {
				return nil, err
			}
			if swallowed && a.gate.open() {
				im.swallowed(abi, nr, b, a)
				continue next
			}
		}
		out = append(out, b)
	}
	return out, nil
}
