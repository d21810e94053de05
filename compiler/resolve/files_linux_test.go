package resolve_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/dsl"
)

// TestUnreadableInclude: what is there and cannot be read is an error, and no file of the same name
// in a directory of -I is taken in its place.
func TestUnreadableInclude(t *testing.T) {
	dir := t.TempDir()
	own, lib := filepath.Join(dir, "own"), filepath.Join(dir, "lib")
	for _, d := range []string{own, lib, filepath.Join(own, "directory.scp")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		syscall.Mkfifo(filepath.Join(own, "fifo.scp"), 0o600),
		os.Symlink("loop.scp", filepath.Join(own, "loop.scp")),
		os.WriteFile(filepath.Join(own, "large.scp"), make([]byte, dsl.MaxSize+1), 0o600),
		os.WriteFile(filepath.Join(own, "fits.scp"), []byte(strings.Repeat("\n", dsl.MaxSize)),
			0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"fifo.scp": "not a regular file", "directory.scp": "not a regular file",
		"loop.scp": "cannot be read", "large.scp": "more than", "fits.scp": "", "only.scp": "",
	} {
		if err := os.WriteFile(filepath.Join(lib, name), []byte("deny close\n"),
			0o600); err != nil {
			t.Fatal(err)
		}
		src := "arch x86_64\ndefault allow\ninclude \"" + name + "\"\n"
		r, diags := resolve.Text(filepath.Join(own, "main.scp"), []byte(src),
			resolve.Options{Include: []string{lib}})
		got := ""
		if diags.HasErrors() {
			got = diags[0].Message
		}
		if (r != nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
