package dsl_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seccompc/seccompc/dsl"
)

func addSeeds(f *testing.F) {
	for _, name := range []string{"testdata/layout.scp", "testdata/errors.scp"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, src := range []string{
		"when a { deny b } # c\nelse { deny d }", "deny a,\n", "((", "}{", "when {{", "\"", "@-",
		"0x", "\xff\x00",
		"when a{deny b}else{deny c}deny d", "deny x if a in {\n1,\n}", "# lint: allow a b\ndeny c",
	} {
		f.Add([]byte(src))
	}
}

// FuzzParse checks that a text either parses or has errors, with places inside of it, and that what
// is faulty does not change what is not.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) { dsl.CheckParse(t, string(src)) })
}

// FuzzFormat checks that a formatted text means the same, and that formatting it again changes
// nothing.
func FuzzFormat(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		before, diags := dsl.Parse("x", src)
		if len(diags) > 0 {
			return
		}
		out, diags := dsl.Format("x", src)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		after, diags := dsl.Parse("x", out)
		if len(diags) > 0 {
			t.Fatalf("%v\n%s", diags, out)
		}
		if diff := cmp.Diff(before, after, dsl.IgnorePlaces); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
		again, _ := dsl.Format("x", out)
		if diff := cmp.Diff(string(out), string(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}
