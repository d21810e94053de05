package dsl

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPiecesAgree holds the way that finds every error against the grammar: where a whole text parses, none
// of its statements has an error by itself.
func TestPiecesAgree(t *testing.T) {
	names, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(names) == 0 {
		t.Fatal("no policies", err)
	}
	for _, name := range append(names, "testdata/layout.scp") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, diags := Parse(name, src)
		if len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
			continue
		}
		text := newSource(name, string(src))
		tokens, _ := text.tokenize()
		if diags := text.syntaxErrors(tokens); len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
		claims, simple := 0, 0
		for s := range f.All() {
			simple++
			if test, ok := s.(*Test); ok {
				claims += len(test.Claims)
			}
		}
		found := [2]int{}
		for _, p := range text.pieces(tokens) {
			if p.claim {
				found[0]++
			} else {
				found[1]++
			}
		}
		if found != [2]int{claims, simple} {
			t.Errorf("%s: %v pieces for %d claims and %d statements", name, found, claims, simple)
		}
	}
}
