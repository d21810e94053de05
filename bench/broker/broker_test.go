package broker

import (
	"strings"
	"testing"
)

// Each way answers all callers, and the table has a row for each number of them.
func TestMeasure(t *testing.T) {
	rows, err := Measure(1, 640)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := Markdown(&text, rows); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r.Callers != callers[i] || r.Loop <= 0 || r.Serve <= 0 || r.Helper <= 0 {
			t.Errorf("row %+v", r)
		}
	}
	if n := strings.Count(text.String(), "\n| "); n != len(callers)+2 {
		t.Errorf("%d lines of a table\n%s", n, &text)
	}
}
