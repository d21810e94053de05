package compiler

import "github.com/seccompc/seccompc/asm"

// price estimates what a piece of code costs: instructions executed on average, and its size.
func price(n *node) float64 {
	seen := map[*node]float64{}
	return executed(n, seen) + float64(argumentSize*float64(len(seen)))
}

// size returns how many nodes a piece of code has.
func size(n *node) int {
	seen := map[*node]float64{}
	executed(n, seen)
	return len(seen)
}

// executed returns how many instructions run on average from n on.
func executed(n *node, seen map[*node]float64) float64 {
	if e, ok := seen[n]; ok {
		return e
	}
	e := testPrice
	switch {
	case n.f != nil:
		e += float64(n.likely*executed(n.t, seen)) + float64((1-n.likely)*executed(n.f, seen))
	case n.op != asm.RetK:
		e += executed(n.t, seen)
	}
	seen[n] = e
	return e
}
