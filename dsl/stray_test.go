package dsl

import (
	"strings"
	"testing"
)

// TestManyStrays has an answer for the first errors of a line alone: each looks through the line.
func TestManyStrays(t *testing.T) {
	_, diags := Parse("p.scp", []byte(strings.Repeat("😀", 4*maxStray)))
	answers := 0
	for _, d := range diags {
		if d.Help != "" {
			answers++
		}
	}
	if len(diags) < 4*maxStray || answers == 0 || answers > maxStray {
		t.Errorf("%d errors and %d answers, want at most %d answers", len(diags), answers, maxStray)
	}
}
