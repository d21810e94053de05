package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

// show writes a condition shortly, for tables.
func show(c policy.Cond) string {
	list := func(parts []policy.Cond, sep string) string {
		var out []string
		for _, p := range parts {
			out = append(out, show(p))
		}
		return "(" + strings.Join(out, sep) + ")"
	}
	switch c := c.(type) {
	case nil:
		return "always"
	case policy.And:
		return list(c, " && ")
	case policy.Or:
		return list(c, " || ")
	case policy.Not:
		return "!" + show(c.X)
	}
	t := c.(policy.Test)
	x := fmt.Sprintf("a%d", t.Operand.Arg)
	if t.Operand.Width != 32 {
		x += fmt.Sprintf(".%d", t.Operand.Width)
	}
	switch t.Op {
	case policy.In:
		if t.Mask != policy.Ones(t.Operand.Width) {
			x += fmt.Sprintf("&%#x", t.Mask)
		}
		var set []string
		for _, r := range t.Set {
			v := fmt.Sprint(r.Lo)
			if r.Lo != r.Hi {
				v += fmt.Sprintf("..%d", r.Hi)
			}
			set = append(set, v)
		}
		return x + "=" + strings.Join(set, ",")
	case policy.Le:
		return fmt.Sprintf("%s<=%d", x, t.Value)
	case policy.Ge:
		return fmt.Sprintf("%s>=%d", x, t.Value)
	}
	return fmt.Sprintf("%s %s %#x", x, map[policy.Op]string{
		policy.Any: "any", policy.All: "all", policy.Only: "only"}[t.Op], t.Mask)
}

func wide(arg int, op policy.Op, value uint64) policy.Cond {
	o := policy.Operand{Arg: arg, Width: 64}
	return policy.Test{Operand: o, Op: op, Mask: value, Value: value}
}

func field32(arg int, mask, value uint64) policy.Cond {
	o := policy.Operand{Arg: arg, Width: 32}
	return policy.Test{Operand: o, Mask: mask, Set: point(value)}
}

func not(c policy.Cond) policy.Cond { return policy.Not{X: c} }

