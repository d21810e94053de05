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

// Grid is what a filter does with every number of one ABI's table, in order.
type Grid struct {
	ABI     *linux.ABI
	Unknown string // the action for numbers that no table holds, where no rule names them
	Cells   []Cell
}

// Cell is what a filter does with one number.
type Cell struct {
	Nr     uint32
	Name   string
	Args   string   // the prototype's parameters
	Action string   // whatever the arguments; "" where they decide
	Cases  []string // where they decide: "deny(EPERM) if flags & CLONE_NEWUSER", the rest last
	Exempt bool     // the kernel asks no filter
}

// Kind is the word of a cell's action, or "arguments".
func (c Cell) Kind() string {
	if c.Action == "" {
		return "arguments"
	}
	return kindOf(c.Action)
}

// kindOf is an action without its number.
func kindOf(action string) string {
	word, _, _ := strings.Cut(action, "(")
	return word
}

// Grids returns what a compiled policy does, read off its program, for each of its ABIs.
func Grids(res *compiler.Result) ([]Grid, error) {
	space := proof.New(linux.Arches()...)
	f, err := space.Program(res.Program, res.Order, res.Policy.Late...)
	if err != nil {
		return nil, err
	}
	rows, err := space.Explain(f)
	if err != nil {
		return nil, err
	}
	var out []Grid
	for i, abi := range res.ABIs {
		own := slices.DeleteFunc(slices.Clone(rows), func(r proof.Row) bool {
			return !policy.Contains(r.Arches, uint64(abi.Arch))
		})
		g := Grid{ABI: abi, Unknown: explain.Action(res.Policy.ABIs[i].Unknown, abi)}
		calls := slices.Clone(abi.Syscalls())
		slices.SortFunc(calls, func(a, b linux.Syscall) int { return cmp.Compare(a.Nr, b.Nr) })
		for _, s := range calls {
			g.Cells = append(g.Cells, cell(abi, s, own, res.Policy.ABIs[i].Default))
		}
		out = append(out, g)
	}
	return out, nil
}

// cell returns what the rows of a program say of one call.
func cell(abi *linux.ABI, s linux.Syscall, rows []proof.Row, byDefault policy.Action) Cell {
	c := Cell{Nr: s.Nr, Name: s.Name, Args: parameters(abi, s.Name), Exempt: abi.Exempt(s.Name)}
	var about []proof.Row
	for _, r := range rows {
		if policy.Contains(r.Numbers, uint64(s.Nr)) {
			about = append(about, r)
		}
	}
	if len(about) == 1 {
		c.Action = explain.Action(about[0].A, abi)
		return c
	}
	slices.SortStableFunc(about, func(a, b proof.Row) int {
		return cmp.Compare(rank(a, byDefault), rank(b, byDefault))
	})
	for i, r := range about {
		action := explain.Action(r.A, abi)
		switch {
		case i == len(about)-1:
			c.Cases = append(c.Cases, action+" otherwise")
		case r.When == nil:
			c.Cases = append(c.Cases, action+" if "+opaque)
		default:
			c.Cases = append(c.Cases, action+" if "+explain.Cond(r.When, abi, s.Nr))
		}
	}
	return c
}

// rank puts the default last: it is what remains.
func rank(r proof.Row, byDefault policy.Action) int {
	if r.A == byDefault {
		return 1
	}
	return 0
}

// parameters returns the parameters of a call as C has them.
func parameters(abi *linux.ABI, name string) string {
	args, ok := abi.Prototype(name)
	if !ok {
		return "…"
	}
	var out []string
	for _, a := range args {
		if a.Name == "" {
			continue // padding
		}
		space := " "
		if strings.HasSuffix(a.Type, "*") {
			space = ""
		}
		out = append(out, strings.TrimSpace(a.Type+space+a.Name))
	}
	if len(out) == 0 {
		return "void"
	}
	return strings.Join(out, ", ")
}

// Count returns how many of a grid's numbers get each kind of answer, the commonest first.
func (g Grid) Count() []string {
	count := map[string]int{}
	for _, c := range g.Cells {
		count[c.Kind()]++
	}
	var kinds []string
	for k := range count {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%s %d", k, count[k])
	}
	return kinds
}
