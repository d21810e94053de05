package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// brokenGenerator is source for package compiler that spoils every program.
const brokenGenerator = `package compiler

import (
	"os"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/codegen"
	"github.com/seccompc/seccompc/policy"
)

func broken(p *policy.Policy, w codegen.Weights, off codegen.PassSet) (asm.Program, error) {
	prog, err := codegen.Generate(p, w, off)
	if os.Getenv("EDIT") == "cache" {
		return append(asm.Program{{Op: asm.LdAbs, K: asm.OffIP}}, prog...), err
	}
	for i, in := range prog {
		if in.Op == asm.RetK && in.K != uint32(policy.Allow) {
			prog[i].K = uint32(policy.Allow)
			break
		}
	}
	return prog, err
}
`

// A command whose code generator is broken writes no filter.
func TestBrokenGeneratorWritesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	command := buildBroken(t)
	policies, err := filepath.Glob("../../testdata/policies/*.scp")
	if err != nil || len(policies) == 0 {
		t.Fatal("no policies", err)
	}
	for _, policy := range policies {
		for _, edit := range []string{"decision", "cache"} {
			out := filepath.Join(t.TempDir(), "filter.bpf")
			cmd := exec.Command(command, policy, "-o", out)
			cmd.Env = append(os.Environ(), "EDIT="+edit)
			text, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != statusWrong ||
				!strings.Contains(string(text), "[not-proved]") {
				t.Errorf("%s, %s: exit %d\n%s", policy, edit, code, text)
			}
			if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
				t.Errorf("%s, %s: %v is left", policy, edit, left)
			}
		}
	}
}

// buildBroken builds the command with the broken generator in it.
func buildBroken(t *testing.T) string {
	t.Helper()
	const compiler = "../../compiler/"
	dir, overlay := t.TempDir(), map[string]string{}
	replace := func(name, text string) {
		path, err := filepath.Abs(compiler + name)
		if err != nil {
			t.Fatal(err)
		}
		overlay[path] = filepath.Join(dir, name)
		if err := os.WriteFile(overlay[path], []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	source, err := os.ReadFile(compiler + "compiler.go")
	if err != nil {
		t.Fatal(err)
	}
	const whole, spoilt = "stages{codegen.Generate,", "stages{broken,"
	if !strings.Contains(string(source), whole) {
		t.Fatalf("compiler.go has no %q", whole)
	}
	replace("compiler.go", strings.Replace(string(source), whole, spoilt, 1))
	replace("broken.go", brokenGenerator)
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file, command := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "seccompc")
	if err := os.WriteFile(file, list, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "build", "-overlay", file, "-o", command, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return command
}
