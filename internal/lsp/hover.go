package lsp

import (
	"fmt"
	"go/constant"
	"go/token"
	"math"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// hover tells what stands at a place.
func (s *server) hover(doc *document, p *placeParams) (any, error) {
	v := s.viewOf(doc)
	f := v.file(doc.path)
	if f == nil {
		return nil, nil
	}
	offset := doc.offset(p.Position)
	path := f.Path(offset)
	for i, n := range slices.Backward(path) {
		if text, at := v.describe(n, path[:i]); text != "" {
			return hover{markup{"markdown", text}, doc.spanOf(at)}, nil
		}
	}
	if t, ok := faultyToken(f, offset); ok {
		if text := v.describeToken(t); text != "" {
			return hover{markup{"markdown", text}, doc.spanOf(t.Span)}, nil
		}
	}
	return nil, nil
}

// describeToken tells what a word of a statement that cannot be read means, as far as the words
// before it tell.
func (v *view) describeToken(t dsl.Token) string {
	start, _ := t.Offsets()
	p := placeAt(t.Source().Name, t.Source().Text, start)
	word := t.Text()
	if t.Kind == dsl.SetWord {
		return v.describeSet(word)
	}
	_, _, open := unclosed(p.words)
	_, conditional := p.behind("if")
	if conditional {
		if text := v.describeArgument(word, p.named()); text != "" {
			return text
		}
	}
	if !open && !conditional {
		if text := v.describeCall(word, ""); text != "" {
			return text
		}
	}
	return v.describeName(word)
}

// describe tells what a node means, and where it stands; the nodes around it are given.
func (v *view) describe(n dsl.Node, around []dsl.Node) (string, diag.Span) {
	at := n.Range()
	switch n := n.(type) {
	case *dsl.Selector:
		if n.Set != "" {
			return v.describeSet(n.Set), at
		}
		return v.describeCall(n.Name, n.Number), at
	case *dsl.SetName:
		return v.describeSet(n.Text), at
	case *dsl.CallName:
		return v.describeCall(n.Name, n.Number), at
	case *dsl.ABIName:
		return describeABI(n.Text), at
	case *dsl.Operand:
		return v.describeArgument(n.Name.Text, callsAround(around)), at
	case *dsl.Name:
		return v.describeName(n.Text), at
	case *dsl.Unary:
		if n.Name == "" {
			return "", at
		}
		return v.describeName(n.Name), at
	case *dsl.Include:
		if f := v.files.Bodies[n]; f != nil {
			return code(f.Source().Name), at
		}
	case *dsl.Action:
		if r, ok := around[len(around)-1].(*dsl.Rule); ok && n == &r.Action {
			return v.describeRule(r), at
		}
	}
	return "", at
}

func code(text string) string { return "```scp\n" + text + "\n```\n" }

// quoted returns a text of a policy as it may stand in a line of Markdown.
func quoted(s string) string { return "`" + strings.ReplaceAll(diag.Printable(s), "`", "'") + "`" }

// describeCall gives a call's prototype with the bits that count, and its number, on each ABI.
func (v *view) describeCall(name, number string) string {
	if name == "" {
		return v.describeNumber(number)
	}
	var rows []string
	for _, abi := range v.abis() {
		args, known := abi.Prototype(name)
		nr, own := abi.Number(name)
		mux, sub, behind := abi.Multiplexed(name)
		if own {
			rows = append(rows,
				fmt.Sprintf("%-11s %s  %s%s", abi.Name, numberText(nr), name,
					signature(args, known)))
		}
		if behind {
			rows = append(rows, fmt.Sprintf("%-11s %d  %s  behind %s", abi.Name, sub, name, mux))
		}
		if !own && !behind {
			rows = append(rows, fmt.Sprintf("%-11s has no %s", abi.Name, name))
		}
	}
	if !linux.HasSyscall(name) {
		return ""
	}
	text := "```\n" + strings.Join(rows, "\n") + "\n```\n"
	if since, ok := v.abis()[0].Since(name); ok {
		text += fmt.Sprintf("since Linux %v\n\n", since)
	}
	return text + "Behind each argument stand the bits that the kernel reads."
}

func numberText(nr uint32) string {
	if nr >= 1<<20 {
		return fmt.Sprintf("%#x", nr)
	}
	return fmt.Sprint(nr)
}

func signature(args []linux.Arg, known bool) string {
	if !known {
		return ""
	}
	var list []string
	for _, a := range args {
		list = append(list, a.String())
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// describeNumber names a number on each ABI.
func (v *view) describeNumber(number string) string {
	n, ok := uint64Of(constant.MakeFromLiteral(number, token.INT, 0))
	if !ok || n > math.MaxUint32 {
		return ""
	}
	var rows []string
	for _, abi := range v.abis() {
		name, known := abi.SyscallName(uint32(n))
		if !known {
			name = "no system call"
		}
		rows = append(rows, fmt.Sprintf("%-11s %s", abi.Name, name))
	}
	return "```\n" + strings.Join(rows, "\n") + "\n```\n"
}

// describeArgument gives type and width of an argument of the calls of a rule.
func (v *view) describeArgument(name string, selectors []*dsl.Selector) string {
	if name == "ip" {
		return "`ip` is the instruction pointer, 64 bits"
	}
	var rows []string
	for _, call := range v.members(selectors) {
		for _, abi := range v.abis() {
			args, _ := abi.Prototype(call)
			i := argument(args, name)
			if i < 0 {
				i = argument(args, name+"_lo")
			}
			if i < 0 {
				continue
			}
			sign := ""
			if args[i].Signed {
				sign = ", signed"
			}
			row := fmt.Sprintf("%s: arg%d is %s%s", call, i, args[i], sign)
			if n := len(rows); n == 0 || rows[n-1] != row {
				rows = append(rows, row)
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return "```\n" + strings.Join(shorten(rows, 20), "\n") + "\n```\n"
}

// argument returns the position of the argument that a name means, or -1.
func argument(args []linux.Arg, name string) int {
	if len(name) == 4 && strings.HasPrefix(name, "arg") && '0' <= name[3] &&
		int(name[3]-'0') < len(args) {
		return int(name[3] - '0')
	}
	return slices.IndexFunc(args, func(a linux.Arg) bool {
		return a.Width > 0 && (a.Name == name || slices.Contains(a.Aliases, name))
	})
}

// shorten cuts a list off behind some rows, and says how many there are more.
func shorten(rows []string, most int) []string {
	if len(rows) <= most {
		return rows
	}
	return append(slices.Clone(rows[:most]), fmt.Sprintf("and %d more", len(rows)-most))
}

// callsAround returns what the rule or the claim around a condition is about.
func callsAround(around []dsl.Node) []*dsl.Selector {
	for _, n := range slices.Backward(around) {
		switch n := n.(type) {
		case *dsl.Rule:
			return n.Selectors
		case *dsl.Call:
			return []*dsl.Selector{{Name: n.Name.Name}}
		}
	}
	return nil
}

func describeABI(name string) string {
	abi, ok := linux.Lookup(name)
	if !ok {
		return ""
	}
	order := "little"
	if abi.BigEndian {
		order = "big"
	}
	return fmt.Sprintf("`%s`: arch %#x, registers of %d bits, %s endian; also %s", abi.Name,
		abi.Arch,
		abi.Bits, order, strings.Join(abi.Aliases, ", "))
}

// describeSet gives the definition and the members of a set.
func (v *view) describeSet(name string) string {
	text := ""
	for _, o := range v.occurrences() {
		if o.symbol == (symbol{setKind, name}) && o.defines {
			text += code(o.node.Range().Text())
		}
	}
	if text == "" {
		if !linux.HasSet(name) {
			return ""
		}
		text = fmt.Sprintf("%s of systemd %s\n\n", quoted(name), linux.SystemdVersion)
	}
	members := v.members([]*dsl.Selector{{Set: name}})
	text += fmt.Sprintf("%d system calls", len(members))
	if len(members) > 0 {
		text += ": " + strings.Join(shorten(members, 100), ", ")
	}
	return text
}

// describeName gives the definition of a name and its value on each ABI.
func (v *view) describeName(name string) string {
	text := ""
	for _, o := range v.occurrences() {
		if o.symbol == (symbol{valueKind, name}) && o.defines {
			text += code(o.node.Range().Text())
		}
	}
	var values []string
	byValue := map[string][]string{}
	for i, abi := range v.abis() {
		value, ok := v.value(i, name, text != "")
		if !ok {
			continue
		}
		if byValue[value] == nil {
			values = append(values, value)
		}
		byValue[value] = append(byValue[value], abi.Name)
	}
	for _, value := range values {
		text += fmt.Sprintf("%s = %s on %s\n\n", quoted(name), quoted(value),
			strings.Join(byValue[value], ", "))
	}
	if text == "" {
		return describeABI(name)
	}
	return text
}

// value returns what a name is on an ABI of the policy: the policy's own, or else the kernel's.
func (v *view) value(abi int, name string, own bool) (string, bool) {
	var value constant.Value
	ok := false
	if own {
		if v.policy == nil {
			return "", false
		}
		value, ok = v.policy.Value(abi, name)
	} else {
		value, ok = v.abis()[abi].Constant(name)
	}
	if !ok {
		return "", false
	}
	if n, exact := uint64Of(value); exact && n >= 10 {
		return fmt.Sprintf("%#x (%d)", n, n), true
	}
	if value.Kind() == constant.String {
		return constant.StringVal(value), true
	}
	return value.ExactString(), true
}

// describeRule tells what a rule decides and costs.
func (v *view) describeRule(r *dsl.Rule) string {
	text := code(r.Text())
	e, err := v.effect(r.Range())
	switch {
	case err != nil:
		return text + err.Error()
	case len(e.Calls) == 0:
		return text + "It decides no call: earlier rules decide all that it names." + v.caveat()
	}
	return text + fmt.Sprintf("%s%s: %s", effectText(e), v.caveat(),
		strings.Join(shorten(e.Calls, 100), ", "))
}

// effectText is what a rule does, in short: "decides 3 calls, +6 instructions".
func effectText(e compiler.Effect) string {
	if len(e.Calls) == 0 {
		return fmt.Sprintf("decides nothing, %+d %s", e.Instructions,
			plural(e.Instructions, "instruction"))
	}
	return fmt.Sprintf("decides %d %s, %+d %s", len(e.Calls), plural(len(e.Calls), "call"),
		e.Instructions,
		plural(e.Instructions, "instruction"))
}

func plural(n int, word string) string {
	if n == 1 || n == -1 {
		return word
	}
	return word + "s"
}

// members returns the calls that selectors name on the policy's ABIs, sorted. A definition of a set
// is taken as it stands, in whatever block.
func (v *view) members(selectors []*dsl.Selector) []string {
	m := &membership{v, v.setDefinitions(), map[string]map[string]bool{}}
	return sortedKeys(m.of(selectors, nil))
}
