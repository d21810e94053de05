package dsl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seccompc/seccompc/dsl"
)

func at(offset, line, column int) dsl.Pos {
	return dsl.Pos{Filename: "a.scp", Offset: offset, Line: line, Column: column}
}

var printed = dsl.Diagnostics{
	{
		Severity: dsl.Warning, Code: "late", Span: dsl.Span{Pos: at(8, 2, 2), EndPos: at(10, 2, 3)},
		Message: "strange \x1b[31m letter",
		Notes:   []dsl.Note{{Text: "the facts"}, {Span: &dsl.Span{Pos: at(0, 1, 1), EndPos: at(11, 3, 2)}, Text: "first here"}},
		Help:    "use another",
	},
	{Severity: dsl.Error, Code: "early", Span: dsl.Span{Pos: at(10, 2, 3), EndPos: at(10, 2, 3)}, Message: "end"},
	{Severity: dsl.Error, Code: "first", Span: dsl.Span{Pos: at(0, 1, 1), EndPos: at(4, 1, 5)}, Message: "start"},
}

func TestPrint(t *testing.T) {
	ds := append(dsl.Diagnostics(nil), printed...)
	ds.Sort()
	var out strings.Builder
	p := dsl.Printer{
		Sources: map[string][]byte{"a.scp": []byte("deny\ta\n\té\nx")},
		Style:   func(part, text string) string { return "<" + part + ">" + text },
	}
	if err := p.Print(&out, ds); err != nil {
		t.Fatal(err)
	}
	want := `a.scp:1:1: <error>error: start [first]
    1 | deny a
      | <caret>^^^^
a.scp:2:3: <error>error: end [early]
    2 |  é
      |   <caret>^
a.scp:2:2: <warning>warning: strange ?[31m letter [late]
    2 |  é
      |  <caret>^
    = <note>note: the facts
    = <note>note: a.scp:1:1: first here
    1 | deny a
      | <caret>^^^^^^
    = <help>help: use another
`
	if diff := cmp.Diff(want, strings.ReplaceAll(out.String(), "\x1b", "ESC")); diff != "" {
		t.Error(diff)
	}
}

func TestPrintMax(t *testing.T) {
	var out strings.Builder
	if err := (dsl.Printer{Max: 1}).Print(&out, printed[1:]); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "a.scp:2:3: error: end [early]\nand 1 more\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrintLongLine(t *testing.T) {
	src := "deny " + strings.Repeat("a", 300) + " b"
	_, diags := dsl.Parse("a.scp", []byte(src))
	var out strings.Builder
	if err := (dsl.Printer{Sources: map[string][]byte{"a.scp": []byte(src)}}).Print(&out, diags); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines[1]) > 130 || lines[1][strings.Index(lines[2], "^")] != 'b' {
		t.Errorf("got\n%s", out.String())
	}
}

func TestSeverityText(t *testing.T) {
	for _, want := range []dsl.Severity{dsl.Off, dsl.Warning, dsl.Error} {
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got dsl.Severity
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	var s dsl.Severity
	if err := s.UnmarshalText([]byte("fatal")); err == nil {
		t.Error("fatal is a severity")
	}
}

func TestSimilar(t *testing.T) {
	names := []string{"openat", "openat2", "open", "read", "readv", "preadv", "close", "lcose"}
	tests := []struct{ word, want string }{
		{"opennat", "there is a similar name: openat"},
		{"clsoe", "there is a similar name: close"},
		{"raed", "there is a similar name: read"},
		{"openatt", "there are similar names: openat, openat2"},
		{"socketpair", ""},
		{"x", ""},
		{strings.Repeat("open", 100), ""},
	}
	for _, test := range tests {
		d := dsl.Diagnostic{Span: dsl.Span{EndPos: dsl.Pos{Offset: len(test.word)}}}
		d.Suggest(test.word, slices.Values(names))
		if d.Help != test.want {
			t.Errorf("%s: got %q, want %q", test.word, d.Help, test.want)
		}
		one, found := strings.CutPrefix(d.Help, "there is a similar name: ")
		if found != (len(d.Edits) == 1) || found && d.Edits[0] != (dsl.Edit{Span: d.Span, New: one}) {
			t.Errorf("%s: edits %v", test.word, d.Edits)
		}
	}
}
