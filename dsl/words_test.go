package dsl

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	sorted := func(words []string) string {
		return strings.Join(slices.Sorted(slices.Values(words)),
			" ")
	}
	w := Words()
	got := []string{
		sorted(w.Statements), sorted(w.Actions), sorted(w.Keywords), sorted(w.Operators),
		sorted(w.Casts),
		sorted(vocabulary().blocks),
	}
	want := []string{
		"arch as const default hot include late mismatch param set test unknown when",
		"allow deny kill kill_thread log notify trace trap",
		"_ all any else i32 i64 if in linux not of only u32 u64",
		"! != & && ( ) * + , - .. : < << <= = == => > >= >> ^ { | || } ~",
		"i32 i64 u32 u64",
		"test when",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestExpectations holds the words for what is expected against the grammar: each production has
// some, and none is of the past.
func TestExpectations(t *testing.T) {
	known := map[string]bool{}
	for _, e := range expectations {
		known[e.symbol] = true
	}
	// Statements are expected as such, and what only goes on is not expected.
	silent := strings.Fields("File Rule Fallback Arch AsOf Define Late Set Include When " +
		"ElseWhen Hot Test")
	for line := range strings.Lines(Grammar()) {
		name, _, _ := strings.Cut(line, " = ")
		if known[name] == slices.Contains(silent, name) {
			t.Errorf("%s: expected in words: %v", name, known[name])
		}
		delete(known, name)
	}
	for symbol := range known {
		if !strings.Contains(Grammar(), symbol) && symbol != "<ident> | <number> | (" {
			t.Errorf("%s is not in the grammar", symbol)
		}
	}
}
