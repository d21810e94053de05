package lint

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/diag/errtest"
)

// TestFind holds the policies of testdata/CODE.scp against the findings of that code: what is not
// announced there must not be found.
func TestFind(t *testing.T) {
	files, err := filepath.Glob("testdata/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		code := strings.TrimSuffix(filepath.Base(file), ".scp")
		if !codes.IsLint(code) {
			t.Errorf("%s is no lint", code)
		}
		errtest.Run(t, file, func(name string, src []byte) diag.List {
			r, found := resolve.Text(name, src, resolve.Options{})
			if r != nil {
				found = append(found, Find(r, found)...)
			}
			var out diag.List
			for _, d := range found {
				if d.Code == code || d.Severity == diag.Error && !codes.IsLint(d.Code) {
					out = append(out, d)
				}
			}
			return out
		})
	}
}
