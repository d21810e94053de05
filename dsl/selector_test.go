package dsl

import (
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/diag"
)

// TestSelectorIsAsItsTags holds what is read by hand against what participle reads by the tags: all
// texts of up to five words.
func TestSelectorIsAsItsTags(t *testing.T) {
	byTags := participle.MustBuild[selectorTags](participle.Lexer(tokenKinds{}),
		participle.UseLookahead(0))
	read, failed := 0, 0
	var try func(words []string)
	try = func(words []string) {
		want, wantRest, wantErr := readSelector(t, words, func(lex *lexer.PeekingLexer) (*Selector, error) {
			s, err := byTags.ParseFromLexer(lex, participle.AllowTrailing(true))
			return (*Selector)(s), err
		})
		got, gotRest, err := readSelector(t, words, func(lex *lexer.PeekingLexer) (*Selector, error) {
			s := &Selector{}
			return s, s.Parse(lex)
		})
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v, by the tags %v", words, err, wantErr)
		}
		if err == nil {
			read++
			if d := cmp.Diff(want, got, cmp.AllowUnexported(Selector{}, node{}, diag.Span{})); d != "" || gotRest != wantRest {
				t.Fatalf("%q: rest %q, by the tags %q\n%s", words, gotRest, wantRest, d)
			}
		} else {
			failed++
		}
		if len(words) == 5 {
			return
		}
		for _, w := range []string{"all", "if", "read", "@a", "7", "..", ",", "\n"} {
			try(append(words[:len(words):len(words)], w))
		}
	}
	try(nil)
	if read < 10_000 || failed < 5_000 {
		t.Errorf("%d selectors, %d errors", read, failed)
	}
}

// readSelector reads words and returns what comes behind the selector.
func readSelector(t *testing.T, words []string,
	read func(*lexer.PeekingLexer) (*Selector, error),
) (*Selector, string, error) {
	s := newSource("x", strings.Join(words, " "))
	tokens, _ := scan(s)
	lex, err := lexer.Upgrade(&tokenReader{s, tokens})
	if err != nil {
		t.Fatal(err)
	}
	selector, err := read(lex)
	return selector, lex.Peek().Value, err
}
