package resolve

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// setDefinition is a set of the policy.
type setDefinition struct {
	node       *dsl.Set
	busy, done bool
	calls      []call
}

// set returns the calls of a set: the policy's own, or else a built-in one.
func (s *scope) set(at diag.Span, name string) []call {
	d := s.sets[name]
	if d == nil {
		return s.builtIn(at, name)
	}
	switch {
	case d.done:
		return d.calls
	case d.busy:
		s.add(diag.Errorf(at, codes.Cycle, "%s contains itself", name).
			WithHelp("take %s out of its own definition, or rename one of the sets", name))
		return nil
	case s.depth == maxNameDepth:
		s.add(diag.Errorf(at, codes.TooLarge, "more than %d sets contain each other", maxNameDepth).
			WithHelp("name the calls in fewer sets"))
		return nil
	}
	d.busy = true
	s.depth++
	d.calls = s.difference(d.node.Add, d.node.Remove, true)
	s.depth--
	d.busy, d.done = false, true
	return d.calls
}

// difference returns the calls that the selectors of add name and those of remove do not.
func (s *scope) difference(add, remove []*dsl.Selector, warn bool) []call {
	calls := s.selectors(add, warn)
	if len(remove) == 0 {
		return calls
	}
	if warn {
		s.noteRemoved(calls, add, remove)
	}
	return s.without(slices.Clone(calls), s.selectors(remove, warn))
}

// removal is what stands behind the "-" of a list.
type removal struct {
	at    diag.Span // of it
	text  string
	takes bool // a call from the list, on some ABI
	edits []diag.Edit
}

// noteRemoved keeps account of what takes nothing from the calls of a list.
func (s *scope) noteRemoved(calls []call, add, remove []*dsl.Selector) {
	var have doorSet
	numbers := map[uint32]bool{}
	for _, c := range calls {
		have.add(c.door())
		numbers[c.nr] = true
	}
	in := func(c call) bool {
		whole := call{nr: c.nr}
		return have.has(c.door()) || c.mux != "" && have.has(whole.door()) ||
			c.mux == "" && numbers[c.nr] || s.everHad(add, c.name, nil)
	}
	for i, sel := range remove {
		gone := s.appendSelector(nil, sel)
		if !s.r.spend(sel.Span, len(gone)) || len(gone) == 0 {
			continue
		}
		if s.r.removals[sel] == nil {
			s.r.removals[sel] = &removal{at: sel.Span, text: sel.Set + mentionOf(sel).text(),
				edits: withoutOne(add, remove, i)}
		}
		was := s.r.removals[sel]
		was.takes = was.takes || slices.ContainsFunc(gone, in)
	}
}

// everHad reports whether a built-in set among selectors has had a call in some release: a policy
// may be compiled with the tables of each.
func (s *scope) everHad(list []*dsl.Selector, name string, within []string) bool {
	return slices.ContainsFunc(list, func(sel *dsl.Selector) bool {
		own := s.sets[sel.Set]
		switch {
		case sel.Set == "" || slices.Contains(within, sel.Set):
			return false
		case own != nil:
			return s.everHad(own.node.Add, name, append(within, sel.Set))
		}
		return slices.ContainsFunc(linux.SetReleases(), func(r linux.SetRelease) bool {
			members, _ := linux.SetIn(sel.Set, r.Linux)
			return slices.Contains(members, name)
		})
	})
}

// lintRemovals reports what takes no call from its list on any ABI.
func (r *resolver) lintRemovals() {
	if r.report.failed() {
		return
	}
	for _, was := range r.removals {
		if !was.takes {
			d := diag.Warningf(was.at, codes.NothingSubtracted,
				"%s is not in the list from which it is taken", was.text)
			d.Edits = was.edits
			r.report.add(nil, d.WithHelp("remove it, or take it from a list that has it"))
		}
	}
}

// without returns the calls that are not gone. A call that goes takes its door behind a multiplexer
// along, also where the calls hold the multiplexer as a whole: that is narrowed to its other calls.
// A multiplexer that goes takes all its doors along.
func (s *scope) without(calls, gone []call) []call {
	if len(gone) == 0 {
		return calls
	}
	doors, whole, narrow := map[door]bool{}, map[uint32]bool{}, map[uint32]bool{}
	for _, c := range gone {
		doors[c.door()] = true
		if c.mux == "" {
			whole[c.nr] = true
		} else {
			narrow[c.nr] = true
		}
	}
	var out []call
	for _, c := range calls {
		if c.mux == "" && narrow[c.nr] && !whole[c.nr] {
			out = append(out, s.behind(c.nr)...)
		} else {
			out = append(out, c)
		}
	}
	return slices.DeleteFunc(out, func(c call) bool { return doors[c.door()] || whole[c.nr] })
}

// behind returns all calls behind the multiplexer with a number.
func (s *scope) behind(nr uint32) []call {
	var out []call
	for _, name := range linux.SyscallNames() {
		for _, c := range appendDoors(nil, s.abi, name) {
			if c.mux != "" && c.nr == nr {
				out = append(out, c)
			}
		}
	}
	return out
}

