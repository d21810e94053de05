package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/audit"
)

// TestAuditCalls: every call that a finding shows gets what is said of it when the filter is run.
func TestAuditCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	files, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil {
		t.Fatal(err)
	}
	others, err := filepath.Glob("../../explain/testdata/*.bpf")
	if err != nil {
		t.Fatal(err)
	}
	stopped := []string{audit.NoFallback, audit.TooWide, audit.UnknownErrno}
	tried := 0
	for _, file := range slices.Concat(files, others) {
		if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "\nlate ") {
			continue
		}
		code, out, errs := command(t, "audit", file, "--json", "--fail-on", "never")
		if code != statusOK {
			t.Fatalf("%s: %s", file, errs)
		}
		var found struct {
			Findings []struct{ Code, Severity, Call, Gets string }
		}
		if err := json.Unmarshal([]byte(out), &found); err != nil {
			t.Fatal(err)
		}
		for _, f := range found.Findings {
			known, ok := audit.Lookup(f.Code)
			if !ok || known.Severity.String() != f.Severity {
				t.Errorf("%s: %s is %s", file, f.Code, f.Severity)
			}
			if f.Call == "" {
				if f.Code != audit.StopsNothing && f.Code != audit.EnumAsFlags {
					t.Errorf("%s: %s shows no call", file, f.Code)
				}
				continue
			}
			tried++
			lets := strings.HasPrefix(f.Gets, "allow") || strings.HasPrefix(f.Gets, "log")
			if lets == slices.Contains(stopped, f.Code) {
				t.Errorf("%s: %s: %s gets %s", file, f.Code, f.Call, f.Gets)
			}
			_, got, errs := command(t, "sim", file, f.Call)
			if action, _, _ := strings.Cut(got, "  "); action != f.Gets {
				t.Errorf("%s: %s: %s gets %q, not %q %s", file, f.Code, f.Call, action, f.Gets,
					errs)
			}
		}
	}
	if tried < 100 {
		t.Errorf("%d calls were tried", tried)
	}
}
