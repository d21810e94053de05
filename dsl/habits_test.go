package dsl

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestHabitTable: each pattern has one bad word, and says no more than its words.
func TestHabitTable(t *testing.T) {
	for _, h := range habits {
		if strings.Count(h.pattern, "[") != 1 || strings.Count(h.pattern, "]") != 1 {
			t.Errorf("%q has not one bad word", h.pattern)
		}
		if h.help == "" && h.fix == "" {
			t.Errorf("%q has no help", h.pattern)
		}
		n := len(strings.Fields(strings.TrimPrefix(h.pattern, "START ")))
		for digit := '1' + rune(n); digit <= '9'; digit++ {
			if strings.ContainsRune(h.help+h.fix, '$') &&
				strings.Contains(strings.NewReplacer("$~", "$", "$|", "$").Replace(h.help+h.fix),
					"$"+string(digit)) {
				t.Errorf("%q: %q, %q: no word %c", h.pattern, h.help, h.fix, digit)
			}
		}
		if h.in == "" {
			t.Errorf("%q is for no part", h.pattern)
		}
	}
}

// TestHabitsHaveWitnesses: each habit is what a line of the list of mistakes is mended by, so that
// none stands behind one that is always first.
func TestHabitsHaveWitnesses(t *testing.T) {
	text, err := os.ReadFile("../compiler/resolve/testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*pattern]bool{}
	for line := range strings.Lines(string(text)) {
		s := newSource("x", line)
		tokens, _, _ := s.byLines()
		for _, p := range s.pieces(tokens) {
			err := parseError(s, p)
			if err == nil {
				continue
			}
			c := s.contextOf(p.tokens, slices.IndexFunc(p.tokens, func(t token) bool {
				return int(t.start) >= errorOffset(err) && !t.kind.hidden()
			}))
			c.outside = p.part()
			h, _, _ := c.find(expected(err.Error()))
			seen[h] = true
		}
	}
	for _, h := range patterns() {
		if !seen[h] {
			t.Errorf("no mistake is mended by %q of %s: %s %s", h.pattern, h.in, h.help, h.fix)
		}
	}
}

// parseError returns the error of a piece of a text, if it has one.
func parseError(s source, p piece) error {
	if p.illegal() {
		return nil
	}
	if p.claim {
		_, err := parseAs[Claim](s, p.tokens)
		return err
	}
	_, err := parseAs[File](s, p.tokens)
	return err
}
