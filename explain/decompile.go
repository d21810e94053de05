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

// Decompile returns a policy that is equal to a program for every call, on machines of the byte
// order; or to a stack of programs, where newer ones are installed behind it. The caller tells how
// to resolve a policy's text, which is the compiler's work; with what it returns the equality is
// proved here, and without that proof there is no result.
//
// Not every filter is a policy: one that does the same for the numbers of all ABIs is none, nor is
// one that returns what is no action, that looks at bits which an ABI's registers do not have, or
// whose conditions have no form that could be read. The error shows one of the calls then.
func Decompile(
	p asm.Program, order binary.ByteOrder, resolve func(text []byte) (*policy.Policy, error),
	newer ...asm.Program,
) ([]byte, error) {
	stack := append([]asm.Program{p}, newer...)
	f, err := read(order, stack...)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(f, order)
	if err != nil {
		return nil, fmt.Errorf("no policy can be written for the filter: %w", err)
	}
	text, diags := dsl.Format("decompiled", w.text(stack))
	if len(diags) > 0 {
		return nil, fmt.Errorf("bug in seccompc: the policy read from the filter: %v", diags[0])
	}
	again, err := resolve(text)
	if err != nil {
		return nil, fmt.Errorf("the policy read from the filter: %w", err)
	}
	switch d, err := proof.EqualStack(again, order, stack, linux.Arches()...); {
	case err != nil:
		return nil, err
	case d != nil:
		return nil, fmt.Errorf("bug in seccompc: for %s the policy read from the filter has %v, "+
			"the filter %v", Call(d.Call, order), d.A, d.B)
	}
	return text, nil
}

// writer makes a policy of what a filter does.
type writer struct {
	abis     []*linux.ABI
	sections []*section
	mismatch policy.Action
	clauses  []*clause
	sets     map[string]bool // the names of those that the policy defines
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
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	if err := writable(w.mismatch); err != nil {
		return nil, err
	}
	if err := w.collect(); err != nil {
		return nil, err
	}
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

// check returns an error for what the language cannot say.
func (s *section) check() error {
	for i := range s.groups {
		g := &s.groups[i]
		opaque := 0
		for _, b := range g.branches {
			b.call.Arch, b.call.Nr = s.abi.Arch, uint32(g.numbers[0].Lo)
			if b.opaque {
				opaque++
			}
			if err := s.checkBranch(b, opaque); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBranch returns an error for a branch that the language cannot say; it is the one of its
// group with the given count of conditions that cannot be written, itself included.
func (s *section) checkBranch(b branch, opaque int) error {
	if err := writable(b.action); err != nil {
		return fmt.Errorf("%s gets %w", Call(b.call, s.abi.ByteOrder()), err)
	}
	if b.opaque && opaque > 1 { // one of them can stand last, without its condition
		return fmt.Errorf("%s gets %s under a condition that is too long to write",
			Call(b.call, s.abi.ByteOrder()), Action(b.action, s.abi))
	}
	if s.abi.Bits == 32 && b.when != nil && wide(b.when) {
		return fmt.Errorf("%s: the filter looks at the upper 32 bits of an argument, "+
			"which %s does not have", Call(b.call, s.abi.ByteOrder()), s.abi.Name)
	}
	return nil
}

// wide reports whether a condition looks at more than 32 bits of an argument.
func wide(c policy.Cond) bool {
	switch c := c.(type) {
	case policy.Not:
		return wide(c.X)
	case policy.And:
		return slices.ContainsFunc(c, wide)
	case policy.Or:
		return slices.ContainsFunc(c, wide)
	case policy.Test:
		mask, _ := c.Members()
		return c.Operand.Arg != policy.IP && mask > policy.Ones(32)
	case policy.LateTest:
		return c.Operand.Arg != policy.IP && c.Operand.Width > 32
	}
	return false
}

// text writes the policy; dsl.Format has to lay it out.
func (w *writer) text(stack []asm.Program) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Read back from %s, and proved equal to it for every call.\n\n",
		sizes(stack))
	var names []string
	for _, abi := range w.abis {
		names = append(names, abi.Name)
	}
	fmt.Fprintf(&out, "arch %s\nas of linux %s\n", strings.Join(names, ", "), linux.KernelVersion)
	w.each(&out, func(s *section) string { return "default " + Action(s.fallback, s.abi) })
	if w.mismatch != policy.KillProcess {
		fmt.Fprintf(&out, "mismatch %s\n", commonAction(w.mismatch, w.abis))
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
		out.WriteString(wrap(definition) + "\n")
		calls = append([]string{name}, calls...)
	}
	for _, step := range c.steps {
		out.WriteString(wrap(step.Action+" "+strings.Join(calls, ", ")+step.condition()) + "\n")
	}
	return out.String()
}

const columns = 96

// wrap breaks a rule into lines behind commas and operators, where the language lets a line go on.
func wrap(rule string) string {
	var lines []string
	start, end := 0, 0 // the line so far, and where it can end
	for at, c := range rule {
		if at-start > columns && end > start {
			lines = append(lines, rule[start:end])
			start = end + 1
		}
		if c == ' ' && (strings.HasSuffix(rule[:at], ",") || strings.HasSuffix(rule[:at], "|") ||
			strings.HasSuffix(rule[:at], "&&")) {
			end = at
		}
	}
	return strings.Join(append(lines, rule[start:]), "\n")
}
