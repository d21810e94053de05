package proof

import (
	"errors"
	"fmt"
	"math/bits"
)

// ErrTooComplex reports that a question was given up: the answer is unknown, and must not be taken
// for "equal". The error that wraps it names the instruction or the rule where the budget ran out.
var ErrTooComplex = errors.New("too complex to decide")

// The budget of a Space. What a compiler emits needs a few hundredths of it, and the largest
// filters that the kernel takes a third.
const (
	maxVertices = 1 << 20 // about 100 MiB with the tables, at the worst moment
	maxSteps    = 6 << 20 // about a second
)

// node names a vertex: a function of the 512 bits of seccomp_data. Vertices are shared, so two
// nodes are equal exactly when their functions are. A function whose values are only 0 and 1 is a
// set of calls.
type node uint32

// The leaves with the values 0 and 1: no call, every call.
const (
	no  node = 0
	yes node = 1
)

// vertex decides on one bit, the level: lo where it is 0, hi where it is 1. Levels grow from the
// root to the leaves. A leaf has the level leafLevel and its value in lo.
type vertex struct {
	level  uint32
	lo, hi node
}

const leafLevel = lateLevel + 2*maxSlots

// Space holds decision diagrams and the budget that bounds them. A Space is for one question or a
// few related ones: nothing is ever taken out, and once the budget is spent every further question
// fails with [ErrTooComplex]. It is not safe for concurrent use.
type Space struct {
	vertices []vertex // with room for three quarters of the table
	// open addressing over vertices; 0, a leaf made at the start, marks a free slot
	table  []node
	memo   []memo // direct-mapped: a newer result overwrites an older one
	steps  int
	full   int // steps at the start
	room   int // how many vertices there may be
	lastOp uint32
	arches []uint32 // arch values met so far: a witness with one of them reads naturally
	real   []uint32 // further ones that machines have
	slots  []lateSlot
	gaps   []Gap
}

// memo remembers one result: of ite(f, g, h), or of an operation on g and h that f identifies.
type memo struct{ f, g, h, result node }

// firstOp is above every node: it keeps operations and ite apart in the memo.
const firstOp = 1 << 31

// firstTable is the length of the table of a new space, a power of two as every table's. Most
// questions are small, and to clear what they do not need would cost more than they do.
const firstTable = 1 << 9

// New returns an empty space. The examples that it gives have an arch that a policy or a program
// names, where there is one such call, or else one of the given values, the first that will do.
func New(arches ...uint32) *Space {
	s := newSpace(maxVertices, maxSteps)
	s.real = arches
	return s
}

// newFor returns an empty space with a table for a program of a length: the functions of most have
// some 70 vertices for each instruction.
func newFor(length int) *Space {
	return newTable(max(firstTable, 1<<bits.Len(uint(80*length))), maxVertices, maxSteps)
}

// Part returns an empty space with an nth of the budget that one from [New] has, for questions that
// are asked beside others.
func Part(n int) *Space { return newSpace(maxVertices/n, maxSteps/n) }

// Renewed returns a space for further questions: the same one, which knows the functions of the
// last ones, as long as nearly all of its budget is left, or an empty one with the same budget.
func (s *Space) Renewed() *Space {
	if s.steps < s.full/16*15 || len(s.vertices) > s.room/16 {
		fresh := newSpace(s.room, s.full)
		fresh.real = s.real
		return fresh
	}
	return s
}

func newSpace(vertices, steps int) *Space { return newTable(firstTable, vertices, steps) }

func newTable(length, vertices, steps int) *Space {
	s := &Space{
		vertices: append(make([]vertex, 0, length/4*3), vertex{level: leafLevel}),
		table:    make([]node, length),
		memo:     make([]memo, length/2),
		steps:    steps,
		full:     steps,
		room:     vertices,
		lastOp:   firstOp,
	}
	s.leaf(1)
	return s
}

// exhausted is what spend and find panic with; guard turns it into an error.
type exhausted struct{}

// guard ends an exported operation whose budget ran out, with an error that says where.
func guard(err *error, where func() string) {
	switch r := recover().(type) {
	case nil:
	case exhausted:
		*err = fmt.Errorf("%s: %w", where(), ErrTooComplex)
	default:
		panic(r)
	}
}

// spend takes steps from the budget.
func (s *Space) spend(steps int) {
	if s.steps -= steps; s.steps < 0 {
		panic(exhausted{})
	}
}

// within does some work with a part of the budget: so many steps, and as many new vertices. It
// reports whether that was enough.
func (s *Space) within(steps int, work func()) (done bool) {
	saved, room := max(0, s.steps-steps), s.room
	s.steps -= saved
	s.room = min(room, len(s.vertices)+steps)
	defer func() {
		s.steps = max(0, s.steps) + saved
		s.room = room
		switch r := recover(); r.(type) {
		case nil, exhausted:
		default:
			panic(r)
		}
	}()
	work()
	return true
}

// leaf returns the constant function.
func (s *Space) leaf(value uint32) node {
	if value == 0 {
		return no
	}
	return s.find(vertex{leafLevel, node(value), 0})
}

// value returns the value of a leaf.
func (s *Space) value(n node) uint32 { return uint32(s.vertices[n].lo) }

func (s *Space) level(n node) uint32 { return s.vertices[n].level }

func (s *Space) isLeaf(n node) bool { return s.level(n) == leafLevel }

// branch returns the function that is lo where the bit of the level is 0, and hi where it is 1.
func (s *Space) branch(level uint32, lo, hi node) node {
	if lo == hi {
		return lo
	}
	return s.find(vertex{level, lo, hi})
}

