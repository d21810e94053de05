package codegen

import (
	"encoding/binary"
	"slices"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// TooComplexError says that there is more to decide than the generator will handle.
type TooComplexError struct {
	Source int // of the first rule that decides the calls whose conditions it is; -1: the numbers
}

// Error says what is too much.
func (e *TooComplexError) Error() string {
	if e.Source < 0 {
		return "the numbers that the rules name make too many cases"
	}
	return "the conditions of the rules on these calls make too many cases"
}

// generator makes one program. It owns what its parts share.
type generator struct {
	graph    *graph
	trees    *treeBuilder
	diagrams *diagrams // of the decision at hand, emptied for each
	order    binary.ByteOrder
	passes   PassSet
	late     []*policy.Late
	decided  map[string]*node // by what the rules say
	numbered []Tree           // over numbers, that have been made
}

func newGenerator(order binary.ByteOrder, off PassSet) *generator {
	nodes := newGraph()
	trees := &treeBuilder{graph: nodes, passes: off}
	trees.search.exact.left = maxOfAllBits
	return &generator{
		graph:    nodes,
		trees:    trees,
		diagrams: &diagrams{},
		decided:  map[string]*node{},
		order:    order,
		passes:   off,
	}
}

// Generate returns the program of a policy whose ABIs share one byte order, or a
// [*TooComplexError]. Where it compares with the policy's late values, it waits for them: their
// numbers are those of the policy.
func Generate(p *policy.Policy, weights Weights, off PassSet) (asm.Program, error) {
	g := newGenerator(p.ByteOrder(), off)
	g.late = p.Late
	root, err := g.entry(p, weights)
	if err != nil {
		return nil, err
	}
	return emit(g.graph, root, off.on(layLikely)), nil
}

// Tree is the tree of tests over the numbers of the ABIs with one value of arch.
type Tree struct {
	Arch  uint32
	Spans int // neighbouring numbers that are decided alike, 0 to 0xffffffff
	// Cheapest says that all trees of the tests JGE for the first number of a span, JEQ for a span
	// of one number, and JSET for neighbouring bits of the lowest six have been looked at, and none
	// is cheaper. The price is the tree's own: each test once, before equal code is shared and laid
	// out.
	Cheapest bool
}

// Trees returns what is known of the trees over the numbers in the program of a policy, as
// [Generate] makes it; nothing, if that is not this program.
func Trees(p *policy.Policy, weights Weights, off PassSet, program asm.Program) []Tree {
	g := newGenerator(p.ByteOrder(), off)
	g.late = p.Late
	root, err := g.entry(p, weights)
	if err != nil || !slices.Equal(emit(g.graph, root, off.on(layLikely)), program) {
		return nil
	}
	return g.numbered
}

// tooBig is what panics out of a graph or of diagrams that would hold more than they may. Only
// [attempt] sees it.
type tooBig struct{}

// attempt returns the code that is found, nil where that would go on for too long.
func attempt(find func() *node) (n *node) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooBig); !ok {
				panic(r)
			}
			n = nil
		}
	}()
	return find()
}
