package docs

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestAPI wants every package that another module can import to be named in api.md.
func TestAPI(t *testing.T) {
	text, err := os.ReadFile("api.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`,
		"../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{"docs", "examples", "packaging", "playground/play"} // of our own programs
	public := 0
	for _, path := range strings.Fields(string(out)) {
		name := strings.TrimPrefix(path, "github.com/seccompc/seccompc/")
		if strings.HasPrefix(name, "internal/") || slices.Contains(parts, name) {
			continue
		}
		public++
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("api.md says nothing of %s", name)
		}
	}
	if public < 30 {
		t.Errorf("%d packages", public)
	}
}