func (s *scope) builtIn(at diag.Span, name string) []call {
	members, ok := linux.SetIn(name, s.r.tables)
	if !ok && s.r.gaps.mayDefine(name) {
		return nil
	}
	if !ok && linux.HasSet(name) {
		d := diag.Errorf(at, codes.UnknownSet, "%s is newer than Linux %v", name, s.r.tables)
		s.add(d.WithHelp("name a newer release behind as of, or the calls"))
		return nil
	}
	if !ok {
		names := slices.AppendSeq(linux.SetNames(), maps.Keys(s.sets))
		s.add(s.r.unknownSet(at, name, slices.Values(names)))
		return nil
	}
	out := make([]call, 0, len(members))
	for _, m := range members {
		doors := appendDoors(out, s.abi, m)
		for _, c := range doors[len(out):] {
			if c.mux != "" || s.abi.In(s.r.tables, m) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (r *resolver) unknownSet(at diag.Span, name string, names iter.Seq[string]) diag.Finding {
	d := diag.Errorf(at, codes.UnknownSet, "unknown set %s", name)
	switch bare := strings.TrimPrefix(name, "@"); {
	case bare == "all" || bare == "any":
		return d.WithHelp("@known stands for every call of the table")
	case len(setsLike(bare)) > 0:
		return d.WithHelp("there are %s", strings.Join(setsLike(bare), ", "))
	}
	r.report.suggest(&d, name, names)
	if d.Help == "" {
		d = d.WithHelp("seccompc sets lists the built-in sets; define others by set %s = CALLS",
			name)
	}
	return d
}

// setsLike returns the built-in sets with a word in their names.
func setsLike(word string) []string {
	var out []string
	for _, name := range linux.SetNames() {
		parts := strings.Split(strings.TrimPrefix(name, "@"), "-")
		if slices.Contains(parts, word) {
			out = append(out, name)
		}
	}
	return out
}

// readAsOf takes the release whose tables count.
func (r *resolver) readAsOf(s *dsl.AsOf) {
	if r.asOf != nil && r.asOf != s {
		d := diag.Errorf(s.Span, codes.DuplicateDefinition, "as of stands here a second time").
			WithHelp(keepOne)
		d.Notes = []diag.Note{{Span: &r.asOf.Span, Text: "the first one"}}
		r.report.add(nil, d)
		return
	}
	r.asOf = s
	release, err := linux.ParseRelease(s.Release.Text)
	d := diag.Errorf(s.Release.Span, codes.UnknownRelease, "the tables do not know Linux %s",
		s.Release.Text)
	switch {
	case err != nil:
		d.Message = err.Error()
		d = d.WithHelp("write as of linux %v", linux.Newest)
	case release.Patch != 0 && release.Major > 2:
		d.Message = "the tables know releases of Linux, not updates of them"
		d = d.WithHelp("write as of linux %d.%d", release.Major, release.Minor)
		d.Edits = []diag.Edit{{Span: s.Release.Span, New: linux.Release{
			Major: release.Major, Minor: release.Minor}.String()}}
	case release.Compare(linux.Oldest) < 0:
		d = d.WithHelp("the oldest is %v", linux.Oldest)
	case release.Compare(linux.Newest) > 0:
		d = d.WithHelp("the newest is %v: use a newer seccompc, or name an older release",
			linux.Newest)
	default:
		r.tables = release
		return
	}
	r.report.add(nil, d)
}

// lintDated reports a policy that does not say of which release it is, and the calls that are newer
// than what it says.
func (r *resolver) lintDated(out *Resolved) {
	if r.asOf == nil {
		r.lintUndated()
		return
	}
	if r.opts.Levels[codes.Outdated] == diag.Off {
		return
	}
	on := map[string][]string{} // calls to ABIs
	for i, abi := range r.abis {
		for _, name := range newer(abi, &out.Policy.ABIs[i]) {
			on[name] = append(on[name], abi.Name)
		}
	}
	var names []string
	for name, abis := range on {
		since, _ := linuxABI(abis[0]).Since(name)
		names = append(names, name+" ("+since.String()+")")
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	d := diag.Warningf(r.asOf.Span, codes.Outdated,
		"no rule names these newer system calls: %s", strings.Join(names, ", "))
	d.Severity = diag.Off
	d = d.WithNotes("they get the action of unknown, or else of default")
	r.report.add(nil, d.WithHelp("add rules for them, then write as of linux %v", linux.Newest))
}

func linuxABI(name string) *linux.ABI {
	abi, _ := linux.Lookup(name)
	return abi
}

// newer returns the calls that the tables know today, that the policy's do not, and that no rule of
// an ABI is about.
func newer(abi *linux.ABI, p *policy.ABI) []string {
	named := map[uint32]bool{}
	for _, rule := range p.Rules {
		for _, nr := range rule.Numbers {
			named[nr] = true
		}
	}
	var out []string
	for _, c := range abi.Syscalls() {
		if !named[c.Nr] && !policy.Contains(p.Known, uint64(c.Nr)) {
			out = append(out, c.Name)
		}
	}
	return out
}

// lintUndated says where the statement belongs.
func (r *resolver) lintUndated() {
	d := diag.Warningf(r.files[0].Start(), codes.Undated,
		"the policy does not say of which Linux it is")
	d.Severity = diag.Off
	d = d.WithNotes("with newer tables its filter may be another one")
	line := "as of linux " + linux.Newest.String()
	d = d.WithHelp("add %s", line)
	if len(r.files[0].Statements) > 0 {
		first := r.files[0].Statements[0].Range().Start()
		d.Edits = []diag.Edit{{Span: first, New: line + "\n"}}
	}
	r.report.add(nil, d)
}
