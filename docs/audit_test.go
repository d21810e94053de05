package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/audit"
)

// TestAudit compares the table of docs/audit.md with the package's codes; -update rewrites it.
func TestAudit(t *testing.T) {
	const file, from, to = "audit.md", "<!-- audit -->\n", "<!-- /audit -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), from)
	old, tail, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	var table strings.Builder
	table.WriteString("| code | severity | what it means |\n| --- | --- | --- |\n")
	for _, c := range audit.Codes() {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", c.Name, c.Severity, c.Doc)
	}
	if table.String() == old {
		return
	}
	if !*update {
		t.Fatalf("%s; go test ./docs -update rewrites it:\n%s", file, table.String())
	}
	if err := os.WriteFile(file, []byte(head+from+table.String()+to+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
