package codegen

import (
	"math/bits"
	"slices"
)

// uniqueTable finds nodes by what they are: an open-addressing table of their indices, that is
// quick to clear, for the diagrams of one decision after another.
type uniqueTable struct {
	slots []ref // plus one, 0 where free; at least half of them are
}

// find returns the slot of the node n and whether there is one. If not, the slot is free for it: it
// is to become the next of the nodes.
func (u *uniqueTable) find(nodes []diagram, n diagram) (s *ref, found bool) {
	if 2*len(nodes) >= len(u.slots) {
		u.grow(nodes)
	}
	for h, mask := mix(n.bit, int32(n.lo), int32(n.hi)), uint32(len(u.slots)-1); ; h++ {
		s := &u.slots[h&mask]
		if *s == 0 {
			return s, false
		}
		if nodes[*s-1] == n {
			return s, true
		}
	}
}

func (u *uniqueTable) grow(nodes []diagram) {
	clear(u.slots)
	size := max(256, 4*len(u.slots))
	u.slots = slices.Grow(u.slots[:0], size)[:size]
	for i, n := range nodes {
		s, _ := u.find(nodes, n)
		*s = ref(i + 1)
	}
}

// clear forgets all nodes. The slots beyond stay clear.
func (u *uniqueTable) clear() {
	clear(u.slots)
	u.slots = u.slots[:0]
}

// iteCache maps three refs to one: an open-addressing table that is quick to fill and to clear, for
// the diagrams of one decision after another. It must be cleared before its first use too.
type iteCache struct {
	slots []iteEntry
	used  int
	round int32 // of clear: what was filled in another one is free
}

type iteEntry struct {
	a, b, c int32
	value   ref
	round   int32 // in which it was filled, from 1
}

// mix returns a hash of three numbers. Those of nodes made one after the other differ in few low
// bits: both halves of a product of 128 bits are folded together, so that their places do not lie
// side by side.
func mix(a, b, c int32) uint32 {
	x := (uint64(uint32(a)) + 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93
	y := (uint64(uint32(b))<<32 | uint64(uint32(c))) ^ 0xa0761d6478bd642f
	hi, lo := bits.Mul64(x, y)
	h := hi ^ lo
	return uint32(h ^ h>>32)
}

// find returns where the key is or belongs, and whether it is there.
func (t *iteCache) find(a, b, c int32) (s *iteEntry, found bool) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	for h, mask := mix(a, b, c), uint32(len(t.slots)-1); ; h++ {
		s := &t.slots[h&mask]
		switch {
		case s.round != t.round:
			return s, false
		case s.a == a && s.b == b && s.c == c:
			return s, true
		}
	}
}

// fill puts a value where find said that the key belongs.
func (t *iteCache) fill(s *iteEntry, a, b, c int32, value ref) {
	*s = iteEntry{a, b, c, value, t.round}
	t.used++
}

func (t *iteCache) grow() {
	old := t.slots
	t.slots, t.used = make([]iteEntry, max(256, 2*len(old))), 0
	for _, s := range old {
		if s.round == t.round {
			to, _ := t.find(s.a, s.b, s.c)
			t.fill(to, s.a, s.b, s.c, s.value)
		}
	}
}

// clear forgets all keys.
func (t *iteCache) clear() {
	t.used = 0
	t.round++
}
