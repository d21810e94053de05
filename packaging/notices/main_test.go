package main

import (
	"debug/buildinfo"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// marks are words of each licence's text.
var marks = map[string]string{
	"Apache-2.0":   "Apache License",
	"BSD-3-Clause": "Redistributions in binary form must reproduce",
	"MIT":          "Permission is hereby granted, free of charge",
}

// TestLicences wants a licence for all that is linked into the command, on each system, and the
// text of each to be that licence's.
func TestLicences(t *testing.T) {
	names := licenceNames()
	for _, system := range []string{"linux", "windows"} {
		cmd := exec.Command(
			"go",
			"list",
			"-deps",
			"-f",
			"{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}",
			"../../cmd/seccompc",
		)
		cmd.Env = append(cmd.Environ(), "GOOS="+system)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok {
				continue
			}
			text, err := licences([]part{{path: path, dir: dir}})
			if err != nil {
				t.Error(err)
			}
			if names[path] == "" {
				t.Errorf("licences.tsv does not have %s", path)
			}
			for name := range strings.SplitSeq(names[path], " AND ") {
				if mark := marks[name]; mark == "" || !strings.Contains(string(text), mark) {
					t.Errorf("%s: no text of %s", path, name)
				}
			}
		}
	}
}

// TestMaterials wants the bill of a binary to name what the go command says that it is made of.
func TestMaterials(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	binary := filepath.Join(t.TempDir(), "seccompc")
	build := exec.Command("go", "build", "-o", binary, "../../cmd/seccompc")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := partsOf(info)
	if err != nil {
		t.Fatal(err)
	}
	bill, err := materials(info, "1.2.3", parts)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/github.com/seccompc/seccompc@v1.2.3", "pkg:golang/std@"}
	for _, m := range info.Deps {
		want = append(want, "pkg:golang/"+m.Path+"@"+m.Version)
	}
	for _, w := range want {
		if !strings.Contains(string(bill), w) {
			t.Errorf("the bill lacks %s:\n%s", w, bill)
		}
	}
}
