package linux_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/short"
	"github.com/seccompc/seccompc/linux"
)

// dated are policies that the tables decide.
var dated = []string{
	"default deny\nunknown deny(ENOSYS)\nallow @known\n",
	"default deny\nunknown deny(ENOSYS)\nallow @mount, @system-service\n",
	"default allow\nunknown kill\ndeny @known - @mount, read\n",
	"default allow\nunknown trap\nset @s = @mount\nkill @s\nhot read, 440..480\n",
}

func encode(t *testing.T, text string) []byte {
	t.Helper()
	r, diags := compiler.Compile("x.scp", []byte(text), compiler.Options{
		Levels: map[string]diag.Severity{"never-fails": diag.Off},
	})
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", text, diags)
	}
	return r.Program.Encode(r.Order)
}

// TestPolicyKeepsItsMeaning: with the tables of a newer kernel a policy that says of which Linux it
// is has the same bytes, and one that does not has others.
func TestPolicyKeepsItsMeaning(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	texts := []string{}
	for _, text := range dated {
		for _, arch := range []string{"x86_64, i386, x32", "aarch64, arm", "s390x", "mips64el"} {
			texts = append(texts, "arch "+arch+"\n", text)
		}
	}
	releases := []string{linux.KernelVersion, "6.12", "6.6", "5.4"}
	before, undated := map[string][]byte{}, map[string][]byte{}
	for i := 0; i < len(texts); i += 2 {
		undated[texts[i]+texts[i+1]] = encode(t, texts[i]+texts[i+1])
		for _, release := range releases {
			text := texts[i] + "as of linux " + release + "\n" + texts[i+1]
			before[text] = encode(t, text)
		}
	}
	linux.Newer(t, "zz_newer", "5999", "@mount", "move_mount")
	for text, want := range before {
		if got := encode(t, text); !bytes.Equal(got, want) {
			t.Errorf("other bytes with newer tables: %s", text)
		}
	}
	for text, was := range undated {
		if bytes.Equal(encode(t, text), was) {
			t.Errorf("the newer tables change nothing without a date: %s", text)
		}
	}
}

// TestRealPoliciesKeepTheirMeaning is the same for the policies of testdata, dated.
func TestRealPoliciesKeepTheirMeaning(t *testing.T) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	before := map[string][]byte{}
	for _, file := range short.Some(files) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := "as of linux " + linux.KernelVersion + "\n" + string(src)
		if !bytes.Contains(src, []byte("include ")) && !bytes.Contains(src, []byte("as of ")) {
			before[text] = encode(t, text)
		}
	}
	linux.Newer(t, "zz_newer", "5999", "@mount", "move_mount")
	for text, want := range before {
		if got := encode(t, text); !bytes.Equal(got, want) {
			t.Errorf("other bytes with newer tables: %.200s", text)
		}
	}
}
