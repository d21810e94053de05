package proof

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/seccompc/seccompc/policy"
)

// A filter learns of a late value only whether a word of the call is a half of it. So these answers
// are the further inputs of a function, one for each word and half that meet, behind the bits of
// the call: what holds for all of them holds for all values. Not every combination of answers
// belongs to a value: an example is one that does, see [Space.possible].

// lateSlot is an argument and a late value that are compared: two levels, of the high and of the
// low halves, from lateLevel on.
type lateSlot struct {
	arg  int
	late *policy.Late
}

const (
	lateLevel = 16 * 32 // the first level behind the call
	maxSlots  = 64
)

// lateLevel returns the level of the answer whether the halves are the same.
func (s *Space) lateLevel(slot int, high bool) uint32 {
	level := lateLevel + 2*uint32(slot)
	if !high {
		level++
	}
	return level
}

// slotOf returns the place of an argument and a late value that are compared. The same name is the
// same value, which must be declared alike.
func (s *Space) slotOf(arg int, l *policy.Late) (int, error) {
	for i, known := range s.slots {
		if known.late.Name != l.Name {
			continue
		}
		if known.late != l && !reflect.DeepEqual(known.late, l) {
			return 0, fmt.Errorf("two late values have the name %s, and not the same type and "+
				"range",
				l.Name)
		}
		if known.arg == arg {
			return i, nil
		}
	}
	if len(s.slots) == maxSlots {
		return 0, fmt.Errorf("late values are compared in more than %d ways: %w", maxSlots,
			ErrTooComplex)
	}
	s.slots = append(s.slots, lateSlot{arg, l})
	return len(s.slots) - 1, nil
}

// sameHalf returns the inputs for which half of an argument is that of a late value.
func (s *Space) sameHalf(arg int, l *policy.Late, high bool) (node, error) {
	slot, err := s.slotOf(arg, l)
	if err != nil {
		return no, err
	}
	return s.branch(s.lateLevel(slot, high), no, yes), nil
}

// lateTest returns the inputs for which an operand is a late value.
func (s *Space) lateTest(t policy.LateTest) (node, error) {
	o := t.Operand
	if t.Late == nil || o.Arg < 0 || o.Arg > policy.IP || o.Width != 32 && o.Width != 64 ||
		o.Width != t.Late.Width {
		return no, fmt.Errorf("no late value can be compared with %d bits of argument %d", o.Width,
			o.Arg)
	}
	same, err := s.sameHalf(o.Arg, t.Late, false)
	if err != nil || o.Width == 32 {
		return same, err
	}
	high, err := s.sameHalf(o.Arg, t.Late, true)
	return s.and(high, same), err
}

// describeLate writes a set over the answers of one slot.
func (s *Space) describeLate(f factor) formula {
	slot := f.arg - firstSlot
	l := s.slots[slot].late
	is := policy.LateTest{Operand: policy.Operand{Arg: s.slots[slot].arg, Width: l.Width}, Late: l}
	same, err := s.lateTest(is)
	switch {
	case err == nil && f.set == same:
		return formula{is, 1}
	case err == nil && f.set == s.not(same):
		return formula{policy.Not{X: is}, 1}
	}
	return formula{}
}

// firstSlot is what a factor has in the place of an argument for the first slot.
const firstSlot = policy.IP + 1

// input is a call and the answers about late values, as words of 32 levels.
type input [leafLevel / 32]uint32

func (in *input) set(level uint32)      { in[level/32] |= 1 << (31 - level%32) }
func (in *input) has(level uint32) bool { return in[level/32]>>(31-level%32)&1 == 1 }

// call returns the call without the answers.
func (in *input) call() policy.Data {
	wide := func(w word) uint64 { return uint64(in[w])<<32 | uint64(in[w+1]) }
	d := policy.Data{Nr: in[wordNr], Arch: in[wordArch], IP: wide(wordIP)}
	for i := range d.Args {
		d.Args[i] = wide(highWord(i))
	}
	return d
}

// inputOf returns the input of a call when late values are what they are.
func (s *Space) inputOf(d policy.Data, late ...policy.LateValues) *input {
	in := &input{wordArch: d.Arch, wordNr: d.Nr, wordIP: uint32(d.IP >> 32), wordIP +
		1: uint32(d.IP)}
	for i, arg := range d.Args {
		in[highWord(i)], in[highWord(i)+1] = uint32(arg>>32), uint32(arg)
	}
	for i, slot := range s.slots {
		v, w := valueOf(slot.late, late), highWord(slot.arg)
		if in[w] == uint32(v>>32) {
			in.set(s.lateLevel(i, true))
		}
		if in[w+1] == uint32(v) {
			in.set(s.lateLevel(i, false))
		}
	}
	return in
}

func valueOf(l *policy.Late, late []policy.LateValues) uint64 {
	for _, values := range late {
		if v, known := values[l.Name]; known {
			return v
		}
	}
	panic("proof: no value of " + l.Name)
}

// answer says that a half of a late value is a word, or that it is not.
type answer struct {
	slot int
	high bool
	word uint32
	same bool
}

