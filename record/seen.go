package record

// maxKinds bounds what is remembered of one system call: a program may call write with every length
// that there is.
const maxKinds = 200

// Seen remembers which calls have been made. The zero value is ready for use; it is not safe for
// concurrent use.
type Seen struct {
	kinds map[Kind]uint64
	of    map[callee]int // how many kinds there are of a system call
}

// Kind is a call, and what else tells it from others.
type Kind struct {
	Call
	Note string
}

type callee struct{ arch, nr uint32 }

// Add counts a call and says what is new: that there was none like it, or that there are too many
// kinds of this system call, of which no more are told apart. It says so once.
func (s *Seen) Add(k Kind) News {
	if s.kinds == nil {
		s.kinds, s.of = map[Kind]uint64{}, map[callee]int{}
	}
	if s.kinds[k] > 0 {
		s.kinds[k]++
		return Old
	}
	to := callee{k.Data.Arch, k.Data.Nr}
	s.of[to]++
	switch n := s.of[to]; {
	case n <= maxKinds:
		s.kinds[k] = 1
		return New
	case n == maxKinds+1:
		return Many
	}
	return Old
}

// News is what [Seen.Add] says about a call.
type News uint8

// Old is a call as there have been others, New one that is the first of its kind, Many the first
// one of those that are not told apart any more.
const (
	Old News = iota
	New
	Many
)
