package resolve

import (
	"testing"

	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// TestCallsWithFullRegisters gives a 32-bit argument a value that only the register holds: the call
// is the one with exactly that register. A value that fits is compared as wide as the argument is.
func TestCallsWithFullRegisters(t *testing.T) {
	abi, _ := linux.Lookup("x86_64")
	for _, c := range []struct {
		text     string
		register uint64
		holds    bool
	}{
		{"socket(0x100000002)", 0x1_0000_0002, true},
		{"socket(0x100000002)", 2, false},
		{"socket(2)", 0x1_0000_0002, true},
		{"socket(0xffffffffffffffff)", ^uint64(0), true},
		{"socket(-1)", 0xffffffff, true},
	} {
		calls, diags := Calls(abi, "call", c.text)
		if len(calls) != 1 || diags.HasErrors() {
			t.Fatalf("%s: %v", c.text, diags)
		}
		if got := calls[0].Cond.Holds(policy.Data{Nr: 41,
			Args: [6]uint64{c.register}}); got != c.holds {
			t.Errorf("%s with %#x: %v", c.text, c.register, got)
		}
	}
	for _, abi := range []string{"i386", "x86_64"} {
		a, _ := linux.Lookup(abi)
		if _, diags := Calls(a, "call", "socket(0x10000000000000000)"); !diags.HasErrors() {
			t.Errorf("%s: a value of 65 bits is no error", abi)
		}
		// a 64-bit task's int $0x80 can leave this
		calls, _ := Calls(a, "call", "socket(0x100000002)")
		if len(calls) != 1 || calls[0].Args[0] != 0x1_0000_0002 {
			t.Errorf("%s: %+v", abi, calls)
		}
	}
	const claim = "arch i386\ndefault allow\ntest \"t\" {\n    socket(0x100000002) => allow\n}\n"
	if _, diags := Text("p.scp", []byte(claim), Options{}); !diags.HasErrors() {
		t.Error("what the language says of i386 has 32 bits")
	}
}
