// Package trace shows how a compiled policy became its program, as text and as a page.
package trace

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/policy"
)

// Trace shows how a compiled policy became its program: rules, decisions, nodes and instructions,
// and which belong to which. It is read off the result, so that a compilation of which nobody wants
// one does nothing for it.
type Trace struct {
	result    *compiler.Result
	decisions []decision
	nodes     []node
	code      []instruction // by the place in the program
}

// decision is a run of numbers of one ABI that the same rules decide, or calls of no ABI.
type decision struct {
	abi   int // index of the policy's ABIs, or noABI
	arch  policy.Range
	nr    policy.Range
	rules []int // indexes of the ABI's rules, in order; only the last may be without a condition
	rest  origin
	code  map[int]bool // the instructions that such a call may execute
}

const noABI = -1

// origin is what the policy says that makes code: one of an ABI's rules, or the action for what no
// rule decides.
type origin struct {
	abi  int // index of the policy's ABIs, or noABI for mismatch
	rule int // index of the ABI's rules, or one of the following
}

const (
	ruleDefault = -1 - iota
	ruleUnknown
	ruleMismatch
)

// node is code that exists once in the graph: the instructions that do the same and go on the same.
type node struct {
	code []int
	t, f int // nodes; -1 for none
}

// instruction is what an instruction comes from.
type instruction struct {
	node      int // of a JA, the node that it leads to
	decisions []int
	names     []string // of what it compares with: a system call, of one ABI or several, or ABIs
	// Of what looks at arguments, the rules with a condition that decide these calls; of a return,
	// those with its action.
	origins map[origin]bool
}

// New returns how the policy became the program.
func New(r *compiler.Result) *Trace {
	t := &Trace{result: r, code: make([]instruction, len(r.Program))}
	for i := range t.code {
		t.code[i].origins = map[origin]bool{}
	}
	for i := range r.Policy.ABIs {
		t.decide(i)
	}
	t.decideOthers()
	t.findNodes()
	for i := range t.decisions {
		d := &t.decisions[i]
		d.code = map[int]bool{}
		t.follow(d, 0, dispatched{nr: d.nr, arch: d.arch})
		for pc := range d.code {
			t.code[pc].decisions = append(t.code[pc].decisions, i)
		}
	}
	return t
}

// decide adds the decisions of one ABI.
func (t *Trace) decide(abi int) {
	a := &t.result.Policy.ABIs[abi]
	for _, d := range codegen.Decisions(a) {
		next := decision{abi: abi, arch: exactly(a.Arch), nr: d.Numbers, rules: d.Rules}
		next.rest = origin{abi, ruleUnknown}
		if d.Known {
			next.rest.rule = ruleDefault
		}
		t.decisions = append(t.decisions, next)
	}
}

func exactly(word uint32) policy.Range { return policy.Range{Lo: uint64(word), Hi: uint64(word)} }

// decideOthers adds the calls that belong to no ABI of the policy.
func (t *Trace) decideOthers() {
	add := func(arch, nr policy.Range) {
		mismatch := origin{noABI, ruleMismatch}
		t.decisions = append(t.decisions, decision{abi: noABI, arch: arch, nr: nr, rest: mismatch})
	}
	numbers := map[uint32][]policy.Range{}
	for _, a := range t.result.Policy.ABIs {
		numbers[a.Arch] = append(numbers[a.Arch], a.Numbers...)
	}
	var listed []policy.Range
	for _, arch := range slices.Sorted(maps.Keys(numbers)) {
		listed = append(listed, exactly(arch))
		for _, nr := range gaps(numbers[arch]) {
			add(exactly(arch), nr)
		}
	}
	for _, arch := range gaps(listed) {
		add(arch, policy.Range{Hi: 0xffffffff})
	}
}

// gaps returns the words that lie in none of the ranges.
func gaps(ranges []policy.Range) []policy.Range {
	return policy.Complement(policy.Union(ranges), 0xffffffff)
}

// findNodes finds the nodes that the program was laid out from: from its end to its start,
// instructions that do the same and lead to the same nodes are one.
func (t *Trace) findNodes() {
	type key struct {
		op   uint16
		k    uint32
		t, f int
	}
	ids := map[key]int{}
	for pc := len(t.code) - 1; pc >= 0; pc-- {
		in := t.result.Program[pc]
		yes, no := t.result.Program.Next(pc)
		k := key{in.Op, in.K, -1, -1}
		if in.Op == asm.Ja {
			t.code[pc].node = t.code[yes].node
			continue
		}
		if yes != pc {
			k.t = t.code[yes].node
		}
		if yes != no {
			k.f = t.code[no].node
		}
		id, ok := ids[k]
		if !ok {
			id = len(t.nodes)
			ids[k] = id
			t.nodes = append(t.nodes, node{t: k.t, f: k.f})
		}
		t.code[pc].node = id
	}
	for pc := range t.code {
		n := &t.nodes[t.code[pc].node]
		n.code = append(n.code, pc)
	}
}

// origins returns what decides the calls of a decision, in order.
func (t *Trace) origins(d *decision) []origin {
	var out []origin
	for _, i := range d.rules {
		out = append(out, origin{d.abi, i})
	}
	if n := len(out); n == 0 || t.hasCond(out[n-1]) {
		out = append(out, d.rest)
	}
	return out
}

func (t *Trace) hasCond(o origin) bool {
	return o.rule >= 0 && t.result.Policy.ABIs[o.abi].Rules[o.rule].Cond != nil
}

func (t *Trace) action(o origin) policy.Action {
	if o.rule == ruleMismatch {
		return t.result.Policy.Mismatch
	}
	a := &t.result.Policy.ABIs[o.abi]
	switch o.rule {
	case ruleDefault:
		return a.Default
	case ruleUnknown:
		return a.Unknown
	}
	return a.Rules[o.rule].Action
}
