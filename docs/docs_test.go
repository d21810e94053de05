// Package docs holds the documents against the code: policies compile, commands print what is
// quoted, tables say what is so.
package docs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/dsl"
)

var update = flag.Bool("update", false, "rewrite docs/errors.md and what README.md quotes")

// command is the path of seccompc, built for the tests.
var command string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "docs")
	if err != nil {
		panic(err)
	}
	command = filepath.Join(dir, "seccompc")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", command, "../cmd/seccompc")
	out, err := build.CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.RemoveAll(dir)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// documents returns the project's documents by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, pattern := range []string{"*.md", "../*.md", "../testdata/policies/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			docs[f] = string(text)
		}
	}
	return docs
}

var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// blocks returns the quoted blocks of a document in one language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	return out
}

// TestPolicies wants the policies of all documents to be laid out, without findings, and their
// claims to hold.
func TestPolicies(t *testing.T) {
	count := 0
	for name, text := range documents(t) {
		for _, policy := range blocks(text, "scp") {
			count++
			formatted, diags := dsl.Format(name, []byte(policy))
			if len(diags) > 0 {
				t.Errorf("%s: %v", name, diags)
				continue
			}
			if d := cmp.Diff(policy, string(formatted)); d != "" {
				t.Errorf("%s: not formatted (-document +formatted):\n%s", name, d)
			}
			file := filepath.Join(t.TempDir(), "policy.scp")
			if err := os.WriteFile(file, []byte(policy), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, sub := range []string{"check", "test"} {
				var stderr bytes.Buffer
				cmd := exec.Command(command, sub, file)
				cmd.Stderr = &stderr
				if err := cmd.Run(); err != nil || stderr.Len() > 0 {
					t.Errorf("%s: %s: %v\n%s", name, sub, err, &stderr)
				}
			}
		}
	}
	if count < 4 {
		t.Errorf("found %d policies in the documents", count)
	}
}

// TestGrammar compares the grammar of the reference with the one that the parser is made from.
func TestGrammar(t *testing.T) {
	got := blocks(documents(t)["language.md"], "ebnf")
	want := []string{dsl.Grammar() + "\n"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("docs/language.md (-parser +document):\n%s", d)
	}
}

// chromium is the filter of a renderer of Chromium 156 from Debian 12, which seccompc dump wrote.
const chromium = "chromium.bpf"

// TestReadme runs the commands that README.md quotes, on the policy that it quotes; -update
// rewrites what they print.
func TestReadme(t *testing.T) {
	const file = "../README.md"
	dir := t.TempDir()
	policy := blocks(documents(t)[file], "scp")[0]
	for name, text := range map[string]string{
		"policy.scp": policy, chromium: readFile(t, "testdata/"+chromium),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkSessions(t, file, file, dir)
}

// sessions names documents with commands about what they quote before: for each file that the
// commands know, the language of the block that it is, the first one in that language.
var sessions = map[string]map[string]string{
	"reading.md":         {"tool.scp": "scp"},
	"from-docker.md":     {"profile.json": "json"},
	"from-systemd.md":    {"web.service": "ini"},
	"from-minijail.md":   {"gpu.policy": "sh"},
	"from-libseccomp.md": {"old.c": "c"},
	"tutorial.md":        {"count.py": "python", "main.go": "go"},
	"cookbook.md":        {},
	"consumers.md":       {"tool.scp": "scp", "tool.c": "c"},
}

// TestSessions runs the commands that these documents quote; -update rewrites what they print.
func TestSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for file, quoted := range sessions {
		dir := t.TempDir()
		files := map[string]string{
			"seccompc.h": readFile(t, "../c/seccompc.h"),
			chromium:     readFile(t, "testdata/"+chromium),
		}
		for name, language := range quoted {
			files[name] = blocks(documents(t)[file], language)[0]
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		checkSessions(t, file, file, dir)
	}
}

// TestAgents runs the commands that agents.md quotes, among the policies and with the filter of
// testdata; -update rewrites what they print.
func TestAgents(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	policies, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(policies, "testdata/theirs.h") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := blocks(documents(t)["agents.md"], "c")[0]; got != readFile(t, "testdata/theirs.h") {
		t.Error("agents.md does not quote testdata/theirs.h")
	}
	checkSessions(t, "agents.md", "agents.md", dir)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkSessions runs the commands of a document in a directory, and compares what they print.
func checkSessions(t *testing.T, name, file, dir string) {
	t.Helper()
	text := documents(t)[name]
	sessions := blocks(text, "console")
	if len(sessions) == 0 {
		t.Fatalf("%s quotes no commands", name)
	}
	now := text
	for _, session := range sessions {
		now = strings.Replace(now, session, replay(dir, session), 1)
	}
	if *update {
		if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(text, now); d != "" {
		t.Errorf("%s (-document +commands); go test ./docs -update rewrites it\n%s", name, d)
	}
}

// replay runs the commands of a session and returns it with what they print now.
func replay(dir, session string) string {
	var now strings.Builder
	for line := range strings.Lines(session) {
		if !strings.HasPrefix(line, "$ ") {
			continue
		}
		now.WriteString(line)
		cmd := exec.Command("sh", "-c", line[len("$ "):])
		cmd.Dir = dir
		// SHELL, because bash asks the user database (a socket) for it where it is not set.
		// COLUMNS, because people read the documents.
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "SHELL=/bin/sh", "COLUMNS=104",
			"PATH="+filepath.Dir(command)+":"+os.Getenv("PATH"))
		out, _ := cmd.CombinedOutput() // some commands are to fail
		now.Write(out)
	}
	return now.String()
}

// TestCode wants each paragraph of the quoted Go code to be one of the examples, which are compiled
// and run by their own test.
func TestCode(t *testing.T) {
	examples := ""
	files, err := filepath.Glob("../examples/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, "../packaging/testdata/generate/main.go") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		examples += "\n" + string(text)
	}
	for _, name := range []string{"../README.md", "runtime.md", "install.md"} {
		quoted := blocks(documents(t)[name], "go")
		if len(quoted) == 0 {
			t.Errorf("%s quotes no Go", name)
		}
		for paragraph := range strings.SplitSeq(strings.Join(quoted, "\n"), "\n\n") {
			if !strings.Contains(examples, "\n"+strings.TrimRight(paragraph, "\n")+"\n") {
				t.Errorf("%s: no example holds\n%s", name, paragraph)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	codeRow = regexp.MustCompile("(?m)^\\| `([a-z]+-?[a-z-]*)` \\| ")
)

// TestLinks follows the links between documents.
func TestLinks(t *testing.T) {
	for name, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestLints wants the lints that the reference names to exist.
func TestLints(t *testing.T) {
	_, section, _ := strings.Cut(documents(t)["language.md"], "\n## Lints\n")
	rows := codeRow.FindAllStringSubmatch(section, -1)
	if len(rows) == 0 {
		t.Fatal("docs/language.md has no table of lints")
	}
	for _, m := range rows {
		if c, ok := codes.Lookup(m[1]); !ok || !c.Lint {
			t.Errorf("%s is no lint", m[1])
		}
	}
}