// answers returns what a path through a set of inputs says of late values.
func (s *Space) answers(set node, in *input) []answer {
	var out []answer
	for !s.isLeaf(set) {
		v := s.vertices[set]
		set = v.lo
		if in.has(v.level) {
			set = v.hi
		}
		if v.level < lateLevel {
			continue
		}
		slot, high := int(v.level-lateLevel)/2, v.level%2 == 0
		w := highWord(s.slots[slot].arg)
		if !high {
			w++
		}
		out = append(out, answer{slot, high, in[w], in.has(v.level)})
	}
	return out
}

// maxExcluded bounds the inputs that are found to belong to no values, one by one.
const maxExcluded = 64

// possible returns an input of a set and late values to which its answers belong, if there is such
// an input. How to find an input of a set is the caller's.
func (s *Space) possible(
	set node, find func(node) input,
) (in input, late policy.LateValues, found bool) {
	for range maxExcluded {
		if set == no {
			return in, nil, false
		}
		in = find(set)
		answers := s.answers(set, &in)
		values, wrong := s.valuesFor(answers)
		if wrong == nil {
			return in, values, true
		}
		set = s.exclude(set, &in, answers, wrong)
	}
	panic(exhausted{})
}

// exclude takes inputs out of a set that belong to no value of a late one, the input at hand among
// them: by what each argument says of the value's range, or else by what the arguments say
// together.
func (s *Space) exclude(set node, in *input, answers []answer, l *policy.Late) node {
	narrower := set
	for i, slot := range s.slots {
		if slot.late.Name == l.Name && slices.ContainsFunc(answers,
			func(a answer) bool { return a.slot == i }) {
			narrower = s.and(narrower, s.inRange(i))
		}
	}
	if narrower != set {
		return narrower
	}
	this := yes
	for _, a := range answers {
		if s.slots[a.slot].late.Name != l.Name {
			continue
		}
		w := highWord(s.slots[a.slot].arg)
		if !a.high {
			w++
		}
		this = s.and(this, s.equals(w.field(), policy.Ones(32), uint64(in[w])))
		same := s.branch(s.lateLevel(a.slot, a.high), no, yes)
		if !a.same {
			same = s.not(same)
		}
		this = s.and(this, same)
	}
	return s.without(set, this)
}

// inRange returns the inputs in which an argument that is a late value is in its range. Where the
// range is one value, the answers are known.
func (s *Space) inRange(slot int) node {
	arg, l := s.slots[slot].arg, s.slots[slot].late
	high := s.branch(s.lateLevel(slot, true), no, yes)
	low := s.branch(s.lateLevel(slot, false), no, yes)
	same, width := low, l.Width
	if width == 64 {
		same = s.and(high, low)
	}
	member := s.member(operandField(arg, width), policy.Ones(width), l.Values)
	all := s.or(s.not(same), member)
	if len(l.Values) == 1 && l.Values[0].Lo == l.Values[0].Hi {
		v := l.Values[0].Lo
		w := highWord(arg)
		lowIs := s.equals((w + 1).field(), policy.Ones(32), v&policy.Ones(32))
		all = s.and(all, s.not(s.xor(low, lowIs)))
		if width == 64 {
			all = s.and(all, s.not(s.xor(high, s.equals(w.field(), policy.Ones(32), v>>32))))
		}
	}
	return all
}

// valuesFor returns late values to which answers belong, or one of which none does. Those that no
// answer is about get their least value.
func (s *Space) valuesFor(answers []answer) (values policy.LateValues, wrong *policy.Late) {
	for _, slot := range s.slots {
		name := slot.late.Name
		if _, done := values[name]; done {
			continue
		}
		var about []answer
		for _, a := range answers {
			if s.slots[a.slot].late.Name == name {
				about = append(about, a)
			}
		}
		v, ok := valueFor(slot.late, about)
		if !ok {
			return nil, slot.late
		}
		if values == nil {
			values = policy.LateValues{}
		}
		values[name] = v
	}
	return values, nil
}

// valueFor returns a value of a late one to which the answers about it belong. If there is one, it
// is near the ends of a range, or of a block of values with the same high half.
func valueFor(l *policy.Late, about []answer) (uint64, bool) {
	near := func(high bool) []uint32 {
		for _, a := range about {
			if a.high == high && a.same {
				return []uint32{a.word}
			}
		}
		var out []uint32
		for _, r := range l.Values {
			for k := range uint64(len(about) + 1) {
				for _, v := range []uint64{r.Lo + k, r.Hi - k, r.Lo + k<<32, r.Hi - k<<32, k, ^k} {
					if high {
						v >>= 32
					}
					out = append(out, uint32(v))
				}
			}
		}
		return out
	}
	highs := []uint32{0}
	if l.Width == 64 {
		highs = near(true)
	}
	lows := near(false)
	for _, high := range highs {
		for _, low := range lows {
			v := uint64(high)<<32 | uint64(low)
			if policy.Contains(l.Values, v) && fits(v, about) {
				return v, true
			}
		}
	}
	return 0, false
}

// fits reports whether answers belong to a value.
func fits(v uint64, about []answer) bool {
	return !slices.ContainsFunc(about, func(a answer) bool {
		half := uint32(v)
		if a.high {
			half = uint32(v >> 32)
		}
		return a.same != (half == a.word)
	})
}
