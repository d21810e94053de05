package blob

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
)

func TestMachines(t *testing.T) {
	t.Parallel()
	var abis []*linux.ABI
	for _, name := range []string{"x86_64", "aarch64", "i386", "riscv64", "arm", "x32"} {
		abi, _ := linux.Lookup(name)
		abis = append(abis, abi)
	}
	var got []string
	for _, m := range Machines(abis) {
		var names []string
		for _, abi := range m {
			names = append(names, abi.Name)
		}
		got = append(got, strings.Join(names, "+"))
	}
	if text := strings.Join(got, " "); text != "x86_64+i386+x32 aarch64+arm riscv64" {
		t.Error(text)
	}
}

// Every ABI has a target in each language.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, abi := range linux.ABIs() {
		one := []*linux.ABI{abi}
		if cTargets(one) == "" || !strings.Contains(rustTargets(one)[0], "target_arch") {
			t.Errorf("%s: %q, %q", abi.Name, cTargets(one), rustTargets(one))
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Block": {"Block", "block"}, "allowInet": {"AllowInet", "allow_inet"},
		"a-b.c_d": {"ABCD", "a_b_c_d"},
		"HTTP":    {"Http", "http"}, "v2": {"V2", "v2"},
	} {
		if got := [2]string{camel(name), snake(name)}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{"", "Filter", "2x", "a-b", "struct", "match", "std", "a_", "a__b",
		"a\n"} {
		if isIdentifier(bad) {
			t.Errorf("%q is an identifier", bad)
		}
	}
}

// Whatever file and licence are called, what stands in the source is the source.
func TestHostileOrigins(t *testing.T) {
	t.Parallel()
	for _, format := range Modules() {
		for _, name := range hostile {
			m := Module{Name: "filter", Origin: name, Configs: []Variant{
				{Name: "A", Values: name, Machines: []*Filter{filter(t, "x86_64")}},
			}}
			data, err := m.Encode(format)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range string(data) {
				if r != '\n' && r != '\t' && (r < ' ' || r > '~') {
					t.Errorf("%s with %q: %q", format, name, r)
				}
			}
			if format == "c" && strings.Count(string(data), "*/") != strings.Count(string(data),
				"/*") {
				t.Errorf("c with %q: %s", name, data)
			}
		}
	}
}

// What a source means something else by is no configuration's name.
func TestTakenNames(t *testing.T) {
	t.Parallel()
	for _, name := range taken {
		m := Module{Name: "filter", Configs: []Variant{{Name: strings.ToLower(name)}}}
		if _, err := m.Encode("go"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A package of Go type-checks, for one configuration and for several.
func TestGoModule(t *testing.T) {
	t.Parallel()
	one := Variant{Machines: []*Filter{filter(t, "x86_64"), filter(t, "aarch64")}}
	a, b := one, one
	a.Name, b.Name = "A", "B"
	for _, configs := range [][]Variant{{one}, {a, b}} {
		m := Module{Name: "filters", Origin: "p.scp", Configs: configs}
		src, err := m.Encode("go")
		if err != nil {
			t.Fatal(err)
		}
		const unix = "package unix\ntype SockFilter struct { Code uint16; Jt, Jf uint8; K " +
			"uint32 }\n"
		files := token.NewFileSet()
		check := types.Config{Importer: packages{}}
		for path, text := range map[string]string{"golang.org/x/sys/unix": unix,
			"runtime": "package runtime\nconst GOARCH = \"amd64\"\n"} {
			f, err := parser.ParseFile(files, path, text, 0)
			if err != nil {
				t.Fatal(err)
			}
			p, err := check.Check(path, files, []*ast.File{f}, nil)
			if err != nil {
				t.Fatal(err)
			}
			check.Importer.(packages)[path] = p
		}
		f, err := parser.ParseFile(files, "filters.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := check.Check("filters", files, []*ast.File{f}, nil); err != nil {
			t.Errorf("%v\n%s", err, src)
		}
	}
}

// packages are those that the source may import.
type packages map[string]*types.Package

func (p packages) Import(path string) (*types.Package, error) { return p[path], nil }
