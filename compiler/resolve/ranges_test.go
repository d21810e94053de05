package resolve

import (
	"slices"
	"testing"
)

// numbersOf returns the numbers of the first rule of a policy on its first ABI.
func numbersOf(t *testing.T, src string) []uint32 {
	t.Helper()
	r, diags := Text("x", []byte(src), Options{})
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return r.Policy.ABIs[0].Rules[0].Numbers
}

// TestRangesOfNumbers: a range is its numbers, those that the ABI can have.
func TestRangesOfNumbers(t *testing.T) {
	const head = "default allow\ntest \"t\" { 440..442 => deny }\n"
	for src, want := range map[string][]uint32{
		"arch x86_64\ndeny 440..442":                 {440, 441, 442},
		"arch x86_64\ndeny 440..442 - 441":           {440, 442},
		"arch x86_64\ndeny 0x3fffffff..0x40000001":   {0x3fffffff},
		"arch x86_64, x32\ndeny 441..441":            {441},
		"arch mipsel\ndeny 4998..5001":               {4998, 4999},
		"arch x86_64\nset @s = 1..3\ndeny @s - 2..3": {1},
	} {
		if got := numbersOf(t, head+src); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", src, got, want)
		}
	}
}

// TestDifferenceInRule: a rule takes calls out as a set does, behind multiplexers too.
func TestDifferenceInRule(t *testing.T) {
	for _, arch := range []string{"x86_64", "i386", "mips64"} {
		head := "arch " + arch + "\ndefault deny\n"
		rule, d1 := Text("x", []byte(head+"allow @known - socket, ptrace, @mount\n"), Options{})
		set, d2 := Text("x", []byte(head+"set @s = @known - socket, ptrace, @mount\nallow @s\n"),
			Options{})
		if d1.HasErrors() || d2.HasErrors() {
			t.Fatal(d1, d2)
		}
		a, b := rule.Policy.ABIs[0].Rules, set.Policy.ABIs[0].Rules
		if len(a) != len(b) || !slices.Equal(a[0].Numbers, b[0].Numbers) {
			t.Errorf("%s: %d rules, want %d", arch, len(a), len(b))
		}
	}
}
