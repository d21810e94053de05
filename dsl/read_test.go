package dsl

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/google/go-cmp/cmp"
)

// The grammar is what the language is; the reader must take what it takes and make the same trees.

// Agree compares the reader with the grammar about a text, and reports whether it is a policy. Nobody is
// asked about a text with an error in its words or brackets, which the reader must not take.
func Agree(t *testing.T, src string) bool {
	t.Helper()
	tokens, diags := tokenize("x", []byte(src))
	checkPlaces(t, src, tokens)
	if len(diags) > 0 {
		if got, _ := read("x", []byte(src), (*reader).file); got != nil {
			t.Fatalf("the reader takes\n%s\nin spite of %v", src, diags)
		}
		return false
	}
	return agree(t, src, tokens, (*reader).file)
}

func agree[P any](t *testing.T, src string, tokens []lexer.Token, production func(*reader) *P) bool {
	t.Helper()
	want, err := parseAs[P](tokens)
	if err != nil {
		want = nil
	}
	if got, _ := read("x", []byte(src), production); !reflect.DeepEqual(got, want) {
		t.Fatalf("the grammar says %v of\n%s\n%s", err, src, cmp.Diff(want, got))
	}
	return err == nil
}

// checkPlaces checks that the tokens are the whole text, and each place as participle counts.
func checkPlaces(t *testing.T, src string, tokens []lexer.Token) {
	t.Helper()
	at := lexer.Position{Filename: "x", Line: 1, Column: 1}
	for _, token := range tokens {
		if token.Pos != at || !strings.HasPrefix(src[at.Offset:], token.Value) {
			t.Fatalf("token %#v of %q stands at %+v", token, src, at)
		}
		at.Advance(token.Value)
	}
	if last := tokens[len(tokens)-1]; !last.EOF() || at.Offset != len(src) {
		t.Fatalf("the tokens of %q end with %#v", src, last)
	}
}

func TestReaderAgreesOnFiles(t *testing.T) {
	for _, pattern := range []string{"../testdata/policies/*.scp", "testdata/*.scp", "testdata/*.golden"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			isPolicy := Agree(t, string(src))
			if faulty := filepath.Base(name) == "errors.scp"; isPolicy == faulty {
				t.Errorf("%s is a policy: %v", name, isPolicy)
			}
			for line := range strings.Lines(string(src)) { // the errors one by one
				Agree(t, line)
			}
		}
	}
}

// TestReaderAgreesOnSentences goes through all that the grammar can say, and through what is nearly right.
func TestReaderAgreesOnSentences(t *testing.T) {
	s := newSentences(t)
	said := map[string]bool{} // the productions of policies
	policies, others := 0, 0
	for range 1500 {
		words := s.of("File")
		if Agree(t, s.text(words)) {
			policies++
			for _, production := range s.productions {
				said[production] = true
			}
		}
		if !Agree(t, s.text(s.mutate(words))) {
			others++
		}
		agreeOnLine(t, s.text(s.of("Call")), (*reader).call)
		agreeOnLine(t, s.text(s.mutate(s.of("Expr"))), (*reader).expr)
	}
	t.Logf("%d policies of %d productions, %d faulty texts", policies, len(said), others)
	if policies < 1200 || others < 700 || len(said) != len(s.grammar) {
		t.Errorf("%d policies of %d productions, %d faulty texts", policies, len(said), others)
	}
}

// agreeOnLine compares the two about a call or an expression.
func agreeOnLine[P any](t *testing.T, src string, production func(*reader) *P) {
	t.Helper()
	if tokens, diags := tokenize("x", []byte(src)); len(diags) == 0 {
		agree(t, src, untilEnd(tokens), production)
	}
}
