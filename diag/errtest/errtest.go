// Package errtest holds faulty policies against the diagnostics that their text announces.
//
// A file of such policies is cut at lines of three dashes. Behind each faulty line stands what is
// reported there, as regular expressions in Go's quotes:
//
//	deny ptrace kill ### `1:13: error: unexpected "kill"`
//
// An expression is matched against line:column: severity: message [code] and, behind a blank, the
// help in parentheses, where . matches the end of a line too. The line is that of the chunk.
package errtest

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/diag"
)

// Run checks the policies of the file at path: check must return exactly the announced diagnostics
// for each. It returns the codes that occurred.
func Run(t *testing.T, path string, check func(name string, src []byte) diag.List) map[string]bool {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	line := 1
	for _, chunk := range bytes.SplitAfter(src, []byte("\n---\n")) {
		name := fmt.Sprintf("%s:%d", path, line)
		line += bytes.Count(chunk, []byte("\n"))
		chunk = bytes.TrimSuffix(chunk, []byte("---\n"))
		t.Run(name, func(t *testing.T) {
			diags := check("chunk", chunk)
			for _, d := range diags {
				codes[d.Code] = true
			}
			compare(t, wants(t, string(chunk)), diags)
		})
	}
	return codes
}

type want struct {
	line    int
	pattern *regexp.Regexp
}

func wants(t *testing.T, chunk string) []want {
	t.Helper()
	var out []want
	for i, line := range strings.Split(chunk, "\n") {
		_, rest, _ := strings.Cut(line, "###")
		for rest = strings.TrimSpace(rest); rest != ""; {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				t.Fatalf("line %d: %q does not begin with a quoted expression", i+1, rest)
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, want{i + 1, regexp.MustCompile("(?s)" + text)})
			rest = strings.TrimSpace(rest[len(quoted):])
		}
	}
	return out
}

func compare(t *testing.T, wants []want, diags diag.List) {
	t.Helper()
	found := make([]bool, len(wants))
next:
	for _, d := range diags {
		at := d.Span.Pos()
		text := fmt.Sprintf("%d:%d: %v: %s [%s] (%s)",
			at.Line, at.Column, d.Severity, d.Message, d.Code, d.Help)
		for i, w := range wants {
			if !found[i] && w.line == at.Line && w.pattern.MatchString(text) {
				found[i] = true
				continue next
			}
		}
		t.Errorf("not announced: %s", text)
	}
	for i, w := range wants {
		if !found[i] {
			t.Errorf("not reported: line %d: %s", w.line, w.pattern)
		}
	}
}
