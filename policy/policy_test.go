package policy

import (
	"reflect"
	"slices"
	"testing"
)

// TestTests holds each comparison against the answer written down by hand.
func TestTests(t *testing.T) {
	i32 := Operand{Arg: 0, Width: 32, Signed: true}
	u32 := Operand{Arg: 0, Width: 32}
	u16 := Operand{Arg: 0, Width: 16}
	u64 := Operand{Arg: 0, Width: 64}
	ip := Operand{Arg: IP, Width: 64}
	for _, c := range []struct {
		name string
		test Test
		arg  uint64
		want bool
	}{
		{"a soiled upper half is not looked at",
			Test{Operand: u32, Mask: Ones(32), Set: []Range{{2, 2}}},
			0xdead_0000_0002, true},
		{"all of the register is", Test{Operand: u64, Mask: Ones(64), Set: []Range{{2, 2}}},
			0xdead_0000_0002, false},
		{"16 bits", Test{Operand: u16, Mask: Ones(16), Set: []Range{{0o755, 0o755}}},
			0xf0000 | 0o755,
			true},
		{"AT_FDCWD sign-extended", Test{Operand: i32, Mask: Ones(32),
			Set: []Range{{0xffffff9c, 0xffffff9c}}}, ^uint64(99), true},
		{"AT_FDCWD zero-extended", Test{Operand: i32, Mask: Ones(32),
			Set: []Range{{0xffffff9c, 0xffffff9c}}}, 0xffffff9c, true},
		{"-1 < 0 signed", Test{Operand: i32, Op: Lt, Value: 0}, 0xffffffff, true},
		{"-1 < 0 unsigned", Test{Operand: u32, Op: Lt, Value: 0}, 0xffffffff, false},
		{"-1 <= -1", Test{Operand: i32, Op: Le, Value: 0xffffffff}, 0xffffffff, true},
		{"-2 > -1", Test{Operand: i32, Op: Gt, Value: 0xffffffff}, 0xfffffffe, false},
		{"0 >= -1", Test{Operand: i32, Op: Ge, Value: 0xffffffff}, 0, true},
		{"below a range behind a mask", Test{Operand: u32, Mask: 0xf, Set: []Range{{3, 5}}}, 0x12,
			false},
		{"in a range behind a mask", Test{Operand: u32, Mask: 0xf, Set: []Range{{3, 5}}}, 0x14,
			true},
		{"any", Test{Operand: u32, Op: Any, Mask: 6}, 4, true},
		{"not any", Test{Operand: u32, Op: Any, Mask: 6}, 9, false},
		{"all", Test{Operand: u32, Op: All, Mask: 6}, 7, true},
		{"not all", Test{Operand: u32, Op: All, Mask: 6}, 4, false},
		{"only", Test{Operand: u32, Op: Only, Mask: 6}, 0xff_0000_0004, true},
		{"not only", Test{Operand: u32, Op: Only, Mask: 6}, 5, false},
		{"the instruction pointer", Test{Operand: ip, Op: Ge, Value: 7}, 0, true},
	} {
		d := Data{IP: 7, Args: [6]uint64{c.arg}}
		if got := c.test.Holds(d); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if (Not{c.test}).Holds(d) == c.want {
			t.Errorf("%s: and not", c.name)
		}
	}
	if !(And{}).Holds(Data{}) || (Or{}).Holds(Data{}) {
		t.Error("an empty And holds, an empty Or does not")
	}
}

// TestConnectives goes over all values of two and three parts, in every place.
func TestConnectives(t *testing.T) {
	bit := func(i int) Cond { return Test{Operand: Operand{Arg: i, Width: 32}, Op: Any, Mask: 1} }
	a, b, c := bit(0), bit(1), bit(2)
	for n := range uint64(8) {
		d := Data{Args: [6]uint64{n & 1, n >> 1 & 1, n >> 2}}
		x, y, z := n&1 != 0, n&2 != 0, n&4 != 0
		for _, test := range []struct {
			cond Cond
			want bool
		}{
			{a, x}, {Not{a}, !x}, {Not{Not{a}}, x},
			{And{a}, x}, {And{a, b}, x && y}, {And{a, b, c}, x && y && z},
			{And{c, a, b}, x && y && z},
			{Or{a}, x}, {Or{a, b}, x || y}, {Or{a, b, c}, x || y || z}, {Or{c, a, b}, x || y || z},
			{Or{And{a, b}, c}, x && y || z}, {And{Or{a, b}, c}, (x || y) && z},
			{Not{And{a, Or{b, Not{c}}}}, !(x && (y || !z))},
		} {
			if got := test.cond.Holds(d); got != test.want {
				t.Errorf("%v of %v, %v, %v: %v", test.cond, x, y, z, got)
			}
		}
	}
}

