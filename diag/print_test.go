package diag

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var printedText = &Source{Name: "a.scp", Text: "deny\ta\n\té\nx"}

func at(start, end int32) Span { return Span{printedText, start, end} }

var printed = List{
	{
		Severity: Warning, Code: "late", Span: at(8, 10),
		Message: "strange \x1b[31m letter",
		Notes:   []Note{{Text: "the facts"}, {Span: new(at(0, 11)), Text: "first here"}},
		Help:    "use another",
	},
	{Severity: Error, Code: "early", Span: at(10, 10), Message: "end"},
	{Severity: Error, Code: "first", Span: at(0, 4), Message: "start"},
}

func TestPrint(t *testing.T) {
	ds := append(List(nil), printed...)
	ds.Sort()
	var out strings.Builder
	p := Printer{Style: func(part, text string) string { return "<" + part + ">" + text }}
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
	if err := (Printer{Max: 1}).Print(&out, printed[1:]); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "a.scp:2:3: error: end [early]\n    2 |  é\n      |   ^\n"+
		"and 1 more\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrintLongLine(t *testing.T) {
	text := &Source{Name: "a.scp", Text: "deny " + strings.Repeat("a", 300) + " b"}
	var out strings.Builder
	l := List{Errorf(text.Span(306, 307), "syntax", "unexpected b")}
	if err := (Printer{}).Print(&out, l); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines[1]) > 130 || lines[1][strings.Index(lines[2], "^")] != 'b' {
		t.Errorf("got\n%s", out.String())
	}
}

func TestErr(t *testing.T) {
	warning := Warningf(at(0, 4), "late", "strange")
	for _, l := range []List{nil, {}, {warning}} {
		if err := l.Err(); err != nil {
			t.Errorf("%v is an error: %v", []Finding(l), err)
		}
	}
	l := List{warning, Errorf(at(8, 10), "bad", "this is %d\n", 5),
		Errorf(at(10, 10), "bad", "end")}
	err := l.Err()
	var back List
	if !errors.As(err, &back) || len(back) != 3 {
		t.Errorf("%v holds %v", err, []Finding(back))
	}
	if got, want := err.Error(), "a.scp:2:2: error: this is 5? [bad] (and 1 more)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := l[1:2].Error(), "a.scp:2:2: error: this is 5? [bad]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSeverityText(t *testing.T) {
	for _, want := range []Severity{Off, Warning, Error} {
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got Severity
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	var s Severity
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
		d := Finding{Span: Span{&Source{Text: test.word}, 0, int32(len(test.word))}}
		d.Suggest(test.word, slices.Values(names))
		if d.Help != test.want {
			t.Errorf("%s: got %q, want %q", test.word, d.Help, test.want)
		}
		one, found := strings.CutPrefix(d.Help, "there is a similar name: ")
		if found != (len(d.Edits) == 1) || found && d.Edits[0] != (Edit{Span: d.Span, New: one}) {
			t.Errorf("%s: edits %v", test.word, d.Edits)
		}
	}
}

func TestWord(t *testing.T) {
	src := &Source{Text: "ld  arch\nжж jeq\n"}
	for at, want := range map[[2]int]string{
		{1, 1}: "ld", {1, 5}: "arch", {2, 4}: "jeq", {2, 7}: "", {1, 99}: "", {3, 1}: "",
		{9, 9}: "",
	} {
		if got := src.Word(at[0], at[1]); got.Text() != want {
			t.Errorf("%v: %q at %v, want %q", at, got.Text(), got.Pos(), want)
		}
	}
}

// The names come from tables and maps: their order does not show, nor that one comes twice.
func TestSimilarInAnyOrder(t *testing.T) {
	names := []string{"openat2", "openat3", "openat4", "openat1", "openat5", "openat1", "open"}
	const want = "there are similar names: openat1, openat2, openat3"
	for range 50 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		if got := Similar("openatt", slices.Values(names)); got != want {
			t.Fatalf("of %v: %s", names, got)
		}
	}
}
