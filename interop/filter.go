package interop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Filter is what a tool compiles for one ABI that compares numbers and arguments itself: the first
// entry about a number whose condition holds decides. It does not know multiplexers.
type Filter struct {
	ABI      *linux.ABI
	Default  policy.Action // also for numbers that the table has not got
	Mismatch policy.Action
	Entries  []Entry
	Edit     func(nr uint32, cond string) string // of the conditions' text; nil: none
}

// MaxEntries is how many entries a filter may have: with more, the kernel would not take it.
const MaxEntries = 4096

// Entry is what a filter says about one number.
type Entry struct {
	Nr     uint32
	Cond   policy.Cond // nil: always
	Action policy.Action
	Reason string
	File   string // "": that of the policy
	Line   int
}

// Policy returns the filter as a policy. The numbers of other ABIs that have the same arch are a
// mismatch there.
func (f *Filter) Policy() *policy.Policy {
	own := Numbered(f.ABI, f.ABI.Known(), f.Default, f.Default)
	for _, e := range f.Entries {
		own.Rules = append(own.Rules, policy.Rule{Numbers: []uint32{e.Nr}, Cond: e.Cond,
			Action: e.Action})
	}
	return &policy.Policy{ABIs: []policy.ABI{own}, Mismatch: f.Mismatch}
}

// Dead is an entry that never decides a call, with a sentence that says why.
type Dead struct {
	Entry
	Why string
}

// DropDead takes out the entries that never decide a call, and returns them. Of those that are too
// much for the prover it is not known.
func (f *Filter) DropDead() (dead []Dead) {
	reports, _ := proof.New().Rules(f.Policy())
	gone := make([]bool, len(f.Entries))
	for _, r := range reports {
		gone[r.Rule] = r.Decides == nil
	}
	var rest []Entry
	for i, e := range f.Entries {
		if gone[i] {
			dead = append(dead, Dead{e, f.why(e)})
		} else {
			rest = append(rest, e)
		}
	}
	f.Entries = rest
	return dead
}

// why says that an entry never decides, with one of its calls and what that gets.
func (f *Filter) why(e Entry) string {
	name, ok := f.ABI.SyscallName(e.Nr)
	if !ok {
		name = fmt.Sprint(e.Nr)
	}
	return name + ": " + Never(e.Action, f.ABI, f.Example(e.Nr, e.Cond), f.Policy())
}

// Never says that an action never happens where it stands, as what stands before it decides, with a
// call that shows it unless that is nil.
func Never(a policy.Action, abi *linux.ABI, call *policy.Data, p *policy.Policy) string {
	text := explain.Action(a, abi) + " never happens here, because of what stands before it"
	if call != nil {
		got := p.Eval(*call)
		if got == a {
			text = "this stands there already"
		}
		text += ": " + explain.Call(*call, abi.ByteOrder()) + " gets " + explain.Action(got, abi)
	}
	return text + "; left out"
}

// Example returns a call of one number for which a condition holds, or nil.
func (f *Filter) Example(nr uint32, c policy.Cond) *policy.Data {
	if c == nil {
		c = policy.And{}
	}
	call, err := Example(f.ABI, nr, c)
	if err != nil {
		return nil
	}
	return call
}

// Gets says what a call gets.
func (f *Filter) Gets(call policy.Data) string {
	return explain.Call(call, f.ABI.ByteOrder()) + " gets " +
		explain.Action(f.Policy().Eval(call), f.ABI)
}

// Such is the end of a sentence with a call of one number for which a condition holds, and what it
// gets; "" where there is none.
func (f *Filter) Such(nr uint32, c policy.Cond) string {
	call := f.Example(nr, c)
	if call == nil {
		return ""
	}
	return ", such as " + strings.Replace(f.Gets(*call), " gets ", ", which gets ", 1)
}

// call is all that a filter says of one number.
type call struct {
	nr      uint32
	entries []Entry
}

// add adds an entry. Those that differ in the values of one argument alone become one.
func (c *call) add(e Entry) {
	if n := len(c.entries); n > 0 && e.Cond != nil {
		last := &c.entries[n-1]
		a, ok := last.Cond.(policy.Test)
		b, both := e.Cond.(policy.Test)
		if ok && both && a.Op == policy.In && b.Op == policy.In && a.Operand == b.Operand &&
			a.Mask == b.Mask && last.Action == e.Action && last.Reason == e.Reason {
			a.Set = policy.Union(append(slices.Clip(a.Set), b.Set...))
			if last.Cond = a; a.Set[0] == (policy.Range{Lo: 0, Hi: a.Mask}) {
				last.Cond = nil
			}
			return
		}
	}
	c.entries = append(c.entries, e)
}

