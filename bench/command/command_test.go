package command

import (
	"strings"
	"testing"
	"time"
)

// TestMeasure: each command line runs, and has a line.
func TestMeasure(t *testing.T) {
	rows, err := Measure("../..", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Wall <= 0 || r.Ratio <= 0 || r.CPU <= 0 || r.Memory < 1000 {
			t.Errorf("%+v", r)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var out strings.Builder
	rows := []Row{{"job", 6 * time.Millisecond, 4.25, 5, 14000}}
	if err := Markdown(&out, rows); err != nil {
		t.Fatal(err)
	}
	const want = "| job | 6.0 | 4.2 | 5.0 | 14000 |\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("%s\ndoes not end with\n%s", &out, want)
	}
}