// find returns the node of a vertex, a new one if there is none yet.
func (s *Space) find(v vertex) node {
	mask := uint32(len(s.table) - 1)
	at := hash(v.level, uint32(v.lo), uint32(v.hi)) & mask
	for ; s.table[at] != 0; at = (at + 1) & mask {
		if n := s.table[at]; s.vertices[n] == v {
			return n
		}
	}
	if len(s.vertices) >= s.room {
		panic(exhausted{})
	}
	n := node(len(s.vertices))
	s.vertices = append(s.vertices, v)
	s.table[at] = n
	if len(s.vertices) == cap(s.vertices) {
		s.grow()
	}
	return n
}

// grow makes the table, the room for its vertices and, for as long as that pays, the memo twice as
// long, or four times where they are small: to place all again costs more there than the room.
func (s *Space) grow() {
	times := 2
	if len(s.table) < 1<<12 {
		times = 4
	}
	s.table = make([]node, times*len(s.table))
	s.vertices = append(make([]vertex, 0, len(s.table)/4*3), s.vertices...)
	mask := uint32(len(s.table) - 1)
	for i, v := range s.vertices[1:] {
		at := hash(v.level, uint32(v.lo), uint32(v.hi)) & mask
		for s.table[at] != 0 {
			at = (at + 1) & mask
		}
		s.table[at] = node(i + 1)
	}
	if len(s.memo) < 1<<21 {
		old := s.memo
		s.memo = make([]memo, times*len(old))
		for _, m := range old {
			if m.f != no { // it is in use
				*s.slot(m.f, m.g, m.h) = m
			}
		}
	}
}

func (s *Space) slot(f, g, h node) *memo {
	return &s.memo[hash(uint32(f), uint32(g), uint32(h))&uint32(len(s.memo)-1)]
}

// hash mixes three words. Nodes made one after the other differ in few low bits: both halves of a
// product of 128 bits are folded together, so that they do not end up side by side in the table.
func hash(a, b, c uint32) uint32 {
	x := (uint64(a) + 0xff51afd7ed558ccd) * 0xc4ceb9fe1a85ec53
	y := (uint64(b)<<32 | uint64(c)) ^ 0x9e3779b97f4a7c15
	hi, lo := bits.Mul64(x, y)
	return uint32(hi ^ lo ^ (hi^lo)>>32)
}

// at returns the two halves of a function at a level that is not below its own.
func (s *Space) at(n node, level uint32) (lo, hi node) {
	if v := s.vertices[n]; v.level == level {
		return v.lo, v.hi
	}
	return n, n
}

// ite returns the function that is g on the calls in f, and h elsewhere. f is a set.
func (s *Space) ite(f, g, h node) node {
	switch f {
	case yes:
		return g
	case no:
		return h
	case g:
		g = yes
	case h:
		h = no
	}
	if g == h {
		return g
	}
	if g == yes && h == no {
		return f
	}
	if m := s.slot(f, g, h); m.f == f && m.g == g && m.h == h {
		return m.result
	}
	s.spend(1)
	level := min(s.level(f), s.level(g), s.level(h))
	f0, f1 := s.at(f, level)
	g0, g1 := s.at(g, level)
	h0, h1 := s.at(h, level)
	r := s.branch(level, s.ite(f0, g0, h0), s.ite(f1, g1, h1))
	*s.slot(f, g, h) = memo{f, g, h, r}
	return r
}

func (s *Space) and(a, b node) node {
	if a > b {
		a, b = b, a
	}
	return s.ite(a, b, no)
}

func (s *Space) or(a, b node) node {
	if a > b {
		a, b = b, a
	}
	return s.ite(a, yes, b)
}

func (s *Space) not(a node) node        { return s.ite(a, no, yes) }
func (s *Space) xor(a, b node) node     { return s.ite(a, s.not(b), b) }
func (s *Space) without(a, b node) node { return s.ite(b, no, a) }

// operation combines two functions value by value.
type operation struct {
	id   node
	leaf func(x, y uint32) uint32
	same func(n node) node // the result for two equal functions, or nil where it must be worked out
	part bool              // the first is a set, and without it the result is 0
}

// operation gives the operation its place in the memo.
func (s *Space) operation(leaf func(x, y uint32) uint32, same func(n node) node) operation {
	s.lastOp++
	return operation{id: node(s.lastOp), leaf: leaf, same: same}
}

// apply returns the function whose value is op.leaf of the values of a and b.
func (s *Space) apply(op operation, a, b node) node {
	if a == b && op.same != nil {
		return op.same(a)
	}
	if a == no && op.part {
		return no
	}
	if s.isLeaf(a) && s.isLeaf(b) {
		return s.leaf(op.leaf(s.value(a), s.value(b)))
	}
	if m := s.slot(op.id, a, b); m.f == op.id && m.g == a && m.h == b {
		return m.result
	}
	s.spend(1)
	level := min(s.level(a), s.level(b))
	a0, a1 := s.at(a, level)
	b0, b1 := s.at(b, level)
	r := s.branch(level, s.apply(op, a0, b0), s.apply(op, a1, b1))
	*s.slot(op.id, a, b) = memo{op.id, a, b, r}
	return r
}

// where returns the set of calls to which the function gives a value that holds.
func (s *Space) where(f node, holds func(value uint32) bool) node {
	return s.apply(s.operation(func(x, _ uint32) uint32 {
		if holds(x) {
			return 1
		}
		return 0
	}, nil), f, no)
}
