package linux

import (
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
	for name := range libcDiffers {
		_, _, libc := ABIs()[0].LibcConstant(name)
		if _, ok := ABIs()[0].Constant(name); !ok && !libc {
			t.Errorf("%s is unknown", name)
		}
	}
}
