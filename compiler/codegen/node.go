package codegen

import (
	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// node is one instruction of the program, with its successors in place of jump offsets. A node
// exists once: equal code is the same node, so equal tails meet by themselves.
type node struct {
	op   uint16
	k    uint32
	t, f *node // a test's two ways; f is nil for a load, an AND or a XOR, both are nil for a return

	likely   float64 // the share of a test's visits that go to t
	executed float64 // instructions executed on average from here on, this one among them
	id       int32   // nodes are numbered from 1
	mark     int32   // of the last walk that met it
}

// number returns the id of a node, 0 for none.
func (n *node) number() int32 {
	if n == nil {
		return 0
	}
	return n.id
}

// maxNodes bounds the nodes of one decision, those of code that was tried and not taken among them.
const maxNodes = 50_000

// graph makes the nodes of one program, from the returns backwards to the entry.
type graph struct {
	count int
	limit int     // of nodes
	chunk []node  // room for the next nodes
	table []*node // by what they are: open addressing, at least half of it free
	mark  int32   // of the last walk
}

func newGraph() *graph {
	g := &graph{table: make([]*node, 1<<8)}
	g.allow(maxNodes)
	return g
}

// allow allows n nodes more than there are.
func (g *graph) allow(n int) { g.limit = g.count + n }

// slot returns where the table holds a node, or is to hold it.
func (g *graph) slot(op uint16, k uint32, t, f *node) **node {
	mask := uint32(len(g.table) - 1)
	for h := mix(int32(op), int32(k), t.number()<<16^f.number()); ; h++ {
		s := &g.table[h&mask]
		if n := *s; n == nil || n.op == op && n.k == k && n.t == t && n.f == f {
			return s
		}
	}
}

// node returns the node that is so; likely counts when it is new.
func (g *graph) node(op uint16, k uint32, t, f *node, likely float64) *node {
	s := g.slot(op, k, t, f)
	if *s != nil {
		return *s
	}
	if g.count >= g.limit {
		panic(tooBig{})
	}
	if len(g.chunk) == 0 {
		g.chunk = make([]node, 64)
	}
	n := &g.chunk[0]
	g.chunk = g.chunk[1:]
	g.count++
	*n = node{op: op, k: k, t: t, f: f, likely: likely, id: int32(g.count)}
	n.executed = testPrice
	switch {
	case f != nil:
		n.executed += float64(likely*t.executed) + float64((1-likely)*f.executed)
	case t != nil:
		n.executed += t.executed
	}
	*s = n
	if 2*g.count > len(g.table) {
		g.grow()
	}
	return n
}

func (g *graph) grow() {
	old := g.table
	g.table = make([]*node, 4*len(old))
	for _, n := range old {
		if n != nil {
			*g.slot(n.op, n.k, n.t, n.f) = n
		}
	}
}

// ret returns an action.
func (g *graph) ret(a policy.Action) *node { return g.node(asm.RetK, uint32(a), nil, nil, 0) }

// load loads the word at a byte offset of seccomp_data, then goes on.
func (g *graph) load(offset uint32, next *node) *node {
	if next.op == asm.RetK {
		return next
	}
	return g.node(asm.LdAbs, offset, next, nil, 0)
}

// and masks the word in A, then goes on.
func (g *graph) and(mask uint32, next *node) *node { return g.node(asm.AndK, mask, next, nil, 0) }

// xor inverts some bits of the word in A, if any, then goes on.
func (g *graph) xor(flip uint32, next *node) *node {
	if flip == 0 {
		return next
	}
	return g.node(asm.XorK, flip, next, nil, 0)
}

// test goes to t where the comparison holds and to f elsewhere; wt and wf tell how often, up to a
// factor.
func (g *graph) test(op uint16, k uint32, t, f *node, wt, wf float64) *node {
	if t == f {
		return t
	}
	likely := 0.0
	if wt+wf > 0 {
		likely = wt / (wt + wf)
	}
	return g.node(op, k, t, f, likely)
}

// price estimates what a piece of code costs: instructions executed on average, and its size.
func (g *graph) price(n *node) float64 { return g.priceAt(n, argumentSize) }

// priceAt is price where an instruction has another price.
func (g *graph) priceAt(n *node, size float64) float64 {
	return n.executed + float64(size*float64(g.size(n)))
}

// size returns how many nodes some pieces of code have together.
func (g *graph) size(pieces ...*node) (size int) {
	g.mark++
	for _, n := range pieces {
		size += g.unmarked(n)
	}
	return size
}

// unmarked counts and marks the nodes from n on that do not bear the graph's mark.
func (g *graph) unmarked(n *node) int {
	if n == nil || n.mark == g.mark {
		return 0
	}
	n.mark = g.mark
	return 1 + g.unmarked(n.t) + g.unmarked(n.f)
}

// longest returns the length of the longest path from n on.
func (g *graph) longest(n *node) int {
	lengths := map[*node]int{}
	var longest func(n *node) int
	longest = func(n *node) int {
		if n == nil {
			return 0
		}
		l, ok := lengths[n]
		if !ok {
			l = 1 + max(longest(n.t), longest(n.f))
			lengths[n] = l
		}
		return l
	}
	return longest(n)
}
