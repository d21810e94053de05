package dsl

import (
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
