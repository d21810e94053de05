package linux

import (
	"slices"
	"strings"
	"testing"
)

// position returns where an ABI's call has the parameter of that name, or -1.
func position(a *ABI, call, name string) (int, Arg) {
	args, _ := a.Prototype(call)
	for i, arg := range args {
		if name != "" && (arg.Name == name || slices.Contains(arg.Aliases, name)) {
			return i, arg
		}
	}
	return -1, Arg{}
}

func TestParameterNames(t *testing.T) {
	tests := []struct {
		abi, call, name string
		index, width    int
		signed          bool
	}{
		{"x86_64", "unshare", "flags", 0, 32, false},
		{"x86_64", "unshare", "unshare_flags", 0, 32, false},
		{"x86_64", "clone", "flags", 0, 32, false}, {"s390x", "clone", "flags", 1, 32, false},
		{"s390", "clone", "clone_flags", 1, 32, false}, {"x86_64", "clone", "tls", 4, 64, false},
		{"aarch64", "clone", "tls", 3, 64, false},
		{"x86_64", "execveat", "flags", 4, 32, true}, {"x86_64", "execveat", "dirfd", 0, 32, true},
		{"x86_64", "openat", "dfd", 0, 32, true}, {"x86_64", "openat", "fd", 0, 32, true},
		{"x86_64", "openat", "pathname", 1, 64, false}, {"x86_64", "openat", "mode", 3, 16, false},
		{"x86_64", "seccomp", "op", 0, 32, false}, {"x86_64", "seccomp", "operation", 0, 32, false},
		{"x86_64", "socket", "family", 0, 32, true}, {"i386", "socket", "domain", 0, 32, true},
		{"x86_64", "socket", "protocol", 2, 32, true}, {"x86_64", "prctl", "option", 0, 32, true},
		{"x86_64", "prctl", "arg2", 1, 64, false}, {"i386", "prctl", "arg2", 1, 32, false},
		{"x86_64", "ioctl", "request", 1, 32, false}, {"x86_64", "ioctl", "cmd", 1, 32, false},
		{"x86_64", "ioctl", "op", 1, 32, false}, {"x32", "ioctl", "arg", 2, 32, false},
		{"x86_64", "personality", "personality", 0, 32, false},
		{"ppc64", "personality", "persona", 0, 32, false},
		{"x86_64", "mmap", "prot", 2, 32, false}, {"x86_64", "mmap", "length", 1, 64, false},
		{"x86_64", "mmap", "offset", 5, 64, false}, {"x86_64", "mmap", "fd", 4, 32, true},
		{"s390x", "mmap", "prot", -1, 0, false}, {"i386", "mmap", "prot", -1, 0, false},
		{"i386", "mmap2", "prot", 2, 32, false}, {"x86_64", "mmap", "", -1, 0, false},
		{"arm", "pread64", "pos_lo", 4, 32, false}, {"mips", "pread64", "pos_lo", 5, 32, false},
		{"mipsel", "pread64", "pos_lo", 4, 32, false}, {"s390", "setuid", "uid", 0, 16, false},
		{"x86_64", "readv", "fd", 0, 32, false}, {"x86_64", "add_key", "type", 0, 64, false},
		{"x86_64", "ptrace", "pid", 1, 32, true}, {"x86_64", "ptrace", "request", 0, 64, true},
	}
	for _, test := range tests {
		i, arg := position(must(t, test.abi), test.call, test.name)
		if i != test.index || arg.Width != test.width || arg.Signed != test.signed {
			t.Errorf("%s: %s of %s is at %d, %+v; want %d, %d bits, signed %v",
				test.abi, test.name, test.call, i, arg,
				test.index, test.width, test.signed)
		}
	}
}

func TestPrototypeOfUnknownCalls(t *testing.T) {
	for _, name := range []string{"", "nosuch", "accept", "_sysctl", "vserver"} {
		if args, ok := must(t, "i386").Prototype(name); ok {
			t.Errorf("%q has a prototype: %+v", name, args)
		}
	}
	if args, ok := must(t, "x86_64").Prototype("getpid"); !ok || len(args) != 0 {
		t.Errorf("getpid takes %v (%v)", args, ok)
	}
}

