// Package doc writes what compiled policies do as Markdown: tables of the calls that are not
// treated like the rest, a column for each configuration, with the comments above the rules as
// reasons.
package doc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/explain"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

// Config is a policy compiled in one configuration.
type Config struct {
	Name string // "" for the only one
	*compiler.Result
}

// Doc is what is to be said about a policy.
type Doc struct {
	Configs []Config
	Numbers []*linux.ABI // whose numbers are shown
	Level   int          // of headings
	Marker  string       // what stands behind "seccompc:begin"
}

// kind is a kind of tables.
type kind int

const (
	member      kind = iota // a call with one of several values of an argument
	always                  // a call whatever its arguments
	conditional             // a call under a condition
)

// key is what a row of a table is about.
type key struct {
	kind  kind
	call  string
	arg   string // of a member: the name of the argument
	value string // of a member: its name; of a conditional call: the condition
}

// fact is a row of a table.
type fact struct {
	key
	number  string                        // of a member
	args    string                        // the places of the arguments of a condition
	width   int                           // of a member: bits of the argument, 0 where ABIs differ
	reason  string                        // of the rule, from the first configuration that has one
	order   [3]int                        // place of the rule, of the call and of the value
	actions map[int]map[*linux.ABI]string // by configuration and ABI
}

// maxMembers bounds the values of an argument that become rows.
const maxMembers = 64

// facts returns what the programs do with calls that do not get the default.
func (d *Doc) facts() ([]*fact, error) {
	c := collector{facts: map[key]*fact{}, values: map[[2]string]map[string]bool{}}
	for i, config := range d.Configs {
		if err := c.config(i, config); err != nil {
			return nil, err
		}
	}
	var out []*fact
	for _, f := range c.facts {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *fact) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), slices.Compare(a.order[:], b.order[:]),
			strings.Compare(a.call, b.call), strings.Compare(a.value, b.value))
	})
	return out, nil
}

// collector makes facts out of programs.
type collector struct {
	facts  map[key]*fact
	values map[[2]string]map[string]bool // by call and argument, over all configurations

	index   int // of the configuration
	current Config
	space   *proof.Space
	f       proof.Function
	abi     *linux.ABI
}

func (c *collector) config(index int, config Config) (err error) {
	c.index, c.current = index, config
	c.space = proof.New(linux.Arches()...)
	if c.f, err = c.space.Program(config.Program, config.Order, config.Policy.Late...); err != nil {
		return err
	}
	rows, err := c.space.Explain(c.f)
	if err != nil {
		return err
	}
	for i, abi := range config.ABIs {
		c.abi = abi
		about := config.Policy.ABIs[i]
		for _, r := range rows {
			if !policy.Contains(r.Arches, uint64(abi.Arch)) {
				continue
			}
			r.Numbers = policy.Intersect(r.Numbers, about.Numbers)
			if err := c.row(r, about); err != nil {
				return err
			}
		}
	}
	return nil
}

// row adds what a row of the program says of each of its calls, and of its unknown numbers
// together.
func (c *collector) row(r proof.Row, about policy.ABI) error {
	if r.A != about.Default {
		for _, known := range policy.Intersect(r.Numbers, about.Known) {
			for nr := known.Lo; nr <= known.Hi; nr++ {
				name, _ := c.abi.SyscallName(uint32(nr))
				if err := c.call(name, uint32(nr), r); err != nil {
					return err
				}
			}
		}
	}
	if r.A == about.Unknown {
		return nil
	}
	for _, n := range policy.Subtract(r.Numbers, about.Known) {
		name := fmt.Sprint(n.Lo)
		if n.Hi > n.Lo {
			name += fmt.Sprintf(" to %d", n.Hi)
		}
		if err := c.call(name, uint32(n.Lo), r); err != nil {
			return err
		}
	}
	return nil
}

// call adds what a row says of one call.
func (c *collector) call(name string, nr uint32, r proof.Row) error {
	if r.When == nil {
		k := key{kind: always, call: name}
		if r.Opaque {
			k = key{kind: conditional, call: name, value: opaque}
		}
		return c.add(k, nr, nil, r.A, nil)
	}
	parts := policy.Or{r.When}
	if or, ok := r.When.(policy.Or); ok {
		parts = or
	}
	for _, part := range parts {
		if err := c.part(name, nr, part, r.A); err != nil {
			return err
		}
	}
	return nil
}

