package main

import (
	"bytes"
	"strings"
	"testing"
)

// generated are the files of other languages that the examples there are built from, each with the
// flags that write it.
var generated = map[string]string{
	"../../c/filters/openshell.h": "../../testdata/policies/openshell.scp --format c --name " +
		"openshell --config Block=allow_inet=false --config Proxy=allow_inet=true",
	"../../c/filters/child.h": "../../testdata/policies/openshell-child.scp --format c " +
		"--name child",
	"../../rust/examples/filters/child.rs": "../../testdata/policies/openshell-child.scp " +
		"--format rust --name child",
	"../../c/filters/prelude.h": "../../testdata/policies/supervisor.scp --format c --name prelude",
	"../../rust/examples/filters/openshell.rs": "../../testdata/policies/openshell.scp --format " +
		"rust --name openshell --config Block=allow_inet=false --config Proxy=allow_inet=true",
	"../../rust/examples/filters/prelude.rs": "../../testdata/policies/supervisor.scp --format " +
		"rust " +
		"--name prelude",
}

// The committed files are what the policies say; -update writes them.
func TestGenerated(t *testing.T) {
	for file, flags := range generated {
		args := append(strings.Fields("build --spdx Apache-2.0 "+flags), "--check", file)
		if *update {
			args[len(args)-2] = "-o"
		}
		var stdout, stderr bytes.Buffer
		if code := run(args, strings.NewReader(""), &stdout, &stderr); code != 0 {
			t.Errorf("seccompc %s: %d\n%s", strings.Join(args, " "), code, &stderr)
		}
	}
}
