package compiler

import (
	"encoding/binary"
	"math"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/policy"
)

// The modelled cost of a filter's run in nanoseconds, measured on Linux 6.18 x86_64 with the JIT.
const (
	enterCost   = 29
	compareCost = 0.18 // a test that falls through
	jumpCost    = 0.8  // a jump taken, or a test with neither side next
	loadCost    = 0.04
)

// Stats describes what a compiled policy costs.
type Stats struct {
	Length    int        `json:"length"`     // instructions
	KernelLen int        `json:"kernel_len"` // as the kernel counts, of 32768 for all filters
	Worst     int        `json:"worst"`      // instructions executed by the longest path
	ABIs      []ABIStats `json:"abis"`
}

// ABIStats describes the calls of one ABI's table.
type ABIStats struct {
	ABI     string `json:"abi"`
	Checked Class  `json:"checked"` // decided by an argument
	Denied  Class  `json:"denied"`  // always stopped, or logged
	Allowed Class  `json:"allowed"` // always allowed
	Cached  int    `json:"cached"`  // numbers that the kernel's action cache holds: it never runs

	// LowerBound is the number of instructions that no filter can go below on average over the
	// checked and the denied calls which tests arch, where that matters, then the number, and only
	// then arguments, all with constants: the loads, the test of arch, a return, and as many tests
	// as the entropy of what the numbers lead to, in bits. None has fewer than LeastLength
	// instructions: the loads, the test of arch, a test to tell each way from the others, and a
	// return for each answer. A filter may do with less that begins with an argument, or that
	// computes its answer.
	LowerBound  float64 `json:"lower_bound"`
	LeastLength int     `json:"least_length"`

	// Spans is how many runs of numbers are decided alike, those of the other ABIs with the same
	// arch value among them; Cheapest, that no tree of the tests tried is cheaper, see
	// [codegen.Tree].
	Spans    int  `json:"spans"`
	Cheapest bool `json:"cheapest_tree"`
}

// Class describes some calls: how many numbers, and what the filter does for them on average, both
// ways of a test of an argument being equally likely.
type Class struct {
	Numbers  int     `json:"numbers"`
	Executed float64 `json:"executed"` // instructions
	Nanos    float64 `json:"ns"`       // modelled
}

// Stats returns what the program costs.
func (r *Result) Stats() Stats {
	m := newMeter(r.Program, r.Order)
	s := Stats{Length: len(r.Program), KernelLen: r.Program.KernelLen(), Worst: m.worst}
	trees := codegen.Trees(r.Policy, r.weights, r.off, r.Program)
	for i := range r.Policy.ABIs {
		abi := m.abi(&r.Policy.ABIs[i])
		for _, t := range trees {
			if t.Arch == r.Policy.ABIs[i].Arch {
				abi.Spans, abi.Cheapest = t.Spans, t.Cheapest
			}
		}
		s.ABIs = append(s.ABIs, abi)
	}
	return s
}

// meter adds up what a program costs from each instruction on, where the words that it looks at are
// not known: both ways of a test count alike.
type meter struct {
	p     asm.Program
	order binary.ByteOrder
	rest  []cost
	worst int
}

type cost struct{ executed, nanos float64 }

func (c cost) plus(d cost) cost     { return cost{c.executed + d.executed, c.nanos + d.nanos} }
func (c cost) times(f float64) cost { return cost{c.executed * f, c.nanos * f} }

func newMeter(p asm.Program, order binary.ByteOrder) *meter {
	m := &meter{p: p, order: order, rest: make([]cost, len(p)+1)}
	longest := make([]int, len(p)+1)
	for pc := len(p) - 1; pc >= 0; pc-- {
		t, f := p.Next(pc)
		switch {
		case t == pc:
			m.rest[pc] = step(p[pc], false)
			longest[pc] = 1
		default:
			both := m.rest[t].plus(step(p[pc], true)).plus(m.rest[f]).plus(step(p[pc], false))
			m.rest[pc] = both.times(0.5)
			longest[pc] = 1 + max(longest[t], longest[f])
		}
	}
	m.worst = longest[0]
	return m
}

