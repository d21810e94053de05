package resolve

import (
	"cmp"
	"go/constant"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// call is one way into a system call: its own number, or its number behind a multiplexer.
type call struct {
	name string // "" for a number that the table does not hold
	nr   uint32
	sub  uint32 // behind the multiplexer
	mux  string // its name, or ""
	all  bool   // meant with its twins: a condition must reach each of them
}

// door tells calls apart; the name does not. No call behind a multiplexer has the number 0 there.
type door uint64

func (c call) door() door { return door(c.sub)<<32 | door(c.nr) }

// doorSet is a set of doors. Most are numbers as most ABIs count them.
type doorSet struct {
	low  [8]uint64 // a bit for each of the first
	rest map[door]bool
}

// add adds a door and reports whether it is new.
func (s *doorSet) add(d door) bool {
	if i, bit := d/64, uint64(1)<<(d%64); i < door(len(s.low)) {
		is := s.low[i]&bit == 0
		s.low[i] |= bit
		return is
	}
	if s.rest[d] {
		return false
	}
	if s.rest == nil {
		s.rest = map[door]bool{}
	}
	s.rest[d] = true
	return true
}

func (s *doorSet) has(d door) bool {
	if i := d / 64; i < door(len(s.low)) {
		return s.low[i]&(1<<(d%64)) != 0
	}
	return s.rest[d]
}

// numbers returns the doors, of which none is behind a multiplexer, as ascending numbers.
func (s *doorSet) numbers() []uint32 {
	n := len(s.rest)
	for _, word := range s.low {
		n += bits.OnesCount64(word)
	}
	out := make([]uint32, 0, n)
	for i, word := range s.low {
		for ; word != 0; word &= word - 1 {
			out = append(out, uint32(64*i+bits.TrailingZeros64(word)))
		}
	}
	if len(s.rest) > 0 {
		for _, d := range slices.Sorted(maps.Keys(s.rest)) {
			out = append(out, uint32(d))
		}
	}
	return out
}

// mention is a name, a number or a range of numbers of calls at a place of the text.
type mention struct {
	at               diag.Span
	name, number, to string
	all              bool // the call of the name and its twins
}

// text returns the mention as it is written.
func (m mention) text() string {
	if m.to != "" {
		return m.number + ".." + m.to
	}
	if m.all {
		return "all " + m.name
	}
	return m.name + m.number
}

// compare orders mentions by place, then by text: in a tree that was built no part has a place.
func (m mention) compare(o mention) int {
	return cmp.Or(m.at.Compare(o.at), cmp.Compare(m.text(), o.text()))
}

// selectors returns the calls that selectors name, each once, in the order of the text. What is
// given twice is reported where warn is set, unless sets overlap. The caller must not change them:
// they may be a set's.
func (s *scope) selectors(list []*dsl.Selector, warn bool) []call {
	if len(list) == 1 {
		calls := s.appendSelector(nil, list[0])
		if !s.r.spend(list[0].Span, 1+len(calls)) {
			return nil
		}
		return calls
	}
	out := make([]call, 0, s.room(list))
	var seen doorSet
	for i, sel := range list {
		first := len(out)
		named := s.appendSelector(out, sel)[first:]
		if !s.r.spend(sel.Span, 1+len(named)) {
			return nil
		}
		for _, c := range named {
			if seen.add(c.door()) {
				out = append(out, c)
			}
		}
		if len(out) == first && warn && len(named) > 0 && sel.Set == "" {
			d := diag.Warningf(sel.Span, codes.DuplicateSyscall,
				"%s is given twice", mentionOf(sel).text())
			d.Edits = withoutSelector(list[i-1].Span, sel.Span)
			s.add(d.WithHelp("remove one of them"))
		}
	}
	return out
}

// withoutSelector returns the edit that removes one of two neighbours in a list, none where a
// comment stands between them.
func withoutSelector(before, sel diag.Span) []diag.Edit {
	from, to := before.Start().To(sel).Offsets()
	file := sel.Source()
	if file == nil || strings.Contains(file.Text[from:to], "#") {
		return nil
	}
	_, from = before.Offsets()
	return []diag.Edit{{Span: file.Span(from, to)}}
}

// withoutOne returns the edit that removes a selector from a list, which a "-" and another one
// before it may have made; none where it is all that there is.
func withoutOne(before, list []*dsl.Selector, i int) []diag.Edit {
	switch {
	case i > 0:
		return withoutSelector(list[i-1].Span, list[i].Span)
	case len(list) > 1:
		from, _ := list[0].Span.Offsets()
		to, _ := list[1].Span.Offsets()
		file := list[0].Span.Source()
		if file == nil || strings.Contains(file.Text[from:to], "#") {
			return nil
		}
		return []diag.Edit{{Span: file.Span(from, to)}}
	case len(before) > 0:
		return withoutSelector(before[len(before)-1].Span, list[0].Span)
	}
	return nil
}

// room guesses how many calls selectors name.
func (s *scope) room(list []*dsl.Selector) int {
	const most = 512 // no ABI has more names
	ofSets := 0
	for _, sel := range list {
		if sel.Set != "" && s.sets[sel.Set] != nil {
			ofSets += len(s.sets[sel.Set].calls)
		}
	}
	return len(list) + min(ofSets, most)
}

// appendSelector appends the calls that one selector names. Those of a set are not copied behind
// nil.
func (s *scope) appendSelector(out []call, sel *dsl.Selector) []call {
	if sel.Set == "" {
		return s.appendCalls(out, mentionOf(sel))
	}
	calls := s.set(sel.Span, sel.Set)
	if out == nil {
		return calls
	}
	return append(out, calls...)
}

func mentionOf(sel *dsl.Selector) mention {
	return mention{sel.Span, sel.Name, sel.Number, sel.To, sel.All}
}

// appendCalls appends the ways into the system call with a name, or else the calls of numbers, and
// keeps account of the ABIs that do not have them.
func (s *scope) appendCalls(out []call, m mention) []call {
	before := len(out)
	switch {
	case m.number != "":
		out = s.appendNumbers(out, m)
	case m.all:
		out = appendTwins(out, s.abi, m.name)
	default:
		out = appendDoors(out, s.abi, m.name)
	}
	if len(out) == before {
		s.r.miss(m, s.abi)
	} else if len(s.r.abis) > 1 {
		s.r.found[m] = true
	}
	return out
}

// miss records that an ABI does not have a call of the text, unless nobody wants to know.
func (r *resolver) miss(m mention, abi *linux.ABI) {
	if m.name != "" && !r.lintsMissing() && r.elsewhere(m.name) {
		return
	}
	if !slices.Contains(r.missing[m], abi.Name) {
		r.missing[m] = append(r.missing[m], abi.Name)
	}
}

// maxNumbers bounds a range of numbers.
const maxNumbers = 1 << 16

// appendNumbers appends the calls of those numbers that are the ABI's.
func (s *scope) appendNumbers(out []call, m mention) []call {
	lo, hi, ok := m.numbers()
	if !ok || uint64(hi)-uint64(lo) >= maxNumbers {
		return out
	}
	for nr := uint64(lo); nr <= uint64(hi); nr++ {
		if s.abi.Owns(uint32(nr)) {
			name, _ := s.abi.SyscallName(uint32(nr))
			out = append(out, call{nr: uint32(nr), name: name})
		}
	}
	return out
}

// numbers returns the bounds of a mention of numbers, and false where they are none or out of
// order.
func (m mention) numbers() (lo, hi uint32, ok bool) {
	lo, ok = number(m.number)
	if m.to == "" {
		return lo, lo, ok
	}
	hi, fits := number(m.to)
	return lo, hi, ok && fits && lo <= hi
}

func number(text string) (nr uint32, ok bool) {
	n, err := strconv.ParseUint(text, 0, 32)
	return uint32(n), err == nil
}

// noNumber is the error for numbers of which none is the ABIs'.
func (r *resolver) noNumber(m mention) diag.Finding {
	at, text := m.at, m.text()
	nr, hi, fits := m.numbers()
	if fits && uint64(hi)-uint64(nr) >= maxNumbers {
		d := diag.Errorf(at, codes.TooLarge, "the range has more than %d numbers", maxNumbers)
		return d.WithHelp("unknown is for all numbers that the table does not hold")
	}
	if from, ok := number(m.number); m.to != "" && ok && !fits {
		if to, ok := number(m.to); ok {
			d := diag.Errorf(at, codes.ConstantRange, "the range is empty: %d is above %d", from,
				to)
			return d.WithHelp("write the smaller number first")
		}
	}
	for _, abi := range r.abis {
		f, ok := abi.ForeignAt(nr)
		if !ok || !fits {
			continue
		}
		d := diag.Errorf(at, codes.ConstantRange, "%s is a number of another ABI, %s", text,
			f.Table)
		if f.Served {
			return d.WithHelp("list %s in arch, or write \"%s: %s\" where a call is asked for",
				f.Table, f.Table, text)
		}
		d = d.WithNotes("the kernel chooses the table by the number and arch tells the caller's " +
			"ABI: such a call is for mismatch, and no rule can be about it")
		return d.WithHelp("to ask what becomes of it, write \"%s: %s\" in a test block", abi.Name,
			text)
	}
	d := diag.Errorf(at, codes.ConstantRange, "%s is no system call's number", text)
	return d.WithNotes("numbers have 32 bits").WithHelp("write a number up to 0xffffffff")
}

// appendTwins appends the doors of a call and of those that are the same with types of another
// width.
func appendTwins(out []call, abi *linux.ABI, name string) []call {
	for _, twin := range abi.Twins(name) {
		first := len(out)
		out = appendDoors(out, abi, twin)
		for i := range out[first:] {
			out[first+i].all = true
		}
	}
	return out
}

func appendDoors(out []call, abi *linux.ABI, name string) []call {
	if nr, ok := abi.Number(name); ok {
		out = append(out, call{nr: nr, name: name})
	}
	if mux, sub, ok := abi.Multiplexed(name); ok {
		if nr, ok := abi.Number(mux); ok {
			out = append(out, call{nr: nr, name: name, mux: mux, sub: sub})
		}
	}
	return out
}

// selectorsOf returns the selectors of a statement.
func selectorsOf(s dsl.Statement) []*dsl.Selector {
	add, remove := listsOf(s)
	return slices.Concat(add, remove)
}

// listsOf returns the selectors of a statement, and those behind its "-".
func listsOf(s dsl.Statement) (add, remove []*dsl.Selector) {
	switch s := s.(type) {
	case *dsl.Rule:
		return s.Selectors, s.Remove
	case *dsl.Hot:
		return s.Selectors, s.Remove
	case *dsl.Set:
		return s.Add, s.Remove
	}
	return nil, nil
}

// elsewhere reports whether an ABI of the arch statement, not compiled for, has a system call.
func (r *resolver) elsewhere(name string) bool {
	return r.other(func(abi *linux.ABI) bool { return abi.HasSyscall(name) })
}

// ownedElsewhere reports the same of numbers, of which the first counts.
func (r *resolver) ownedElsewhere(m mention) bool {
	lo, hi, ok := m.numbers()
	return ok && uint64(hi)-uint64(lo) < maxNumbers &&
		r.other(func(abi *linux.ABI) bool { return abi.Owns(lo) })
}

// other reports whether something holds for an ABI of the arch statement that is not compiled for.
func (r *resolver) other(holds func(abi *linux.ABI) bool) bool {
	return slices.ContainsFunc(r.listed, func(abi *linux.ABI) bool {
		return !slices.Contains(r.abis, abi) && holds(abi)
	})
}

// unknownSyscall returns the error for a name that the ABIs at hand do not have.
func (r *resolver) unknownSyscall(at diag.Span, name string) diag.Finding {
	d := diag.Errorf(at, codes.UnknownSyscall, "unknown system call %q", name)
	if help := selectorHabit(name); help != "" {
		return d.WithHelp("%s", help)
	}
	if call, ok := linux.CallOf(name); ok {
		d = d.Exactly(at, name, call)
		return d.WithHelp("the system call is %s", call)
	}
	if call, ok := linux.CallOf(strings.ToLower(name)); ok {
		return d.Exactly(at, name, call)
	}
	if lower := strings.ToLower(name); lower != name && len(haveSyscall(lower)) > 0 {
		return d.Exactly(at, name, lower)
	}
	if calls, ok := linux.LibraryCalls(name); ok {
		d = d.WithNotes(name + " is a function of the C library")
		if calls == "" {
			return d.WithHelp("it makes no system call: remove it")
		}
		return d.WithHelp("name what it calls: %s", calls)
	}
	if sets := setsLike(name); len(sets) > 0 {
		return d.WithHelp("there are sets of such calls: %s", strings.Join(sets, ", "))
	}
	if calls := callsBehind(name); len(calls) > 0 {
		return d.WithHelp("there are %s", strings.Join(calls, ", "))
	}
	d = d.WithNotes("the tables are of Linux " + linux.KernelVersion)
	r.report.suggest(&d, name, slices.Values(linux.SyscallNames()))
	if d.Help == "" {
		d = d.WithHelp("seccompc syscalls lists the names; a number can stand in place of a name")
	}
	return d
}

// callsBehind returns the first of the calls whose names begin with a word: inotify_init by
// inotify.
func callsBehind(name string) []string {
	const most = 6
	var out []string
	for _, call := range linux.SyscallNames() {
		if strings.HasPrefix(call, name+"_") {
			out = append(out, call)
		}
	}
	return out[:min(len(out), most)]
}

// selectorHabit is the help for a word that other languages have in the place of a system call.
func selectorHabit(name string) string {
	switch {
	case slices.Contains([]string{"all", "any", "everything"}, strings.ToLower(name)):
		return "write default with the action for every call, or @known for those of the table"
	case slices.ContainsFunc(linux.ABIs(), func(abi *linux.ABI) bool { return isErrno(abi, name) }):
		return "write the errno in parentheses: deny(" + name + ")"
	}
	return ""
}

// isErrno reports whether a name is that of an error number.
func isErrno(abi *linux.ABI, name string) bool {
	v, ok := abi.Constant(name)
	if !ok || !strings.HasPrefix(name, "E") || strings.Contains(name, "_") {
		return false
	}
	n, exact := constant.Uint64Val(v)
	return exact && n <= maxErrno
}

// haveSyscall returns the ABIs that have a system call.
func haveSyscall(name string) []string {
	var out []string
	for _, abi := range linux.ABIs() {
		if abi.HasSyscall(name) {
			out = append(out, abi.Name)
		}
	}
	return out
}

// checkDead looks at the statements that count on none of the ABIs: the names in them must exist.
func (r *resolver) checkDead() {
	sets := map[string]bool{} // the policy's own
	var dead []*dsl.Selector
	for _, f := range r.files {
		for s := range f.All() {
			if set, ok := s.(*dsl.Set); ok {
				sets[set.Name.Text] = true
			}
			if !r.active[s] {
				dead = append(dead, selectorsOf(s)...)
			}
		}
	}
	for _, sel := range dead {
		switch {
		case sel.Name != "" && !linux.HasSyscall(sel.Name):
			r.report.add(nil, r.unknownSyscall(sel.Span, sel.Name))
		case sel.Set != "" && !sets[sel.Set] && !linux.HasSet(sel.Set) &&
			!r.gaps.mayDefine(sel.Set):
			names := slices.AppendSeq(linux.SetNames(), maps.Keys(sets))
			r.report.add(nil, r.unknownSet(sel.Span, sel.Set, slices.Values(names)))
		}
	}
}
