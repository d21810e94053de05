package resolve_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag/codes"
)

// FuzzResolve checks that a text either has a meaning or an error.
func FuzzResolve(f *testing.F) {
	for _, pattern := range []string{"testdata/*.scp", "../../testdata/policies/*.scp",
		"../../dsl/testdata/*.scp"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatal(pattern, err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for _, chunk := range strings.Split(string(src), "\n---\n") {
				f.Add(chunk)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		opts := resolve.Options{ABIs: []string{"x86_64", "i386"},
			OpenDir: memory(map[string]string{"a.scp": src})}
		r, diags := resolve.Text("main.scp", []byte(src), opts)
		if (r == nil) != diags.HasErrors() {
			t.Fatalf("%v with %v", r, diags)
		}
		for _, d := range diags {
			if _, ok := codes.Lookup(d.Code); !ok {
				t.Fatalf("no code %s", d.Code)
			}
		}
	})
}