// step returns the cost of one instruction; of a test, with its comparison true or false.
func step(in asm.Instruction, holds bool) cost {
	c := cost{executed: 1}
	switch in.Op {
	case asm.LdAbs:
		c.nanos = loadCost
	case asm.Ja:
		c.nanos = jumpCost
	case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK, asm.Waiting:
		c.nanos = compareCost
		if holds && in.Jt > 0 || !holds && in.Jf > 0 {
			c.nanos = jumpCost
		}
	}
	return c
}

// call returns what the filter costs for one number, and where it leaves the ground that arch and
// nr decide: at a return or at the first load of another word.
func (m *meter) call(arch, nr uint32) (cost, int) {
	total := cost{nanos: enterCost}
	words := asm.Data{Arch: arch, Nr: nr}.Words(m.order)
	a := uint32(0)
	for pc := 0; ; {
		in := m.p[pc]
		if in.Op == asm.RetK || in.Op == asm.LdAbs && in.K > asm.OffArch {
			return total.plus(m.rest[pc]), pc
		}
		t, f := m.p.Next(pc)
		holds := false
		switch in.Op {
		case asm.LdAbs:
			a = words[in.K/4]
		case asm.AndK:
			a &= in.K
		case asm.JeqK, asm.JgtK, asm.JgeK, asm.JsetK:
			holds = asm.Holds(in.Op, a, in.K)
		}
		total = total.plus(step(in, holds))
		if pc = f; holds {
			pc = t
		}
	}
}

func (m *meter) abi(a *policy.ABI) ABIStats {
	s := ABIStats{ABI: a.Name}
	var checked, denied, allowed cost
	exits, targets := map[int]float64{}, map[int]bool{}
	for _, k := range a.Known {
		for nr := k.Lo; nr <= k.Hi; nr++ {
			c, pc := m.call(a.Arch, uint32(nr))
			switch in := m.p[pc]; {
			case in.Op != asm.RetK:
				checked, s.Checked.Numbers = checked.plus(c), s.Checked.Numbers+1
			case policy.Action(in.K) == policy.Allow:
				allowed, s.Allowed.Numbers = allowed.plus(c), s.Allowed.Numbers+1
			default:
				denied, s.Denied.Numbers = denied.plus(c), s.Denied.Numbers+1
			}
			targets[m.target(pc)] = true
			if m.p[pc].Op != asm.RetK || policy.Action(m.p[pc].K) != policy.Allow {
				exits[m.target(pc)]++
			}
			if policy.Contains(a.Cached, nr) && m.p.ConstantAllow(a.Arch, uint32(nr)) {
				s.Cached++
			}
		}
	}
	s.Checked.fill(checked)
	s.Denied.fill(denied)
	s.Allowed.fill(allowed)
	entry := m.entry(len(targets))
	s.LowerBound = float64(entry) + 1 + entropy(exits)
	s.LeastLength = entry + len(targets) - 1 + m.returns()
	return s
}

// entry returns how many instructions load and test arch, and load the number, where its ABI has so
// many ways to go.
func (m *meter) entry(ways int) (n int) {
	if in := m.p[0]; in.Op == asm.LdAbs && in.K == asm.OffArch {
		n += 2
	}
	if ways > 1 {
		n++
	}
	return n
}

// returns counts the values that the program can return.
func (m *meter) returns() int {
	values := map[uint32]bool{}
	for _, in := range m.p {
		if in.Op == asm.RetK {
			values[in.K] = true
		}
	}
	return len(values)
}

// target makes one of the returns with the same value.
func (m *meter) target(pc int) int {
	for i, in := range m.p {
		if in == m.p[pc] && in.Op == asm.RetK {
			return i
		}
	}
	return pc
}

func (c *Class) fill(total cost) {
	if c.Numbers > 0 {
		mean := total.times(1 / float64(c.Numbers))
		c.Executed, c.Nanos = mean.executed, mean.nanos
	}
}

// entropy returns the entropy of a distribution in bits.
func entropy(counts map[int]float64) float64 {
	total := 0.0
	for _, n := range counts {
		total += n
	}
	h := 0.0
	for _, n := range counts {
		h -= n / total * math.Log2(n/total)
	}
	return h
}
