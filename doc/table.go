package doc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
)

const written = "<!-- Written by `seccompc doc`; `seccompc doc --check` in CI fails when the " +
	"policy has " +
	"moved on. -->\n"

// Markdown returns the tables, between their markers.
func (d *Doc) Markdown() (string, error) {
	facts, err := d.facts()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s -->\n%s\n%s\n", begin, d.Marker, written, strings.Join(d.rest(), " "))
	for _, f := range single(facts) {
		f.kind, f.value = conditional, f.arg+" == "+f.value
	}
	facts = sorted(facts)
	for len(facts) > 0 {
		n := 1
		for n < len(facts) && facts[n].table() == facts[0].table() {
			n++
		}
		d.table(&b, facts[:n])
		facts = facts[n:]
	}
	b.WriteString("\n" + end + "\n")
	return b.String(), nil
}

// table is what rows of one table have in common.
func (f *fact) table() key {
	if f.kind == member {
		return key{kind: member, call: f.call, arg: f.arg}
	}
	return key{kind: f.kind}
}

// single returns the members that are the only ones of their argument: these are conditions.
func single(facts []*fact) []*fact {
	count := map[key]int{}
	for _, f := range facts {
		count[f.table()]++
	}
	var out []*fact
	for _, f := range facts {
		if f.kind == member && count[f.table()] == 1 {
			out = append(out, f)
		}
	}
	return out
}

// sorted puts the rows of each table together, tables in the order of their first rows.
func sorted(facts []*fact) []*fact {
	first := map[key][3]int{}
	for _, f := range facts {
		if at, ok := first[f.table()]; !ok || slices.Compare(f.order[:], at[:]) < 0 {
			first[f.table()] = f.order
		}
	}
	slices.SortStableFunc(facts, func(a, b *fact) int {
		if a.kind != b.kind {
			return int(a.kind) - int(b.kind)
		}
		x, y := first[a.table()], first[b.table()]
		if c := slices.Compare(x[:], y[:]); c != 0 {
			return c
		}
		if c := strings.Compare(a.table().call+a.table().arg,
			b.table().call+b.table().arg); c != 0 {
			return c
		}
		return slices.Compare(a.order[:], b.order[:])
	})
	return facts
}

// rest says what is true of everything that has no row.
func (d *Doc) rest() []string {
	var out []string
	say := func(text string, config Config) {
		if i := slices.Index(out, text); i < 0 {
			out = append(out, text)
		}
	}
	per := func(of func(Config) string) {
		texts := map[string]bool{}
		for _, c := range d.Configs {
			texts[of(c)] = true
		}
		for _, c := range d.Configs {
			if len(texts) == 1 {
				say(of(c), c)
			} else {
				say("In "+c.Name+": "+of(c), c)
			}
		}
	}
	per(func(c Config) string {
		p, abi := c.Policy.ABIs[0], c.ABIs[0]
		text := "Everything " + verb(explain.Action(p.Default, abi)) + " but the calls below."
		if p.Unknown != p.Default {
			text += " A number that no table holds " + verb(explain.Action(p.Unknown, abi)) + "."
		}
		return text
	})
	per(func(c Config) string {
		whose := "A caller of another ABI"
		if others := others(c.ABIs); len(others) > 0 {
			whose += " (" + strings.Join(others, ", ") + ")"
		}
		return whose + " " + fate(explain.Action(c.Policy.Mismatch, c.ABIs[0])) + "."
	})
	return out
}

// others returns the further ABIs that kernels for these ones run.
func others(abis []*linux.ABI) []string {
	var out []string
	for _, other := range linux.ABIs() {
		sameKernel := func(a *linux.ABI) bool { return a.Machine == other.Machine }
		if slices.ContainsFunc(abis, sameKernel) && !slices.Contains(abis, other) {
			out = append(out, other.Name)
		}
	}
	return out
}

// verb says what an action does with a call.
func verb(action string) string {
	kind, data, _ := strings.Cut(strings.TrimSuffix(action, ")"), "(")
	switch kind {
	case "allow":
		return "is allowed"
	case "deny":
		return "fails with `" + data + "`"
	case "log":
		return "is allowed and logged"
	case "kill":
		return "kills the process"
	case "kill_thread":
		return "kills the thread"
	case "notify":
		return "goes to the supervisor"
	case "trace":
		return "goes to the tracer"
	}
	return "gets `" + action + "`"
}

// fate says what becomes of a caller.
func fate(action string) string {
	if action == "kill" || action == "kill_thread" {
		return "is killed"
	}
	return "gets `" + action + "` for every call"
}

func (d *Doc) table(b *strings.Builder, facts []*fact) {
	f := facts[0]
	same, does := d.alike(facts), "are decided so"
	if d.blocks() && errors(facts) {
		does = "fail"
	}
	title, sentence, columns := d.head(f, does)
	if f.kind == member {
		arg := fmt.Sprintf("`%s` (%s)", f.arg, f.args)
		if f.width > 0 {
			arg = fmt.Sprintf("`%s` (%s, %d bits)", f.arg, f.args, f.width)
		}
		sentence = fmt.Sprintf("`%s` %s when %s is one of these:", f.call, verb(same), arg)
		if same == "" {
			sentence = fmt.Sprintf("What `%s` gets when %s is one of these:", f.call, arg)
		}
	}
	fmt.Fprintf(b, "\n%s %s\n\n%s\n\n", strings.Repeat("#", d.Level), title, sentence)
	rule := make([]string, len(columns))
	for i := range columns {
		rule[i] = "---"
	}
	if f.kind == member {
		rule[1] = "---:"
	} else {
		for i := range d.Numbers {
			rule[1+i] = "---:"
		}
	}
	results, cells := d.results(facts, same)
	columns = append(columns, results...)
	for range results {
		if f.kind == member {
			rule = append(rule, ":---:")
		} else {
			rule = append(rule, "---")
		}
	}
	line(b, append(columns, "Reason"))
	line(b, append(rule, "---"))
	for i, f := range facts {
		line(b, slices.Concat(d.lead(f), cells[i], []string{escape(f.reason)}))
	}
}

