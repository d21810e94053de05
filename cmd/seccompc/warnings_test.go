package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// suspect is a policy that compiles, with warnings of several kinds.
const suspect = `arch x86_64
default allow
deny ptrace
deny ptrace
deny open
test "t" {
    ptrace => deny(EPERM)
}
`

// Every command that compiles a policy prints what check prints, and nothing besides.
func TestEveryCommandWarns(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "p.scp"), filepath.Join(dir, "p.bpf")
	if err := os.WriteFile(file, []byte(suspect), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, want := command(t, "check", file)
	if code != statusOK || want == "" {
		t.Fatalf("check: status %d, stderr %q", code, want)
	}
	findings, count, _ := strings.Cut(want, "3 warnings;") // check counts at the end
	if count == "" {
		t.Fatal(want)
	}
	want = findings
	if code, _, text := command(t, file, "-o", out); code != statusOK {
		t.Fatal(text)
	}
	commands := map[string][][]string{
		"":          {{file, "-o", out}},
		"audit":     nil, // says it in its verdict
		"build":     {{"build", file, "-o", out}, {"build", file, "-o", out, "--stats"}},
		"check":     nil, // just seen
		"decompile": nil, // reads no policy
		"diff":      {{"diff", file, out}, {"diff", out, file}},
		"disasm":    {{"disasm", file}},
		"fill":      nil, // fills filters
		"graph":     {{"graph", file, "getpid"}},
		"lsp":       nil, // says it to an editor
		"explain":   {{"explain", file}, {"explain", file, "getpid"}},
		"prove":     nil, // resolves the policy, and compiles nothing
		"doc":       {{"doc", file}},
		"merge":     nil, // says it of each of its filters
		"record":    nil, // says more
		"run":       {{"run", file, "--", "true"}, {"run", "--log-denied", file, "--", "true"}},
		"sim":       {{"sim", file, "getpid"}},
		"test":      {{"test", file}, {"test", "--json", file}},
	}
	for _, cmd := range append(newRoot(nil).Commands(), newRoot(nil)) {
		name := cmd.Name()
		if cmd.Parent() == nil {
			name = ""
		}
		lines, listed := commands[name]
		if cmd.Flag("define") != nil && !listed {
			t.Errorf("%s reads policies and is not in this test", name)
		}
		for _, args := range lines {
			if got := stderrOf(t, args); got != want {
				t.Errorf("%v does not print what check does (-check +%s)\n%s", args, name,
					cmp.Diff(want, got))
			}
		}
	}
}

// stderrOf runs a command line that succeeds in a process of its own, since it may install a
// filter.
func stderrOf(t *testing.T, args []string) string {
	t.Helper()
	cmd := exec.Command("seccompc", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	return stderr.String()
}

// TestNeededCommands holds the names of commands against the commands, and which of them a command
// line makes.
func TestNeededCommands(t *testing.T) {
	for _, c := range commands {
		if got := newRoot([]string{c.name}); !got.HasSubCommands() ||
			!slices.ContainsFunc(got.Commands(), func(made *cobra.Command) bool {
				return made.Name() == c.name
			}) {
			t.Errorf("%s makes %v", c.name, got.Commands())
		}
	}
	for line, want := range map[string]int{
		"": len(commands), "-h": len(commands), "help build": len(commands),
		"biuld": len(commands), "man d": len(commands), "__complete bu": len(commands),
		"--color never test p.scp": len(commands), "p.scp --help": len(commands),
		"p.scp -h": len(commands), "p.scp -o x": 0, "- -o x": 0, "build --help": 1,
		"run p.scp -- ls -h": 1,
	} {
		if got := len(newRoot(strings.Fields(line)).Commands()); got != want {
			t.Errorf("seccompc %s makes %d commands, want %d", line, got, want)
		}
	}
}