func TestExpressReadsWell(t *testing.T) {
	t.Parallel()
	type and = policy.And
	type or = policy.Or
	tests := []struct {
		cond policy.Cond
		want string
	}{
		{and{}, "always"},
		{is(0, 2), "a0=2"},
		{not(is(0, 2)), "!a0=2"},
		{is(0, 38, 40), "a0=38,40"},
		{not(is(0, 38, 40)), "!a0=38,40"},
		{is(0, 0, 1, 2, 3), "a0<=3"},
		{flags(1, policy.Any, 0x10000000), "a1 any 0x10000000"},
		{not(flags(1, policy.Any, 0x10000000)), "a1&0x10000000=0"},
		{flags(1, policy.Any, 0x80000000), "a1 any 0x80000000"},
		{flags(1, policy.Any, 0x7e020000), "a1 any 0x7e020000"},
		{not(flags(1, policy.Any, 0x7e020000)), "a1&0x7e020000=0"},
		{flags(1, policy.All, 0x30000), "a1 all 0x30000"},
		{flags(1, policy.Only, 0x80800), "a1 only 0x80800"},
		{is(0, 0, 8, 0x20000, 0x20008), "a0 only 0x20008"},
		{wide(2, policy.Le, 1<<40), "a2.64<=1099511627776"},
		{wide(2, policy.Gt, 1<<40), "a2.64>=1099511627777"},
		{wide(2, policy.Any, 1<<40), "a2.64 any 0x10000000000"},
		{not(wide(policy.IP, policy.Lt, 4096)), "a6.64>=4096"},
		{and{is(0, 16), not(is(2, 0))}, "(a0=16 && !a2=0)"},
		{or{is(0, 17, 40), and{is(0, 16), not(is(2, 0))}}, "(a0=17,40 || (a0=16 && !a2=0))"},
		{or{is(0, 1), is(1, 2)}, "(a0=1 || a1=2)"},
		{or{is(0, 1), is(1, 2), flags(2, policy.Any, 4)}, "(a0=1 || a1=2 || a2 any 0x4)"},
		{not(and{is(0, 1), is(1, 2)}), "(!a0=1 || !a1=2)"},
		{not(or{and{is(0, 1), is(1, 2)}, and{is(0, 3), is(1, 4)}}),
			"!((a0=1 && a1=2) || (a0=3 && a1=4))"},
		{policy.Or{field32(0, 15, 1), field32(0, 15, 2)},
			"a0&0xf=1,2"},
		{or{flags(2, policy.Only, 0xa8800), flags(2, policy.Any, 0x200000)},
			"(a2 any 0x200000 || a2 only 0x2a8800)"},
		{and{not(flags(2, policy.Only, 0xa8800)), not(flags(2, policy.Any, 0x200000))},
			"(a2&0x200000=0 && a2 any 0xffd577ff)"},
		{and{flags(2, policy.All, 0x600), flags(2, policy.Any, 0x70)},
			"(a2 all 0x600 && a2 any 0x70)"},
		{and{is(0, 16), is(2, 0), wide(2, policy.Ge, 1<<32)},
			"(a0=16 && a2.64>=4294967296 && a2=0)"},
		{and{is(0, 22), wide(0, policy.Ge, 1<<32)}, "(a0.64>=4294967296 && a0=22)"},
		{is(0, 2, 16, 17), "a0=2,16,17"},
		{is(0, 2, 16, 17, 18), "a0=2,16..18"},
		{is(0, 0, 8, 0x20000, 0x20008, 0xffffffff), "a0=0,8,131072,131080,4294967295"},
		{and{wide(1, policy.Le, 1<<40-1), wide(1, policy.Any, 0x5555)},
			"(a1.64<=1099511627775 && a1 any 0x5555)"},
		{and{flags(0, policy.Any, 4), not(flags(0, policy.Any, 8))}, "a0&0xc=4"},
	}
	for _, test := range tests {
		s := New()
		set, err := s.condition(test.cond)
		if err != nil {
			t.Fatal(err)
		}
		got, opaque, err := s.express(set)
		if show(got) != test.want || opaque || err != nil {
			t.Errorf("%s becomes %s, want %s (%v, %v)",
				show(test.cond), show(got), test.want, opaque, err)
		}
	}
}

func TestExpressIsExact(t *testing.T) {
	t.Parallel()
	opaque := 0
	for seed := range uint64(short.Rounds(500)) {
		g := newGenerator(seed)
		s := New()
		cond := g.cond(3)
		set, err := s.condition(cond)
		if err != nil {
			t.Fatal(err)
		}
		got, unwritten, err := s.express(set)
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, show(cond), err)
		}
		if unwritten {
			opaque++
			continue
		}
		for range 20 {
			d := g.call()
			if holds := got == nil || got.Holds(d); holds != cond.Holds(d) {
				t.Fatalf("seed %d: %s is not %s for %+v", seed, show(got), show(cond), d)
			}
		}
	}
	if opaque > 30 {
		t.Errorf("%d of 500 conditions have no short form", opaque)
	}
}

// TestRowsPartition demands that each call lies in just the rows that it must: in one of Explain's,
// with its action, and in one of Diff's exactly when the policies disagree.
func TestRowsPartition(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	calls, opaque := 0, 0
	for seed := range uint64(30) {
		g := newGenerator(seed)
		p, q := g.policy(), g.policy()
		s := New()
		explained, differing := mustRows(t, s, p, q)
		for _, r := range differing {
			if r.A != p.Eval(r.Call) || r.B != q.Eval(r.Call) || r.A == r.B ||
				len(holding(differing, r.Call)) == 0 {
				t.Fatalf("seed %d: %+v does not hold its own call", seed, r)
			}
		}
		for range 40 {
			d := g.call()
			a, b := p.Eval(d), q.Eval(d)
			in, differ := holding(explained, d), holding(differing, d)
			calls++
			if slices.ContainsFunc(append(in, differ...), func(r Row) bool { return r.Opaque }) {
				opaque++
				continue
			}
			if len(in) != 1 || in[0].A != a || in[0].B != a {
				t.Fatalf("seed %d: %+v is in %+v, but gets %v", seed, d, in, a)
			}
			if a == b && len(differ) > 0 ||
				a != b && (len(differ) != 1 || differ[0].A != a || differ[0].B != b) {
				t.Fatalf("seed %d: %+v is in %+v, but gets %v and %v", seed, d, differ, a, b)
			}
		}
	}
	if opaque > calls/5 {
		t.Errorf("%d of %d calls lie in rows without a condition", opaque, calls)
	}
}

