package compiler

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Text returns the stages one after the other, as plain text.
func (t *Trace) Text() []byte {
	var b bytes.Buffer
	for _, name := range t.files() {
		fmt.Fprintf(&b, "== source %s\n", name)
		for i, line := range t.lines(name) {
			fmt.Fprintf(&b, "%4d  %s\n", i+1, line)
		}
	}
	for i, a := range t.result.Policy.ABIs {
		fmt.Fprintf(&b, "== rules %s\n", a.Name)
		for j := range a.Rules {
			fmt.Fprintln(&b, t.ruleText(i, j))
		}
	}
	abi := -1
	for i := range t.decisions {
		d := &t.decisions[i]
		if d.abi != abi {
			abi = d.abi
			fmt.Fprintf(&b, "== decisions %s\n", t.result.ABIs[abi].Name)
		}
		fmt.Fprintln(&b, t.decisionText(d))
	}
	b.WriteString("== nodes\n")
	for _, i := range t.nodeOrder() {
		fmt.Fprintln(&b, t.nodeText(i))
	}
	b.WriteString("== listing\n")
	for pc := range t.code {
		fmt.Fprintf(&b, "%4d  %-40s ; n%d %s\n", pc, t.result.Program.Text(pc), t.code[pc].node, t.origin(pc))
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(" \n"), []byte("\n"))
}

// files returns the names of the source texts, sorted.
func (t *Trace) files() []string { return slices.Sorted(maps.Keys(t.result.Sources)) }

func (t *Trace) lines(file string) []string {
	return strings.Split(strings.TrimSuffix(string(t.result.Sources[file]), "\n"), "\n")
}

// place returns where a rule stands in the text; the file only where there are several.
func (t *Trace) place(source int) string {
	at := t.result.Rules[source].Span.Pos
	if len(t.result.Sources) > 1 {
		return fmt.Sprintf("%s:%d", at.Filename, at.Line)
	}
	return fmt.Sprintf("line %d", at.Line)
}

// ruleText says which numbers a resolved rule names.
func (t *Trace) ruleText(abi, rule int) string {
	r := t.result.Policy.ABIs[abi].Rules[rule]
	var calls []string
	for _, nr := range r.Numbers {
		calls = append(calls, spanText(t.result.ABIs[abi].SyscallName, nr, nr))
	}
	cond := ""
	if r.Cond != nil {
		cond = " if its arguments match"
	}
	return fmt.Sprintf("%-8s %v%s: %s", t.place(r.Source), r.Action, cond, strings.Join(calls, ", "))
}

// spanText names the numbers lo to hi.
func spanText(name func(uint32) (string, bool), lo, hi uint32) string {
	first, _ := name(lo)
	last, _ := name(hi)
	if lo == hi {
		return strings.TrimSpace(fmt.Sprintf("%d %s", lo, first))
	}
	if first == "" && last == "" {
		return fmt.Sprintf("%d..%d", lo, hi)
	}
	return fmt.Sprintf("%d..%d %s..%s", lo, hi, first, last)
}

// decisionText says which rules decide some numbers, in order.
func (t *Trace) decisionText(d *traceDecision) string {
	var parts []string
	final := false
	for _, i := range d.rules {
		r := t.result.Policy.ABIs[d.abi].Rules[i]
		part := fmt.Sprintf("%v (%s)", r.Action, t.place(r.Source))
		if final = r.Cond == nil; !final {
			part += " if"
		}
		parts = append(parts, part)
	}
	if !final {
		parts = append(parts, fmt.Sprintf("%v (%s)", d.rest, d.restName()))
	}
	return spanText(t.result.ABIs[d.abi].SyscallName, d.lo, d.hi) + " → " + strings.Join(parts, ", else ")
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
	pc := n.code[slices.IndexFunc(n.code, func(pc int) bool { return t.result.Program[pc].Op != asm.Ja })]
	in := t.result.Program[pc]
	var text string
	switch in.Op {
	case asm.LdAbs:
		text = fmt.Sprintf("%s, n%d", asm.WordName(in.K, t.result.Order), n.t)
	case asm.AndK:
		text = fmt.Sprintf("& %#x, n%d", in.K, n.t)
	case asm.RetK:
		text = fmt.Sprintf("return %v", policy.Action(in.K))
	default:
		op := map[uint16]string{asm.JeqK: "==", asm.JgtK: ">", asm.JgeK: ">=", asm.JsetK: "any of"}[in.Op]
		text = fmt.Sprintf("%s %#x ? n%d : n%d", op, in.K, n.t, n.f)
	}
	return fmt.Sprintf("n%-4d %-36s at %s", i, text, strings.Trim(fmt.Sprint(n.code), "[]"))
}

// origin says what an instruction comes from.
func (t *Trace) origin(pc int) string {
	c := &t.code[pc]
	var parts []string
	if c.name != "" {
		parts = append(parts, c.name)
	}
	for _, s := range slices.Sorted(maps.Keys(c.rules)) {
		parts = append(parts, t.place(s))
	}
	parts = append(parts, slices.Sorted(maps.Keys(c.rest))...)
	if len(c.decisions) == 0 && t.result.Program[pc].Op == asm.RetK {
		parts = append(parts, "mismatch")
	}
	return strings.Join(slices.Compact(parts), ", ")
}
