package stack

import (
	"encoding/binary"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/linux"
	"github.com/seccompc/seccompc/policy"
)

// of compiles policies and stacks them.
func of(t *testing.T, texts ...string) Stack {
	t.Helper()
	var s Stack
	for _, text := range texts {
		res, diags := compiler.Compile("p.scp", []byte("arch x86_64, aarch64\n"+text),
			compiler.Options{})
		if res == nil {
			t.Fatalf("%s\n%v", text, diags)
		}
		s.Filters, s.Order, s.ABIs = append(s.Filters, res.Program), res.Order, res.ABIs
	}
	return s
}

func TestDecide(t *testing.T) {
	ret := func(k uint32) asm.Program { return asm.Program{{Op: asm.RetK, K: k}} }
	const allow, log, killThread, killProcess = 0x7fff0000, 0x7ffc0000, 0, 0x80000000
	for _, c := range []struct {
		returns []uint32
		by      int
	}{
		{[]uint32{allow}, 0},
		{[]uint32{0x50001, allow}, 0},
		{[]uint32{0x50001, 0x50002}, 1}, // equally strict: the newest
		{[]uint32{0x50001, 0x50002, log}, 1},
		{[]uint32{killThread, killProcess, allow}, 1},
		{[]uint32{killProcess, killThread}, 0},
	} {
		s := Stack{Order: binary.LittleEndian}
		for _, k := range c.returns {
			s.Filters = append(s.Filters, ret(k))
		}
		answers, by, err := s.Decide(policy.Data{})
		if err != nil || by != c.by || len(answers) != len(c.returns) {
			t.Errorf("%#x: filter %d decides, want %d; %v", c.returns, by, c.by, err)
		}
	}
}

// What a filter's rules do to the loader of the next one.
func TestInstallable(t *testing.T) {
	const open = "default allow\n"
	for _, c := range []struct {
		under, next string
		loader      []string
		want        string // of the first obstacle
	}{
		{open, open, nil, ""},
		{open + "log seccomp, prctl\n", open, nil, ""},
		{open + "deny seccomp\n", open, nil,
			"on x86_64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, 0) gets deny(EPERM)"},
		{open + "deny seccomp if op == SECCOMP_SET_MODE_FILTER\n", open, nil,
			"on x86_64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, 0) gets deny(EPERM)"},
		{open + "deny seccomp if op != SECCOMP_SET_MODE_FILTER\n", open, nil, ""},
		// One address alone is denied: not every loader gets through.
		{open + "deny seccomp if uargs == 0x1000\n", open, nil,
			"on x86_64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, 0) gets deny(EPERM)"},
		// For all threads, or for one, but not both: a loader chooses.
		{open + "deny seccomp if op == SECCOMP_SET_MODE_FILTER && flags & " +
			"SECCOMP_FILTER_FLAG_TSYNC\n",
			open, nil, ""},
		// Loaders fall back from ENOSYS, and from nothing else.
		{open + "deny(ENOSYS) seccomp\n", open, nil, ""},
		{open + "deny(ENOSYS) seccomp\ndeny prctl if option == PR_SET_SECCOMP\n", open, nil,
			"on x86_64 its loader's prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) gets deny(EPERM)"},
		{open + "deny prctl if option == PR_SET_SECCOMP\n", open, nil, ""},
		{open + "deny prctl if option == PR_SET_NO_NEW_PRIVS\n", open, nil,
			"on x86_64 its loader's prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) gets deny(EPERM)"},
		{open + "deny prctl if option == PR_GET_NO_NEW_PRIVS\n", open, nil,
			"on x86_64 its loader's prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) gets deny(EPERM)"},
		// A success that is feigned is none, and what a supervisor says nobody knows.
		{open + "notify seccomp\n", open, nil,
			"on x86_64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, 0) gets notify"},
		{"default deny\nallow prctl, seccomp\n", open, nil, ""},
		{"default kill\n", open, nil,
			"on x86_64 its loader's prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) gets kill"},
		{open + "when arch == aarch64 {\n deny seccomp\n}\n", open, nil,
			"on aarch64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, 0) gets deny(EPERM)"},
		// A filter with a listener needs the flag for it.
		{open + "deny seccomp if flags & SECCOMP_FILTER_FLAG_NEW_LISTENER\n", open, nil, ""},
		{open + "deny seccomp if flags & SECCOMP_FILTER_FLAG_NEW_LISTENER\n", open +
			"notify connect\n", nil,
			"on x86_64 its loader's seccomp(SECCOMP_SET_MODE_FILTER, " +
				"SECCOMP_FILTER_FLAG_NEW_LISTENER) " +
				"gets deny(EPERM)"},
		{open + "notify connect\n", open + "notify bind\n", nil,
			"both leave calls to a supervisor, and the kernel allows one listener (EBUSY)"},
		{open + "deny landlock_restrict_self\n", open, []string{"landlock_restrict_self"},
			"on x86_64 its loader's landlock_restrict_self gets deny(EPERM)"},
	} {
		found, err := of(t, c.under, c.next).Installable(c.loader...)
		got := ""
		if len(found) > 0 {
			got = found[0].String()
			if found[0].Next != 1 || found[0].By != 0 {
				t.Errorf("%q: filter %d by %d", c.under, found[0].Next, found[0].By)
			}
		}
		if err != nil || got != c.want {
			t.Errorf("%q under %q: %q, %v, want %q", c.next, c.under, got, err, c.want)
		}
	}
}

// The filters before count together, and the one that is in the way is named.
func TestInstallableByWhich(t *testing.T) {
	s := of(t, "default allow\n", "default allow\ndeny seccomp\n", "default allow\n",
		"default allow\n")
	found, err := s.Installable()
	if err != nil || len(found) != 4 { // two filters, two ABIs
		t.Fatalf("%v, %v", found, err)
	}
	for i, o := range found {
		if o.By != 1 || o.Next != 2+i/2 {
			t.Errorf("filter %d by %d", o.Next, o.By)
		}
	}
}

// A chain longer than the kernel takes (asm.MaxPathLen).
func TestInstallableLength(t *testing.T) {
	long := make(asm.Program, 4096)
	for i := range long {
		long[i] = asm.Instruction{Op: asm.RetK, K: 0x7fff0000}
	}
	x86, _ := linux.Lookup("x86_64")
	s := Stack{Filters: []asm.Program{long, long, long, long}, Order: binary.LittleEndian,
		ABIs: []*linux.ABI{x86}}
	found, err := s.Installable()
	if err != nil || len(found) != 1 || found[0].Next != 3 || found[0].By != -1 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestInstallableUnknownCall(t *testing.T) {
	if _, err := of(t, "default allow\n", "default allow\n").Installable("landlok"); err == nil {
		t.Error("an unknown call of the loader: no error")
	}
}
