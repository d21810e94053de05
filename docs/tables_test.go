package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTables wants docs/policies to hold what every policy does; -update rewrites it.
func TestTables(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	policies, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(policies) == 0 {
		t.Fatal("no policies", err)
	}
	for _, policy := range policies {
		page := filepath.Join("policies", strings.TrimSuffix(filepath.Base(policy), ".scp")+".md")
		args := []string{"doc", policy, "--into", page}
		if *update {
			startPage(t, page, policy)
		} else {
			args = append(args, "--check")
		}
		out, err := exec.Command(command, args...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v; go test ./docs -update writes it\n%s", page, err, out)
		}
	}
}

// startPage makes a page with an empty block, where there is none.
func startPage(t *testing.T, page, policy string) {
	if _, err := os.Stat(page); err == nil {
		return
	}
	name := filepath.Base(policy)
	text := "# " + name + "\n\n<!-- seccompc:begin ../../testdata/policies/" + name +
		" -->\n<!-- seccompc:end -->\n"
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
