package proof

import (
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/policy"
)

func TestPolicyIsEval(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(2000)) {
		g := newGenerator(seed)
		p := g.policy()
		f, err := New().Policy(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 60 {
			if d := g.call(); f.Eval(d) != p.Eval(d) {
				t.Fatalf("seed %d: %+v gets %v, the policy says %v", seed, d, f.Eval(d), p.Eval(d))
			}
		}
	}
}

// TestNumberIsEval asks about the numbers of calls one by one.
func TestNumberIsEval(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(500)) {
		g := newGenerator(seed)
		p, s := g.policy(), New()
		for range 60 {
			d := g.call()
			f, err := s.Number(p, d.Arch, d.Nr)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if f.Eval(d) != p.Eval(d) {
				t.Fatalf("seed %d: %+v gets %v, the policy says %v", seed, d, f.Eval(d), p.Eval(d))
			}
			other := policy.Data{IP: d.IP, Args: d.Args}
			if f.Eval(other) != p.Eval(d) {
				t.Fatalf("seed %d: %+v hangs on more than its arguments", seed, d)
			}
		}
	}
}

func TestProgramIsRun(t *testing.T) {
	t.Parallel()
	for seed := range uint64(short.Rounds(2000)) {
		g := newGenerator(seed)
		p, order := g.program(4+g.IntN(60)), g.order()
		f := mustProgram(t, New(), p, order)
		for range 60 {
			d := g.call()
			if want := mustRun(t, p, d, order); f.Eval(d) != want {
				t.Fatalf("seed %d: %+v gets %v, the program returns %v\n%v",
					seed, d, f.Eval(d), want, p)
			}
		}
	}
}

// TestArithmetic tries every operation on two arguments of four bits, with all results. The
// operands come from arguments, so that nothing is a constant.
func TestArithmetic(t *testing.T) {
	t.Parallel()
	order := binary.LittleEndian
	ops := []uint16{
		asm.AddX, asm.SubX, asm.MulX, asm.DivX, asm.OrX, asm.AndX, asm.LshX, asm.RshX, asm.XorX,
		asm.AddK, asm.SubK, asm.MulK, asm.DivK, asm.OrK, asm.AndK, asm.LshK, asm.RshK, asm.XorK,
		asm.Neg, asm.Txa, asm.JeqX, asm.JgtX, asm.JgeX, asm.JsetX,
	}
	for _, op := range ops {
		p := asm.Program{
			{Op: asm.LdAbs, K: 16}, {Op: asm.AndK, K: 15}, {Op: asm.St, K: 1},
			{Op: asm.LdAbs, K: 24}, {Op: asm.AndK, K: 15}, {Op: asm.Tax},
			{Op: asm.LdMem, K: 1},
			{Op: op, K: 5, Jt: 1}, {Op: asm.RetA}, {Op: asm.LdMem, K: 1}, {Op: asm.RetA},
		}
		f := mustProgram(t, New(), p, order)
		for i := range uint64(256) {
			d := policy.Data{Args: [6]uint64{i & 15, i >> 4}}
			if want := mustRun(t, p, d, order); f.Eval(d) != want {
				t.Fatalf("opcode %#x: %d and %d give %#x, want %#x",
					op, i&15, i>>4, f.Eval(d), want)
			}
		}
	}
}

