package compiler

import (
	"encoding/binary"
	"fmt"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// generate returns the program of a policy whose ABIs share one byte order.
func generate(p *policy.Policy, weights callWeights, off passSet) (prog asm.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooBig); !ok {
				panic(r)
			}
			err = fmt.Errorf("a condition needs more than %d nodes of its decision diagram", maxDiagram)
		}
	}()
	l := &lowerer{graph: newGraph(), diagrams: newDiagrams(maxDiagram), order: byteOrder(p), passes: off}
	return emit(l.entry(p, weights), off.on(layLikely)), nil
}

func byteOrder(p *policy.Policy) binary.ByteOrder {
	if len(p.ABIs) > 0 && p.ABIs[0].BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}
