package dsl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/errtest"
	"github.com/seccompc/seccompc/dsl"
)

func TestErrors(t *testing.T) {
	errtest.Run(t, "testdata/errors.scp", func(name string, src []byte) diag.List {
		_, diags := dsl.Parse(name, src)
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
		{"# lint: allow bypass\ndeny a", "# lint: allow bypass",
			"the lint comment is not complete"},
		{"deny a  b  # c", "b", "expected a comma"},
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
		span := d.Span.Text()
		if span != test.span || !strings.Contains(d.Message, test.message) {
			t.Errorf("%q: %s at %q, want %s at %q", test.src, d.Message, span, test.message,
				test.span)
		}
	}
}

// TestHidingCharacters: what is compiled is what people read. A text with a character that may hide
// a part of it is refused wherever that stands, and not laid out either.
func TestHidingCharacters(t *testing.T) {
	hiding := []rune("\r\v\f\x00\x01\x08\x1b\x1f\x7f\u0085\u009b\u2028\u2029\u061c\u200e\u200f")
	hiding = append(hiding, []rune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")...)
	for _, r := range hiding {
		for _, src := range []string{
			"deny a # a comment %c allow b\n", "# %c", "#%c\r\ndeny a", "deny a%c \ndeny b\n",
			"%cdeny a", "deny a%c",
			"deny a,\n%c  b\n", "default allow\ntest \"a\" {\n    # %c.\n}\n",
		} {
			src = fmt.Sprintf(src, r)
			at := strings.IndexRune(src, r)
			f, diags := dsl.Parse("x", []byte(src))
			if len(diags) != 1 || len(f.Faulty) != 1 {
				t.Errorf("%q: %v, %v", src, f.Faulty, diags)
				continue
			}
			d := diags[0]
			got := d.Span.Text()
			named := strings.Contains(d.Message, fmt.Sprintf("the character %U", r))
			if d.Code != "syntax" || d.Span.Pos().Offset != at || got != string(r) || !named ||
				d.Help == "" {
				t.Errorf("%q: %v at %q", src, d, got)
			}
			if out, diags := dsl.Format("x", []byte(src)); out != nil || len(diags) != 1 {
				t.Errorf("%q is laid out as %q, %v", src, out, diags)
			}
		}
		quoted := fmt.Sprintf("include \"a%cb\"", r)
		if _, diags := dsl.Parse("x", []byte(quoted)); len(diags) != 1 {
			t.Errorf("%q: %v", quoted, diags)
		}
		if _, diags := dsl.ParseCall("x", fmt.Sprintf("a%c", r)); len(diags) != 1 {
			t.Errorf("a call with %U: %v", r, diags)
		}
	}
}

// TestPlainCharacters: other scripts, symbols and the line ends of Windows are in order.
func TestPlainCharacters(t *testing.T) {
	for _, src := range []string{
		"deny a # tab\there, größer, 日本, עברית, 👩\u200d🔧 \r\n\r\ndeny b\t\r\n",
		"\ufeff# a\r\ninclude \"é\"",
	} {
		if _, diags := dsl.Parse("x", []byte(src)); diags != nil {
			t.Errorf("%q: %v", src, diags)
		}
		if _, diags := dsl.Format("x", []byte(src)); diags != nil {
			t.Errorf("%q: %v", src, diags)
		}
	}
}

func TestColumnsAreRunes(t *testing.T) {
	_, diags := dsl.Parse("x", []byte("\ufeffdeny a # é\ndeny \"é\" b"))
	if got, want := fmt.Sprint(diags[0].Span.Pos(), diags[0].Span.EndPos()),
		"x:2:6 x:2:9"; got != want {
		t.Errorf("got span %s, want %s", got, want)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"size", strings.Repeat("#", dsl.MaxSize+1),
			"the text has 524289 bytes; at most 524288 are allowed"},
		{"words", "deny a" + strings.Repeat(",a", dsl.MaxWords/2),
			"the text has 50002 words, numbers and signs"},
		{"parentheses", "const A = " + strings.Repeat("(", 1e4), "more than 64 brackets are open"},
		{"closed", "const A = " + strings.Repeat("(", 65) + "1" + strings.Repeat(")", 65),
			"more than 64 brackets"},
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
	for _, src := range []string{"deny socket if family = 1", "dny read",
		"const A = 1\nwhen A = 1 { deny read }"} {
		_, diags := dsl.Parse("x", []byte(src))
		if len(diags) != 1 || len(diags[0].Edits) != 1 {
			t.Errorf("%q: got %+v", src, diags)
			continue
		}
		e := diags[0].Edits[0]
		mustParse(t, src[:e.Span.Pos().Offset]+e.New+src[e.Span.EndPos().Offset:])
	}
}