// TestEval decides calls by the first rule that holds, then by the table, then by the ABI.
func TestEval(t *testing.T) {
	cond := Test{Operand: Operand{Width: 32}, Op: Any, Mask: 1}
	p := Policy{Mismatch: KillProcess, ABIs: []ABI{{
		Arch: 7, Numbers: []Range{{0, 99}}, Known: []Range{{0, 9}}, Default: Allow,
		Unknown: Errno | 38,
		Rules: []Rule{
			{Numbers: []uint32{3}, Cond: cond, Action: Log},
			{Numbers: []uint32{3, 50}, Action: Errno | 1},
			{Numbers: []uint32{3}, Action: Trap},
		},
	}}}
	for _, c := range []struct {
		d    Data
		want Action
	}{
		{Data{Arch: 7, Nr: 3, Args: [6]uint64{1}}, Log},
		{Data{Arch: 7, Nr: 3}, Errno | 1},
		{Data{Arch: 7, Nr: 50}, Errno | 1},
		{Data{Arch: 7, Nr: 4}, Allow},
		{Data{Arch: 7, Nr: 10}, Errno | 38},
		{Data{Arch: 7, Nr: 100}, KillProcess},
		{Data{Arch: 8, Nr: 3}, KillProcess},
	} {
		if got := p.Eval(c.d); got != c.want {
			t.Errorf("%+v: %v, want %v", c.d, got, c.want)
		}
	}
}

func TestActions(t *testing.T) {
	for a, want := range map[Action]string{
		Allow: "allow", Allow | 1: "0x7fff0001", Errno | 1: "deny(1)", Trap: "trap",
		Trap | 7: "trap(7)",
		Trace:    "trace(0)", KillThread: "kill_thread", KillProcess: "kill", Notify: "notify",
		Log: "log", 0x12340000: "0x12340000",
	} {
		if a.String() != want {
			t.Errorf("%v, want %s", a, want)
		}
	}
	order := []Action{KillProcess, KillThread, Trap, Errno, Notify, Trace, Log, Allow}
	strictness := func(a, b Action) int {
		return int(a.Strictness()>>16) - int(b.Strictness()>>16)
	}
	if !slices.IsSortedFunc(order, strictness) {
		t.Error("the order of the kernel's SECCOMP_RET_* is another")
	}
}

func TestUnion(t *testing.T) {
	in := []Range{{8, 9}, {7, 6}, {0, 3}, {4, 5}, {2, 3}, {^uint64(0), ^uint64(0)}}
	got, want := Union(in), []Range{{0, 5}, {8, 9}, {^uint64(0), ^uint64(0)}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if in[0] != (Range{8, 9}) {
		t.Error("the argument was changed")
	}
}

func TestStrictnessIsWhatTheKernelDoes(t *testing.T) {
	for _, unknown := range []Action{0x7ffe0000, 0x00010000, 0x12345678, 0xffff0000} {
		if unknown.Strictness() != KillProcess.Strictness() {
			t.Errorf("%v kills the process", unknown)
		}
		if unknown.Precedence() != int32(unknown.Kind()) {
			t.Errorf("%v: among stacked filters the value counts", unknown)
		}
	}
	if (Errno | 1).Strictness() != (Errno | 38).Strictness() {
		t.Error("data makes no action stricter")
	}
}

// TestTestsOfConditions yields each comparison in its order, and stops where it is told to.
func TestTestsOfConditions(t *testing.T) {
	test := func(v uint64) Cond { return Test{Value: v} }
	late := LateTest{Late: &Late{Name: "pid"}}
	conds := []Cond{And{test(1), Not{Or{test(2), late}}}, nil, test(3)}
	want := []Cond{test(1), test(2), late, test(3)}
	for stop := 1; stop <= len(want); stop++ {
		var got []Cond
		for c := range Tests(conds...) {
			if got = append(got, c); len(got) == stop {
				break
			}
		}
		if !reflect.DeepEqual(got, want[:stop]) {
			t.Errorf("%v, want %v", got, want[:stop])
		}
	}
}
