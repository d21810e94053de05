package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seccompc/seccompc/"

var importRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|([^|]*)\\|$")

// allowed is what a package may import.
type allowed struct{ own, others []string }

func (a allowed) allows(imported string) bool {
	own, isOwn := strings.CutPrefix(imported, module)
	switch {
	case isOwn:
		return slices.Contains(a.own, "all") || slices.Contains(a.own, own)
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		return slices.ContainsFunc(a.others,
			func(m string) bool { return strings.HasSuffix(imported, m) })
	}
	return !slices.Contains(a.others, "pure") || !slices.Contains(impure, imported)
}

// impure are the packages by which a result could depend on the machine.
var impure = []string{"os", "os/exec", "net", "syscall", "time", "unsafe", "math/rand",
	"math/rand/v2"}

// importTable reads the table of docs/architecture.md. A package in a directory without a row of
// its own has that of the directory above.
func importTable(t *testing.T) map[string]allowed {
	table := map[string]allowed{}
	_, section, _ := strings.Cut(documents(t)["architecture.md"], "\n## Who imports whom\n")
	for _, m := range importRow.FindAllStringSubmatch(section, -1) {
		table[m[1]] = allowed{words(m[2]), words(m[3])}
	}
	return table
}

func words(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" ,`", r) })
}

// TestImports holds every file that is no test against the table, whatever system it is for.
func TestImports(t *testing.T) {
	table := importTable(t)
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || isModule(file)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../")
		row := dir
		for row != "." {
			if _, ok := table[row]; ok {
				break
			}
			row = path.Dir(row)
		}
		if row == "." {
			t.Errorf("docs/architecture.md has no row for %s", dir)
			return nil
		}
		seen[row] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			if imported, _ := strconv.Unquote(spec.Path.Value); !table[row].allows(imported) {
				t.Errorf("%s: %s may not import %s", file, row, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for row := range table {
		if !seen[row] {
			t.Errorf("docs/architecture.md has a row for %s, which has no code", row)
		}
	}
}

// isModule reports whether a directory below the root is a module of its own.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return dir != ".." && err == nil
}

func TestAllowed(t *testing.T) {
	a := allowed{own: []string{"asm"}, others: []string{"pure", "x/net/bpf"}}
	for imported, want := range map[string]bool{
		"fmt":                    true,
		"os":                     false,
		module + "asm":           true,
		module + "compiler":      false,
		"golang.org/x/net/bpf":   true,
		"golang.org/x/net/html":  false,
		"github.com/spf13/cobra": false,
		module + "linux":         false,
	} {
		if got := a.allows(imported); got != want {
			t.Errorf("%s: got %v", imported, got)
		}
	}
}
