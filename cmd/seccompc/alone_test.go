package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// alonePolicies have one filter and several, for one machine and several, with late values, and
// one that looks at no ABI; each comes with the flags of its configurations.
var alonePolicies = map[string]struct{ text, flags string }{
	"plain":   {"arch x86_64\ndefault allow\ndeny ptrace\n", ""},
	"every":   {everyABI, ""},
	"configs": {everyABI, "--config Block --config openAll=network=open"},
	"late":    {lateABIs, ""},
	"modes":   {lateABIs, "--config Block --config openAll=network=open"},
	"blind":   {"ret allow\n", ""},
}

const (
	everyABI = "arch x86_64, i386, x32, aarch64, arm\ndefault allow\nparam network = {block, " +
		"open}\n" +
		"deny ptrace\nwhen network == block {\n    deny reboot if cmd == 7\n}\n"
	lateABIs = "arch x86_64, aarch64\ndefault allow\nparam network = {block, open}\n" +
		"late size_t: u32 in {3..9}\nlate class: i64\nlate placeholder: u64\ndeny ptrace\n" +
		"deny kill if pid == size_t\ndeny lseek if u64(arg1) in {class, placeholder}\n" +
		"when network == block {\n    deny reboot if cmd == 7\n}\n"
)

// aloneNames are names that mean something somewhere, but nothing where they would stand.
var aloneNames = []string{"filter", "tool", "nil", "string", "place", "u32", "read", "runtime",
	"instruction", "configuration", "x_2"}

// refusedNames mean something in one of the languages, or are no identifiers.
var refusedNames = []string{"", "2x", "a b", "a-b", "Filter", "a__b", "a_", "_a", "a\n", "é",
	"class", "asm", "template", "struct", "match", "become", "linux", "prctl", "size_t", "errno",
	"documentation", "func"}

// writeSources writes each policy in a language, under each name for one of them.
func writeSources(t *testing.T, dir, format, file string, flags ...string) []string {
	t.Helper()
	var files []string
	for policy, p := range alonePolicies {
		names, command := aloneNames[:2], "build"
		args := append(strings.Fields(p.flags), flags...)
		switch policy {
		case "modes":
			names = aloneNames
		case "blind":
			command = "asm"
		}
		if command == "build" {
			args = append(args, "-W", "bypass=off")
		}
		write(t, dir, map[string]string{policy: p.text})
		for _, name := range names {
			out := filepath.Join(dir, fmt.Sprintf(file, policy, name))
			write(t, dir, map[string]string{fmt.Sprintf(file, policy, name): ""})
			mustRun(t, append([]string{command, filepath.Join(dir, policy), "--format", format,
				"--name", name, "-o", out}, args...)...)
			files = append(files, out)
		}
	}
	return files
}

// shell runs a command in a directory.
func shell(t *testing.T, dir, command string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

// What is written for C compiles as it stands, in the strict modes of C and as C++.
func TestCStandsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir := t.TempDir()
	header, err := filepath.Abs("../../c")
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Join(writeSources(t, dir, "c", "%s-%s.c"), " ")
	for _, compiler := range []string{"gcc -std=c99", "gcc -std=c11", "gcc -std=gnu17",
		"g++ -x c++ -std=c++11", "g++ -x c++ -std=c++20"} {
		if _, err := exec.LookPath(compiler[:3]); err != nil {
			t.Logf("%s: skipped, %v", compiler, err)
			continue
		}
		shell(t, dir, compiler+" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"+header+" "+
			files)
	}
}

// What is written for Go is a package as it stands, and several files are one with --package.
func TestGoStandsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	dir := t.TempDir()
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"go.sum": string(sums), "main/main.go": "package main\n\n" +
		"func main() {}\n",
		"go.mod": strings.Replace(string(mod), "github.com/seccompc/seccompc", "alone", 1)})
	writeSources(t, dir, "go", "packages/%s/%s/f.go")
	writeSources(t, dir, "go", "package/%s/%s.go", "--package", "shared")
	for _, name := range aloneNames { // several in the package of a command
		mustRun(t, "build", filepath.Join(dir, "modes"), "-W", "bypass=off", "--format", "go",
			"--package", "main", "--name", name, "--config", "Block", "--config", "b=network=open",
			"-o", filepath.Join(dir, "main", name+".go"))
	}
	shell(t, dir, "go vet ./... && go build ./... && go run ./main")
}

// What is written for Rust compiles as it stands, beside the crate.
func TestRustStandsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if _, err := exec.LookPath("rustc"); err != nil && !*rust {
		t.Skip("make test-rust installs what this needs: ", err)
	}
	dir := t.TempDir()
	crate, err := filepath.Abs("../../rust/src/lib.rs")
	if err != nil {
		t.Fatal(err)
	}
	shell(t, dir,
		"rustc --edition 2021 --crate-type rlib --crate-name seccompc -o libseccompc.rlib "+
			crate)
	files := writeSources(t, dir, "rust", "%s_%s.rs")
	shell(t, dir, "for f in "+strings.Join(files, " ")+"; do rustc --edition 2021 -D warnings "+
		"--crate-type lib --emit metadata --extern seccompc=libseccompc.rlib --out-dir . $f || "+
		"exit 1; done")
}

// What cannot be a name in one of the languages is an error in each.
func TestRefusedNames(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p": alonePolicies["plain"].text, "blind": "ret allow\n"})
	refused := func(args ...string) {
		var out bytes.Buffer
		if code := run(args, strings.NewReader(""), &out, &out); code != statusUsage ||
			!strings.Contains(out.String(), "is no name") {
			t.Errorf("%q: %d, %s", args, code, &out)
		}
	}
	for _, name := range refusedNames {
		for _, format := range []string{"c", "go", "rust"} {
			refused("build", filepath.Join(dir, "p"), "-W", "bypass=off", "--format", format,
				"--name", name)
			refused("asm", filepath.Join(dir, "blind"), "--format", format, "--name", name)
		}
		if name != "" {
			refused("build", filepath.Join(dir, "p"), "-W", "bypass=off", "--format", "go",
				"--package", name)
		}
	}
}
