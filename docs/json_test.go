package docs

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// jsonCommands print what json.md describes.
var jsonCommands = []string{
	"build p.scp -o /dev/null --json", "check p.scp --json", "test p.scp --json",
	"audit p.scp --json", "sim p.scp socket(1) --json", "sim p.scp+q.scp mkdir --json",
	"explain p.scp mkdir --json", "explain p.scp getpid --json", "explain p.scp --json",
	"diff p.scp q.scp --json", "prove p.scp q.bpf --json", "syscalls --json",
	"sets @mount --json", "constants AF_INET --json", "features --json",
	"run --report --json q.bpf -- rmdir none", "diff q.scp q.scp --json", "check q.scp --json",
	"check typo.scp --json", "explain all.scp clock_settime(0) --json",
	"explain enum-as-flags --json", "explain gets-past --json",
}

// inFront is how each of the documents begins, with line breaks and without.
var inFront = regexp.MustCompile(`^\{\s*"version":\s*1,`)

// TestJSON wants the version in front of what the commands print, every field described, and
// numbers to be such that all readers keep them.
func TestJSON(t *testing.T) {
	text := documents(t)["json.md"]
	dir := t.TempDir()
	const p = "arch x86_64\ndefault allow\n# a reason\ndeny mkdir\n" +
		"deny socket if family == 16\ntest \"t\" {\n    mkdir => allow\n}\n"
	const q = "arch x86_64\ndefault allow\ndeny rmdir\n"
	const typo = "arch x86_64\ndefault allow\ndeny mkdirr\n"
	const all = "arch i386\ndefault allow\ndeny all clock_settime\n"
	for name, policy := range map[string]string{
		"p.scp": p, "q.scp": q, "typo.scp": typo, "all.scp": all,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(policy), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command(command, "q.scp", "-o", "q.bpf")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range jsonCommands {
		cmd := exec.Command(command, strings.Fields(line)...)
		cmd.Dir = dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, _ := cmd.Output() // a difference or a finding is a status of its own
		if strings.HasPrefix(line, "run") {
			out = stderr.Bytes()
		}
		if !inFront.Match(out) {
			t.Errorf("%s: the version is not the first field:\n%s", line, out)
		}
		var value any
		decoder := json.NewDecoder(strings.NewReader(string(out)))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
			continue
		}
		fields := map[string]bool{}
		collect(t, line, value, fields)
		for _, f := range slices.Sorted(maps.Keys(fields)) {
			if !strings.Contains(text, "`"+f+"`") {
				t.Errorf("%s prints the field %s, which json.md does not describe", line, f)
			}
		}
	}
}

// collect adds the names of all fields of a value.
func collect(t *testing.T, line string, value any, fields map[string]bool) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, e := range v {
			collect(t, line, e, fields)
		}
	case map[string]any:
		for name, e := range v {
			fields[name] = true
			collect(t, line, e, fields)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil && (n > 1<<53 || n < -1<<53) {
			t.Errorf("%s prints the number %s, which many readers of JSON round", line, v)
		}
	}
}
