package trace

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/policy"
)

// Text returns the stages one after the other, as plain text.
func (t *Trace) Text() []byte {
	var b bytes.Buffer
	for _, source := range t.result.Sources {
		fmt.Fprintf(&b, "== source %s\n", diag.Printable(source.Name))
		for i, line := range printableLines(source) {
			fmt.Fprintf(&b, "%4d  %s\n", i+1, line)
		}
	}
	for i, a := range t.result.Policy.ABIs {
		fmt.Fprintf(&b, "== rules %s\n", a.Name)
		for j := range a.Rules {
			fmt.Fprintln(&b, t.ruleText(origin{i, j}))
		}
	}
	for i := range t.decisions {
		d := &t.decisions[i]
		if i == 0 || t.decisions[i-1].abi != d.abi {
			fmt.Fprintf(&b, "== decisions %s\n", t.callers(d.abi))
		}
		fmt.Fprintf(&b, "%s → %s\n", t.callsText(d), t.outcome(d))
	}
	b.WriteString("== nodes\n")
	for _, i := range t.nodeOrder() {
		at := strings.Trim(fmt.Sprint(t.nodes[i].code), "[]")
		fmt.Fprintf(&b, "n%-4d %-36s at %s\n", i, t.nodeText(i), at)
	}
	b.WriteString("== listing\n")
	for pc, c := range t.code {
		fmt.Fprintf(&b, "%4d  %-40s ; n%d %s\n", pc, t.result.Program.Text(pc), c.node,
			t.comment(pc))
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(" \n"), []byte("\n"))
}

// printableLines returns the lines of a text, fit to be shown.
func printableLines(s *diag.Source) []string {
	var lines []string
	for line := range strings.Lines(s.Text) {
		lines = append(lines, diag.Printable(strings.TrimRight(line, "\r\n")))
	}
	return lines
}

// place returns where a rule stands in the text; the file only where there are several.
func (t *Trace) place(source int) string {
	at := t.result.Rules[source].Span.Pos()
	if len(t.result.Sources) > 1 {
		return fmt.Sprintf("%s:%d", diag.Printable(at.Filename), at.Line)
	}
	return fmt.Sprintf("line %d", at.Line)
}

// originText names an origin.
func (t *Trace) originText(o origin) string {
	switch o.rule {
	case ruleDefault:
		return "default"
	case ruleUnknown:
		return "unknown"
	case ruleMismatch:
		return "mismatch"
	}
	return t.place(t.result.Policy.ABIs[o.abi].Rules[o.rule].Source)
}

// callers names those that make the calls of an ABI.
func (t *Trace) callers(abi int) string {
	if abi == noABI {
		return "other callers"
	}
	return t.result.ABIs[abi].Name
}

// ruleText writes a resolved rule.
func (t *Trace) ruleText(o origin) string {
	return fmt.Sprintf("%-8s %s: %s", t.originText(o), t.verb(o), t.ruleCalls(o))
}

// verb says what an origin does.
func (t *Trace) verb(o origin) string {
	if t.hasCond(o) {
		return fmt.Sprintf("%v if its arguments match", t.action(o))
	}
	return t.action(o).String()
}

// ruleCalls names the calls of a rule.
func (t *Trace) ruleCalls(o origin) string {
	var calls []string
	for _, nr := range t.result.Policy.ABIs[o.abi].Rules[o.rule].Numbers {
		calls = append(calls, t.spanText(o.abi, exactly(nr)))
	}
	return strings.Join(calls, ", ")
}

// spanText names some numbers of an ABI.
func (t *Trace) spanText(abi int, nr policy.Range) string {
	first, _ := t.result.ABIs[abi].SyscallName(uint32(nr.Lo))
	last, _ := t.result.ABIs[abi].SyscallName(uint32(nr.Hi))
	switch {
	case nr.Lo == nr.Hi:
		return strings.TrimSpace(fmt.Sprintf("%d %s", nr.Lo, first))
	case first == "" && last == "":
		return fmt.Sprintf("%d..%d", nr.Lo, nr.Hi)
	}
	return fmt.Sprintf("%d..%d %s..%s", nr.Lo, nr.Hi, first, last)
}

