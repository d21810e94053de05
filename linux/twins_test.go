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
		{"arm", "fadvise64", "arm_fadvise64_64"}, // under whichever name an ABI has it
		{"ppc64le", "sync_file_range", "sync_file_range2"},
		{"i386", "newfstatat", "fstatat64"},
		{"x86_64", "fstatat64", "newfstatat"},
		{"i386", "oldstat", "oldstat"}, // it has a function of its own
		{"aarch64", "open", ""},
		{"aarch64", "nonsense", ""},
	} {
		if got := strings.Join(must(t, test.abi).Twins(test.name), " "); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.abi, test.name, got, test.want)
		}
	}
}

// twinFamilies are what "all" selects, where that is more than one call, on which ABIs.
var twinFamilies = []struct{ abis, calls string }{
	{time32, `clock_adjtime clock_adjtime64, clock_getres clock_getres_time64, clock_gettime clock_gettime64,
		clock_nanosleep clock_nanosleep_time64, clock_settime clock_settime64, futex futex_time64,
		mq_timedreceive mq_timedreceive_time64, mq_timedsend mq_timedsend_time64, ppoll ppoll_time64,
		pselect6 pselect6_time64, recvmmsg recvmmsg_time64, rt_sigtimedwait rt_sigtimedwait_time64,
		sched_rr_get_interval sched_rr_get_interval_time64, semtimedop semtimedop_time64,
		timer_gettime timer_gettime64, timer_settime timer_settime64, timerfd_gettime timerfd_gettime64,
		timerfd_settime timerfd_settime64, utimensat utimensat_time64`},
	{"i386 arm ppc s390 mips mipsel mips64n32 mipsel64n32 parisc",
		"io_pgetevents io_pgetevents_time64"},
	{"i386 arm s390 m68k sh sheb", `chown chown32, fchown fchown32, lchown lchown32, getegid getegid32,
		geteuid geteuid32, getgid getgid32, getgroups getgroups32, getresgid getresgid32,
		getresuid getresuid32, getuid getuid32, setfsgid setfsgid32, setfsuid setfsuid32, setgid setgid32,
		setgroups setgroups32, setregid setregid32, setresgid setresgid32, setresuid setresuid32,
		setreuid setreuid32, setuid setuid32`},
	{files32, "ftruncate ftruncate64, truncate truncate64"},
	{files32, "fstat fstat64, lstat lstat64, stat stat64"},
	{files32 + " mips64n32 mipsel64n32", "fcntl fcntl64, sendfile sendfile64"},
	{files32 + " mips64n32 mipsel64n32 ppc64 ppc64le s390x", "fstatfs fstatfs64, statfs statfs64"},
	{files32 + " x86_64 x32 ppc64 ppc64le s390x mips64 mips64el mips64n32 mipsel64n32",
		"getdents getdents64"},
	{"i386 ppc s390 m68k sh sheb", "fadvise64 fadvise64_64"},
	{"sh sheb", "sync_file_range sync_file_range2"},
	{"arm", "arm_sync_file_range sync_file_range2"},
}

const (
	time32  = "i386 arm ppc s390 mips mipsel mips64n32 mipsel64n32 parisc m68k sh sheb"
	files32 = "i386 arm ppc s390 mips mipsel parisc parisc64 m68k sh sheb"
)

// TestTwinsOfEveryABI: these are all, and any name of a family selects the family.
func TestTwinsOfEveryABI(t *testing.T) {
	want := map[string]string{}
	for _, f := range twinFamilies {
		for _, abi := range strings.Fields(f.abis) {
			for _, calls := range strings.Split(f.calls, ",") {
				names := strings.Fields(calls)
				for _, name := range names {
					want[abi+" "+name] = strings.Join(names, " ")
				}
			}
		}
	}
	for _, a := range ABIs() {
		for _, s := range a.Syscalls() {
			key := a.Name + " " + s.Name
			got := strings.Join(a.Twins(s.Name), " ")
			if is, ok := want[key]; ok && got != is || !ok && got != s.Name {
				t.Errorf("%s: %q, want %q", key, got, is)
			}
			delete(want, key)
		}
	}
	for key, calls := range want { // calls behind a multiplexer alone have no number
		abi, name, _ := strings.Cut(key, " ")
		if got := strings.Join(must(t, abi).Twins(name), " "); got != calls {
			t.Errorf("%s: %q, want %q", key, got, calls)
		}
	}
}

// lonely are parameters that a twin lacks, and the argument that has its meaning there.
var lonely = map[string]string{
	"fstatfs64.sz": "the size of the structure, which the others know", "statfs64.sz": "likewise",
}

// TestTwinsHaveTheSameParameters: a condition on one of them can be asked of the others. Of
// pointers a condition can only ask whether they are null.
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
					if seen[key] = seen[key] || lonely[key] != ""; p.Name == "" || p.Pointer ||
						lonely[key] != "" {
						continue
					}
					for _, name := range p.names() {
						named := Arg{Name: name, Width: 1}
						shares := func(q Arg) bool { return sharesName(named, q) }
						if !slices.ContainsFunc(params, shares) {
							t.Errorf("%s: %s has no %s of %s", a.Name, twin, name, s.Name)
						}
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

// sharesName reports whether two parameters, or the operands that they are a half of, have a name
// in common.
func sharesName(p, q Arg) bool {
	names := func(a Arg) (out []string) {
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			out = append(out, strings.TrimSuffix(strings.TrimSuffix(name, "_lo"), "_hi"))
		}
		return out
	}
	return slices.ContainsFunc(names(p),
		func(n string) bool { return slices.Contains(names(q), n) })
}