func line(b *strings.Builder, cells []string) {
	for _, c := range cells {
		if c == "" {
			b.WriteString("| ")
			continue
		}
		b.WriteString("| " + c + " ")
	}
	b.WriteString("|\n")
}

// blocks reports whether everything that the policy has no rule for is allowed.
func (d *Doc) blocks() bool {
	for _, c := range d.Configs {
		for _, abi := range c.Policy.ABIs {
			if abi.Default.String() != "allow" {
				return false
			}
		}
	}
	return true
}

// head returns the heading of a table, what is said above it, and its first columns.
func (d *Doc) head(f *fact, does string) (title, sentence string, columns []string) {
	what := " calls"
	if d.blocks() {
		what = " syscall blocks"
	}
	numbers := []string{"Syscall"}
	for _, abi := range d.Numbers {
		numbers = append(numbers, "NR ("+abi.Name+")")
	}
	switch f.kind {
	case member:
		if f.call == "socket" && f.arg == "family" {
			return "Socket domain" + strings.Replace(what, " syscall", "", 1), "",
				[]string{"Domain", "Value"}
		}
		return "Values of `" + f.arg + "` of `" + f.call + "`", "", []string{"Value", "Number"}
	case always:
		return "Unconditional" + what, "These " + does + " whatever their arguments:", numbers
	}
	rest := "These " + does + " only when the condition holds:"
	if does == "fail" {
		rest = "These fail only when a condition holds, and are allowed otherwise:"
	}
	return "Conditional" + what, rest, append(numbers, "Condition")
}

// lead returns the first cells of a row.
func (d *Doc) lead(f *fact) []string {
	if f.kind == member {
		return []string{code(f.value), f.number}
	}
	out := []string{code(f.call)}
	for _, abi := range d.Numbers {
		nr, ok := abi.Number(f.call)
		if ok {
			out = append(out, fmt.Sprint(nr))
		} else {
			out = append(out, "–")
		}
	}
	if f.kind == conditional {
		cond := code(f.value)
		if f.value == opaque {
			cond = opaque
		} else if f.args != "" {
			cond += " (" + f.args + ")"
		}
		out = append(out, cond)
	}
	return out
}

// errors reports whether all actions of the rows are errors.
func errors(facts []*fact) bool {
	for _, f := range facts {
		for _, by := range f.actions {
			for _, a := range by {
				if !strings.HasPrefix(a, "deny") {
					return false
				}
			}
		}
	}
	return true
}

// alike returns the one action that all rows have where they have one, or "".
func (d *Doc) alike(facts []*fact) string {
	actions := map[string]bool{}
	for _, f := range facts {
		for _, by := range f.actions {
			for _, a := range by {
				actions[a] = true
			}
		}
	}
	if len(actions) != 1 {
		return ""
	}
	for a := range actions {
		return a
	}
	return ""
}

// results returns the columns of actions, and their cells by row: one for all configurations where
// these do not differ, and Yes or No where there is one action only.
func (d *Doc) results(facts []*fact, same string) (columns []string, cells [][]string) {
	cells = make([][]string, len(facts))
	differ := false
	texts := make([][]string, len(facts))
	for i, f := range facts {
		for c := range d.Configs {
			texts[i] = append(texts[i], d.cell(f, c, same != "" && f.kind == member))
		}
		differ = differ || len(slices.Compact(slices.Clone(texts[i]))) > 1
	}
	if facts[0].kind == member && same != "" && len(d.Configs) == 1 &&
		!strings.Contains(texts[0][0], " ") {
		return nil, cells
	}
	if !differ && (facts[0].kind != member || len(d.Configs) == 1) {
		name := "Action"
		if errors(facts) {
			name = "Error"
		}
		for i := range facts {
			cells[i] = texts[i][:1]
		}
		return []string{name}, cells
	}
	for _, c := range d.Configs {
		columns = append(columns, c.Name)
	}
	return columns, texts
}

// cell says what a configuration does, on which ABIs where these differ.
func (d *Doc) cell(f *fact, config int, yes bool) string {
	by := map[string][]string{}
	for _, abi := range d.Configs[config].ABIs {
		if _, ok := abi.Number(f.call); !ok && f.actions[config][abi] == "" {
			continue // it does not have the call
		}
		text := "No"
		if a := f.actions[config][abi]; a != "" {
			text = short(a)
			if yes {
				text = "Yes"
			}
		}
		by[text] = append(by[text], abi.Name)
	}
	var out []string
	for _, text := range slices.Sorted(maps.Keys(by)) {
		if len(by) == 1 {
			return text
		}
		out = append(out, text+" on "+strings.Join(by[text], ", "))
	}
	if len(out) == 0 {
		return "No"
	}
	return strings.Join(out, "; ")
}

// short writes an action for a cell: an error by its name.
func short(action string) string {
	if data, ok := strings.CutPrefix(action, "deny("); ok {
		return "`" + strings.TrimSuffix(data, ")") + "`"
	}
	return "`" + action + "`"
}

// code writes a text as code in a table.
func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

// escape writes a comment as text of a table: what Markdown or HTML would take for its own stays a
// letter.
func escape(text string) string {
	r := strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`,
		"[", `\[`, "]", `\]`, "`", "\\`", "&", "&amp;", "://", ":&#47;/")
	return r.Replace(text)
}