func TestAlways(t *testing.T) {
	t.Parallel()
	p := withABIs(dockerLike("x86_64", archX86))
	f, err := New().Policy(p)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		arch, nr uint32
		action   policy.Action
		always   bool
	}{
		{archX86, 3, policy.Allow, true},
		{archX86, 0, policy.Errno | 1, true},
		{archX86, 461, policy.Errno | 38, true},
		{archX86, 56, 0, false},
		{archX86, 1 << 30, policy.KillProcess, true},
		{archI386, 3, policy.KillProcess, true},
	}
	for _, test := range tests {
		if a, always := f.Always(test.arch, test.nr); a != test.action || always != test.always {
			t.Errorf("nr %d of %#x: %v, %v; want %v, %v",
				test.nr, test.arch, a, always, test.action, test.always)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	s := New()
	f, err := s.Policy(withABIs(dockerLike("x86_64", archX86)))
	if err != nil {
		t.Fatal(err)
	}
	number := func(nr uint64, cond policy.Cond) Calls { return Calls{archX86, point(nr), cond} }
	tests := []struct {
		name  string
		calls Calls
		found bool // a call that is allowed
		args  [6]uint64
	}{
		{"allowed", number(3, nil), true, [6]uint64{}},
		{"denied", number(0, nil), false, [6]uint64{}},
		{"another arch", Calls{archI386, point(3), nil}, false, [6]uint64{}},
		{"no numbers", Calls{Arch: archX86}, false, [6]uint64{}},
		{"a flag that is denied", number(56, flags(0, policy.Any, 0x10000000)), false, [6]uint64{}},
		{"another flag", number(56, flags(0, policy.Any, 0x100)), true, [6]uint64{0x100}},
		{"family 40", number(41, is(0, 40)), true, [6]uint64{40}},
		{"family 40, protocol 1", number(41, policy.And{is(0, 40), is(2, 1)}), false, [6]uint64{}},
		{"a condition that never holds", number(3, policy.Or{}), false, [6]uint64{}},
	}
	for _, test := range tests {
		d, err := s.Find(f, test.calls, func(a policy.Action) bool { return a == policy.Allow })
		if err != nil || (d != nil) != test.found || d != nil && d.Args != test.args {
			t.Errorf("%s: %+v, %v", test.name, d, err)
		}
		twice := test.calls // one number too, but not at first sight
		twice.Numbers = append(twice.Numbers, twice.Numbers...)
		again, err := s.Find(f, twice, func(a policy.Action) bool { return a == policy.Allow })
		if err != nil || (d == nil) != (again == nil) || d != nil && !reflect.DeepEqual(d, again) {
			t.Errorf("%s: %+v and %+v, %v", test.name, d, again, err)
		}
	}
	for _, bad := range []policy.Cond{policy.Not{}, policy.And{nil}, policy.Or{is(0, 1), nil}} {
		if _, err := s.Find(f, number(3, bad), nil); err == nil {
			t.Errorf("%v is a condition", bad)
		}
	}
}

func TestSubset(t *testing.T) {
	t.Parallel()
	one := func(a policy.Action) asm.Program { return asm.Program{{Op: asm.RetK, K: uint32(a)}} }
	tests := []struct {
		a, b   policy.Action
		subset bool
	}{
		{policy.Allow, policy.Allow, true},
		{policy.Allow, policy.Errno | 1, true},
		{policy.Errno | 1, policy.Errno | 38, true},
		{policy.Errno | 1, policy.Allow, false},
		{policy.Log, policy.Allow, false},
		{policy.KillThread, policy.KillProcess, true},
		{policy.KillProcess, policy.KillThread, false},
		{policy.KillThread, 0x7ffe0000, true}, // unknown to the kernel, which kills the process
		{0x7ffe0000, policy.Log, false},
		{0x7ffe0000, policy.KillThread, false},
		{0x7ffe0000, policy.KillProcess, true},
		{0x7ffe0000, 0x12345678, true},
		{policy.KillProcess | 1, policy.KillProcess, true},
	}
	for _, test := range tests {
		s := New()
		a := mustProgram(t, s, one(test.a), binary.LittleEndian)
		b := mustProgram(t, s, one(test.b), binary.LittleEndian)
		d, err := s.Subset(a, b)
		if err != nil || (d == nil) != test.subset || d != nil && (d.A != test.a || d.B != test.b) {
			t.Errorf("%v after %v: %+v, %v", test.b, test.a, d, err)
		}
		rows, err := s.Laxer(a, b)
		if err != nil || (len(rows) == 0) != test.subset {
			t.Errorf("%v after %v: %d rows, %v", test.b, test.a, len(rows), err)
		}
	}
}

// TestStack compares stacked programs with what the kernel does: run all, newest first, and keep
// the first of the smallest.
func TestStack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		g := newGenerator(seed)
		s, order := New(), g.order()
		programs := make([]asm.Program, 1+g.IntN(4))
		functions := make([]Function, len(programs))
		for i := range programs {
			programs[i] = g.program(20)
			functions[i] = mustProgram(t, s, programs[i], order)
		}
		stack, err := s.Stack(functions...)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			d := g.call()
			want := mustRun(t, programs[len(programs)-1], d, order)
			for i := len(programs) - 2; i >= 0; i-- {
				if a := mustRun(t, programs[i], d, order); a.Precedence() < want.Precedence() {
					want = a
				}
			}
			if stack.Eval(d) != want {
				t.Fatalf("seed %d: %+v gets %v, want %v", seed, d, stack.Eval(d), want)
			}
		}
	}
}

func TestFunctionsOfTwoSpaces(t *testing.T) {
	t.Parallel()
	program := asm.Program{{Op: asm.RetK}}
	s := New()
	f := mustProgram(t, s, program, binary.LittleEndian)
	g := mustProgram(t, New(), program, binary.LittleEndian)
	defer func() {
		if recover() == nil {
			t.Error("functions of two spaces were compared")
		}
	}()
	s.Differ(f, g)
}

// TestWildProgramsAreRun lets words of the call into X, scratch memory and the returned value, with
// a budget that gives up soon: where there is an answer, it must be the simulator's.
func TestWildProgramsAreRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	decided := 0
	for seed := range uint64(2000) {
		g := newGenerator(seed)
		p, order := g.wild(g.program(4+g.IntN(40))), g.order()
		if p.Check() == nil && runs(t, g, p, order) {
			decided++
		}
	}
	if decided < 500 {
		t.Errorf("only %d programs decided: the test shows little", decided)
	}
}

