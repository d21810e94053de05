package resolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/diag/errtest"
)

func resolveOnly(name string, src []byte) diag.List {
	_, diags := resolve.Text(name, src, resolve.Options{})
	return diags
}

func TestErrors(t *testing.T) { errtest.Run(t, "testdata/errors.scp", resolveOnly) }

func TestLints(t *testing.T) { errtest.Run(t, "testdata/lints.scp", resolveOnly) }

// TestOneFindingForManyABIs wants a note where a finding is not about all ABIs.
func TestOneFindingForManyABIs(t *testing.T) {
	_, diags := resolve.Text("x", []byte(
		"arch x86_64, i386, arm\ndefault allow\ndeny read if count == 1 << 40\n"+
			"deny read if cuont == 1\n",
	), resolve.Options{})
	var got []string
	for _, d := range diags {
		got = append(got, fmt.Sprint(d.Span.Pos().Line, d.Notes))
	}
	if len(got) != 2 || !strings.Contains(got[0], "on i386, arm") ||
		strings.Contains(got[1], "on ") {
		t.Errorf("got %q", got)
	}
}

// TestArgumentsInMemory wants to be told where a call's arguments lie, and on which ABI, by name
// and by position.
func TestArgumentsInMemory(t *testing.T) {
	for _, test := range [][2]string{{"i386", "mmap if prot & 4"}, {"s390x", "mmap if arg2 & 4"},
		{"m68k", "mmap if prot & 4"}, {"i386", "select if arg1 == 1"},
		{"s390", "fadvise64_64 if advice == 4"}} {
		call, _, _ := strings.Cut(test[1], " ")
		want := fmt.Sprintf("on %s the arguments of %s lie in memory, where no filter sees them",
			test[0], call)
		diags := resolveOnly("x", []byte("arch "+test[0]+"\ndefault allow\ndeny "+test[1]+"\n"))
		if len(diags) == 0 || !strings.Contains(fmt.Sprint(diags[0].Notes), want) {
			t.Errorf("%s: %v", test, diags)
		}
	}
}

func TestLevels(t *testing.T) {
	const src = "arch x86_64, aarch64\ndefault allow\ndeny(0) open\nset @mount = mount\n"
	tests := []struct {
		levels map[string]diag.Severity
		want   []string
	}{
		{nil, []string{"warning errno-range", "warning shadowed-name"}},
		{map[string]diag.Severity{"errno-range": diag.Off}, []string{"warning shadowed-name"}},
		{map[string]diag.Severity{"errno-range": diag.Error},
			[]string{"error errno-range", "warning shadowed-name"}},
		{map[string]diag.Severity{"missing-on-abi": diag.Warning, "shadowed-name": diag.Off},
			[]string{"warning errno-range", "warning missing-on-abi"}},
		{map[string]diag.Severity{"cycle": diag.Off, "foo": diag.Error}, []string{
			"error unknown-lint", "error unknown-lint", "warning errno-range",
			"warning shadowed-name",
		}},
	}
	for _, test := range tests {
		r, diags := resolve.Text("x", []byte(src), resolve.Options{Levels: test.levels})
		var got []string
		for _, d := range diags {
			got = append(got, d.Severity.String()+" "+d.Code)
		}
		if !slices.Equal(got, test.want) || (r == nil) != diags.HasErrors() {
			t.Errorf("%v: got %q, want %q", test.levels, got, test.want)
		}
	}
}

// TestLintOfLaterStages applies levels and comments to what the proof finds.
func TestLintOfLaterStages(t *testing.T) {
	const src = "arch x86_64\ndefault allow\n" +
		"# lint: allow bypass the host shuts it\ndeny unshare\ndeny setns\n"
	r, diags := resolve.Text("x", []byte(src), resolve.Options{
		Levels: map[string]diag.Severity{"bypass": diag.Error},
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var found diag.List
	for _, rule := range r.Rules {
		found = append(found, diag.Finding{Severity: diag.Warning, Code: "bypass", Span: rule.Span})
	}
	got := r.Lint(found)
	if len(got) != 1 || got[0].Span != r.Rules[1].Span || got[0].Severity != diag.Error {
		t.Errorf("got %v", got)
	}
}

// TestForeignComments: a line of C's preprocessor is told from a comment, and from a comment about
// one.
func TestForeignComments(t *testing.T) {
	tests := []struct{ comment, help string }{
		{`#include "base.scp"`,
			`write include "base.scp"; put a blank behind # where a comment is meant`},
		{`#include<seccomp.h>`, `write include "seccomp.h"; put`},
		{`#define ROOM 3`, "write const ROOM = 3; put"},
		{"#define ROOM", "a choice is a when block"},
		{"#ifdef __x86_64__", "a choice is a when block"},
		{"#endif", "a choice is a when block"},
		{`# include "base.scp"`, ""},
		{"#include the base policy", ""},
		{"#define what the service may do", ""},
		{"#if it listens", ""},
		{"#allow read", ""},
		{"##include \"x\"", ""},
	}
	for _, test := range tests {
		src := "arch x86_64\n" + test.comment + "\ndefault allow\n"
		_, diags := resolve.Text("x.scp", []byte(src), resolve.Options{})
		got := ""
		for _, d := range diags {
			if d.Code == codes.ForeignComment && d.Span.Pos().Line == 2 {
				got = d.Help
			}
		}
		if test.help == "" && got != "" || !strings.Contains(got, test.help) {
			t.Errorf("%s: %q, want %q", test.comment, got, test.help)
		}
	}
}