// opaque is the condition that has no short form.
const opaque = "some arguments"

// part adds what is said under a condition: for each value of an argument, or once.
func (c *collector) part(name string, nr uint32, cond policy.Cond, action policy.Action) error {
	values, test, ok := members(cond)
	if !ok {
		text := explain.Cond(cond, c.abi, nr)
		k := key{kind: conditional, call: name, value: text}
		return c.add(k, nr, cond, action, nil)
	}
	arg := c.argument(name, test.Operand)
	for _, v := range values {
		one := test
		one.Set = []policy.Range{{Lo: v, Hi: v}}
		text := explain.Cond(one, c.abi, nr)
		_, value, _ := strings.Cut(text, " == ")
		k := key{kind: member, call: name, arg: arg, value: value}
		if c.values[[2]string{name, arg}] == nil {
			c.values[[2]string{name, arg}] = map[string]bool{}
		}
		c.values[[2]string{name, arg}][value] = true
		if err := c.add(k, nr, one, action, &v); err != nil {
			return err
		}
	}
	return nil
}

// members returns the values of which a condition asks an argument for one, if they are not many.
func members(cond policy.Cond) (values []uint64, t policy.Test, ok bool) {
	t, ok = cond.(policy.Test)
	if !ok || t.Op != policy.In || t.Mask != policy.Ones(t.Operand.Width) ||
		t.Operand.Arg == policy.IP {
		return nil, t, false
	}
	for _, r := range t.Set {
		if r.Hi-r.Lo >= maxMembers || len(values)+int(r.Hi-r.Lo) >= maxMembers {
			return nil, t, false
		}
		for i := range r.Hi - r.Lo + 1 {
			values = append(values, r.Lo+i)
		}
	}
	return values, t, true
}

// argument returns an argument's name.
func (c *collector) argument(name string, o policy.Operand) string {
	args, ok := c.abi.Prototype(name)
	if !ok || o.Arg >= len(args) {
		return fmt.Sprintf("arg%d", o.Arg)
	}
	return args[o.Arg].Name
}

// add records an action, and the reason of the rule that decides one of the calls.
func (c *collector) add(
	k key, nr uint32, cond policy.Cond, action policy.Action, value *uint64,
) error {
	f := c.facts[k]
	if f == nil {
		f = &fact{key: k, actions: map[int]map[*linux.ABI]string{}}
		c.facts[k] = f
		calls := proof.Calls{
			Arch:    c.abi.Arch,
			Numbers: []policy.Range{{Lo: uint64(nr), Hi: uint64(nr)}},
			Cond:    cond,
		}
		call, err := c.space.Find(c.f, calls, func(a policy.Action) bool { return a == action })
		if err != nil {
			return err
		}
		f.order[1] = int(nr)
		if call != nil {
			if rule := c.current.Decide(call.Data, call.Late).Rule; rule != nil {
				f.reason = strings.Join(strings.Fields(rule.Reason), " ")
				f.order[0], _ = rule.Span.Offsets()
			}
		}
		if cond != nil {
			f.args = places(cond)
		}
		if t, ok := cond.(policy.Test); ok {
			f.width = t.Operand.Width
		}
		if value != nil {
			f.order[2] = int(min(*value, 1<<62))
			f.number = fmt.Sprint(*value)
		}
	}
	if f.actions[c.index] == nil {
		f.actions[c.index] = map[*linux.ABI]string{}
	}
	if t, ok := cond.(policy.Test); ok && f.width != t.Operand.Width {
		f.width = 0
	}
	f.actions[c.index][c.abi] = explain.Action(action, c.abi)
	return nil
}

// places lists the arguments of a condition by their places.
func places(cond policy.Cond) string {
	var seen []string
	for c := range policy.Tests(cond) {
		switch c := c.(type) {
		case policy.Test:
			seen = append(seen, placeOf(c.Operand))
		case policy.LateTest:
			seen = append(seen, placeOf(c.Operand))
		}
	}
	slices.Sort(seen)
	return strings.Join(slices.Compact(seen), ", ")
}

// placeOf names an operand by its place.
func placeOf(o policy.Operand) string {
	if o.Arg == policy.IP {
		return "ip"
	}
	return fmt.Sprintf("arg%d", o.Arg)
}
