package compiler

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Trace shows how a compiled policy became its program: rules, decisions, nodes and instructions, and which
// belong to which. It is read off the result, so that a compilation of which nobody wants one does nothing
// for it.
type Trace struct {
	result    *Result
	decisions []traceDecision
	nodes     []traceNode
	code      []traceCode // by the place in the program
}

// traceDecision is a run of numbers of one ABI that the same rules decide, or calls of no ABI.
type traceDecision struct {
	abi   int // index of the policy's ABIs, or noABI
	arch  policy.Range
	nr    policy.Range
	rules []int // indexes of the ABI's rules, in order; only the last may be without a condition
	rest  traceOrigin
	code  map[int]bool // the instructions that such a call may execute
}

const noABI = -1

// traceOrigin is what the policy says that makes code: one of an ABI's rules, or the action for what no rule
// decides.
type traceOrigin struct {
	abi  int // index of the policy's ABIs, or noABI for mismatch
	rule int // index of the ABI's rules, or one of the following
}

const (
	ruleDefault = -1 - iota
	ruleUnknown
	ruleMismatch
)

// traceNode is code that exists once in the graph: the instructions that do the same and go on the same.
type traceNode struct {
	code []int
	t, f int // nodes; -1 for none
}

// traceCode is what an instruction comes from.
type traceCode struct {
	node      int // of a JA, the node that it leads to
	decisions []int
	names     []string // of what it compares with: a system call, of one ABI or several, or ABIs
	// Of what looks at arguments, the rules with a condition that decide these calls; of a return, those
	// with its action.
	origins map[traceOrigin]bool
}

// Trace returns how the policy became the program.
func (r *Result) Trace() *Trace {
	t := &Trace{result: r, code: make([]traceCode, len(r.Program))}
	for i := range t.code {
		t.code[i].origins = map[traceOrigin]bool{}
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
	d := newDecider(&lowerer{}, a)
	borders := bordersOf([]*decider{d})
	for i, lo := range borders {
		if !served(a, lo) {
			continue
		}
		nr := policy.Range{Lo: uint64(lo), Hi: 0xffffffff}
		if i+1 < len(borders) {
			nr.Hi = uint64(borders[i+1]) - 1
		}
		next := traceDecision{abi: abi, arch: only(a.Arch), nr: nr, rules: d.rules(lo)}
		next.rest = traceOrigin{abi, ruleUnknown}
		if policy.Contains(a.Known, nr.Lo) {
			next.rest.rule = ruleDefault
		}
		if n := len(t.decisions); n > 0 && t.decisions[n-1].continues(next) {
			t.decisions[n-1].nr.Hi = nr.Hi
			continue
		}
		t.decisions = append(t.decisions, next)
	}
}

func only(word uint32) policy.Range { return policy.Range{Lo: uint64(word), Hi: uint64(word)} }

func (d *traceDecision) continues(next traceDecision) bool {
	return d.nr.Hi+1 == next.nr.Lo && d.rest == next.rest && slices.Equal(d.rules, next.rules)
}

// decideOthers adds the calls that belong to no ABI of the policy.
func (t *Trace) decideOthers() {
	add := func(arch, nr policy.Range) {
		mismatch := traceOrigin{noABI, ruleMismatch}
		t.decisions = append(t.decisions, traceDecision{abi: noABI, arch: arch, nr: nr, rest: mismatch})
	}
	numbers := map[uint32][]policy.Range{}
	for _, a := range t.result.Policy.ABIs {
		numbers[a.Arch] = append(numbers[a.Arch], a.Numbers...)
	}
	var listed []policy.Range
	for _, arch := range slices.Sorted(maps.Keys(numbers)) {
		listed = append(listed, only(arch))
		for _, nr := range gaps(numbers[arch]) {
			add(only(arch), nr)
		}
	}
	for _, arch := range gaps(listed) {
		add(arch, policy.Range{Hi: 0xffffffff})
	}
}

// gaps returns the words that lie in none of the ranges, which it sorts.
func gaps(ranges []policy.Range) []policy.Range {
	slices.SortFunc(ranges, func(a, b policy.Range) int { return cmp.Compare(a.Lo, b.Lo) })
	var out []policy.Range
	next := uint64(0)
	for _, r := range ranges {
		if r.Lo > next {
			out = append(out, policy.Range{Lo: next, Hi: r.Lo - 1})
		}
		next = max(next, r.Hi+1)
	}
	if next <= 0xffffffff {
		out = append(out, policy.Range{Lo: next, Hi: 0xffffffff})
	}
	return out
}

// findNodes finds the nodes that the program was laid out from: from its end to its start, instructions
// that do the same and lead to the same nodes are one.
func (t *Trace) findNodes() {
	type key struct {
		op   uint16
		k    uint32
		t, f int
	}
	ids := map[key]int{}
	for pc := len(t.code) - 1; pc >= 0; pc-- {
		in := t.result.Program[pc]
		yes, no := ways(in, pc)
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
			t.nodes = append(t.nodes, traceNode{t: k.t, f: k.f})
		}
		t.code[pc].node = id
	}
	for pc := range t.code {
		n := &t.nodes[t.code[pc].node]
		n.code = append(n.code, pc)
	}
}

// origins returns what decides the calls of a decision, in order.
func (t *Trace) origins(d *traceDecision) []traceOrigin {
	var out []traceOrigin
	for _, i := range d.rules {
		out = append(out, traceOrigin{d.abi, i})
	}
	if n := len(out); n == 0 || t.hasCond(out[n-1]) {
		out = append(out, d.rest)
	}
	return out
}

func (t *Trace) hasCond(o traceOrigin) bool {
	return o.rule >= 0 && t.result.Policy.ABIs[o.abi].Rules[o.rule].Cond != nil
}

func (t *Trace) action(o traceOrigin) policy.Action {
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
