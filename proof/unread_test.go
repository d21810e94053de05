package proof

import (
	"encoding/binary"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/policy"
)

// A filter that compares 64 bits of an argument of which the kernel reads 32.
func TestUnread(t *testing.T) {
	stops := func(a policy.Action) bool { return a.Kind() == policy.Errno }
	passes := func(a policy.Action) bool { return a.Kind() == policy.Allow }
	wide := asm.Program{
		{Op: asm.LdAbs, K: 20}, {Op: asm.JeqK, K: 0, Jt: 0, Jf: 3},
		{Op: asm.LdAbs, K: 16}, {Op: asm.JeqK, K: 38, Jt: 0, Jf: 1},
		{Op: asm.RetK, K: 0x50001}, {Op: asm.RetK, K: 0x7fff0000},
	}
	narrow := asm.Program{
		{Op: asm.LdAbs, K: 16}, {Op: asm.JeqK, K: 38, Jt: 0, Jf: 1},
		{Op: asm.RetK, K: 0x50001}, {Op: asm.RetK, K: 0x7fff0000},
	}
	calls := Calls{Arch: 7, Numbers: []policy.Range{{Lo: 41, Hi: 41}}}
	unread := [6]uint64{0xffffffff00000000}
	s := New()
	f, err := s.Program(wide, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	a, b, err := s.Unread(f, calls, unread, stops, passes)
	if err != nil || a == nil || a.Args[0] != 38 || b.Args[0]&0xffffffff != 38 || b.Args[0] == 38 {
		t.Errorf("got %+v and %+v, %v", a, b, err)
	}
	// The other way about nothing gets past: what is let through is stopped with other bits.
	if a, _, err := s.Unread(f, calls, unread, passes, stops); a != nil || err != nil {
		t.Errorf("got %+v, %v", a, err)
	}
	if f, err = s.Program(narrow, binary.LittleEndian); err != nil {
		t.Fatal(err)
	}
	if a, _, err := s.Unread(f, calls, unread, stops, passes); a != nil || err != nil {
		t.Errorf("narrow: got %+v, %v", a, err)
	}
}

func TestMap(t *testing.T) {
	s := New()
	f, err := s.Program(asm.Program{
		{Op: asm.LdAbs, K: 0}, {Op: asm.JeqK, K: 1, Jt: 0, Jf: 1},
		{Op: asm.RetK, K: 0x7fff0007}, {Op: asm.RetK, K: 0x50001},
	}, binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	f, err = s.Map(f, func(a policy.Action) policy.Action {
		if a.Kind() == policy.Allow {
			return policy.Allow
		}
		return a
	})
	if got := f.Eval(policy.Data{Nr: 1}); err != nil || got != policy.Allow {
		t.Errorf("%v, %v", got, err)
	}
	if got := f.Eval(policy.Data{Nr: 2}); got != policy.Errno|1 {
		t.Errorf("%v", got)
	}
}

// The laxer of two answers, and of equally strict ones the first.
func TestLaxest(t *testing.T) {
	always := func(a policy.Action) asm.Program { return asm.Program{{Op: asm.RetK, K: uint32(a)}} }
	s := New()
	for _, c := range []struct{ a, b, want policy.Action }{
		{policy.Errno | 1, policy.Errno | 2, policy.Errno | 1},
		{policy.KillProcess, policy.KillThread, policy.KillThread},
		{policy.Allow, policy.KillThread, policy.Allow},
		{policy.Log, policy.Allow, policy.Allow},
		{policy.Trap, policy.Errno | 3, policy.Errno | 3},
		{0x12340000, policy.Errno | 3, policy.Errno | 3}, // no action: the kernel kills
	} {
		var f [2]Function
		for i, a := range []policy.Action{c.a, c.b} {
			var err error
			if f[i], err = s.Program(always(a), binary.LittleEndian); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Laxest(f[0], f[1])
		if err != nil || got.Eval(policy.Data{}) != c.want {
			t.Errorf("%v or %v: %v, %v", c.a, c.b, got.Eval(policy.Data{}), err)
		}
	}
}
