// Package packaging holds how the project reaches its users against what it says.
package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is what of action.yml a runner reads.
type action struct {
	Inputs map[string]struct {
		Default string `yaml:"default"`
	} `yaml:"inputs"`
	Runs struct {
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

type step struct {
	Run string            `yaml:"run"`
	Env map[string]string `yaml:"env"`
}

// runner is a repository with a pull request, and where the action's steps leave what they make.
type runner struct {
	repo, temp, bin string
	base            string
}

const before = `arch x86_64
default allow
deny mkdir, mkdirat

test "no directories" {
    mkdir => deny
}
`

// newRunner makes a repository whose policy a pull request changes. The command in temp is built
// once.
func newRunner(t *testing.T, temp, after string) *runner {
	t.Helper()
	r := &runner{repo: t.TempDir(), temp: temp, bin: t.TempDir()}
	for _, left := range []string{"comment.md", "gh", "output", "summary"} {
		os.Remove(filepath.Join(temp, left))
	}
	r.git(t, "init", "-q")
	r.commit(t, before)
	r.base = r.git(t, "rev-parse", "HEAD")
	r.commit(t, after)
	gh := "#!/bin/sh\necho \"$@\" >\"$RUNNER_TEMP/gh\"\n"
	if err := os.WriteFile(filepath.Join(r.bin, "gh"), []byte(gh), 0o755); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *runner) commit(t *testing.T, policy string) {
	t.Helper()
	dir := filepath.Join(r.repo, "a directory")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tool.scp"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	r.git(t, "add", "-A")
	r.git(t, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "policy")
}

func (r *runner) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.repo
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

var expression = regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}`)

// run executes the steps of action.yml that run something, and returns what they print and which of
// them failed.
func (r *runner) run(t *testing.T, inputs map[string]string) (out string, failed []int) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &a); err != nil {
		t.Fatal(err)
	}
	for i, s := range a.Runs.Steps {
		if s.Run == "" {
			continue
		}
		cmd := exec.Command("bash", "-eo", "pipefail", "-c", s.Run)
		cmd.Dir = r.repo
		cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+r.temp,
			"GITHUB_OUTPUT="+filepath.Join(r.temp, "output"),
			"GITHUB_STEP_SUMMARY="+filepath.Join(r.temp, "summary"),
			"PATH="+r.bin+":"+os.Getenv("PATH"))
		for name, value := range s.Env {
			value = expression.ReplaceAllStringFunc(value, func(e string) string {
				input := expression.FindStringSubmatch(e)[1]
				declared, ok := a.Inputs[input]
				if !ok {
					t.Errorf("action.yml: there is no input %s", input)
				}
				if given, ok := inputs[input]; ok {
					return given
				}
				return declared.Default
			})
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		said, err := cmd.CombinedOutput()
		out += string(said)
		if err != nil {
			failed = append(failed, i)
		}
	}
	return out, failed
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAction runs the steps of the GitHub Action as a runner does, without the network.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	temp := t.TempDir()
	t.Run("changed", func(t *testing.T) { testChanged(t, temp) })
	t.Run("fails", func(t *testing.T) { testFails(t, temp) })
	t.Run("unchanged", func(t *testing.T) { testUnchanged(t, temp) })
}

// testChanged wants a comment that says what a policy decides otherwise.
func testChanged(t *testing.T, temp string) {
	after := strings.Replace(before, "mkdirat\n", "mkdirat, rmdir\n", 1)
	r := newRunner(t, temp, after)
	out, failed := r.run(t, map[string]string{
		"base": r.base, "pull-request": "7", "token": "none", "flags": "-W bypass=off"})
	if len(failed) > 0 {
		t.Fatalf("steps %v failed:\n%s", failed, out)
	}
	if !strings.Contains(out, "1 claims proved") {
		t.Errorf("the claim was not proved:\n%s", out)
	}
	if sarif := read(t, filepath.Join(r.repo, "seccompc.sarif")); !strings.Contains(
		sarif,
		`"2.1.0"`,
	) {
		t.Errorf("no SARIF: %s", sarif)
	}
	comment := read(t, filepath.Join(r.temp, "comment.md"))
	for _, want := range []string{
		"### `a directory/tool.scp`", "| `rmdir` |", "`base:a directory/tool.scp`",
	} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment lacks %q:\n%s", want, comment)
		}
	}
	if gh := read(t, filepath.Join(r.temp, "gh")); !strings.HasPrefix(
		gh,
		"pr comment 7 --body-file ",
	) {
		t.Errorf("gh was called with %s", gh)
	}
	if o := read(t, filepath.Join(r.temp, "output")); o != "changed=true\n" {
		t.Errorf("output %q", o)
	}
}

// testFails wants a red step for a policy that is wrong, for one whose claims do not hold, and
// where there is no policy.
func testFails(t *testing.T, temp string) {
	for name, c := range map[string]struct {
		after, policies, want string
	}{
		"wrong": {
			strings.Replace(before, "mkdirat", "mkdirrat", 1), "*.scp", "unknown-syscall",
		},
		"claim":     {strings.Replace(before, "mkdir, ", "", 1), "*.scp", "test-failed"},
		"no policy": {before + "# more\n", "*.policy", "there is no policy"},
	} {
		r := newRunner(t, temp, c.after)
		out, failed := r.run(t, map[string]string{"base": r.base, "pull-request": "",
			"policies": c.policies})
		if len(failed) == 0 || !strings.Contains(out, c.want) {
			t.Errorf("%s: steps %v failed, %q is wanted in\n%s", name, failed, c.want, out)
		}
	}
}

// testUnchanged: a policy that decides the same makes no comment.
func testUnchanged(t *testing.T, temp string) {
	r := newRunner(t, temp, strings.Replace(before, "mkdir, mkdirat", "mkdirat, mkdir", 1))
	out, failed := r.run(t, map[string]string{"base": r.base, "pull-request": "7"})
	if len(failed) > 0 {
		t.Errorf("steps %v failed:\n%s", failed, out)
	}
	if _, err := os.Stat(filepath.Join(r.temp, "gh")); err == nil {
		t.Errorf("a comment was made:\n%s", out)
	}
}
