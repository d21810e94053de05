package stacks

import (
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/bench/live"
	"github.com/seccompc/seccompc/bench/rows"
)

// TestMain lets the test binary be re-executed as a measurement.
func TestMain(m *testing.M) {
	live.Main()
	os.Exit(m.Run())
}

// TestMeasure: each number of filters is timed, and has a line.
func TestMeasure(t *testing.T) {
	row := rows.Row{Probes: rows.Probes{Checked: rows.Probe{Call: "getppid"},
		Denied: rows.Probe{Call: "getuid"}, Cached: rows.Probe{Call: "getgid"}}}
	all, err := Measure(row, asm.Program{{Op: asm.RetK, K: 0x7fff0000}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Markdown(&out, "x", all); err != nil {
		t.Fatal(err)
	}
	for _, start := range []string{"\n| 1 |", "\n| 3 |", "\n| 5 |", "\n| 25 |"} {
		if strings.Count(out.String(), start) != 1 {
			t.Errorf("no line %q in\n%s", start, &out)
		}
	}
}
