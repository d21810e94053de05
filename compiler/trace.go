package compiler

import (
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/linux"
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

// traceDecision is a run of numbers of one ABI that the same rules decide.
type traceDecision struct {
	abi    int
	lo, hi uint32
	rules  []int // indexes of the ABI's rules, in order
	rest   policy.Action
	known  bool         // rest is the default, not the action of unknown numbers
	code   map[int]bool // the instructions that a call of these numbers may execute
}

// traceNode is code that exists once in the graph: the instructions that do the same and go on the same.
type traceNode struct {
	code []int
	t, f int // nodes; -1 for none
}

// traceCode is what an instruction comes from.
type traceCode struct {
	node      int          // of a JA, the node that it leads to
	rules     map[int]bool // by policy.Rule.Source: those whose arguments it tests or whose action it returns
	decisions []int        // whose calls may execute it
	rest      map[string]bool
	name      string // of the system call whose number it compares with
}

// Trace returns how the policy became the program.
func (r *Result) Trace() *Trace {
	t := &Trace{result: r, code: make([]traceCode, len(r.Program))}
	for i := range t.code {
		t.code[i].rules, t.code[i].rest = map[int]bool{}, map[string]bool{}
	}
	for i := range r.Policy.ABIs {
		t.decide(i)
	}
	t.findNodes()
	for i := range t.decisions {
		t.link(i)
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
		hi := uint32(0xffffffff)
		if i+1 < len(borders) {
			hi = borders[i+1] - 1
		}
		next := traceDecision{abi: abi, lo: lo, hi: hi, rules: d.rules[lo], rest: a.Unknown}
		if next.known = policy.Contains(a.Known, uint64(lo)); next.known {
			next.rest = a.Default
		}
		if n := len(t.decisions); n > 0 && t.decisions[n-1].continues(next) {
			t.decisions[n-1].hi = hi
			continue
		}
		t.decisions = append(t.decisions, next)
	}
}

func (d *traceDecision) continues(next traceDecision) bool {
	return d.abi == next.abi && d.hi+1 == next.lo && d.known == next.known &&
		slices.Equal(d.rules, next.rules)
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

// bitPatterns is how many neighbouring numbers take every way that tests of the lowest bits can tell apart;
// other tests lie between decisions.
const bitPatterns = 1 << maxBit

// link finds the instructions of a decision: those that its numbers meet before one of them looks at
// an argument, and all that may follow.
func (t *Trace) link(i int) {
	d := &t.decisions[i]
	d.code = map[int]bool{}
	last := min(uint64(d.hi), uint64(d.lo)+bitPatterns)
	for nr := uint64(d.lo); nr <= last; nr++ {
		t.rest(d, t.dispatched(d, uint32(nr)))
	}
	for pc := range d.code {
		t.code[pc].decisions = append(t.code[pc].decisions, i)
	}
}

// dispatched follows a number to the first instruction that looks at an argument or returns.
func (t *Trace) dispatched(d *traceDecision, nr uint32) (pc int) {
	abi := t.result.ABIs[d.abi]
	words := map[uint32]uint32{asm.OffArch: abi.Arch, asm.OffNr: nr}
	var word, a uint32
	for {
		in := t.result.Program[pc]
		yes, no := ways(in, pc)
		if in.Op == asm.RetK || in.Op == asm.LdAbs && in.K != asm.OffArch && in.K != asm.OffNr {
			return pc
		}
		d.code[pc] = true
		switch in.Op {
		case asm.LdAbs:
			word, a = in.K, words[in.K]
		case asm.AndK:
			a &= in.K
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
			if word == asm.OffNr && in.Op != asm.JsetK {
				t.code[pc].name = callName(abi, in.K)
			}
			if !jumps(in, a) {
				yes = no
			}
		}
		pc = yes
	}
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

// rest links what may be executed from pc on to the rules of a decision: a test to all that have
// a condition, a return to those with its action.
func (t *Trace) rest(d *traceDecision, pc int) {
	if d.code[pc] {
		return
	}
	d.code[pc] = true
	in, c := t.result.Program[pc], &t.code[pc]
	final := false
	for _, i := range d.rules {
		rule := t.result.Policy.ABIs[d.abi].Rules[i]
		final = final || rule.Cond == nil
		if in.Op != asm.RetK && rule.Cond != nil || in.Op == asm.RetK && uint32(rule.Action) == in.K {
			c.rules[rule.Source] = true
		}
	}
	if in.Op == asm.RetK {
		if !final && uint32(d.rest) == in.K {
			c.rest[d.restName()] = true
		}
		return
	}
	yes, no := ways(in, pc)
	t.rest(d, yes)
	t.rest(d, no)
}

func (d *traceDecision) restName() string {
	if d.known {
		return "default"
	}
	return "unknown"
}

// callName returns the name of a number, or "".
func callName(abi *linux.ABI, nr uint32) string {
	name, _ := abi.SyscallName(nr)
	return name
}