// callsText names the calls of a decision.
func (t *Trace) callsText(d *decision) string {
	switch {
	case d.abi != noABI:
		return t.spanText(d.abi, d.nr)
	case d.arch.Lo == d.arch.Hi:
		return fmt.Sprintf("arch %#x, %d..%d", d.arch.Lo, d.nr.Lo, d.nr.Hi)
	}
	return fmt.Sprintf("arch %#x..%#x", d.arch.Lo, d.arch.Hi)
}

// outcome says what decides the calls of a decision, in order.
func (t *Trace) outcome(d *decision) string {
	var parts []string
	for _, o := range t.origins(d) {
		part := fmt.Sprintf("%v (%s)", t.action(o), t.originText(o))
		if t.hasCond(o) {
			part += " if"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", else ")
}

// nodeOrder returns the nodes in the order of the listing.
func (t *Trace) nodeOrder() []int {
	var order []int
	seen := make([]bool, len(t.nodes))
	for _, c := range t.code {
		if !seen[c.node] {
			seen[c.node] = true
			order = append(order, c.node)
		}
	}
	return order
}

// nodeText writes a node with the nodes that it leads to in place of jumps.
func (t *Trace) nodeText(i int) string {
	n := t.nodes[i]
	prog := t.result.Program
	pc := n.code[slices.IndexFunc(n.code, func(pc int) bool { return prog[pc].Op != asm.Ja })]
	in := prog[pc]
	switch in.Op {
	case asm.LdAbs:
		return fmt.Sprintf("%s, n%d", asm.WordName(in.K, t.result.Order), n.t)
	case asm.AndK:
		return fmt.Sprintf("& %s, n%d", t.constant(pc), n.t)
	case asm.XorK:
		return fmt.Sprintf("^ %s, n%d", t.constant(pc), n.t)
	case asm.RetK:
		return fmt.Sprintf("return %v", policy.Action(in.K))
	case asm.Waiting:
		name := t.result.Policy.Late[in.K/2].Name
		if in.K%2 == 1 {
			name += " >> 32"
		}
		return fmt.Sprintf("== %s ? n%d : n%d", name, n.t, n.f)
	}
	op := map[uint16]string{asm.JeqK: "==", asm.JgtK: ">", asm.JgeK: ">=",
		asm.JsetK: "any of"}[in.Op]
	return fmt.Sprintf("%s %s ? n%d : n%d", op, t.constant(pc), n.t, n.f)
}

// constant returns the constant of an instruction as the listing writes it.
func (t *Trace) constant(pc int) string {
	_, after, _ := strings.Cut(t.result.Program.Text(pc), "#")
	constant, _, _ := strings.Cut(after, ",")
	return constant
}

// comment says what an instruction comes from.
func (t *Trace) comment(pc int) string {
	parts := slices.Clone(t.code[pc].names)
	for _, o := range t.sortedOrigins(pc) {
		parts = append(parts, t.originText(o))
	}
	text := strings.Join(slices.Compact(parts), ", ")
	if first, more, ok := strings.Cut(text, "line "); ok && len(t.result.Sources) == 1 {
		text = first + "line " + strings.ReplaceAll(more, "line ", "")
	}
	return text
}

// sortedOrigins returns the rules that an instruction comes from in the order of the text, then the
// others.
func (t *Trace) sortedOrigins(pc int) []origin {
	key := func(o origin) int {
		if o.rule < 0 {
			return len(t.result.Rules) - o.rule
		}
		return t.result.Policy.ABIs[o.abi].Rules[o.rule].Source
	}
	return slices.SortedFunc(maps.Keys(t.code[pc].origins), func(a, b origin) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.abi, b.abi),
			cmp.Compare(a.rule, b.rule))
	})
}