// mustRows explains p and compares it with q.
func mustRows(t *testing.T, s *Space, p, q *policy.Policy) (explained, differing []Row) {
	t.Helper()
	f, err := s.Policy(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Policy(q)
	if err != nil {
		t.Fatal(err)
	}
	if explained, err = s.Explain(f); err != nil {
		t.Fatal(err)
	}
	if differing, err = s.Diff(f, h); err != nil {
		t.Fatal(err)
	}
	return explained, differing
}

// holding returns the rows that hold the call, and those that may because they have no condition.
func holding(rows []Row, d policy.Data) (in []Row) {
	for _, r := range rows {
		if policy.Contains(r.Arches, uint64(d.Arch)) && policy.Contains(r.Numbers, uint64(d.Nr)) &&
			(r.When == nil || r.When.Holds(d)) {
			in = append(in, r)
		}
	}
	return in
}

func TestDiffReadsWell(t *testing.T) {
	t.Parallel()
	base := policy.ABI{Name: "x86_64", Arch: archX86}
	base.Numbers = []policy.Range{{Lo: 0, Hi: 0x3fffffff}}
	base.Default, base.Unknown = policy.Allow, policy.Allow
	changed := base
	deny := policy.Errno | 1
	changed.Rules = []policy.Rule{
		{Numbers: []uint32{41, 42}, Action: deny, Cond: is(0, 16)},
		{Numbers: []uint32{101}, Action: deny},
	}
	s := New()
	a, err := s.Policy(withABIs(base))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Policy(withABIs(changed))
	if err != nil {
		t.Fatal(err)
	}
	arch := point(archX86)
	want := []Row{
		{Arches: arch, Numbers: []policy.Range{{Lo: 41, Hi: 42}}, When: is(0, 16),
			A: policy.Allow, B: deny,
			Call: policy.Data{Arch: archX86, Nr: 41, Args: [6]uint64{16}}},
		{Arches: arch, Numbers: point(101), A: policy.Allow, B: deny,
			Call: policy.Data{Arch: archX86, Nr: 101}},
	}
	if rows, err := s.Diff(a, b); err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%+v, %v\nwant %+v", rows, err, want)
	}
	if rows, err := s.Diff(a, a); err != nil || len(rows) > 0 {
		t.Errorf("no difference: %+v, %v", rows, err)
	}
}

// parity returns a program that allows the calls whose word at the offset has an odd number of
// bits.
func parity(offset uint32) asm.Program {
	p := asm.Program{{Op: asm.LdAbs, K: offset}}
	for _, shift := range []uint32{16, 8, 4, 2, 1} {
		p = append(p, asm.Instruction{Op: asm.Tax}, asm.Instruction{Op: asm.RshK, K: shift},
			asm.Instruction{Op: asm.XorX})
	}
	return append(p, asm.Instruction{Op: asm.JsetK, K: 1, Jf: 1},
		asm.Instruction{Op: asm.RetK, K: uint32(policy.Allow)}, asm.Instruction{Op: asm.RetK})
}

func TestWhatHasNoShortForm(t *testing.T) {
	t.Parallel()
	s := New()
	rows, err := s.Explain(mustProgram(t, s, parity(16), binary.LittleEndian))
	if err != nil || len(rows) != 2 || !rows[0].Opaque || !rows[1].Opaque {
		t.Fatalf("parity of an argument: %+v, %v", rows, err)
	}
	for _, r := range rows {
		if a := mustRun(t, parity(16), r.Call, binary.LittleEndian); a != r.A {
			t.Errorf("%+v gets %v, not %v", r.Call, a, r.A)
		}
	}
	rows, err = s.Explain(mustProgram(t, s, parity(asm.OffNr), binary.LittleEndian))
	if !errors.Is(err, ErrTooComplex) {
		t.Errorf("parity of the number: %d rows, %v", len(rows), err)
	}
}
