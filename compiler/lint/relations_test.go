package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/linux"
)

// TestRelations: every line has calls that some ABI has both, and a source.
func TestRelations(t *testing.T) {
	for _, r := range relations() {
		for _, older := range r.older {
			both := func(abi *linux.ABI) bool {
				return abi.HasSyscall(older) &&
					abi.HasSyscall(r.newer)
			}
			if !slices.ContainsFunc(linux.ABIs(), both) {
				t.Errorf("no ABI has both %s and %s", older, r.newer)
			}
		}
		if !strings.ContainsAny(r.why, "./:(") {
			t.Errorf("%s: no source: %s", r.newer, r.why)
		}
	}
	if n := len(relations()); n < 60 {
		t.Errorf("%d relations", n)
	}
}

// TestReadRelations refuses lines that would be lost.
func TestReadRelations(t *testing.T) {
	for text, want := range map[string]string{
		"# a comment\n\nfork <- clone # glibc: fork.c\n": "",
		"fork <- clone\n":                  "want OLDER SIGN NEWER # SOURCE",
		"\nfork clone # glibc: fork.c\n":   "line 2: want",
		"fork <! clone # glibc: fork.c\n":  "no such sign",
		"fork <- # glibc: fork.c, clone\n": "want OLDER",
	} {
		_, err := readRelations(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestRealPolicies: no finding without a reason in the file.
func TestRealPolicies(t *testing.T) {
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range find(t, string(text), resolve.Options{}) {
			t.Errorf("%s: %v", file, d)
		}
	}
}
