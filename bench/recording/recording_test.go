package recording

import (
	"strings"
	"testing"
	"time"
)

func TestMarkdown(t *testing.T) {
	var out strings.Builder
	rows := []Row{{"job", 10 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond}}
	if err := Markdown(&out, rows); err != nil {
		t.Fatal(err)
	}
	const want = "| job | 10 ms | 25 ms | 100 ms | 2.5 | 0.25 |\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("%s\ndoes not end with\n%s", &out, want)
	}
}
