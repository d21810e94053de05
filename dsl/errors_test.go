package dsl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/dsl/errtest"
)

func TestErrors(t *testing.T) {
	errtest.Run(t, "testdata/errors.scp", func(name string, src []byte) dsl.Diagnostics {
		f, diags := dsl.Parse(name, src)
		if (f == nil) != diags.HasErrors() {
			t.Errorf("file %v with %v", f, diags)
		}
		return diags
	})
}

// TestErrorSpans covers what a comment behind the line would spoil.
func TestErrorSpans(t *testing.T) {
	long := strings.Repeat("1", 101)
	tests := []struct{ src, span, message string }{
		{`include "foo`, `"foo`, "the string does not end on its line"},
		{"include \"a\tb\"", "\"a\tb\"", "control character"},
		{"include \"\xff\"", "\"\xff\"", "invalid UTF-8"},
		{"deny é, \xff", "é", "unexpected character 'é'"},
		{"deny a, \xff", "\xff", "invalid UTF-8"},
		{"deny " + long, long, "at most 100 digits"},
		{"# lint: allow bypass\ndeny a", "# lint: allow bypass", "the lint comment is not complete"},
		{"deny a  b  # c", "b", "unexpected"},
		{"deny a if (b == 1", "(", "never closed"},
		{"deny x if a &  3 <  2  # c", "a &  3 <  2", "cannot follow a mask"},
	}
	for _, test := range tests {
		_, diags := dsl.Parse("x", []byte(test.src))
		if len(diags) == 0 {
			t.Errorf("%q: no error", test.src)
			continue
		}
		d := diags[0]
		span := test.src[d.Span.Pos.Offset:d.Span.EndPos.Offset]
		if span != test.span || !strings.Contains(d.Message, test.message) {
			t.Errorf("%q: %s at %q, want %s at %q", test.src, d.Message, span, test.message, test.span)
		}
	}
}

func TestColumnsAreRunes(t *testing.T) {
	_, diags := dsl.Parse("x", []byte("\ufeffdeny a # é\ndeny \"é\" b"))
	if got, want := fmt.Sprint(diags[0].Span), "{x:2:6 x:2:9}"; got != want {
		t.Errorf("got span %s, want %s", got, want)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"size", strings.Repeat("#", dsl.MaxSize+1), "the text has 524289 bytes; at most 524288 are allowed"},
		{"parentheses", "const A = " + strings.Repeat("(", 1e4), "more than 64 brackets are open"},
		{"closed", "const A = " + strings.Repeat("(", 65) + "1" + strings.Repeat(")", 65), "more than 64 brackets"},
		{"blocks", strings.Repeat("when a {\n", 1e4), "more than 64 brackets are open"},
		{"closers", "deny a" + strings.Repeat(")", 3), ") closes nothing"},
	}
	for _, test := range tests {
		_, diags := dsl.Parse("x", []byte(test.src))
		if len(diags) == 0 || !strings.Contains(diags[0].Message, test.want) {
			t.Errorf("%s: got %.3v, want %s", test.name, diags, test.want)
		}
	}
}

func TestDeepEnough(t *testing.T) {
	src := "const A = " + strings.Repeat("(", 64) + "1" + strings.Repeat(")", 64) + "\n" +
		"const B = " + strings.Repeat("-~!", 1e4) + "1\n"
	if _, diags := dsl.Parse("x", []byte(src)); len(diags) > 0 {
		t.Error(diags)
	}
}

// TestEdits applies the edits of errors, and wants the text to parse then.
func TestEdits(t *testing.T) {
	for _, src := range []string{"deny socket if family = 1", "dny read", "const A = 1\nwhen A = 1 { deny read }"} {
		_, diags := dsl.Parse("x", []byte(src))
		if len(diags) != 1 || len(diags[0].Edits) != 1 {
			t.Errorf("%q: got %+v", src, diags)
			continue
		}
		e := diags[0].Edits[0]
		mustParse(t, src[:e.Span.Pos.Offset]+e.New+src[e.Span.EndPos.Offset:])
	}
}
