// Package codegen makes the cheapest program of a policy. It knows what a policy means and what the machine
// does, and nothing else: no names, no texts, no prover.
package codegen

import (
	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// TooComplexError says that the conditions on some calls are more than the compiler will handle.
type TooComplexError struct {
	Source int // of the first rule that decides these calls
}

func (e *TooComplexError) Error() string {
	return "the conditions of the rules on these calls make too many cases"
}

// Generate returns the program of a policy whose ABIs share one byte order, or a [*TooComplexError].
func Generate(p *policy.Policy, weights Weights, off PassSet) (asm.Program, error) {
	l := &lowerer{graph: newGraph(), diagrams: &diagrams{}, order: p.ByteOrder(), passes: off}
	root := attempt(func() *node { return l.entry(p, weights) })
	if root == nil {
		return nil, &TooComplexError{l.source}
	}
	return emit(l.graph, root, off.on(layLikely)), nil
}

// tooBig is what the parts of the compiler panic with that would go on for too long.
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
