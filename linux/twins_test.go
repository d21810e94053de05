package linux

import (
	"slices"
	"strings"
	"testing"
)

func TestTwins(t *testing.T) {
	for _, test := range []struct{ abi, name, want string }{
		{"i386", "clock_settime", "clock_settime clock_settime64"},
		{"i386", "clock_settime64", "clock_settime clock_settime64"},
		{"x86_64", "clock_settime64", "clock_settime"},
		{"arm", "futex", "futex futex_time64"},
		{"s390", "setresuid", "setresuid setresuid32"},
		{"mips", "truncate64", "truncate truncate64"},
		{"i386", "fadvise64", "fadvise64 fadvise64_64"},
		{"i386", "semtimedop", "semtimedop semtimedop_time64"}, // the first behind ipc alone
		{"x86_64", "pread64", "pread64"},
		{"aarch64", "open", ""},
		{"aarch64", "nonsense", ""},
	} {
		if got := strings.Join(must(t, test.abi).Twins(test.name), " "); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.abi, test.name, got, test.want)
		}
	}
}

// lonely are parameters that a twin lacks, and the argument that has its meaning there.
var lonely = map[string]string{
	"fstatfs64.sz": "the size of the structure, which the others know", "statfs64.sz": "likewise",
}

// TestTwinsHaveTheSameParameters: a condition on one of them can be asked of the others. Of pointers a
// condition can only ask whether they are null.
func TestTwinsHaveTheSameParameters(t *testing.T) {
	seen, pairs := map[string]bool{}, 0
	for _, a := range ABIs() {
		for _, s := range a.Syscalls() {
			own, known := a.Prototype(s.Name)
			for _, twin := range a.Twins(s.Name) {
				params, ok := a.Prototype(twin)
				if !ok || !known || twin == s.Name || slices.ContainsFunc(params, liesInMemory) {
					continue
				}
				pairs++
				for _, p := range own {
					key := s.Name + "." + p.Name
					if seen[key] = seen[key] || lonely[key] != ""; p.Name == "" || p.Pointer || lonely[key] != "" {
						continue
					}
					if !slices.ContainsFunc(params, func(q Arg) bool { return sharesName(p, q) }) {
						t.Errorf("%s: %s has no %s of %s", a.Name, twin, p.Name, s.Name)
					}
				}
			}
		}
	}
	if pairs < 500 {
		t.Errorf("only %d pairs", pairs)
	}
	for key := range lonely {
		if !seen[key] {
			t.Errorf("%s is explained and is not there", key)
		}
	}
}

// liesInMemory reports whether a parameter is the address of a structure with the others.
func liesInMemory(a Arg) bool { return a.Name == "args" }

// sharesName reports whether two parameters, or the operands that they are a half of, have a name in
// common.
func sharesName(p, q Arg) bool {
	names := func(a Arg) (out []string) {
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			out = append(out, strings.TrimSuffix(strings.TrimSuffix(name, "_lo"), "_hi"))
		}
		return out
	}
	return slices.ContainsFunc(names(p), func(n string) bool { return slices.Contains(names(q), n) })
}
