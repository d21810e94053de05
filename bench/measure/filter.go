// Package measure judges a filter by running it in asm's simulator against the policy that it was
// made from.
package measure

import (
	"encoding/binary"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

// Figures are what the simulator tells about a filter.
type Figures struct {
	Len   int     // instructions
	Mean  float64 // executed, over the numbers that the kernel must ask the filter about
	Worst int     // executed, over all samples
	Path  int     // on the longest path, whether any call takes it or not
	// numbers always allowed that this filter keeps out of the kernel's cache
	Uncached int
	Samples  int           // calls decided
	Wrong    map[Class]int // calls decided otherwise than the policy does
	Looser   int           // of these, how many get a less strict action
}

// Class is the likely reason of a wrong decision.
type Class string

// The classes, in the order in which they are tried.
const (
	ABI        Class = "ABI"        // the caller's ABI is not one that the policy names
	Width      Class = "width"      // right with the upper halves of the arguments cleared
	Precedence Class = "precedence" // several rules name the call, with different actions
	Condition  Class = "condition"  // a test of an argument does not come out as it should
	Table      Class = "table"      // the number alone decides: the compiler's table lacks the call
)

// The calls of an ABI that Mean is taken over, 0 to 470, and those that decisions are compared for,
// which take in x32's own.
const meanNumbers, allNumbers = 471, 600

// Filter measures one filter.
func Filter(p *neutral.Policy, filter asm.Program) (Figures, error) {
	m := meter{policy: p, filter: filter, figures: Figures{
		Len: len(filter), Path: path(filter), Wrong: map[Class]int{},
	}}
	numbers, steps := 0, 0.0
	for _, name := range p.ABIs {
		abi := neutral.ABIs[name]
		for nr := abi.Bit; nr < abi.Bit+allNumbers; nr++ {
			cost := m.number(abi, nr)
			switch {
			case nr-abi.Bit >= meanNumbers:
			case !p.AllowsAlways(abi, nr) || abi.Bit != 0: // the cache has no x32 numbers
				numbers++
				steps += cost
			case !filter.ConstantAllow(abi.Arch, nr):
				m.figures.Uncached++
			}
		}
	}
	m.strangers()
	m.figures.Mean = steps / float64(max(numbers, 1))
	return m.figures, m.err
}

// path returns the length of the longest path through the instructions. Jumps go forwards only.
func path(p asm.Program) int {
	longest := make([]int, len(p)+1)
	for pc := len(p) - 1; pc >= 0; pc-- {
		longest[pc] = 1
		if holds, fails := p.Next(pc); holds != pc {
			longest[pc] += max(longest[holds], longest[fails])
		}
	}
	return longest[0]
}

type meter struct {
	policy  *neutral.Policy
	filter  asm.Program
	figures Figures
	err     error
}

// number runs the samples of one number and returns the instructions that a call of it executes:
// half of the calls are allowed, where the arguments decide.
func (m *meter) number(abi neutral.ABI, nr uint32) float64 {
	samples := m.policy.Samples(abi, nr)
	var allowed, refused tally
	for _, args := range samples {
		d := policy.Data{Nr: nr, Arch: abi.Arch, Args: args}
		if steps := m.run(d); m.policy.Eval(d) == policy.Allow {
			allowed.add(steps)
		} else {
			refused.add(steps)
		}
	}
	for _, args := range neutral.Soiled(samples) {
		m.run(policy.Data{Nr: nr, Arch: abi.Arch, Args: args})
	}
	switch {
	case allowed.n == 0:
		return refused.mean()
	case refused.n == 0:
		return allowed.mean()
	}
	return (allowed.mean() + refused.mean()) / 2
}

type tally struct{ n, sum int }

func (t *tally) add(v int)     { t.n, t.sum = t.n+1, t.sum+v }
func (t *tally) mean() float64 { return float64(t.sum) / float64(t.n) }

// strangers runs callers of every ABI and of none, with numbers at the edges of the tables.
func (m *meter) strangers() {
	arches := []uint32{0, 0xc00000b7} // nobody's, aarch64's
	for _, abi := range neutral.ABIs {
		arches = append(arches, abi.Arch)
	}
	edges := []uint32{
		allNumbers, 1000, 0x3fffffff, 0x40000000 + allNumbers, 0x7fffffff, 0x80000000, 0xc0000000,
		0xfffffffe, 0xffffffff,
	}
	for nr := range uint32(allNumbers) {
		edges = append(edges, nr, nr|0x40000000)
	}
	for _, arch := range arches {
		for _, nr := range edges {
			m.run(policy.Data{Nr: nr, Arch: arch})
		}
	}
}

// run decides one call, holds the answer against the policy's, and returns the instructions
// executed.
func (m *meter) run(d policy.Data) int {
	got, err := m.filter.Run(asm.Data(d), binary.LittleEndian)
	if err != nil {
		m.err = err
	}
	m.figures.Samples++
	m.figures.Worst = max(m.figures.Worst, got.Steps)
	if want := m.policy.Eval(d); policy.Action(got.Ret) != want {
		m.figures.Wrong[m.class(d)]++
		if policy.Action(got.Ret).Strictness() > want.Strictness() {
			m.figures.Looser++
		}
	}
	return got.Steps
}

func (m *meter) class(d policy.Data) Class {
	if !m.policy.Serves(d) || d.Nr == skipped {
		return ABI
	}
	clean := d
	for i := range clean.Args {
		clean.Args[i] &= 0xffffffff
	}
	got, _ := m.filter.Run(asm.Data(clean), binary.LittleEndian)
	actions, tests := m.policy.Rulings(d)
	switch {
	case clean != d && policy.Action(got.Ret) == m.policy.Eval(clean):
		return Width
	case actions > 1:
		return Precedence
	case tests:
		return Condition
	}
	return Table
}

// skipped is the number that a tracer leaves of a call that it skips: no ABI's.
const skipped = 0xffffffff
