package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rust = flag.Bool("rust", false, "give the Rust source of all policies to rustfmt and clippy")

const crate = `[package]
name = "generated"
version = "0.1.0"
edition = "2021"
[dependencies]
seccompc = { path = "CRATE" }
`

// TestRustSource wants rustfmt and clippy to have nothing to say about any policy's source, as it
// stands. make test-rust runs it.
func TestRustSource(t *testing.T) {
	if !*rust {
		t.Skip("asked for by -rust")
	}
	dir := t.TempDir()
	ours, err := filepath.Abs("../../rust")
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	policies, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(policies) == 0 {
		t.Fatal("no policies", err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, policy := range policies {
		name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(policy), ".scp"), "-", "_")
		for kind, flags := range map[string][]string{"one": nil,
			"two": {"--config", "A", "--config", "B"}} {
			args := append([]string{"build", policy, "--format", "rust", "--name", name, "-o",
				filepath.Join(dir, "src", name+"_"+kind+".rs")}, flags...)
			var out bytes.Buffer
			if code := run(args, strings.NewReader(""), &out, &out); code != 0 {
				t.Fatalf("%s: %s", policy, &out)
			}
		}
		modules = append(modules, "mod "+name+"_one;\n", "mod "+name+"_two;\n")
	}
	slices.Sort(modules)
	write("src/lib.rs", "//! What seccompc writes.\n"+strings.Join(modules, ""))
	write("Cargo.toml", strings.Replace(crate, "CRATE", ours, 1))
	for _, command := range []string{
		"rustfmt --check --edition 2021 src/lib.rs",
		"cargo clippy -q --offline -- -W clippy::pedantic -W clippy::nursery -D warnings",
	} {
		words := strings.Fields(command)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}
