package explain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/relocation"
)

// Pseudo returns the instructions of a program as statements of a language that needs no
// explanation, a line for each, with its number: "7: if (nr != mkdir) goto 9". A test whose
// outcomes both lead elsewhere has an "else goto". What stands behind "//" is what [Annotate] says,
// where the statement does not say it.
func Pseudo(
	p asm.Program, order binary.ByteOrder, abis []*linux.ABI, late ...relocation.Value,
) string {
	a := newAnnotator(p, order, abis)
	a.late = late
	var b strings.Builder
	for pc := range p {
		statement, comment := a.statement(pc)
		line := fmt.Sprintf("%4d: %s", pc, statement)
		if comment != "" {
			line = fmt.Sprintf("%-40s // %s", line, comment)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// statement returns an instruction as a statement, and the rest of what is to be said about it.
func (a *annotator) statement(pc int) (text, comment string) {
	in := a.program[pc]
	comment = a.at(pc)
	switch in.Op {
	case asm.LdAbs:
		if word := asm.WordName(in.K, a.order); word != "" {
			_, comment, _ = strings.Cut(comment, ", ")
			return "A = " + word, comment
		}
	case asm.AndK:
		return fmt.Sprintf("A = A & %#x", in.K), comment
	case asm.Ja:
		next, _ := a.program.Next(pc)
		return fmt.Sprintf("goto %d", next), ""
	case asm.RetK:
		return "return " + a.action(pc), ""
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.Waiting:
		c, comment := a.comparison(pc)
		return a.branch(pc, c), comment
	}
	return a.program.Text(pc), comment
}

// action returns what an instruction returns in the words of the language.
func (a *annotator) action(pc int) string {
	abis := a.abis
	if arch := a.known[pc].arch; arch >= 0 {
		abis = linux.Of(uint32(arch))
	}
	action := policy.Action(a.program[pc].K)
	if a.at(pc) == "" || len(abis) == 0 { // no name that holds on all
		return Action(action, nil)
	}
	return Action(action, abis[0])
}

// test is a condition, and the one that holds where it does not.
type test struct{ yes, no string }

// opposite holds the signs of conditions that hold where others do not.
var opposite = map[string]string{"==": "!=", ">": "<=", ">=": "<"}

func comparing(left, sign, right string) test {
	return test{left + " " + sign + " " + right, left + " " + opposite[sign] + " " + right}
}

// comparison returns what an instruction tests, by names where the comment is no more than one.
func (a *annotator) comparison(pc int) (c test, comment string) {
	in, k := a.program[pc], a.known[pc]
	comment = a.at(pc)
	left := "A"
	if k.reached && k.word >= 0 {
		left = asm.WordName(uint32(k.word), a.order)
		if k.mask != ^uint32(0) {
			left = fmt.Sprintf("(%s & %#x)", left, k.mask)
		}
	}
	named := comment != "" && !strings.Contains(comment, ", ")
	about := named && k.word >= asm.OffArgs // the comment is the whole condition
	name := named && k.word < asm.OffIP && !strings.ContainsAny(comment, " .")
	switch {
	case in.Op == asm.Waiting:
		value, _, _ := strings.Cut(strings.TrimPrefix(comment, "waits for "), ":")
		return comparing(left, "==", "<"+value+">"), ""
	case about && in.Op == asm.JeqK && strings.Count(comment, " == ") == 1:
		l, r, _ := strings.Cut(comment, " == ")
		return comparing(l, "==", r), ""
	case about:
		return test{comment, "!(" + comment + ")"}, ""
	case in.Op == asm.JsetK:
		bits := fmt.Sprintf("%s & %#x", left, in.K)
		return test{bits, "!(" + bits + ")"}, comment
	case name && in.Op == asm.JeqK:
		return comparing(left, "==", comment), ""
	}
	sign := map[uint16]string{asm.JeqK: "==", asm.JgtK: ">", asm.JgeK: ">="}[in.Op]
	right := fmt.Sprint(in.K)
	if in.K > 0xffff {
		right = fmt.Sprintf("%#x", in.K)
	}
	return comparing(left, sign, right), comment
}

// branch returns a test with the places that it leads to.
func (a *annotator) branch(pc int, c test) string {
	holds, fails := a.program.Next(pc)
	switch {
	case holds == fails:
		return fmt.Sprintf("goto %d", holds)
	case holds == pc+1:
		return fmt.Sprintf("if (%s) goto %d", c.no, fails)
	case fails == pc+1:
		return fmt.Sprintf("if (%s) goto %d", c.yes, holds)
	}
	return fmt.Sprintf("if (%s) goto %d else goto %d", c.yes, holds, fails)
}

// Graph returns how a program decides the calls of one number, as a digraph of DOT: a box for each
// test of an argument, an oval for each answer. What the number and arch decide is gone.
func Graph(
	p asm.Program, order binary.ByteOrder, abi *linux.ABI, nr uint32, late ...relocation.Value,
) (string, error) {
	calls := []policy.Data{{Arch: abi.Arch, Nr: nr}}
	rest := decided(p, order, abi.Arch, nr)
	a := annotatorFrom(certain{arch: int64(abi.Arch), calls: calls}, rest, order, []*linux.ABI{abi})
	a.late = late
	name, ok := abi.SyscallName(nr)
	if !ok {
		name = fmt.Sprint(nr)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "digraph \"%s: %s\" {\n", abi.Name, name)
	b.WriteString("  node [shape=box, fontname=monospace]\n")
	first, err := a.test(0)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "  start [label=%q, shape=plaintext]\n  start -> n%d\n", name, first)
	for pc := first; pc < len(rest); pc++ {
		if !a.known[pc].reached {
			continue
		}
		if err := a.draw(&b, pc); err != nil {
			return "", err
		}
	}
	return b.String() + "}\n", nil
}

// decided returns a program in whose place of each test of a call's number and arch there is a
// jump. A test that a number and an argument share is known once what leads there is decided.
func decided(p asm.Program, order binary.ByteOrder, arch, nr uint32) asm.Program {
	out := slices.Clone(p)
	for again := true; again; {
		again = false
		known := newAnnotator(out, order, nil).known
		for pc, in := range out {
			k := known[pc]
			if !k.reached || (k.word != asm.OffArch && k.word != asm.OffNr) {
				continue
			}
			value := map[int64]uint32{asm.OffArch: arch, asm.OffNr: nr}[k.word]&k.mask ^ k.flip
			switch in.Op {
			case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
				skip := in.Jf
				if asm.Holds(in.Op, value, in.K) {
					skip = in.Jt
				}
				out[pc], again = asm.Instruction{Op: asm.Ja, K: uint32(skip)}, true
			}
		}
	}
	return out
}

// test returns the first instruction from pc on that tests or returns.
func (a *annotator) test(pc int) (int, error) {
	for pc < len(a.program) {
		switch in := a.program[pc]; in.Op {
		case asm.LdAbs, asm.AndK:
			pc++
		case asm.Ja:
			pc, _ = a.program.Next(pc)
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.Waiting, asm.RetK:
			return pc, nil
		default:
			return 0, fmt.Errorf("instruction %d, %s, is none that can be drawn", pc,
				a.program.Text(pc))
		}
	}
	return 0, fmt.Errorf("the program ends without a return")
}

// draw writes a test with its two ways, or an answer; nothing of what only leads there.
func (a *annotator) draw(b *strings.Builder, pc int) error {
	switch in := a.program[pc]; in.Op {
	case asm.RetK:
		fmt.Fprintf(b, "  n%d [label=%q, shape=oval]\n", pc, a.action(pc))
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.Waiting:
		c, comment := a.comparison(pc)
		if comment != "" {
			c.yes += "\n" + comment
		}
		fmt.Fprintf(b, "  n%d [label=%q]\n", pc, c.yes)
		holds, fails := a.program.Next(pc)
		for i, next := range []int{holds, fails} {
			to, err := a.test(next)
			if err != nil {
				return err
			}
			fmt.Fprintf(b, "  n%d -> n%d [label=%s]\n", pc, to, []string{"yes", "no"}[i])
		}
	}
	return nil
}
