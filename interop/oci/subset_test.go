package oci

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/policy"
	"github.com/seccompc/seccompc/proof"
)

func TestSubset(t *testing.T) {
	eq := func(v string) string {
		return profile(
			`{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": ` +
				v +
				`, "op": "SCMP_CMP_LT"}]}`)
	}
	opts := Options{Host: hostX86(), Engine: Crun}
	if d, err := Subset([]byte(eq("3")), []byte(eq("2")), opts); d != nil || err != nil {
		t.Errorf("the smaller one is no subset: %v, %v", d, err)
	}
	d, err := Subset([]byte(eq("2")), []byte(eq("3")), opts)
	if err != nil || d == nil || d.Call.Args[0] != 2 {
		t.Errorf("the larger one: %v, %v; want a call with family 2", d, err)
	}
	if _, err := Subset([]byte(eq("2")), []byte("{"), opts); err == nil {
		t.Error("a profile that is cut off is compared")
	}
}

// TestAlgebra: profiles together, with conditions, read back and compared.
func TestAlgebra(t *testing.T) {
	const head = `{"defaultAction": "SCMP_ACT_ERRNO",
		"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [`
	const a = head + `{"names": ["read", "write", "mkdir"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["openat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [
		{"index": 0, "value": 4294967295, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}]}`
	const b = head + `{"names": ["read", "close"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["openat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2},
		{"names": ["mkdir"], "action": "SCMP_ACT_KILL_PROCESS"},
		{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [
		{"index": 0, "value": 4294967295, "valueTwo": 8, "op": "SCMP_CMP_MASKED_EQ"}]}]}`
	opts := Options{Host: hostX86(), Engine: Crun}
	both, err := Intersect([]byte(a), []byte(b), opts)
	if err != nil {
		t.Fatal(err)
	}
	either, err := Union([]byte(a), []byte(b), opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		call         string
		both, either policy.Action
	}{
		{"read", policy.Allow, policy.Allow},
		{"write", policy.Errno | 1, policy.Allow},
		{"close", policy.Errno | 1, policy.Allow},
		{"openat", policy.Errno | 2, policy.Errno | 38},
		// B's errno where both are needed, else A's
		{"mkdir", policy.KillProcess, policy.Allow},
		{"personality(0)", policy.Errno | 1, policy.Allow},
		{"personality(8)", policy.Errno | 1, policy.Allow},
		{"personality(9)", policy.Errno | 1, policy.Errno | 1},
		{"bpf", policy.Errno | 1, policy.Errno | 1},
	} {
		for text, want := range map[string]policy.Action{string(both): c.both,
			string(either): c.either} {
			if got := answerOf(t, text, c.call); got != want {
				t.Errorf("%s: %v, want %v", c.call, got, want)
			}
		}
	}
	for _, p := range [][2]string{{a, string(both)}, {b, string(both)}, {string(either), a},
		{string(either), b}} {
		if d, err := Subset([]byte(p[0]), []byte(p[1]), opts); d != nil || err != nil {
			t.Errorf("%+v, %v", d, err)
		}
	}
	one := strings.Replace(a, `, "SCMP_ARCH_X86"`, "", 1)
	if _, err := Union([]byte(one), []byte(b), opts); err == nil ||
		!strings.Contains(err.Error(), "i386 is not among") {
		t.Errorf("an ABI of one alone: %v", err)
	}
	if _, err := Intersect([]byte(one), []byte(a), opts); err != nil {
		t.Error(err)
	}
}

// answerOf returns what a profile's filter answers to a call of x86_64.
func answerOf(t *testing.T, profile, call string) policy.Action {
	t.Helper()
	p, err := Read([]byte(profile), "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.function(proof.New(), Options{Host: hostX86(), Engine: Crun})
	if err != nil {
		t.Fatal(err)
	}
	calls, diags := resolve.Calls(hostX86(), "call", call)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return f.Eval(policy.Data{Arch: hostX86().Arch, Nr: calls[0].Nr, Args: calls[0].Args})
}
