package codegen

import (
	"slices"

	"github.com/seccompc/seccompc/asm"
)

// maxJump is how far a conditional jump reaches: Jt and Jf are eight bits wide.
const maxJump = 255

// emitter lays nodes out from the last instruction to the first: every jump goes forward, to code
// that is there already, so that distances are known when a jump is made.
type emitter struct {
	likely bool              // lay the likely side of a test behind it
	code   []asm.Instruction // backwards: code[0] is the program's last instruction
	nodes  []layout          // by the node's id
}

// layout is what the emitter knows of a node.
type layout struct {
	at   int   // its place from the end, the last instruction's being 1; 0 where it has none yet
	size int   // instructions in the tree below it, shared ones each time; 0 where not known
	load *node // of a test, a load that falls through to it
	met  bool  // by findLoads
}

// emit returns the program of a node of a graph.
func emit(g *graph, root *node, likely bool) asm.Program {
	e := &emitter{likely: likely, nodes: make([]layout, g.count+1)}
	e.code = make([]asm.Instruction, 0, g.size(root))
	e.findLoads(root)
	e.place(root)
	slices.Reverse(e.code)
	return e.code
}

// of returns what is known of a node.
func (e *emitter) of(n *node) *layout { return &e.nodes[n.id] }

// findLoads notes the loads from n on at the tests that they fall through to.
func (e *emitter) findLoads(n *node) {
	if n == nil || e.of(n).met {
		return
	}
	e.of(n).met = true
	if n.f == nil && n.t != nil {
		e.of(n.t).load = n
	}
	e.findLoads(n.t)
	e.findLoads(n.f)
}

// push puts an instruction before all others and returns its place.
func (e *emitter) push(in asm.Instruction) int {
	e.code = append(e.code, in)
	return len(e.code)
}

// place lays out a node, unless it stands already, and what it leads to.
func (e *emitter) place(n *node) {
	switch {
	case e.of(n).at > 0:
	case n.f != nil:
		first, second := e.far(n)
		e.place(first)
		e.place(second)
		e.of(n).at = e.test(n)
		if load := e.of(n).load; load != nil {
			e.place(load) // now, as it must stand right before the test
		}
	case n.op == asm.RetK:
		e.of(n).at = e.push(asm.Instruction{Op: n.op, K: n.k})
	default:
		e.place(n.t)
		if e.of(n).at == 0 {
			e.adjoin(n.t)
			e.of(n).at = e.push(asm.Instruction{Op: n.op, K: n.k})
		}
	}
}

// far returns the two ways of a test, the one first that is laid out first and thereby further
// away.
func (e *emitter) far(n *node) (first, second *node) {
	toTrue, toFalse := e.size(n.t), e.size(n.f)
	near := n.f
	switch {
	case max(toTrue, toFalse) >= maxJump && toTrue != toFalse:
		// A long stretch between a test and its far side costs an extra jump.
		if toTrue < toFalse {
			near = n.t
		}
	case !e.likely:
	case e.leaf(n.f) && !e.leaf(n.t):
		near = n.t
	case e.leaf(n.t) && !e.leaf(n.f):
	case n.likely > 0.5 && n.op != asm.JsetK:
		// JSET with its true side adjacent compiles to two machine jumps.
		near = n.t
	}
	if near == n.t {
		return n.f, n.t
	}
	return n.t, n.f
}

// leaf reports whether a way out costs no code of its own here.
func (e *emitter) leaf(n *node) bool {
	return e.of(n).at > 0 || n.op == asm.RetK
}

// size returns how much code is still to be laid out for a node, at most: shared parts count each
// time.
func (e *emitter) size(n *node) int {
	if n == nil || e.leaf(n) {
		return 0
	}
	l := e.of(n)
	if l.size == 0 {
		l.size = min(1+e.size(n.t)+e.size(n.f), 1<<20)
	}
	return l.size
}

// test lays out a test whose two ways stand.
func (e *emitter) test(n *node) int {
	e.bridge(n.t)
	e.bridge(n.f)
	t, f := uint8(e.distance(n.t)), uint8(e.distance(n.f))
	return e.push(asm.Instruction{Op: n.op, K: n.k, Jt: t, Jf: f})
}

// distance returns the jump offset from the next instruction laid out to a node.
func (e *emitter) distance(n *node) int { return len(e.code) - e.of(n).at }

// bridge sees to it that a jump from each of the next two instructions laid out reaches n (the
// first may be the bridge for a test's other way): a return that is too far is repeated, anything
// else gets a long jump. Later jumps use the new one.
func (e *emitter) bridge(n *node) {
	if e.distance(n) < maxJump {
		return
	}
	if n.op == asm.RetK {
		e.of(n).at = e.push(asm.Instruction{Op: n.op, K: n.k})
		return
	}
	e.of(n).at = e.push(asm.Instruction{Op: asm.Ja, K: uint32(e.distance(n))})
}

// adjoin sees to it that n stands right before the next instruction laid out, for a load that falls
// through to it. A test that stands elsewhere is repeated: as short as a jump to it, and faster.
func (e *emitter) adjoin(n *node) {
	if e.of(n).at == len(e.code) {
		return
	}
	if n.f != nil {
		e.of(n).at = e.test(n)
		return
	}
	e.push(asm.Instruction{Op: asm.Ja, K: uint32(e.distance(n))})
}
