package rows

import (
	"testing"

	"github.com/seccompc/seccompc/bench/neutral"
	"github.com/seccompc/seccompc/policy"
)

var native = neutral.ABIs["x86_64"]

func TestRowsNameExistingCalls(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range All() {
		if seen[row.Name] {
			t.Errorf("two rows are called %s", row.Name)
		}
		seen[row.Name] = true
		for _, r := range row.Rules {
			if r.Call != "" && !exists(r.Call, row.ABIs) {
				t.Errorf("%s: no ABI has a call %s", row.Name, r.Call)
			}
		}
	}
}

// The rows describe themselves in numbers; here they are counted.
func TestRowsAreAsDescribed(t *testing.T) {
	tests := []struct {
		row                     Row
		calls, conditions, args int
	}{
		{vmMonitor(), 50, 39, 5},
		{everyOther(), 200, ioctlCommands, 1},
		{randomNumbers(1)[0], 200, 0, 0},
		{denyList(), 99, 0, 0},
	}
	for _, tt := range tests {
		calls, checked, conditions := map[uint32]bool{}, map[uint32]bool{}, 0
		for _, r := range tt.row.Rules {
			nr, _ := r.Number(native)
			calls[nr] = true
			if len(r.When) > 0 {
				checked[nr] = true
				conditions++
			}
		}
		if len(calls) != tt.calls || conditions != tt.conditions || len(checked) != tt.args {
			t.Errorf("%s has %d calls, %d conditions on %d of them, not %d, %d, %d", tt.row.Name,
				len(calls), conditions, len(checked), tt.calls, tt.conditions, tt.args)
		}
	}
}

func TestScaleHasDistinctRules(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 10000} {
		type rule struct {
			nr    uint32
			value uint64
		}
		seen := map[rule]bool{}
		for _, r := range Scale(n).Rules {
			seen[rule{r.Nr, r.When[0].Value}] = true
		}
		if len(seen) != n {
			t.Errorf("%d different rules, not %d", len(seen), n)
		}
	}
}

func TestIoctlCommandsAreSpread(t *testing.T) {
	seen := map[uint64]bool{}
	for _, r := range everyOther().Rules {
		for _, test := range r.When {
			v := test.Value
			if seen[v] || seen[v-1] || seen[v+1] {
				t.Errorf("%#x has a neighbour", v)
			}
			seen[v] = true
		}
	}
}

func TestSeedsGiveDifferentNumbers(t *testing.T) {
	rows := randomNumbers(1, 2)
	same := 0
	for i, r := range rows[0].Rules {
		if rows[1].Rules[i].Nr == r.Nr {
			same++
		}
	}
	if same == len(rows[0].Rules) {
		t.Error("two seeds draw the same numbers")
	}
}

func TestProbesAreOfTheirClass(t *testing.T) {
	for _, row := range All() {
		eval := func(p Probe) policy.Action {
			nr, ok := native.Number(p.Call)
			if !ok {
				t.Errorf("%s probes %s, which does not exist", row.Name, p.Call)
			}
			return row.Eval(policy.Data{Nr: nr, Arch: native.Arch, Args: p.Args})
		}
		always := func(p Probe) bool {
			nr, _ := native.Number(p.Call)
			return row.AllowsAlways(native, nr)
		}
		if p := row.Probes.Checked; p.Call != "" && (always(p) || eval(p) != policy.Allow) {
			t.Errorf("%s: %s is not allowed after a look at its arguments", row.Name, p.Call)
		}
		if p := row.Probes.Denied; p.Call != "" && eval(p).Kind() != policy.Errno {
			t.Errorf("%s: %s gets %v, not an errno", row.Name, p.Call, eval(p))
		}
		if p := row.Probes.Cached; p.Call != "" && !always(p) {
			t.Errorf("%s: %s is not always allowed", row.Name, p.Call)
		}
	}
}

// What Docker's documentation and the profile's own tests say of it.
func TestDockerDefault(t *testing.T) {
	p := dockerDefault("docker", "x86_64").Policy
	tests := []struct {
		call string
		args neutral.Args
		want policy.Action
	}{
		{"read", neutral.Args{}, policy.Allow},
		{"mount", neutral.Args{}, eperm},
		{"unshare", neutral.Args{}, eperm},
		{"clone3", neutral.Args{}, enosys},
		{"clone", neutral.Args{0x11}, policy.Allow},
		{"clone", neutral.Args{0x10000000}, eperm},
		{"personality", neutral.Args{0xffffffff}, policy.Allow},
		{"personality", neutral.Args{0x0400000}, eperm},
	}
	for _, tt := range tests {
		nr, _ := native.Number(tt.call)
		d := policy.Data{Nr: nr, Arch: native.Arch, Args: tt.args}
		if got := p.Eval(d); got != tt.want {
			t.Errorf("%s%#x: %v, want %v", tt.call, tt.args, got, tt.want)
		}
	}
}
