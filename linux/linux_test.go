package linux

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	tests := map[string]string{
		"x86_64": "x86_64", "amd64": "x86_64", "386": "i386", "i686": "i386", "arm64": "aarch64",
		"armhf":   "arm",
		"loong64": "loongarch64", "ppc64el": "ppc64le", "mips64le": "mips64el",
		"mipsle": "mipsel", "x32": "x32",
		"": "", "X86_64": "", "sparc64": "",
	}
	for name, want := range tests {
		a, ok := Lookup(name)
		if ok != (want != "") || ok && a.Name != want {
			t.Errorf("Lookup(%q) = %v, %v", name, a, ok)
		}
	}
}

func TestABIs(t *testing.T) {
	// AUDIT_ARCH_* as a program compiled against the kernel's headers prints them.
	arch := map[string]uint32{
		"x86_64": 0xc000003e, "x32": 0xc000003e, "i386": 0x40000003, "aarch64": 0xc00000b7,
		"arm":     0x40000028,
		"riscv64": 0xc00000f3, "loongarch64": 0xc0000102, "ppc64": 0x80000015,
		"ppc64le": 0xc0000015,
		"s390x":   0x80000016, "s390": 0x16, "mips": 8, "mipsel": 0x40000008, "mips64": 0x80000008,
		"mips64el": 0xc0000008, "mips64n32": 0xa0000008, "mipsel64n32": 0xe0000008, "ppc": 0x14,
		"parisc": 0xf, "parisc64": 0x8000000f, "m68k": 4, "sh": 0x4000002a, "sheb": 0x2a,
	}
	names := map[string]bool{}
	for _, a := range ABIs() {
		if a.Arch != arch[a.Name] {
			t.Errorf("%s: arch %#x, want %#x", a.Name, a.Arch, arch[a.Name])
		}
		if a.BigEndian != (a.Arch&auditLE == 0) {
			t.Errorf("%s: big-endian %v does not fit arch %#x", a.Name, a.BigEndian, a.Arch)
		}
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			if names[name] {
				t.Errorf("two ABIs are called %s", name)
			}
			names[name] = true
		}
	}
	if len(ABIs()) != len(arch) {
		t.Errorf("%d ABIs, want %d", len(ABIs()), len(arch))
	}
	ABIs()[0] = nil
	if ABIs()[0] == nil {
		t.Error("ABIs gives its own slice away")
	}
}

func TestNative(t *testing.T) {
	a, ok := Native()
	if _, known := Lookup(runtime.GOARCH); ok != known {
		t.Errorf("Native() = %v, %v on %s", a, ok, runtime.GOARCH)
	}
	if ok && a.GOARCH != runtime.GOARCH {
		t.Errorf("Native() = %s on %s", a.Name, runtime.GOARCH)
	}
}

// TestKnown holds the ranges of numbers against the table: each number once, and no other.
func TestKnown(t *testing.T) {
	for _, a := range ABIs() {
		var got []uint32
		for _, r := range a.Known() {
			for nr := r.Lo; nr <= r.Hi; nr++ {
				got = append(got, nr)
			}
		}
		var want []uint32
		for _, s := range a.Syscalls() {
			want = append(want, s.Nr)
		}
		if !slices.Equal(got, want) || !slices.IsSorted(got) ||
			len(slices.Compact(got)) != len(want) {
			t.Errorf("%s: %v, want %v", a.Name, got, want)
		}
	}
}

// TestHas asks for every name, and for others.
func TestHas(t *testing.T) {
	for _, name := range SyscallNames() {
		some := slices.ContainsFunc(ABIs(), func(a *ABI) bool { return a.HasSyscall(name) })
		if !some || !HasSyscall(name) {
			t.Errorf("%s: on some ABI %v, HasSyscall %v", name, some, HasSyscall(name))
		}
	}
	for _, name := range SetNames() {
		if !HasSet(name) {
			t.Errorf("there is no set %s", name)
		}
	}
	for _, name := range []string{"", "opennat", "open\t", "@", "@nosuch", "@default\t"} {
		if HasSyscall(name) || HasSet(name) {
			t.Errorf("there is a %q", name)
		}
	}
}

