package dsl

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/diag"

	"github.com/seccompc/seccompc/internal/short"
)

// TestCutStatements: a statement that is not finished, as each is while it is written, is an error
// in its own lines, and all others are read as they stand.
func TestCutStatements(t *testing.T) {
	paths, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil {
		t.Fatal(err)
	}
	faulty := 0
	for _, path := range append(paths, "testdata/cut.scp") {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := newSource(path, string(src))
		tokens, _ := s.tokenize()
		whole, diags := s.parse()
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		cuts := cutsOf(s.pieces(tokens), tokens)
		for i := 0; i < len(cuts); i += 1 + len(cuts)/short.Rounds(most) {
			if checkCut(t, s, whole, cuts[i]) {
				faulty++
			}
		}
	}
	t.Logf("%d faulty texts", faulty)
	if faulty < short.Rounds(800) {
		t.Errorf("only %d faulty texts", faulty)
	}
}

// most is how many cuts of a text are tried.
const most = 100

// cut is a statement, and where it is cut off.
type cut struct {
	diag.Span
	from int
}

// cutsOf returns all cuts of some statements before a word.
func cutsOf(pieces []piece, tokens []token) []cut {
	var out []cut
	for _, p := range pieces {
		for _, t := range tokens[p.first+1 : p.last] {
			if !t.isBlank() {
				out = append(out, cut{p.Span, int(t.start)})
			}
		}
	}
	return out
}

// checkCut blanks what stands in a statement from a place on, and reports whether that is an error.
func checkCut(t *testing.T, s source, whole *File, c cut) bool {
	t.Helper()
	begin, end := c.Offsets()
	text := []byte(s.Text)
	for i := c.from; i < end; i++ {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	got, diags := Parse(s.Name, text)
	for _, d := range diags {
		if line := d.Span.Pos().Line; line < c.Pos().Line || line > c.EndPos().Line {
			t.Errorf("%s:%d: cut before %.20q: %v", s.Name, c.Pos().Line, s.Text[c.from:], d)
		}
	}
	if d := cmp.Diff(others(whole, begin, end), others(got, begin, end)); d != "" {
		t.Errorf("%s:%d: cut before %.20q: the others are read as (-want +got)\n%s\n%v", s.Name,
			c.Pos().Line, s.Text[c.from:], d, diags)
	}
	return len(diags) > 0
}

// others prints what of a file does not stand in a range of its text, each with its place.
func others(f *File, begin, end int) []string {
	var out []string
	add := func(at diag.Span, what any) {
		from, to := at.Offsets()
		if to <= begin || from >= end {
			out = append(out, fmt.Sprintf("%T %d to %d: %q", what, from, to, at.Text()))
		}
	}
	for st := range f.All() {
		switch st := st.(type) {
		case *Test:
			add(st.Name.Span, st)
			for _, c := range st.Claims {
				add(c.Span, c)
			}
		case *When:
			add(st.Cond.Span, st)
		default:
			add(st.Range(), reflect.ValueOf(st).Interface())
		}
	}
	return out
}
