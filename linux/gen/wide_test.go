package main

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
)

// TestEveryWideParameterIsRead demands a word about each parameter of 64 bits, and none about
// others.
func TestEveryWideParameterIsRead(t *testing.T) {
	said := map[string]string{}
	for why, list := range wide {
		for _, key := range strings.Fields(list) {
			if said[key] != "" {
				t.Errorf("%s stands under %q and %q", key, said[key], why)
			}
			said[key] = why
		}
	}
	found := map[string]bool{}
	for _, abi := range linux.ABIs() {
		for _, s := range abi.Syscalls() {
			args, _ := abi.Prototype(s.Name)
			for _, a := range args {
				if a.Width == 64 && !a.Pointer {
					found[s.Name+"."+a.Name] = true
				}
			}
		}
	}
	for key := range found {
		if said[key] == "" {
			t.Errorf("nobody has read what the kernel does with %s", key)
		}
	}
	for key := range said {
		if !found[key] {
			t.Errorf("%s has no 64 bits on any ABI", key)
		}
	}
	t.Logf("%d parameters of 64 bits", len(found))
	for key := range narrower {
		call, _, _ := strings.Cut(key, ".")
		if key != "dfd" && !linux.HasSyscall(call) {
			t.Errorf("no system call %s", call)
		}
	}
}
