package compiler

import (
	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// node is one instruction of the program, with its successors in place of jump offsets. A node
// exists once: equal code is the same node, so equal tails meet by themselves.
type node struct {
	op   uint16
	k    uint32
	t, f *node // a test's two ways; f is nil for a load or an AND, both are nil for a return

	likely float64 // the share of a test's visits that go to t
}

type nodeKey struct {
	op   uint16
	k    uint32
	t, f *node
}

// maxNodes bounds the nodes of one decision, those of code that was tried and not taken among them.
const maxNodes = 50_000

// graph makes the nodes of one program, from the returns backwards to the entry.
type graph struct {
	nodes map[nodeKey]*node
	limit int // of nodes
}

func newGraph() *graph {
	g := &graph{nodes: map[nodeKey]*node{}}
	g.allow(maxNodes)
	return g
}

// allow allows n nodes more than there are.
func (g *graph) allow(n int) { g.limit = len(g.nodes) + n }

func (g *graph) node(op uint16, k uint32, t, f *node) *node {
	key := nodeKey{op, k, t, f}
	n := g.nodes[key]
	if n == nil {
		if len(g.nodes) >= g.limit {
			panic(tooBig{})
		}
		n = &node{op: op, k: k, t: t, f: f}
		g.nodes[key] = n
	}
	return n
}

// ret returns an action.
func (g *graph) ret(a policy.Action) *node { return g.node(asm.RetK, uint32(a), nil, nil) }

// load loads the word at a byte offset of seccomp_data, then goes on.
func (g *graph) load(offset uint32, next *node) *node {
	if next.op == asm.RetK {
		return next
	}
	return g.node(asm.LdAbs, offset, next, nil)
}

// and masks the word in A, then goes on.
func (g *graph) and(mask uint32, next *node) *node { return g.node(asm.AndK, mask, next, nil) }

// test goes to t where the comparison holds and to f elsewhere; wt and wf tell how often, up to a factor.
func (g *graph) test(op uint16, k uint32, t, f *node, wt, wf float64) *node {
	if t == f {
		return t
	}
	n := g.node(op, k, t, f)
	if wt+wf > 0 {
		n.likely = wt / (wt + wf)
	}
	return n
}
