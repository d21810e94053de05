package resolve

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/diag"
)

var update = flag.Bool("update", false, "rewrite testdata/mistakes.golden")

// TestMistakes holds what people get wrong against what is said of it: each is found, at its place,
// and the first message tells what to do.
func TestMistakes(t *testing.T) {
	text, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(text)) {
		head := "default allow\n"
		if strings.HasPrefix(line, "default") {
			head = "mismatch kill\n"
		}
		if !strings.HasPrefix(line, "arch") {
			head = "arch x86_64\n" + head
		}
		_, diags := Text("x.scp", []byte(head+line), Options{})
		fmt.Fprintf(&got, "%s", line)
		errors := 0
		for _, d := range diags {
			if d.Severity == diag.Error {
				errors++
				fmt.Fprintf(&got, "    %d: %s\n", d.Span.Pos().Column, d.Message)
				if d.Help != "" {
					fmt.Fprintf(&got, "       help: %s\n", d.Help)
				}
			}
		}
		if errors == 0 || diags[0].Help == "" {
			t.Errorf("%s: no remedy: %v", strings.TrimSpace(line), diags)
		}
	}
	const golden = "testdata/mistakes.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"),
		strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("%s (-file +now); go test -run Mistakes -update rewrites it\n%s", golden, d)
	}
}
