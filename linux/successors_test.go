package linux

import (
	"strings"
	"testing"
)

// TestSuccessorsExist: an older call and what comes after it are calls of some ABI.
func TestSuccessorsExist(t *testing.T) {
	for name, list := range successors {
		for _, call := range append(strings.Fields(list), name) {
			if !HasSyscall(call) {
				t.Errorf("%s: no ABI has %s", name, call)
			}
		}
	}
	for name := range libraryCalls {
		if _, isOther := otherNames[name]; isOther || HasSyscall(name) {
			t.Errorf("%s is a system call, or the name of one", name)
		}
	}
	for name, call := range otherNames {
		if HasSyscall(name) || !HasSyscall(call) {
			t.Errorf("%s: %s", name, call)
		}
	}
}

func TestSuccessor(t *testing.T) {
	for _, test := range []struct{ abi, name, want string }{
		{"aarch64", "open", "openat"}, {"riscv64", "rename", "renameat2"},
		{"aarch64", "stat", "newfstatat"}, {"x86_64", "setuid32", "setuid"},
		{"x86_64", "clock_gettime64", "clock_gettime"}, {"x86_64", "sigaction", "rt_sigaction"},
		{"i386", "newfstatat", "fstatat64"}, {"arm", "mmap", "mmap2"}, {"x86_64", "send", "sendto"},
		{"aarch64", "modify_ldt", ""},
	} {
		abi, _ := Lookup(test.abi)
		if got, _ := abi.Successor(test.name); got != test.want {
			t.Errorf("%s on %s: %q, want %q", test.name, test.abi, got, test.want)
		}
	}
}

func TestCallOf(t *testing.T) {
	for name, want := range map[string]string{
		"fstatat": "newfstatat", "newstat": "stat", "pread": "pread64", "SYS_openat": "openat",
		"__NR_clone3": "clone3", "sys_read": "read", "SYS_pread": "pread64", "opennat": "",
	} {
		if got, _ := CallOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
