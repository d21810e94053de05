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
		next := traceDecision{abi: abi, arch: only(a.Arch), nr: nr, rules: d.rules[lo]}
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

// dispatched is the calls that come to an instruction of the dispatch.
type dispatched struct {
	word     uint32 // the offset of what A holds
	arch, nr policy.Range
}

// tested returns the values of what A holds.
func (c *dispatched) tested() *policy.Range {
	if c.word == asm.OffArch {
		return &c.arch
	}
	return &c.nr
}

// follow marks the instructions that calls of a decision meet from pc on: in the dispatch exactly those that
// some of its numbers go through; behind it all that can be reached, whatever the arguments.
func (t *Trace) follow(d *traceDecision, pc int, calls dispatched) {
	for {
		in := t.result.Program[pc]
		yes, no := ways(in, pc)
		switch in.Op {
		case asm.LdAbs:
			if in.K != asm.OffArch && in.K != asm.OffNr {
				t.rest(d, pc)
				return
			}
			calls.word = in.K
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
			d.code[pc] = true
			t.name(d, pc, calls.word)
			for _, values := range pieces(in, *calls.tested()) {
				part, to := calls, no
				*part.tested() = values
				if jumps(in, uint32(values.Lo)) {
					to = yes
				}
				t.follow(d, to, part)
			}
			return
		case asm.Ja:
		default:
			t.rest(d, pc)
			return
		}
		d.code[pc] = true
		pc = yes
	}
}

// name notes the system call or the ABI whose number an instruction compares with.
func (t *Trace) name(d *traceDecision, pc int, word uint32) {
	in, c := t.result.Program[pc], &t.code[pc]
	if d.abi == noABI || in.Op == asm.JsetK {
		return
	}
	abi := t.result.ABIs[d.abi]
	name, ok := abi.Name, in.K == abi.Arch
	if word == asm.OffNr {
		name, ok = abi.SyscallName(in.K)
	}
	if ok && !slices.Contains(c.names, name) {
		c.names = append(c.names, name)
	}
}

// pieces cuts values where a test of them changes its answer. They are few: the compiler tests a bit only of
// numbers among which every decision is as narrow as the bit is wide, see bitScan.
func pieces(in asm.Instruction, r policy.Range) []policy.Range {
	k := uint64(in.K)
	var cuts []uint64
	switch in.Op {
	case asm.JeqK:
		cuts = []uint64{k, k + 1}
	case asm.JgtK:
		cuts = []uint64{k + 1}
	case asm.JgeK:
		cuts = []uint64{k}
	case asm.JsetK:
		step := max(k&-k, 1)
		for at := (r.Lo/step + 1) * step; at <= r.Hi; at += step {
			cuts = append(cuts, at)
		}
	}
	var out []policy.Range
	for _, at := range cuts {
		if r.Lo < at && at <= r.Hi {
			out = append(out, policy.Range{Lo: r.Lo, Hi: at - 1})
			r.Lo = at
		}
	}
	return append(out, r)
}

// jumps reports whether a test of A holds.
func jumps(in asm.Instruction, a uint32) bool {
	switch in.Op {
	case asm.JeqK:
		return a == in.K
	case asm.JgtK:
		return a > in.K
	case asm.JgeK:
		return a >= in.K
	}
	return a&in.K != 0
}

// rest marks all that can be reached from pc, and what it comes from.
func (t *Trace) rest(d *traceDecision, pc int) {
	if d.code[pc] {
		return
	}
	d.code[pc] = true
	in, c := t.result.Program[pc], &t.code[pc]
	for _, o := range t.origins(d) {
		if in.Op == asm.RetK && in.K == uint32(t.action(o)) || in.Op != asm.RetK && t.hasCond(o) {
			c.origins[o] = true
		}
	}
	if in.Op == asm.RetK {
		return
	}
	yes, no := ways(in, pc)
	t.rest(d, yes)
	t.rest(d, no)
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
