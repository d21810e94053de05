package codegen

import (
	"encoding/binary"

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
}

func newGenerator(order binary.ByteOrder, off PassSet) *generator {
	nodes := newGraph()
	return &generator{
		graph:    nodes,
		trees:    &treeBuilder{graph: nodes, passes: off},
		diagrams: &diagrams{},
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
