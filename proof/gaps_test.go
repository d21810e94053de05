package proof

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// holdsAnswer reports whether a function with gaps is right about a call, and whether it knows.
func holdsAnswer(s *Space, f Function, d policy.Data, want policy.Action) (right, known bool) {
	gap := s.eval(f.gaps, s.inputOf(d))
	if gap == 0 {
		return f.Eval(d) == want, true
	}
	return s.gaps[gap-1].may(func(a policy.Action) bool { return a == want }), false
}

// What is known of random programs, and of stacks of two, is what they do; what is not known may be
// what they do.
func TestPartlyIsRight(t *testing.T) {
	t.Parallel()
	known, unknown := 0, 0
	for seed := range uint64(600) {
		g := newGenerator(seed)
		order := g.order()
		var stack []asm.Program
		for range 1 + seed%2 {
			if p := g.wild(g.program(12 + g.IntN(30))); p.Check() == nil {
				stack = append(stack, p)
			}
		}
		if len(stack) == 0 {
			continue
		}
		s := newSpace(maxVertices, 1<<(11+seed%5))
		f, err := s.Partly(order, stack)
		if errors.Is(err, ErrTooComplex) {
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 60 {
			d := g.call()
			want := mustRun(t, stack[0], d, order)
			for _, p := range stack[1:] {
				if a := mustRun(t, p, d, order); a.Precedence() <= want.Precedence() {
					want = a
				}
			}
			right, sure := holdsAnswer(s, f, d, want)
			if !right {
				t.Fatalf("seed %d: %+v gets %v\n%v", seed, d, want, stack)
			}
			if sure {
				known++
			} else {
				unknown++
			}
		}
	}
	if known < 5000 || unknown < 1000 {
		t.Errorf("%d calls were known and %d were not: too few", known, unknown)
	}
}

// sumOf allows calls of a number where the sum of two arguments is 6, and number 6.
func sumOf(nr uint32) asm.Program {
	return asm.Program{
		{Op: asm.LdAbs, K: asm.OffNr}, {Op: asm.JeqK, K: nr, Jf: 4},
		{Op: asm.LdAbs, K: 16}, {Op: asm.Tax}, {Op: asm.LdAbs, K: 24},
		{Op: asm.AddX},
		{Op: asm.JeqK, K: 6, Jt: 1},
		{Op: asm.RetK, K: uint32(policy.Errno | 1)}, {Op: asm.RetK, K: uint32(policy.Allow)},
	}
}

// Of a function with a gap nothing is claimed that depends on the gap, and everything else is.
func TestGapsAreNeverEqual(t *testing.T) {
	if testing.Short() {
		t.Skip("what is too complex takes seconds")
	}
	t.Parallel()
	s := New()
	f, err := s.Partly(binary.LittleEndian, []asm.Program{sumOf(41)})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.Partly(binary.LittleEndian, []asm.Program{sumOf(42)})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []Function{f, other} {
		if d, err := s.Differ(f, g); d != nil || !errors.Is(err, ErrTooComplex) {
			t.Errorf("%v, %v", d, err)
		}
		if d, err := s.Subset(f, g); d != nil || !errors.Is(err, ErrTooComplex) {
			t.Errorf("subset: %v, %v", d, err)
		}
		if rows, err := s.Diff(f, g); len(rows) > 0 || !errors.Is(err, ErrTooComplex) {
			t.Errorf("rows: %v, %v", rows, err)
		}
	}
	allow := mustProgram(t, s, asm.Program{{Op: asm.RetK, K: uint32(policy.Allow)}},
		binary.LittleEndian)
	if d, err := s.Differ(f, allow); err != nil || d == nil || d.Call.Nr == 41 ||
		d.Call.Nr == 6 {
		t.Errorf("with what allows everything: %+v, %v", d, err)
	}
	if rows, err := s.Diff(f, allow); len(rows) != 1 || !errors.Is(err, ErrTooComplex) ||
		policy.Contains(rows[0].Numbers, 41) {
		t.Errorf("with what allows everything: %+v, %v", rows, err)
	}
	rest, err := s.Without(f, Calls{Arch: archX86,
		Numbers: []policy.Range{{Lo: 41, Hi: 41}}})
	if err != nil {
		t.Fatal(err)
	}
	gaps, err := s.GapsOf(rest, Calls{archX86, []policy.Range{{Lo: 0, Hi: 1 << 31}}, nil})
	if err != nil || len(gaps) > 0 {
		t.Errorf("without the call: %v, %v", gaps, err)
	}
	gaps, err = s.GapsOf(f, Calls{archX86, []policy.Range{{Lo: 0, Hi: 1 << 31}}, nil})
	if err != nil || len(gaps) != 1 || gaps[0].Why != "instruction 5 is too complex to follow" ||
		!slices.Equal(gaps[0].Answers, []policy.Action{policy.Errno | 1, policy.Allow}) ||
		gaps[0].Call == nil || gaps[0].Call.Nr != 41 {
		t.Errorf("%+v, %v", gaps, err)
	}
	point := func(nr uint64) Calls { return Calls{archX86, []policy.Range{{Lo: nr, Hi: nr}}, nil} }
	is := func(want policy.Action) func(policy.Action) bool {
		return func(a policy.Action) bool { return a == want }
	}
	for _, test := range []struct {
		nr             uint64
		wanted         policy.Action
		known, unknown bool
	}{
		{41, policy.Allow, false, true}, {41, policy.KillProcess, false, false},
		{40, policy.Errno | 1, true, false}, {40, policy.Allow, false, false},
		{6, policy.Allow, true, false},
	} {
		e, err := s.Find(f, point(test.nr), is(test.wanted))
		if (e != nil) != test.known || errors.Is(err, ErrTooComplex) != test.unknown {
			t.Errorf("%d, %v: %v, %v", test.nr, test.wanted, e, err)
		}
	}
}

// A stricter filter beside it closes a gap.
func TestStackClosesGaps(t *testing.T) {
	if testing.Short() {
		t.Skip("what is too complex takes seconds")
	}
	t.Parallel()
	s := New()
	kill := asm.Program{{Op: asm.RetK, K: uint32(policy.KillProcess)}}
	f, err := s.Partly(binary.LittleEndian, []asm.Program{sumOf(41), kill})
	if err != nil {
		t.Fatal(err)
	}
	if f != known(s, s.leaf(uint32(policy.KillProcess))) {
		t.Error("a gap is left where everything is killed")
	}
}

// TestOverviewIsRight: what divides the numbers into too many parts is told for notable ones, and
// for the others it is not known.
func TestOverviewIsRight(t *testing.T) {
	t.Parallel()
	s := New(archX86, archI386)
	p := parity(asm.OffNr)
	f := mustProgram(t, s, p, binary.LittleEndian)
	notable := map[uint32][]policy.Range{
		archX86: {{Lo: 0, Hi: 9}}, archI386: {{Lo: 4, Hi: 5}, {Lo: 1 << 30, Hi: 1 << 30}},
	}
	rows, err := s.Overview(f, notable)
	if err != nil {
		t.Fatal(err)
	}
	for _, nr := range []uint32{0, 1, 2, 3, 4, 5, 9, 10, 11, 1 << 30, 1<<30 + 1, 1<<32 - 1} {
		d := policy.Data{Nr: nr, Arch: archX86}
		in := holding(rows, d)
		if len(in) != 1 {
			t.Fatalf("%d is in %d rows", nr, len(in))
		}
		want := mustRun(t, p, d, binary.LittleEndian)
		switch gap := in[0].Gap; {
		case gap != nil && (policy.Contains(notable[archX86], uint64(nr)) ||
			!slices.Contains(gap.Answers, want)):
			t.Errorf("%d: %v", nr, gap)
		case gap == nil && in[0].A != want:
			t.Errorf("%d: %v, want %v", nr, in[0].A, want)
		}
	}
}

// shrink takes the newest vertices out, and those that stay are found as before.
func TestShrink(t *testing.T) {
	t.Parallel()
	s := New()
	first := s.equals(field{512, 32}, policy.Ones(32), 77)
	length := len(s.vertices)
	for i := range uint64(500) {
		s.equals(field{512, 64}, policy.Ones(64), i*i*7919)
	}
	s.shrink(length)
	if again := s.equals(field{512, 32}, policy.Ones(32), 77); again != first ||
		len(s.vertices) != length {
		t.Errorf("node %d, then %d; %d vertices, then %d", first, again, length, len(s.vertices))
	}
}
