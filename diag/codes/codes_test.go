package codes_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seccompc/seccompc/claims"
	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/modes"
)

// later are the codes that stages after [compiler.Compile] report.
var later = []string{"test-failed"}

func TestCodeExamples(t *testing.T) {
	for _, c := range codes.All() {
		if c.Example == "" || slices.Contains(later, c.Name) {
			continue
		}
		_, diags := compiler.Compile("example.scp", []byte(c.Example), options(c))
		if c.Name == codes.DefaultOnly {
			diags = append(diags, defaultOnly(c)...)
		}
		if !slices.ContainsFunc(diags, func(d diag.Finding) bool { return d.Code == c.Name }) {
			t.Errorf("%s: its example gives %v", c.Name, diags)
		}
		if out, diags := dsl.Format("x", []byte(c.Example)); diags == nil &&
			string(out) != c.Example {
			t.Errorf("%s: its example is not formatted", c.Name)
		}
	}
}

// TestFixedExamples: the corrected policy of each code is a policy without that finding, and
// without an error. A wrong option is no policy's mistake.
func TestFixedExamples(t *testing.T) {
	common := fstest.MapFS{"common.scp": {Data: []byte("deny ptrace\n")}}
	for _, c := range codes.All() {
		if c.Example == "" || len(c.Disable) > 0 {
			continue
		}
		opts := options(c)
		opts.OpenDir = func(string) (fs.FS, error) { return common, nil }
		text := []byte(c.Fixed)
		if c.Fixed == "" {
			text, _ = compiler.Fix("fixed.scp", []byte(c.Example), opts)
		} else if out, diags := dsl.Format("x", text); diags != nil || string(out) != c.Fixed {
			t.Errorf("%s: its corrected policy is not formatted: %s", c.Name, out)
		}
		if string(text) == c.Example {
			t.Errorf("%s: no corrected policy", c.Name)
		}
		res, diags := compiler.Compile("fixed.scp", text, opts)
		if res == nil ||
			slices.ContainsFunc(diags, func(d diag.Finding) bool { return d.Code == c.Name }) {
			t.Errorf("%s: its corrected policy gives %v", c.Name, diags)
			continue
		}
		claimed, err := claims.OfPolicy(res.Resolved)
		if err != nil {
			t.Fatal(err)
		}
		if failures, err := claimed.Check(); err != nil || len(failures) > 0 {
			t.Errorf("%s: %v, %v", c.Name, failures, err)
		}
		more := modes.Unproved("fixed.scp", text, opts, res.Resolved)
		if c.Name == codes.DefaultOnly && len(more) > 0 {
			t.Errorf("%s: %v", c.Name, more)
		}
	}
}

// defaultOnly returns the findings about the example's other modes.
func defaultOnly(c codes.Code) diag.List {
	res, _ := compiler.Compile("example.scp", []byte(c.Example), options(c))
	return modes.Unproved("example.scp", []byte(c.Example), options(c), res.Resolved)
}

// options returns those with which a code's example is compiled.
func options(c codes.Code) compiler.Options {
	opts := compiler.Options{Params: c.Params, Disable: c.Disable}
	if c.Off {
		opts.Levels = map[string]diag.Severity{c.Name: diag.Warning}
	}
	return opts
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range codes.All() {
		if seen[c.Name] || c.Doc == "" || strings.ToLower(c.Name) != c.Name {
			t.Errorf("%+v", c)
		}
		seen[c.Name] = true
		if got, ok := codes.Lookup(c.Name); !ok || got.Doc != c.Doc {
			t.Errorf("%s: got %+v", c.Name, got)
		}
	}
	if _, ok := codes.Lookup("nonsense"); ok {
		t.Error("nonsense is a code")
	}
}
