package neutral

import (
	"testing"

	"github.com/seccompc/seccompc/policy"
)

const high = 0xdeadbeef << 32

func TestTestHolds(t *testing.T) {
	tests := []struct {
		test      Test
		in, notIn []uint64
	}{
		{Test{Width: 32, Op: Eq, Value: 7}, []uint64{7, high | 7}, []uint64{6, 8, 0}},
		{Test{Width: 64, Op: Eq, Value: 7}, []uint64{7}, []uint64{high | 7, 1<<32 | 7}},
		{Test{Width: 32, Op: Ne, Value: 7}, []uint64{6, high}, []uint64{7, high | 7}},
		{Test{Width: 64, Op: Lt, Value: 1 << 32}, []uint64{0, 1<<32 - 1}, []uint64{1 << 32, high}},
		{Test{Width: 32, Op: Lt, Value: 8}, []uint64{7, high | 7}, []uint64{8, 0xffffffff}},
		{Test{Width: 64, Op: Le, Value: 8}, []uint64{8}, []uint64{9, 1<<32 | 8}},
		{Test{Width: 32, Op: Gt, Value: 8}, []uint64{9, 0xffffffff}, []uint64{8, high}},
		{Test{Width: 64, Op: Ge, Value: 8}, []uint64{8, high}, []uint64{7}},
		{Test{Width: 32, Op: Masked, Mask: 6, Value: 2}, []uint64{2, 3, high | 2},
			[]uint64{4, 6, 0}},
		{Test{Width: 64, Op: Masked, Mask: ^uint64(3)}, []uint64{0, 3}, []uint64{4, high}},
	}
	for _, tt := range tests {
		for _, v := range tt.in {
			if !tt.test.Holds(v) {
				t.Errorf("%v does not hold for %#x", tt.test, v)
			}
		}
		for _, v := range tt.notIn {
			if tt.test.Holds(v) {
				t.Errorf("%v holds for %#x", tt.test, v)
			}
		}
	}
}

// family is a policy with an ordered pair of rules on one call.
var family = Policy{
	Name: "family", Title: "families", ABIs: []string{"x86_64", "i386"}, Default: Denies(1),
	Rules: []Rule{
		{Call: "socket", When: []Test{{Width: 64, Op: Eq, Value: 1}}, Action: policy.Allow},
		{Call: "socket", When: []Test{{Width: 64, Op: Eq, Value: 2}}, Action: Denies(97)},
		{Call: "socket", Action: Denies(13)},
		{Call: "read", Action: policy.Allow},
		{Call: "socketcall", Action: policy.Log},
		{Nr: 500, Action: policy.Allow},
	},
}

func TestEval(t *testing.T) {
	x86, i386 := ABIs["x86_64"].Arch, ABIs["i386"].Arch
	tests := []struct {
		name string
		data policy.Data
		want policy.Action
	}{
		{"first rule", policy.Data{Nr: 41, Arch: x86, Args: Args{1}}, policy.Allow},
		{"second rule", policy.Data{Nr: 41, Arch: x86, Args: Args{2}}, Denies(97)},
		{"third rule", policy.Data{Nr: 41, Arch: x86, Args: Args{3}}, Denies(13)},
		{"64 bits count", policy.Data{Nr: 41, Arch: x86, Args: Args{high | 1}}, Denies(13)},
		{"32 on i386", policy.Data{Nr: 359, Arch: i386, Args: Args{high | 1}}, policy.Allow},
		{"x86_64's number on i386", policy.Data{Nr: 41, Arch: i386, Args: Args{1}}, Denies(1)},
		{"a call of i386 alone", policy.Data{Nr: 102, Arch: i386}, policy.Log},
		{"its number on x86_64", policy.Data{Nr: 102, Arch: x86}, Denies(1)},
		{"a number", policy.Data{Nr: 500, Arch: i386}, policy.Allow},
		{"no rule", policy.Data{Nr: 1, Arch: x86}, Denies(1)},
		{"x32", policy.Data{Nr: 0x40000000, Arch: x86}, policy.KillProcess},
		{"the last of x32", policy.Data{Nr: 0xfffffffe, Arch: x86}, policy.KillProcess},
		{"a skipped call is not x32", policy.Data{Nr: 0xffffffff, Arch: x86}, Denies(1)},
		{"another machine", policy.Data{Nr: 0, Arch: 0xc00000b7}, policy.KillProcess},
	}
	for _, tt := range tests {
		if got := family.Eval(tt.data); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		abi, call string
		want      uint32
		ok        bool
	}{
		{"x86_64", "ioctl", 16, true},
		{"i386", "ioctl", 54, true},
		{"x32", "ioctl", 0x40000000 + 514, true}, // not 16
		{"x32", "read", 0x40000000, true},
		{"x86_64", "read", 0, true},
		{"x86_64", "set_thread_area", 205, true},
		{"x32", "set_thread_area", 0, false},
		{"x86_64", "socketcall", 0, false},
	}
	for _, tt := range tests {
		if got, ok := ABIs[tt.abi].Number(tt.call); got != tt.want || ok != tt.ok {
			t.Errorf("%s of %s: %#x, %v", tt.call, tt.abi, got, ok)
		}
	}
}

func TestAllowsAlways(t *testing.T) {
	x86 := ABIs["x86_64"]
	for nr, want := range map[uint32]bool{0: true, 1: false, 41: false, 500: true} {
		if got := family.AllowsAlways(x86, nr); got != want {
			t.Errorf("number %d: %v, want %v", nr, got, want)
		}
	}
	open := Policy{Default: policy.Allow, Rules: family.Rules}
	if !open.AllowsAlways(x86, 1) {
		t.Error("a number without a rule is not the default's")
	}
	if actions, tests := family.Rulings(policy.Data{Nr: 41, Arch: x86.Arch}); actions != 3 ||
		!tests {
		t.Errorf("socket has %d actions, tests %v", actions, tests)
	}
}
