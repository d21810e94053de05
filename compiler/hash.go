package compiler

// triples maps three refs to one: an open-addressing table that is quick to fill and to clear, for the
// diagrams of one decision after another.
type triples struct {
	slots []triple
	used  int
}

type triple struct {
	a, b, c int32
	value   ref
	set     bool
}

// slot returns where the key is or belongs.
func (t *triples) slot(a, b, c int32) *triple {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	h := uint32(a)*0x9e3779b1 ^ uint32(b)*0x85ebca6b ^ uint32(c)*0xc2b2ae35
	h ^= h >> 15
	for mask := uint32(len(t.slots) - 1); ; h++ {
		s := &t.slots[h&mask]
		if !s.set || s.a == a && s.b == b && s.c == c {
			return s
		}
	}
}

// fill puts a value into a free slot that slot returned.
func (t *triples) fill(s *triple, a, b, c int32, value ref) {
	*s = triple{a, b, c, value, true}
	t.used++
}

func (t *triples) grow() {
	old := t.slots
	t.slots, t.used = make([]triple, max(512, 4*len(old))), 0
	for _, s := range old {
		if s.set {
			t.fill(t.slot(s.a, s.b, s.c), s.a, s.b, s.c, s.value)
		}
	}
}

// clear forgets all keys, and the room for them where it is too large to be cleared often.
func (t *triples) clear() {
	if t.used = 0; len(t.slots) > 1<<14 {
		t.slots = nil
	}
	clear(t.slots)
}
