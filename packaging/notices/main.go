// Command notices writes what must come with a binary: the licences of all modules that are linked
// into it, and a bill of materials.
package main

import (
	"bytes"
	"debug/buildinfo"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

//go:embed licences.tsv
var licenceTable string

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: notices BINARY VERSION DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// write makes the two files about a binary in a directory.
func write(binary, version, dir string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	parts, err := partsOf(info)
	if err != nil {
		return err
	}
	texts, err := licences(parts)
	if err != nil {
		return err
	}
	bill, err := materials(info, version, parts)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "THIRD-PARTY-LICENCES"), texts, 0o644),
		os.WriteFile(filepath.Join(dir, "sbom.cdx.json"), bill, 0o644))
}

// part is a module of a binary, or Go's own library.
type part struct {
	path, version, sum string
	licence            string // an SPDX expression
	dir                string // where its source lies
}

// partsOf returns what a binary is made of besides the project.
func partsOf(info *buildinfo.BuildInfo) ([]part, error) {
	names := licenceNames()
	goRoot, err := goCommand("env", "GOROOT")
	if err != nil {
		return nil, err
	}
	deps := append(slices.Clone(info.Deps),
		&debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")})
	var out []part
	for _, m := range deps {
		p := part{m.Path, m.Version, m.Sum, names[m.Path], goRoot}
		if p.licence == "" {
			return nil, fmt.Errorf("%s is linked in, and licences.tsv does not have it", m.Path)
		}
		if m.Path != "std" {
			if p.dir, err = goCommand("list", "-m", "-f", "{{.Dir}}", m.Path); err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// goCommand returns what the go command prints.
func goCommand(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

func licenceNames() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(licenceTable) {
		if path, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			names[path] = name
		}
	}
	return names
}

// licences returns the texts of the parts' licences and notices, one after the other.
func licences(parts []part) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("seccompc is linked with these modules. Their licences ask for this copy.\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n", strings.Repeat("=", 72), p.path, p.version, p.licence)
		count := 0
		for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "PATENTS"} {
			files, err := filepath.Glob(filepath.Join(p.dir, pattern))
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(&b, "\n--- %s\n\n%s", filepath.Base(f), text)
				count++
			}
		}
		if count == 0 {
			return nil, fmt.Errorf("%s has no file with its licence", p.path)
		}
	}
	return b.Bytes(), nil
}

// materials returns a bill of materials as CycloneDX has it. It holds no time and no random name,
// so that the same binary has the same bill.
func materials(info *buildinfo.BuildInfo, version string, parts []part) ([]byte, error) {
	own := component("application", part{info.Main.Path, "v" + version, "", "Apache-2.0", ""})
	var libraries []any
	var refs []string
	for _, p := range parts {
		c := component("library", p)
		libraries = append(libraries, c)
		refs = append(refs, c["bom-ref"].(string))
	}
	bill := map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata":     map[string]any{"component": own},
		"components":   libraries,
		"dependencies": []any{map[string]any{"ref": own["bom-ref"], "dependsOn": refs}},
	}
	out, err := json.MarshalIndent(bill, "", "  ")
	return append(out, '\n'), err
}

// component describes a part in CycloneDX's words.
func component(kind string, p part) map[string]any {
	url := fmt.Sprintf("pkg:golang/%s@%s", p.path, p.version)
	c := map[string]any{
		"type": kind, "bom-ref": url, "purl": url, "name": p.path, "version": p.version,
		"licenses": []any{map[string]any{"expression": p.licence}},
	}
	if p.sum != "" {
		c["properties"] = []any{map[string]any{"name": "go.sum", "value": p.sum}}
	}
	return c
}