// TestNumberRanges checks that the ABIs of one arch divide all values of nr, but for those that a
// kernel takes for another arch's calls, and that each ABI's calls lie in its part.
func TestNumberRanges(t *testing.T) {
	byArch := map[uint32][]NumberRange{}
	for _, a := range ABIs() {
		byArch[a.Arch] = append(byArch[a.Arch], a.Numbers()...)
		for _, f := range a.Unserved() {
			byArch[a.Arch] = append(byArch[a.Arch], f.NumberRange)
		}
		for _, s := range a.Syscalls() {
			owns := func(r NumberRange) bool { return r.Contains(s.Nr) }
			if !a.Owns(s.Nr) || !slices.ContainsFunc(a.Numbers(), owns) {
				t.Errorf("%s: %s, %#x, is another ABI's", a.Name, s.Name, s.Nr)
			}
			if owner, ok := Caller(a.Arch, s.Nr); !ok || owner != a {
				t.Errorf("%s: %s, %#x, is taken for %v's", a.Name, s.Name, s.Nr, owner)
			}
		}
	}
	for arch, ranges := range byArch {
		slices.SortFunc(ranges,
			func(x, y NumberRange) int { return int(int64(x.Lo) - int64(y.Lo)) })
		next := uint64(0)
		for _, r := range ranges {
			if uint64(r.Lo) != next {
				t.Errorf("arch %#x: %#x follows %#x", arch, r.Lo, next)
			}
			next = uint64(r.Hi) + 1
		}
		if next != 1<<32 {
			t.Errorf("arch %#x ends at %#x", arch, next)
		}
	}
}

// The numbers by which a 64-bit MIPS kernel leaves the ABI that arch tells, and x32's: tried on
// kernels.
func TestForeignNumbers(t *testing.T) {
	for _, test := range []struct {
		abi     string
		own     []uint32
		foreign string // table and ABI
	}{
		{"mips64el", []uint32{0, 3999, 5000, 5262, 5999, 7000, 0xffffffff},
			"4000..4999 o32 mipsel, 6000..6999 n32 mipsel64n32"},
		{"mips64", []uint32{5000}, "4000..4999 o32 mips, 6000..6999 n32 mips64n32"},
		{"mipsel", []uint32{0, 4000, 4303, 4999, 7000, 0xffffffff},
			"5000..5999 n64 mips64el, 6000..6999 n32 mipsel64n32"},
		{"mips", []uint32{4003}, "5000..5999 n64 mips64, 6000..6999 n32 mips64n32"},
		{"mips64n32", []uint32{6000}, "4000..4999 o32 mips, 5000..5999 n64 mips64"},
		{"x86_64", []uint32{0, 0x3fffffff, 0xffffffff}, "1073741824..4294967294 x32 x32"},
		{"x32", []uint32{0x40000000, 0xfffffffe},
			"0..1073741823 x86_64 x86_64, 4294967295..4294967295 x86_64 x86_64"},
		{"i386", []uint32{0, 5262, 0x40000000, 0xffffffff}, ""},
	} {
		a := must(t, test.abi)
		var got []string
		for _, f := range a.Foreign() {
			got = append(got, fmt.Sprintf("%d..%d %s %s", f.Lo, f.Hi, f.Table, f.ABI.Name))
			for _, nr := range []uint32{f.Lo, f.Hi} {
				if a.Owns(nr) {
					t.Errorf("%s owns %d", a.Name, nr)
				}
			}
		}
		if text := strings.Join(got, ", "); text != test.foreign {
			t.Errorf("%s: %s, want %s", a.Name, text, test.foreign)
		}
		for _, nr := range test.own {
			if !a.Owns(nr) {
				t.Errorf("%s does not own %d", a.Name, nr)
			}
		}
	}
	for _, nr := range []uint32{4303, 6266} {
		if a, ok := Caller(must(t, "mips64el").Arch, nr); ok {
			t.Errorf("%d of a mips64el task is taken for a call of %s", nr, a.Name)
		}
	}
}

// The arch values of the tables, and what their audit bits say, agree with the ABIs.
func TestArches(t *testing.T) {
	arches := Arches()
	if arches[0] != 0xc000003e || len(arches) != len(ABIs())-1 { // x32 has x86_64's
		t.Errorf("%#x", arches)
	}
	for _, a := range ABIs() {
		if !slices.Contains(Of(a.Arch), a) || BigEndian(a.Arch) != a.BigEndian ||
			(a.Arch&auditLE == 0) != a.BigEndian {
			t.Errorf("%s: arch %#x", a.Name, a.Arch)
		}
	}
	if !BigEndian(0x7) || BigEndian(0x40000007) || len(Of(7)) != 0 {
		t.Error("arch 0x7 is big-endian and no ABI's")
	}
	if Commonest(false).Name != "x86_64" || !Commonest(true).BigEndian {
		t.Errorf("%s, %s", Commonest(false).Name, Commonest(true).Name)
	}
}