// runs reports whether the program is decided within a small budget, and demands that the answers
// are the simulator's.
func runs(t *testing.T, g generator, p asm.Program, order binary.ByteOrder) bool {
	t.Helper()
	f, err := newSpace(1<<15, 1<<17).Program(p, order)
	if errors.Is(err, ErrTooComplex) {
		return false
	}
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	for range 40 {
		d := g.call()
		if want := mustRun(t, p, d, order); f.Eval(d) != want {
			t.Fatalf("%+v gets %v, the program returns %v\n%v", d, f.Eval(d), want, p)
		}
	}
	return true
}

// TestForwardsIsBackwards works programs out in both ways.
func TestForwardsIsBackwards(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	both := 0
	for seed := range uint64(2000) {
		g := newGenerator(seed)
		p := g.program(4 + g.IntN(60))
		if q := g.wild(slices.Clone(p)); seed%2 == 1 && q.Check() == nil {
			p = q
		}
		s := newSpace(1<<16, 1<<18)
		e := newExecutor(s, p)
		e.load(g.order())
		var f, b node
		if s.within(1<<17, func() { b, _ = e.backwards() }) &&
			s.within(1<<17, func() { f, _ = e.forwards() }) {
			if both++; f != b {
				t.Fatalf("seed %d: forwards and backwards differ\n%v", seed, p)
			}
		}
	}
	if both < 1500 {
		t.Errorf("only %d programs decided in both ways: the test shows little", both)
	}
}

func FuzzProgram(f *testing.F) {
	for seed := range uint64(20) {
		g := newGenerator(seed)
		f.Add(g.wild(g.program(30)).Encode(binary.LittleEndian), seed)
	}
	for _, p := range hostile {
		f.Add(p().Encode(binary.LittleEndian), uint64(0))
	}
	f.Fuzz(func(t *testing.T, blob []byte, seed uint64) {
		p, err := asm.Decode(blob, binary.LittleEndian)
		if err != nil {
			return
		}
		if p.Check() != nil {
			if _, err := New().Program(p, binary.LittleEndian); err == nil {
				t.Fatalf("a program that the kernel refuses has a function\n%v", p)
			}
			return
		}
		runs(t, newGenerator(seed), p, binary.LittleEndian)
	})
}

func mustProgram(t testing.TB, s *Space, p asm.Program, order binary.ByteOrder) Function {
	t.Helper()
	f, err := s.Program(p, order)
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return f
}

func mustRun(t testing.TB, p asm.Program, d policy.Data, order binary.ByteOrder) policy.Action {
	t.Helper()
	r, err := p.Run(asm.Data(d), order)
	if err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	return policy.Action(r.Ret)
}

// TestRenewed: further questions do not suffer from what the last ones took.
func TestRenewed(t *testing.T) {
	if s := New(); s.Renewed() != s {
		t.Error("a new space is not used again")
	}
	s := New()
	s.spend(maxSteps / 8)
	if r := s.Renewed(); r == s || r.steps != maxSteps {
		t.Errorf("a space with %d steps left is used again", s.steps)
	}
}

// TestRulesAlike: rules of a call each, one behind the other, are the rule that names all the
// calls, in about as many steps; rules between which another one stands are not.
func TestRulesAlike(t *testing.T) {
	abi := policy.ABI{Arch: 7, Numbers: []policy.Range{{Hi: 0xffffffff}}, Default: policy.Errno | 1,
		Unknown: policy.Errno | 1}
	one, each := abi, abi
	one.Rules = []policy.Rule{{Action: policy.Allow}}
	for nr := range uint32(400) {
		nr = nr * 7 % 500
		one.Rules[0].Numbers = append(one.Rules[0].Numbers, nr)
		each.Rules = append(each.Rules, policy.Rule{Numbers: []uint32{nr}, Action: policy.Allow})
	}
	s := newSpace(100_000, 1_000_000)
	steps := func(a policy.ABI) (Function, int) {
		before := s.steps
		f, err := s.Policy(&policy.Policy{ABIs: []policy.ABI{a}})
		if err != nil {
			t.Fatal(err)
		}
		return f, before - s.steps
	}
	all, few := steps(one)
	same, more := steps(each)
	if all.root != same.root || more > 2*few {
		t.Errorf("%d steps for a rule, %d for its calls one by one; the same: %v", few, more,
			all.root == same.root)
	}
	between := each
	between.Rules = slices.Insert(slices.Clone(each.Rules), 200,
		policy.Rule{Numbers: []uint32{200 * 7 % 500, 499}, Action: policy.KillProcess})
	other, _ := steps(between)
	if other.root == all.root {
		t.Error("the rule between them is lost")
	}
	if len(each.Rules[0].Numbers) != 1 {
		t.Errorf("the policy has changed: %v", each.Rules[0])
	}
}
