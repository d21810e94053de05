package lint

import (
	"strings"
	"testing"
)

// TestReadBypassTable refuses lines that would be lost.
func TestReadBypassTable(t *testing.T) {
	for text, want := range map[string]string{
		"# a comment\n\nfork = vfork # the same\n": "",
		"fork = vfork\n": "line 1: no reason",
		"# a comment\nfork => deny vfork #no blank\n": "line 2: no reason",
		"fork => deny vfork # \n":                     "line 1: no reason",
		"fork # alone\n":                              "line 1: no call that is a way round",
		"fork => deny # nothing\n":                    "line 1: no call that is a way round",
	} {
		lines, err := readBypassTable(text)
		switch {
		case want == "" && (err != nil || len(lines) != 1):
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