// Numbers that the kernel's action cache has a bit for (tried by timing, those of riscv64 and
// loongarch64 read).
func TestCached(t *testing.T) {
	for _, test := range []struct {
		abi   string
		nr    uint32
		wants bool
	}{
		{"x86_64", 0, true}, {"x86_64", 400, true}, {"x86_64", 600, false},
		{"x86_64", 0xffffffff, false},
		{"x32", 0x40000000, false}, {"i386", 1, true}, {"arm", 1, true}, {"arm", 0xf0005, false},
		{"aarch64", 56, true}, {"s390x", 1, true}, {"mips64el", 5000, false},
		{"mipsel", 4001, false},
		{"mips", 4001, false}, {"mips64", 5000, false}, {"riscv64", 56, true},
		{"loongarch64", 56, true},
	} {
		if got := must(t, test.abi).IsCached(test.nr); got != test.wants {
			t.Errorf("%s %d: %v", test.abi, test.nr, got)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		abi, name string
		want      uint32
	}{
		{"x86_64", "read", 0}, {"x32", "read", 0x40000000},
		{"x32", "rt_sigaction", 0x40000000 | 512},
		{"x32", "pwritev2", 0x40000000 | 547}, {"i386", "socketcall", 102},
		{"aarch64", "openat", 56},
		{"mips", "read", 4003}, {"mips64el", "read", 5000}, {"s390x", "clone3", 435},
		{"arm", "set_tls", 0xf0005},
	}
	for _, test := range tests {
		a := must(t, test.abi)
		if got, ok := a.Number(test.name); !ok || got != test.want {
			t.Errorf("%s on %s is %d (%v), want %d", test.name, test.abi, got, ok, test.want)
		}
		if got, ok := a.SyscallName(test.want); !ok || got != test.name {
			t.Errorf("%d on %s is %q (%v), want %s", test.want, test.abi, got, ok, test.name)
		}
	}
	for _, name := range []string{"accept", "", "nosuch", "read\t0", "#"} {
		if nr, ok := must(t, "i386").Number(name); ok {
			t.Errorf("i386 has %q: %d", name, nr)
		}
	}
	if name, ok := must(t, "x86_64").SyscallName(0x40000000); ok {
		t.Errorf("x86_64 has x32's %s", name)
	}
}

func TestSyscallsAreSorted(t *testing.T) {
	for _, a := range ABIs() {
		calls := a.Syscalls()
		for i := 1; i < len(calls); i++ {
			if calls[i-1].Nr >= calls[i].Nr {
				t.Errorf("%s: %v before %v", a.Name, calls[i-1], calls[i])
			}
		}
		for _, s := range calls {
			if _, ok := slices.BinarySearch(SyscallNames(), s.Name); !ok {
				t.Fatalf("%s is not in SyscallNames", s.Name)
			}
		}
	}
}

func TestMultiplexed(t *testing.T) {
	tests := []struct {
		abi, name, mux string
		call           uint32
	}{
		{"i386", "accept", "socketcall", 5}, {"i386", "socket", "socketcall", 1},
		{"i386", "semop", "ipc", 1},
		{"s390x", "shmctl", "ipc", 24}, {"mips", "sendmmsg", "socketcall", 20},
		{"ppc64le", "msgsnd", "ipc", 11},
		{"x86_64", "accept", "", 0}, {"arm", "socket", "", 0}, {"mips64", "semop", "", 0},
		{"i386", "read", "", 0},
	}
	for _, test := range tests {
		mux, call, ok := must(t, test.abi).Multiplexed(test.name)
		if mux != test.mux || call != test.call || ok != (mux != "") {
			t.Errorf("%s on %s: %s %d %v", test.name, test.abi, mux, call, ok)
		}
	}
	x86 := must(t, "x86_64")
	for name, m := range multiplexed { // SYS_SOCKET, SHMAT and their like are in the headers
		prefix := map[string]string{"socketcall": "SYS_", "ipc": ""}[m.mux]
		v, ok := x86.Constant(prefix + strings.ToUpper(name))
		if !ok || v.String() != strconv.Itoa(int(m.call)) {
			t.Errorf("%s%s is %v, not %d", prefix, strings.ToUpper(name), v, m.call)
		}
	}
}

func TestSets(t *testing.T) {
	want := map[string][]string{ // of each, some members
		"@mount":  {"mount", "umount2", "pivot_root", "fsopen", "move_mount"},
		"@raw-io": {"iopl", "ioperm"},
		"@aio":    {"io_uring_setup"}, "@chown": {"fchownat"},
		"@privileged":     {"chown", "settimeofday", "init_module"},
		"@system-service": {"read", "openat", "futex", "clone", "exit_group"},
		"@go-runtime":     {"futex", "epoll_pwait"},
		"@known":          {"read", "usr26"}, "@network-io": {"socket", "socketcall"},
		"@sandbox": {"seccomp"}, "@runc-init": {"capset", "execve"}, "@crun-init": {"setresuid"},
	}
	for name, members := range want {
		got, ok := Set(name)
		if !ok || !slices.IsSorted(got) {
			t.Errorf("Set(%s) = %v, %v", name, got, ok)
		}
		for _, m := range members {
			if !slices.Contains(got, m) {
				t.Errorf("%s lacks %s", name, m)
			}
		}
		if _, ok := slices.BinarySearch(SetNames(), name); !ok {
			t.Errorf("SetNames lacks %s", name)
		}
	}
	for _, name := range SetNames() {
		members, ok := Set(name)
		if !ok || len(members) == 0 {
			t.Errorf("%s is empty", name)
		}
		for _, m := range members {
			if _, ok := syscallTable.find(m); !ok {
				t.Errorf("%s: no system call %q", name, m)
			}
		}
	}
	goRuntime, _ := Set("@go-runtime")
	for _, m := range []string{"openat", "execve", "socket", "clone3"} {
		if slices.Contains(goRuntime, m) {
			t.Errorf("@go-runtime lets a program %s", m)
		}
	}
	for _, name := range []string{"", "@", "@nosuch", "mount", "@mount\t"} {
		if got, ok := Set(name); ok {
			t.Errorf("Set(%q) = %v", name, got)
		}
	}
}

func TestSetOfABI(t *testing.T) {
	i386, x86 := must(t, "i386"), must(t, "x86_64")
	network, _ := i386.Set("@network-io")
	if !slices.Contains(network, "accept") {
		t.Error("i386 has accept behind socketcall, but not in @network-io")
	}
	if network, _ := x86.Set("@network-io"); slices.Contains(network, "socketcall") {
		t.Error("x86_64 has socketcall in @network-io")
	}
	known, ok := x86.Set("@known")
	if !ok || len(known) != len(x86.Syscalls()) {
		t.Errorf("@known has %d calls, the table %d", len(known), len(x86.Syscalls()))
	}
	if got, ok := x86.Set("@nosuch"); ok || got != nil {
		t.Errorf("@nosuch: %v", got)
	}
}

// What no filter is asked about is in no list of what it may be asked about.
func TestUnseen(t *testing.T) {
	for _, a := range ABIs() {
		nr, ok := a.Number("syscall")
		o32 := strings.TrimSuffix(a.Name, "el") == "mips"
		if ok != o32 || o32 && nr != 4000 || ok && !a.Unseen(nr) {
			t.Errorf("%s: syscall is %d (%v)", a.Name, nr, ok)
		}
		for _, s := range a.Syscalls() {
			if a.Unseen(s.Nr) {
				t.Errorf("%s: %v is in the table", a.Name, s)
			}
		}
		inKnown := slices.ContainsFunc(a.Known(),
			func(r NumberRange) bool { return ok && r.Contains(nr) })
		if known, _ := a.Set("@known"); slices.Contains(known, "syscall") || inKnown {
			t.Errorf("%s: syscall is known", a.Name)
		}
	}
	if known, _ := Set("@known"); slices.Contains(known, "syscall") {
		t.Error("syscall is in @known")
	}
}

func TestSpecialCalls(t *testing.T) {
	x86, aarch64 := must(t, "x86_64"), must(t, "aarch64")
	if !x86.Exempt("uretprobe") || x86.Exempt("read") || aarch64.Exempt("uretprobe") {
		t.Error("uretprobe, and only on x86_64, is exempt")
	}
	if !NeverFails("getpid") || NeverFails("kill") || NeverFails("") {
		t.Error("getpid never fails, kill does")
	}
	for _, name := range neverFail {
		if _, ok := syscallTable.find(name); !ok {
			t.Errorf("no system call %s", name)
		}
	}
}