// name is the selector of a number: the call's name, unless that would also be about a multiplexer.
func (f *Filter) name(nr uint32) string {
	name, ok := f.ABI.SyscallName(nr)
	if _, _, behind := f.ABI.Multiplexed(name); !ok || behind {
		return fmt.Sprint(nr)
	}
	return name
}

// Rules writes the filter: first the calls that depend on arguments, in the order of the text,
// those of which the same is said together; then the others by action, as sets where all of a set
// is meant.
func (f *Filter) Rules() (out []Rule) {
	var calls []*call
	for _, e := range f.Entries {
		i := slices.IndexFunc(calls, func(c *call) bool { return c.nr == e.Nr })
		if i < 0 {
			calls = append(calls, &call{nr: e.Nr})
			i = len(calls) - 1
		}
		c := calls[i]
		if n := len(c.entries); n > 0 && c.entries[n-1].Cond == nil {
			continue // never asked
		}
		c.add(e)
	}
	plain := func(c *call) bool { return len(c.entries) == 1 && c.entries[0].Cond == nil }
	var done []*call
	for i, c := range calls {
		if plain(c) || slices.Contains(done, c) {
			continue
		}
		same := []*call{c}
		for _, o := range calls[i+1:] {
			if !plain(o) && slices.Equal(f.texts(c), f.texts(o)) {
				same = append(same, o)
			}
		}
		done = append(done, same...)
		out = append(out, f.conditional(same)...)
	}
	return append(out, f.plain(slices.DeleteFunc(calls,
		func(c *call) bool { return !plain(c) }))...)
}

// texts are the conditions and actions of a call, as they are written.
func (f *Filter) texts(c *call) (out []string) {
	for _, e := range c.entries {
		out = append(out, e.Reason, f.cond(e), explain.Action(e.Action, f.ABI))
	}
	return out
}

func (f *Filter) cond(e Entry) string {
	if e.Cond == nil {
		return ""
	}
	text := explain.Cond(e.Cond, f.ABI, e.Nr)
	if f.Edit != nil {
		text = f.Edit(e.Nr, text)
	}
	return text
}

// conditional writes the entries of calls of which the same is said.
func (f *Filter) conditional(same []*call) (out []Rule) {
	var names []string
	for _, c := range same {
		names = append(names, f.name(c.nr))
	}
	for _, e := range same[0].entries {
		out = append(out, Rule{Action: explain.Action(e.Action, f.ABI), Calls: names,
			Cond:    f.cond(e),
			Comment: e.Reason})
	}
	return out
}

// plain writes the calls that get one action.
func (f *Filter) plain(calls []*call) (out []Rule) {
	type kind struct {
		action policy.Action
		reason string
	}
	var kinds []kind
	names := map[kind][]string{}
	for _, c := range calls {
		k := kind{c.entries[0].Action, c.entries[0].Reason}
		if names[k] == nil {
			kinds = append(kinds, k)
		}
		names[k] = append(names[k], f.name(c.nr))
	}
	for _, k := range kinds {
		out = append(out, Rule{Action: explain.Action(k.action, f.ABI), Comment: k.reason,
			Calls: Selectors(names[k], []*linux.ABI{f.ABI})})
	}
	return out
}

// ProveMerged writes the policy that the filters are behind its header, and proves it. They have
// one mismatch.
func ProveMerged(header string, filters []*Filter) ([]byte, error) {
	text := []byte(header + merged(filters))
	want := &policy.Policy{Mismatch: filters[0].Mismatch}
	for _, f := range filters {
		want.ABIs = append(want.ABIs, f.Policy().ABIs...)
	}
	return text, Prove(text, nil, want)
}

// merged writes filters for several ABIs: once, where they say the same.
func merged(filters []*Filter) string {
	var texts []string
	for _, f := range filters {
		texts = append(texts, Rules(f.Rules(), []*linux.ABI{f.ABI}))
	}
	if !slices.ContainsFunc(texts, func(t string) bool { return t != texts[0] }) {
		return texts[0]
	}
	var out strings.Builder
	for i, f := range filters {
		fmt.Fprintf(&out, "\nwhen arch == %s {\n", f.ABI.Name)
		for _, line := range strings.Split(strings.TrimSpace(texts[i]), "\n") {
			if line != "" {
				line = "    " + line
			}
			out.WriteString(line + "\n")
		}
		out.WriteString("}\n")
	}
	return out.String()
}
