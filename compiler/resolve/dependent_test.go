package resolve_test

import (
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/policy"
)

// TestSettledWidth: an argument that the commands that are left read as an int is compared so, and
// no bit above helps.
func TestSettledWidth(t *testing.T) {
	const above = 1 << 32
	// for F_SETFD (2) with 1, 1|above, 0|above; F_SETLK (6) with 1
	for text, denied := range map[string][]bool{
		"cmd == F_SETFD && arg == FD_CLOEXEC":           {true, true, false, false},
		"arg == FD_CLOEXEC && (cmd == F_SETFD)":         {true, true, false, false},
		"cmd in {F_SETFD, F_SETFL} && arg & 0xff == 1":  {true, true, false, false},
		"cmd != F_SETFD || arg == FD_CLOEXEC":           {true, true, false, true},
		"!(cmd != F_SETFD || arg != FD_CLOEXEC)":        {true, true, false, false},
		"cmd == F_SETFD && arg != FD_CLOEXEC":           {false, false, true, false},
		"cmd == F_SETFD && u64(arg) == FD_CLOEXEC":      {true, false, false, false},
		"cmd in {F_SETFD, F_SETLK} && arg == 1":         {true, false, false, true},
		"cmd == F_SETLK && arg == 1 || cmd == F_SETSIG": {false, false, false, true},
	} {
		r, diags := resolve.Text("t",
			[]byte("arch x86_64\ndefault allow\ndeny fcntl if "+text+"\n"),
			resolve.Options{})
		if r == nil {
			t.Fatal(diags)
		}
		for i, args := range [][6]uint64{{3, 2, 1}, {3, 2, 1 | above}, {3, 2, above}, {3, 6, 1}} {
			got := r.Policy.Eval(policy.Data{Nr: 72, Arch: r.ABIs[0].Arch, Args: args})
			if (got != policy.Allow) != denied[i] {
				t.Errorf("%s: %x gets %v", text, args, got)
			}
		}
	}
}
