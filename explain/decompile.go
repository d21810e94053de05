package explain

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Reading says how to read a policy back.
type Reading struct {
	// Resolve gives the meaning of a policy's text, which is the compiler's work.
	Resolve func(text []byte) (*policy.Policy, error)

	Head string       // what the policy is, for its first line: "Read back from a filter"
	ABIs []*linux.ABI // read what there is for these alone; empty: for every ABI

	Late []*policy.Late // what the programs wait for, by number: the policy waits for it too
}

// ReadBack is a policy that says what a filter does.
type ReadBack struct {
	Text []byte

	// Ignored tells of what the kernel does not look at, and the policy leaves out. Numbers tells
	// of numbers that no table holds, to which the policy gives something as strict or stricter;
	// Stricter of calls that it stops and the filter may let pass, as their conditions cannot be
	// written; NotKnown of those of which it is not known what they get, and to which the policy
	// gives the strictest that it may be.
	Ignored, Numbers, Stricter, NotKnown []string
}

// Short says of what the policy is not what the filter is, or nothing.
func (r *ReadBack) Short() string {
	if all := slices.Concat(r.NotKnown, r.Stricter); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Remarks returns all that is to be said of the policy.
func (r *ReadBack) Remarks() []string {
	return slices.Concat(r.NotKnown, r.Stricter, r.Numbers, r.Ignored)
}

// Decompile returns the policy that programs are, which are installed one after the other, on
// machines of the byte order: [Recover] for what the kernel makes of them.
func Decompile(order binary.ByteOrder, r Reading, stack ...asm.Program) (*ReadBack, error) {
	for _, p := range stack {
		if err := p.Filled(make([]uint64, len(r.Late))).Check(); err != nil {
			return nil, err
		}
	}
	s := proof.New(linux.Arches()...)
	f, err := s.Partly(order, stack, r.Late...)
	if err != nil {
		return nil, err
	}
	r.Head = "Read back from " + sizes(stack)
	return Recover(s, f, order, r)
}

// Recover returns a policy that answers every call as the kernel takes a function's answers. The
// equality is proved with what the policy's text is resolved to, and without that proof there is
// no result.
//
// Not every function is a policy: one that does the same for the numbers of all ABIs is none,
// unless it is read for some ABIs alone, nor is one whose conditions have no form that could be
// read. The error shows one of the calls then. Of a single number with such conditions the
// strictest answer is taken; the proof is about all other calls then.
func Recover(
	s *proof.Space, f proof.Function, order binary.ByteOrder, r Reading,
) (*ReadBack, error) {
	out := &ReadBack{}
	taken, err := out.asTaken(s, f, order)
	if err != nil {
		return nil, err
	}
	rows, err := s.Overview(taken, tables())
	if err != nil {
		return nil, err
	}
	w, err := newWriter(filterOf(rows, order, r.ABIs), order)
	if err != nil {
		return nil, fmt.Errorf("no policy can be written for the filter: %w", err)
	}
	out.Stricter, out.Numbers, out.NotKnown = w.stricter, w.numbers, w.notKnown
	text, diags := dsl.Format("decompiled", w.text(r, out))
	if len(diags) > 0 {
		return nil, fmt.Errorf("bug in seccompc: the policy read from the filter: %v", diags[0])
	}
	again, err := r.Resolve(text)
	if err != nil {
		return nil, fmt.Errorf("the policy read from the filter: %w", err)
	}
	out.Text = text
	return out, w.prove(s, taken, again, r.ABIs)
}

// prove returns an error unless a policy is the function, but for the calls that the writer left
// out.
func (w *writer) prove(
	s *proof.Space, f proof.Function, p *policy.Policy, only []*linux.ABI,
) error {
	again, err := s.Policy(p)
	if err != nil {
		return err
	}
	if again, err = s.Narrow(again, narrow()...); err != nil {
		return err
	}
	for _, g := range []*proof.Function{&f, &again} {
		if len(only) > 0 {
			*g, err = s.Within(*g, callsOf(only)...)
		}
		if err == nil {
			*g, err = s.Without(*g, w.left...)
		}
		if err != nil {
			return err
		}
	}
	switch d, err := s.Differ(f, again); {
	case err != nil:
		return err
	case d != nil:
		return fmt.Errorf("bug in seccompc: for %s the policy read from the filter has %v, "+
			"the filter %v", Call(d.Call, p.ByteOrder()), d.B, d.A)
	}
	return nil
}

// callsOf returns all calls of ABIs.
func callsOf(abis []*linux.ABI) []proof.Calls {
	var out []proof.Calls
	for _, abi := range abis {
		out = append(out, proof.Calls{Arch: abi.Arch, Numbers: numbersOf(abi)})
	}
	return out
}

// writer makes a policy of what a filter does.
type writer struct {
	abis     []*linux.ABI
	sections []*section
	mismatch policy.Action
	clauses  []*clause
	sets     map[string]bool // the names of those that the policy defines
	stricter []string        // see ReadBack
	numbers  []string
	notKnown []string
	left     []proof.Calls // what that is about
}

// clause is rules for the same calls, which no other clause has on the same ABIs.
type clause struct {
	abis      []*linux.ABI // empty: all
	selectors []string
	steps     []Step
	final     policy.Action // of the step that always holds
	decided   bool          // there is one
	head      bool          // it stands before the others, whose rules may cover its calls
}

func newWriter(f *filter, order binary.ByteOrder) (*writer, error) {
	if f.strange != nil {
		return nil, f.strange
	}
	w := &writer{sections: f.sections, mismatch: f.mismatch, sets: map[string]bool{}}
	if len(w.sections) == 0 {
		w.sections = []*section{always(f.mismatch, order)}
	}
	for _, s := range w.sections {
		w.abis = append(w.abis, s.abi)
		w.simplify(s)
	}
	w.collect()
	w.gather()
	w.openDoors()
	return w, nil
}

// always is the section of a filter that always returns the same, for the commonest ABI.
func always(a policy.Action, order binary.ByteOrder) *section {
	abi := everybody(order).commonest()
	all := group{numbers: numbersOf(abi), branches: []branch{{action: a}}}
	return &section{abi: abi, own: all.numbers, groups: []group{all}, fallback: a, unknown: a}
}

// simplify gives a group the strictest of its actions where two of them have conditions that
// cannot be written: one can stand last, without its condition.
func (w *writer) simplify(s *section) {
	for i := range s.groups {
		w.decide(s, &s.groups[i])
	}
	s.choose()
	s.simplifyUnknown(w)
	for i := range s.groups {
		g := &s.groups[i]
		opaque := 0
		for _, b := range g.branches {
			if b.opaque {
				opaque++
			}
		}
		if opaque < 2 {
			continue
		}
		call := g.branches[0].call
		call.Arch, call.Nr = s.abi.Arch, uint32(g.numbers[0].Lo)
		strictest := g.branches[0].action // they are sorted so
		w.stricter = append(w.stricter, fmt.Sprintf("%s: %s always gets %s here; the "+
			"conditions under which the filter says so are too long to write", s.abi.Name,
			listed(Calls(s.abi, g.numbers)), Action(strictest, s.abi)))
		w.left = append(w.left, proof.Calls{Arch: s.abi.Arch, Numbers: g.numbers})
		g.branches = []branch{{action: strictest, call: call}}
	}
}

// decide gives the calls of a group of which it is not known what they get the strictest action
// that it may be.
func (w *writer) decide(s *section, g *group) {
	for i := range g.branches {
		b := &g.branches[i]
		if b.gap == nil {
			continue
		}
		callWriter := about(s.abi, uint32(g.numbers[0].Lo))
		b.action = Taken(b.action)
		condition := callWriter.step(*b).condition()
		w.notKnown = append(w.notKnown, fmt.Sprintf("%s: %s gets %s here%s; it is not known what "+
			"the filter says, as %s", s.abi.Name, listed(Calls(s.abi, g.numbers)),
			Action(b.action, s.abi), condition, b.gap.Why))
		w.left = append(w.left, proof.Calls{Arch: s.abi.Arch, Numbers: g.numbers, Cond: b.when})
		b.gap = nil
	}
}

// simplifyUnknown gives numbers that no table holds the strictest of their actions where the filter
// divides them into more parts, or larger ones, than a policy has rules for.
func (s *section) simplifyUnknown(w *writer) {
	strictest := s.unknown
	var all, large []policy.Range
	for i := range s.groups {
		_, own := s.ruled(&s.groups[i])
		all = append(all, own...)
		if isLarge(own) {
			large = append(large, own...)
		}
		if a := s.groups[i].branches[0].action; len(own) > 0 && stricter(a, strictest) {
			strictest = a
		}
	}
	numbers := policy.Subtract(s.own, knownOf(s.abi))
	switch many := len(all) > maxRanges && policy.Size(all) > maxNumbers; {
	case !many && len(large) == 0:
		return
	case !many && strictest == s.unknown:
		numbers = policy.Union(large) // the others keep their rules
	}
	for i := range s.groups {
		s.groups[i].numbers = policy.Subtract(s.groups[i].numbers, numbers)
	}
	s.groups = slices.DeleteFunc(s.groups, func(g group) bool { return len(g.numbers) == 0 })
	s.groups = append(s.groups, group{numbers: numbers, branches: []branch{{action: strictest}}})
	what := fmt.Sprintf("numbers that no table holds always get %s here; the filter divides them "+
		"into "+
		"%d ranges", Action(strictest, s.abi), len(all)+1)
	if len(numbers) <= 4 {
		what = fmt.Sprintf("%s always get %s here; a policy has no rules for so many numbers",
			strings.Join(intervals(numbers), ", "), Action(strictest, s.abi))
	}
	w.numbers = append(w.numbers, s.abi.Name+": "+what)
	w.left = append(w.left, proof.Calls{Arch: s.abi.Arch, Numbers: numbers})
	s.choose()
}

// isLarge reports whether a policy has no rule for one of the ranges.
func isLarge(numbers []policy.Range) bool {
	return slices.ContainsFunc(numbers, func(r policy.Range) bool {
		return r.Hi-r.Lo >= resolveNumbers
	})
}

// resolveNumbers is how many numbers the language takes as one range.
const resolveNumbers = 1 << 16

func stricter(a, b policy.Action) bool { return a.Strictness() < b.Strictness() }

// text writes the policy; dsl.Format has to lay it out.
func (w *writer) text(r Reading, back *ReadBack) []byte {
	var out bytes.Buffer
	w.head(&out, r, back)
	out.WriteByte('\n')
	var names []string
	for _, abi := range w.abis {
		names = append(names, abi.Name)
	}
	fmt.Fprintf(&out, "arch %s\nas of linux %s\n", strings.Join(names, ", "), linux.KernelVersion)
	for _, l := range r.Late {
		out.WriteString(declaration(l))
	}
	w.each(&out, func(s *section) string { return "default " + Action(s.fallback, s.abi) })
	if w.mismatch != policy.KillProcess {
		fmt.Fprintf(&out, "mismatch %s\n", CommonAction(w.mismatch, w.abis))
	}
	w.each(&out, func(s *section) string {
		if s.unknown == s.fallback {
			return ""
		}
		return "unknown " + Action(s.unknown, s.abi)
	})
	slices.SortStableFunc(w.clauses, func(a, b *clause) int { return a.rank() - b.rank() })
	for _, head := range []bool{true, false} {
		here := func(guarded bool) []*clause {
			return slices.DeleteFunc(slices.Clone(w.clauses), func(c *clause) bool {
				return c.head != head || len(c.abis) > 0 != guarded
			})
		}
		w.paragraphs(&out, here(false), w.abis)
		w.blocks(&out, here(true))
	}
	return out.Bytes()
}

// declaration writes the statement that declares a late value.
func declaration(l *policy.Late) string {
	text := "late " + l.Name + ": " + l.Type()
	if !slices.Equal(l.Values, []policy.Range{{Lo: 0, Hi: policy.Ones(l.Width)}}) {
		var sign uint64 // which stands below 0 in the value's own order
		if l.Signed {
			sign = 1 << (l.Width - 1)
		}
		ordered := flip(l.Values, sign)
		least, most := ordered[0].Lo^sign, ordered[len(ordered)-1].Hi^sign
		text += " in {" + LateNumber(l, least) + ".." + LateNumber(l, most) + "}"
	}
	return text + "\n"
}

// head writes what the policy was read from, what is proved of it, and what is not.
func (w *writer) head(out *bytes.Buffer, r Reading, back *ReadBack) {
	apart := slices.Concat(back.NotKnown, back.Stricter, back.Numbers)
	out.WriteString(comment(r.Head + ", and proved equal to " + w.proved(r.ABIs, back)))
	for _, remark := range apart {
		out.WriteString(comment(remark))
	}
	if len(apart) > 0 && len(back.Ignored) > 0 {
		out.WriteString(comment("Left out, as the kernel does not look at it:"))
	}
	for _, remark := range back.Ignored {
		out.WriteString(comment(remark))
	}
}

// proved says what a policy is proved equal to, and for which calls.
func (w *writer) proved(only []*linux.ABI, back *ReadBack) string {
	text, of, colon := "it", "", ""
	if len(back.Ignored) > 0 {
		text, colon = "what the kernel makes of it", ":"
	}
	if len(only) > 0 {
		var names []string
		for _, abi := range only {
			names = append(names, abi.Name)
		}
		of = " of " + strings.Join(names, ", ")
		colon = "; nothing was read for other ABIs" + colon
	}
	if len(w.left) > 0 {
		return text + " for all calls" + of + " but these" + strings.TrimSuffix(colon, ":") + ":"
	}
	if colon == "" {
		colon = "."
	}
	return text + " for every call" + of + colon
}

// comment writes a remark as comments of a policy.
func comment(text string) string {
	return "# " + strings.ReplaceAll(Wrap(text), "\n", "\n# ") + "\n"
}

// sizes says what a policy was read from.
func sizes(stack []asm.Program) string {
	length := 0
	for _, p := range stack {
		length += len(p)
	}
	if len(stack) == 1 {
		return fmt.Sprintf("a filter of %d instructions", length)
	}
	return fmt.Sprintf("a stack of %d filters, %d instructions together", len(stack), length)
}

// each writes a statement of every section: once, if it is the same everywhere.
func (w *writer) each(out *bytes.Buffer, say func(*section) string) {
	by := map[string][]*linux.ABI{}
	var order []string
	for _, s := range w.sections {
		text := say(s)
		if by[text] == nil {
			order = append(order, text)
		}
		by[text] = append(by[text], s.abi)
	}
	for _, text := range order {
		switch {
		case text == "":
		case len(order) == 1:
			fmt.Fprintln(out, text)
		default:
			fmt.Fprintf(out, "when %s {\n%s\n}\n", isArch(by[text]), text)
		}
	}
}

// isArch is the condition that the policy is compiled for one of the ABIs.
func isArch(abis []*linux.ABI) string {
	var names []string
	for _, abi := range abis {
		names = append(names, abi.Name)
	}
	if len(names) == 1 {
		return "arch == " + names[0]
	}
	return "arch in {" + strings.Join(names, ", ") + "}"
}

// rank orders clauses: first those without a condition.
func (c *clause) rank() int {
	if c.steps[0].When == "" {
		return 0
	}
	return 1
}

// blocks writes clauses that are for some of the ABIs only.
func (w *writer) blocks(out *bytes.Buffer, clauses []*clause) {
	var guards []string
	by := map[string][]*clause{}
	for _, c := range clauses {
		guard := isArch(c.abis)
		if by[guard] == nil {
			guards = append(guards, guard)
		}
		by[guard] = append(by[guard], c)
	}
	for _, guard := range guards {
		fmt.Fprintf(out, "\nwhen %s {", guard)
		w.paragraphs(out, by[guard], by[guard][0].abis)
		out.WriteString("}\n")
	}
}

// paragraphs writes clauses for policies of the ABIs, an empty line between those that take several
// lines.
func (w *writer) paragraphs(out *bytes.Buffer, clauses []*clause, abis []*linux.ABI) {
	long := true
	for _, c := range clauses {
		text := w.rules(c, abis)
		last := long
		if long = strings.Count(text, "\n") > 1; long || last {
			out.WriteByte('\n')
		}
		out.WriteString(text)
	}
}

// rules writes the rules of a clause, for policies of the ABIs, and the set that they need.
func (w *writer) rules(c *clause, abis []*linux.ABI) string {
	var out strings.Builder
	set, without, calls := base(c.selectors, abis)
	if set != "" {
		name := "@most-of-" + set[1:]
		for i := 2; w.sets[name]; i++ {
			name = fmt.Sprintf("@most-of-%s-%d", set[1:], i)
		}
		w.sets[name] = true
		definition := fmt.Sprintf("set %s = %s - %s", name, set, strings.Join(without, ", "))
		out.WriteString(Wrap(definition) + "\n")
		calls = append([]string{name}, calls...)
	}
	for _, step := range c.steps {
		out.WriteString(Wrap(step.Action+" "+strings.Join(calls, ", ")+step.condition()) + "\n")
	}
	return out.String()
}