// TestPrototypesAreSound checks what users of every prototype rely on.
func TestPrototypesAreSound(t *testing.T) {
	for _, a := range ABIs() {
		for _, s := range a.Syscalls() {
			args, _ := a.Prototype(s.Name)
			if len(args) > 6 {
				t.Errorf("%s %s takes %d arguments", a.Name, s.Name, len(args))
			}
			names := map[string]bool{}
			for i, arg := range args {
				padding := arg.Name == ""
				if padding != (arg.Width == 0) || !padding &&
					!slices.Contains([]int{16, 32, a.Bits}, arg.Width) {
					t.Errorf("%s %s: argument %d is %+v", a.Name, s.Name, i, arg)
				}
				for _, name := range append([]string{arg.Name}, arg.Aliases...) {
					if names[name] || strings.Trim(name, identifier) != "" {
						t.Errorf("%s %s: two arguments are called %q, or it is no name", a.Name,
							s.Name, name)
					}
					names[name] = true
				}
				if slices.Contains(arg.Aliases, "dirfd") && !arg.Signed {
					t.Errorf("%s %s: %+v takes AT_FDCWD, which is negative", a.Name, s.Name, arg)
				}
			}
		}
	}
}

const identifier = "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestTable(t *testing.T) {
	lines := []string{"a\t1", "aa\t2", "ab", "b\t4\t5", "c\t"}
	tab := newTable("# one\n# two\n" + strings.Join(lines, "\n") + "\n")
	tests := []struct {
		key, rest string
		ok        bool
	}{
		{"a", "1", true}, {"aa", "2", true}, {"ab", "", true}, {"b", "4\t5", true}, {"c", "", true},
		{"", "", false}, {"A", "", false}, {"ac", "", false}, {"d", "", false},
		{"a\t1", "", false}, {"# one", "", false},
	}
	for _, test := range tests {
		if rest, ok := tab.find(test.key); rest != test.rest && ok || ok != test.ok {
			t.Errorf("find(%q) = %q, %v", test.key, rest, ok)
		}
	}
	for prefix, want := range map[string]int{"": 5, "a": 3, "aa": 1, "d": 0, "0": 0, "c": 1} {
		n := 0
		for range tab.from(prefix) {
			n++
		}
		if n != want {
			t.Errorf("from(%q) yields %d lines, want %d", prefix, n, want)
		}
	}
	if _, ok := newTable("# empty").find("x"); ok {
		t.Error("found something in an empty table")
	}
}

// TestTablesAreSorted checks what binary search relies on, and that it finds every line.
func TestTablesAreSorted(t *testing.T) {
	tables := map[string]table{
		"syscalls": syscallTable, "prototypes": prototypeTable, "constants": constantTable,
		"errnos": errnoTable, "sets": setTable,
	}
	for name, tab := range tables {
		last, offset := "", 0
		for key, rest := range tab.from("") {
			offset = tab.next(offset)
			if got := tab.search(key + " "); got != offset {
				t.Fatalf("%s: the line behind %q is at %d, not %d", name, key, offset, got)
			}
			if key <= last {
				t.Fatalf("%s: %q after %q", name, key, last)
			}
			last = key
			if got, ok := tab.find(key); !ok || got != rest {
				t.Fatalf("%s: find(%q) = %q, %v", name, key, got, ok)
			}
		}
		if last == "" {
			t.Errorf("%s is empty", name)
		}
	}
}

// BenchmarkFirstLookup is what a program pays for its first question about an ABI.
func BenchmarkFirstLookup(b *testing.B) {
	a := must(b, "x86_64")
	for b.Loop() {
		if len(a.readNames().list) == 0 {
			b.Fatal("no calls")
		}
	}
}

func BenchmarkConstant(b *testing.B) {
	a := must(b, "x86_64")
	for b.Loop() {
		if _, ok := a.Constant("O_DIRECT"); !ok {
			b.Fatal("no O_DIRECT")
		}
	}
}

func BenchmarkPrototype(b *testing.B) {
	a := must(b, "x86_64")
	for b.Loop() {
		if _, ok := a.Prototype("openat"); !ok {
			b.Fatal("no openat")
		}
	}
}
