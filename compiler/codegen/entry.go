package codegen

import (
	"maps"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// Weights of calls: how often a filter is expected to be entered for them. The kernel remembers a
// plain allow at load time and never runs the filter for it again, so that what weighs is what it
// cannot remember.
const (
	cachedWeight = 0.001
	deniedWeight = 1.0
	// Times the cube of the check's length: long checks near the entry keep the longest path short.
	checkedWeight = 0.1
	// All numbers beyond the table together; a caller of an unlisted ABI; times a call of a rare
	// ABI.
	rareWeight  = 0.3
	hotFactor   = 20
	beyondTable = 8 // numbers after the table's last that newer programs may try
)

// entry returns the whole program: arch, then nr, then the decisions.
func (g *generator) entry(p *policy.Policy, weights Weights) (*node, error) {
	mismatch := g.graph.ret(p.Mismatch)
	arches := map[uint32][]*decider{}
	for i := range p.ABIs {
		a := &p.ABIs[i]
		arches[a.Arch] = append(arches[a.Arch], newDecider(g, a))
	}
	trees := make([]archTree, 0, len(arches))
	for _, arch := range slices.Sorted(maps.Keys(arches)) {
		numbers, err := g.numbers(arches[arch], mismatch, weights)
		if err != nil {
			return nil, err
		}
		tree := attempt(func() *node {
			g.graph.allow(maxNodes + len(numbers))
			return g.trees.build(numbers, ofNumbers)
		})
		if tree == nil {
			return nil, &TooComplexError{-1}
		}
		trees = append(trees, archTree{g.trees.last, arch, weightOf(numbers)})
	}
	g.choose(trees)
	intervals := make([]interval, 0, 2*len(trees)+1)
	next := uint64(0)
	for _, t := range trees {
		if uint64(t.arch) > next {
			intervals = append(intervals, interval{uint32(next), mismatch, rareWeight})
		}
		g.numbered = append(g.numbered, Tree{t.arch, t.spans, t.cheapest})
		intervals = append(intervals, interval{t.arch, g.graph.load(asm.OffNr, t.root), t.weight})
		next = uint64(t.arch) + 1
	}
	if next <= 0xffffffff {
		intervals = append(intervals, interval{uint32(next), mismatch, rareWeight})
	}
	g.graph.allow(maxNodes)
	return g.graph.load(asm.OffArch, g.trees.build(intervals, ofNumbers)), nil
}

// archTree is the tree over the numbers of the ABIs that share one arch value.
type archTree struct {
	builtTree
	arch   uint32
	weight float64
}

// choose takes the plain trees that make the program cheaper: where there are several, they may
// share more code with the others, of which no tree's own price knows.
func (g *generator) choose(trees []archTree) {
	if len(trees) < 2 {
		return
	}
	least := g.priceOf(trees)
	for i := range trees {
		t := &trees[i]
		if t.plain == t.root {
			continue
		}
		cheapest := t.builtTree
		t.root, t.cheapest = t.plain, false
		if price := g.priceOf(trees); price < least {
			least = price
			continue
		}
		t.builtTree = cheapest
	}
}

// priceOf returns the price of some trees together: what all of them have is counted once.
func (g *generator) priceOf(trees []archTree) float64 {
	executed, weight := 0.0, 0.0
	roots := make([]*node, 0, len(trees))
	for _, t := range trees {
		executed += float64(t.weight * t.root.executed)
		weight += t.weight
		roots = append(roots, t.root)
	}
	return executed/weight + float64(numberSize*float64(g.graph.size(roots...)))
}

// numbers returns the intervals of nr for the ABIs that share one arch value.
func (g *generator) numbers(abis []*decider, mismatch *node, weights Weights) ([]interval, error) {
	room := 0
	for _, d := range abis {
		room += 2*(len(d.named)+len(d.known)+len(d.abi.Numbers)) + 1
	}
	intervals := make([]interval, 0, room)
	for lo, last := uint64(0), uint32(0); lo <= whole; lo = uint64(last) + 1 {
		last = whole
		for _, d := range abis {
			last = min(last, d.to(uint32(lo)))
		}
		s := interval{lo: uint32(lo), to: mismatch, weight: rareWeight}
		for _, d := range abis {
			if d.has() {
				to, err := d.code()
				if err != nil {
					return nil, err
				}
				s.to, s.weight = to, weights.of(d.abi, s.lo, last, to)
			}
		}
		intervals = append(intervals, s)
	}
	return intervals, nil
}

// Weights is what is known of how often calls are made.
type Weights struct {
	flat    bool                         // all calls weigh the same
	Hot     map[string]map[uint32]bool   // by ABI and number
	Profile map[string]map[uint32]uint64 // calls counted, by ABI and number; nil without a profile
}

// of returns the weight of the numbers lo to hi of an ABI, which are decided alike.
func (w Weights) of(abi *policy.ABI, lo, hi uint32, to *node) float64 {
	if w.flat {
		return 1
	}
	weight := deniedWeight
	switch {
	case to.op == asm.RetK && to.k == uint32(policy.Allow) && len(abi.Cached) > 0:
		weight = cachedWeight
	case to.op != asm.RetK && w.Profile == nil:
		weight = checkedWeight * to.executed * to.executed * to.executed
	}
	if abi.Rare && w.Profile == nil {
		weight *= rareWeight
	}
	last := uint32(0)
	if n := len(abi.Known); n > 0 {
		last = uint32(abi.Known[n-1].Hi)
	}
	if lo > last+beyondTable {
		return weight * rareWeight
	}
	hot, counts := w.Hot[abi.Name], w.Profile[abi.Name]
	hi = min(hi, last+beyondTable)
	if len(hot) == 0 && w.Profile == nil {
		return weight * float64(hi-lo+1)
	}
	total := 0.0
	for nr := uint64(lo); nr <= uint64(hi); nr++ {
		f := 1.0
		if hot[uint32(nr)] {
			f = hotFactor
		}
		if w.Profile != nil && weight > cachedWeight {
			f = 0.01 + float64(counts[uint32(nr)])
		}
		total += float64(weight * f)
	}
	return total
}
