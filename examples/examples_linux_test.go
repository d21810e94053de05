// Package examples holds programs that use the runtime packages, and the test that runs them.
package examples

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/proof"
)

func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	tests := map[string]string{
		"embed": "read a file: works\n" +
			"connect: dial tcp 127.0.0.1:1: socket: operation not permitted\n" +
			"run a program: fork/exec /proc/self/exe: operation not permitted\n",
		"child": "worker reads a file: open /proc/self/status: operation not permitted\n" +
			"parent reads a file: <nil>\n",
		"broker": "worker reads /proc/version: true, <nil>\n" +
			"worker reads /etc/passwd: false, open /etc/passwd: permission denied\n",
		"connect": "connect: \"offered\", refused: false\n" +
			"connect: \"\", refused: true\n" +
			"while the address changes: offered true, private false\n",
		"directory": "offered/file: \"offered\", refused: false\n" +
			"private/file: \"\", refused: true\n" +
			"offered/link: \"\", refused: true\n" +
			"offered/../private/file: \"\", refused: true\n" +
			"while the path changes: offered true, private false\n",
		"builder": "mkdir /proc/none: block device required\n",
		"static":  "copied",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			program := build(t, name)
			cmd := exec.Command(program)
			cmd.Stdin = strings.NewReader("copied")
			out, err := cmd.CombinedOutput()
			if err != nil || string(out) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, out, want)
			}
		})
	}
}

// What ships inside a sandbox is small: a whole program, and what the runtime adds to one.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if n := size(t, "static"); n >= 2_500_000 {
		t.Errorf("the static example has %d bytes", n)
	}
	for _, tt := range []struct {
		name, without string
		most          int64
	}{
		// of which 170,000 are for lists of late values: JSON, SHA-256
		{"install", "plain", 300_000},
		{"start", "exec", 390_000}, // which has a tracer and a program to begin with
	} {
		added := size(t, "testdata/size/"+tt.name) - size(t, "testdata/size/"+tt.without)
		t.Logf("%s adds %d bytes to a program that has %s", tt.name, added, tt.without)
		if added > tt.most {
			t.Errorf("runtime adds more than %d bytes", tt.most)
		}
	}
}

// A program of another module builds a policy, compiles it, has it proved and installs it.
func TestOutsideModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	repo, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/seccompc/seccompc"
	mod = bytes.Replace(mod, []byte("module "+module), []byte("module outside"), 1)
	mod = fmt.Appendf(mod, "\nrequire %s v0.0.0\n\nreplace %[1]s => %s\n", module, repo)
	for name, from := range map[string]string{
		"go.sum": filepath.Join(repo, "go.sum"), "main.go": filepath.Join("builder", "main.go"),
	} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if want := "mkdir /proc/none: block device required\n"; err != nil || string(out) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

func size(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(build(t, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%-22s %d bytes", name, info.Size())
	return info.Size()
}

// It needs nothing of this module but the assembler, and little else.
func TestDependencies(t *testing.T) {
	const format = "{{if not .Standard}}{{.ImportPath}}{{end}}"
	out, err := exec.Command("go", "list", "-deps", "-f", format, "../runtime").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/seccompc/seccompc/"
	want := []string{module + "asm", module + "runtime",
		"golang.org/x/net/bpf", "golang.org/x/sys/unix"}
	got := strings.Fields(string(out))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("runtime needs %q, want %q", got, want)
	}
}

func build(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// Each blob is its policy, for every call there is.
func TestBlobs(t *testing.T) {
	abis := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i386"}
	policies, err := filepath.Glob("*/policy.scp")
	if err != nil || len(policies) != 6 {
		t.Fatalf("policies %q, %v", policies, err)
	}
	for _, path := range policies {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for goarch, abi := range abis {
			resolved, findings := resolve.Text(path, src, resolve.Options{ABIs: []string{abi}})
			if resolved == nil {
				t.Fatal(findings)
			}
			blob, err := os.ReadFile(filepath.Join(filepath.Dir(path), goarch+".bpf"))
			if os.IsNotExist(err) && goarch == "386" { // not every example is for it
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			program, err := asm.Decode(blob, binary.LittleEndian)
			if err != nil {
				t.Fatal(err)
			}
			if difference, err := proof.Equal(resolved.Policy, program); difference != nil ||
				err != nil {
				t.Errorf("%s is not its blob for %s: %v, %v; run go generate ./examples/...", path,
					goarch,
					difference, err)
			}
		}
	}
}
