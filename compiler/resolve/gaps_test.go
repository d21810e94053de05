package resolve

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seccompc/seccompc/dsl"
)

// TestBesideSyntaxErrors: what can be read is resolved beside what cannot, and what cannot be read
// may define what is missing.
func TestBesideSyntaxErrors(t *testing.T) {
	const head = "arch x86_64\ndefault allow\n"
	tests := []struct {
		name, text string
		want       []string // line and code
	}{
		{"both", head + "deny a b\ndeny opennat\n", []string{"3 syntax", "4 unknown-syscall"}},
		{"warnings too", head + "deny a b\ndeny(0) read\n", []string{"3 syntax", "4 errno-range"}},
		{"constant", head + "const A = 1 2\ndeny read if fd == A\ndeny read if fd == B\n",
			[]string{"3 syntax", "5 unknown-constant"}},
		{"misspelt", head + "cosnt A = 1\ndeny read if fd == A\n", []string{"3 syntax"}},
		{"set", head + "set @a-b = read write\ndeny @a-b\ndeny @c\n",
			[]string{"3 syntax", "5 unknown-set"}},
		{"set in a set", head + "set @a = @b\nset @b = read write\n" +
			"when arch == i386 { deny @b, @c }\n",
			[]string{"4 syntax", "5 unknown-set"}},
		{"no default", "arch x86_64\ndeny a b\n", []string{"1 missing-default", "2 syntax"}},
		{"faulty default", "arch x86_64\ndefault deny(\n", []string{"2 syntax"}},
		{"misspelt default", "arch x86_64\ndefualt deny\n", []string{"2 syntax"}},
		{"faulty arch", "arch x86_64 aarch64\ndefault allow\ndeny fchownaat\n",
			[]string{"1 syntax"}},
		{"faulty include", head + "include 'a.scp'\ndeny @c if fd == A\ndeny opennat\n",
			[]string{"3 syntax", "5 unknown-syscall"}},
		{"no include", head + "include \"none.scp\"\ndeny @c\ndeny opennat\n",
			[]string{"3 include", "5 unknown-syscall"}},
		{"faulty when", head +
			"when arch = x86_64 {\n  const A = 1\n  deny opennat\n}\ndeny read if fd == A\n",
			[]string{"3 syntax"}},
		{"condition of a when", head +
			"const A = 1 2\nwhen A == 1 {\n  set @s = read\n}\ndeny @s\ndeny @t\n",
			[]string{"3 syntax", "8 unknown-set"}},
		{"wrong condition", head + "when 1 {\n  set @s = read\n}\ndeny @s\n",
			[]string{"3 wrong-type"}},
		{"no trace data", head + "trace read\ndeny opennat\n",
			[]string{"3 syntax", "4 unknown-syscall"}},
		{"in a test", head + "test \"t\" {\n  read deny\n  opennat => deny\n}\n",
			[]string{"4 syntax", "5 unknown-syscall"}},
		{"lint comment", head +
			"# lint: allow bypass we know\ndeny a b\n# lint: allow foo we know\ndeny read\n",
			[]string{"4 syntax", "5 unknown-lint"}},
	}
	for _, test := range tests {
		r, diags := Text("x", []byte(test.text), Options{})
		var got []string
		for _, d := range diags {
			got = append(got, fmt.Sprint(d.Span.Pos().Line, " ", d.Code))
		}
		slices.Sort(got)
		if r != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	_, diags := Text("x", []byte(head+"parm n = 1\n"),
		Options{Params: map[string]string{"n": "2", "m": "2"}})
	if len(diags) != 2 || diags[0].Span.Pos().Filename != "-D m" {
		t.Errorf("got %v", diags)
	}
}

// TestBuiltTree: the parts of a tree that was built and not read have no places by which to tell
// them apart.
func TestBuiltTree(t *testing.T) {
	deny := func(names ...string) *dsl.Rule {
		x := &dsl.Rule{Action: dsl.Action{Kind: "deny"}}
		for _, name := range names {
			x.Selectors = append(x.Selectors, &dsl.Selector{Name: name})
		}
		return x
	}
	define := func(name, number string) *dsl.Define {
		value := dsl.Sum{X: dsl.Product{X: dsl.Unary{Number: number}}}
		return &dsl.Define{
			Kind: "const", Name: dsl.Name{Text: name},
			Value: dsl.Expr{Or: []dsl.ExprAnd{{And: []dsl.Compare{{X: value}}}}},
		}
	}
	head := []dsl.Statement{
		&dsl.Arch{ABIs: []dsl.ABIName{{Text: "x86_64"}, {Text: "aarch64"}}},
		&dsl.Fallback{Kind: "default", Action: dsl.Action{Kind: "allow"}},
	}
	tests := []struct {
		statements []dsl.Statement
		want       []string
	}{
		{[]dsl.Statement{deny("open", "read")}, nil},
		{[]dsl.Statement{deny("opennat", "raed"), deny("read")},
			[]string{`unknown system call "opennat"`, `unknown system call "raed"`}},
		{[]dsl.Statement{define("A", "1"), define("A", "2")},
			[]string{"A stands here a second time"}},
		{[]dsl.Statement{&dsl.Fallback{Kind: "default", Action: dsl.Action{Kind: "kill"}}},
			[]string{"default stands here a second time"}},
	}
	for _, test := range tests {
		r := newResolver(Options{})
		r.loaded = loaded{files: []*dsl.File{{Statements: append(slices.Clip(head),
			test.statements...)}}}
		out, diags := r.meaning()
		var got []string
		for _, d := range diags {
			got = append(got, d.Message)
		}
		if !slices.Equal(got, test.want) || (out == nil) != (len(test.want) > 0) {
			t.Errorf("%d statements: got %q, want %q", len(test.statements), got, test.want)
		}
	}
}
