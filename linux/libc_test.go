package linux

import (
	"go/constant"
	"go/token"
	"strings"
	"testing"
)

// TestLibcTable: what the kernel defines on every ABI has no line, the kernel's names exist, and
// the lines are sorted.
func TestLibcTable(t *testing.T) {
	before := ""
	for name, row := range libcTable.from("") {
		if name <= before {
			t.Errorf("%s stands behind %s", name, before)
		}
		before = name
		everywhere := true
		for _, abi := range ABIs() {
			_, ok := abi.Constant(name)
			everywhere = everywhere && ok
			if _, kernel, ok := abi.LibcConstant(name); !ok {
				t.Errorf("%s: %s has no value for it: %s", name, abi.Name, row)
			} else if kernel != "" && !strings.HasPrefix(row, kernel) {
				t.Errorf("%s: %s is not %s", name, kernel, row)
			}
		}
		if everywhere {
			t.Errorf("the kernel defines %s", name)
		}
	}
	for _, abi := range ABIs() {
		want := constant.MakeUint64(1<<63 - 1)
		if abi.Bits == 32 || abi.Name == "x32" || abi.Name == "mips64n32" ||
			abi.Name == "mipsel64n32" {
			want = constant.MakeUint64(1<<31 - 1)
		}
		v, _, _ := abi.LibcConstant("LONG_MAX")
		if v == nil || !constant.Compare(v, token.EQL, want) {
			t.Errorf("LONG_MAX of %s is %v", abi.Name, v)
		}
	}
	for name := range libcDiffers {
		_, _, libc := ABIs()[0].LibcConstant(name)
		if _, ok := ABIs()[0].Constant(name); !ok && !libc {
			t.Errorf("%s is unknown", name)
		}
	}
}
