//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// A file that is written anew keeps its owner, its group and its mode.
func TestOutputKeepsOwner(t *testing.T) {
	uid, gid := os.Geteuid(), -1
	if uid == 0 {
		uid, gid = 12345, 54321
	} else if groups, err := os.Getgroups(); err == nil {
		if i := slices.IndexFunc(groups, func(g int) bool { return g != os.Getegid() }); i >= 0 {
			gid = groups[i]
		}
	}
	if gid < 0 {
		t.Skip("this user is in one group only and cannot give files away: run the test as root")
	}
	name := filepath.Join(t.TempDir(), "f.bpf")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(name, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, []byte("new"), writeAll); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	if int(stat.Uid) != uid || int(stat.Gid) != gid || info.Mode() != 0o640 {
		t.Errorf("owner %d, group %d, mode %v, want %d, %d, 640", stat.Uid, stat.Gid, info.Mode(),
			uid, gid)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "new" {
		t.Errorf("content %q, %v", text, err)
	}
}
