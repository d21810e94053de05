package programs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var all = flag.Bool("all", false, "all programs; they are to be installed")

// usual are those that need nothing but what the tests need anyway.
var usual = []string{"bash", "gcc"}

// seccompc is the path of the command, built for the tests.
var seccompc string

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("-short: no program is recorded, which takes seconds")
		return
	}
	dir, err := os.MkdirTemp("", "programs")
	if err != nil {
		panic(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // for programs of other users
		panic(err)
	}
	seccompc = filepath.Join(dir, "seccompc")
	build := exec.Command("go", "build", "-o", seccompc, "../../cmd/seccompc")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sh")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sh")
		if !*all && !slices.Contains(usual, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p, err := newProgram(t, file)
			if err != nil {
				t.Fatal(err)
			}
			p.test(t)
		})
	}
}

// program is a file of testdata, and the policy that is recorded from it.
type program struct {
	file, policy string
}

func newProgram(t *testing.T, file string) (*program, error) {
	path, err := filepath.Abs(file)
	return &program{path, filepath.Join(t.TempDir(), "recorded.scp")}, err
}

// result is what a run of a program's function has come to.
type result struct {
	stdout, stderr string
	status         int
}

func (p *program) test(t *testing.T) {
	plain := p.run(t, "work")
	recorded := p.run(t, "work", "record", "-o", p.policy, "--")
	if !strings.Contains(recorded.stderr, "calls of") {
		t.Fatalf("not recorded: %s", recorded.stderr)
	}
	p.same(t, "recorded", plain, recorded)
	out, err := exec.Command(seccompc, "check", p.policy).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("check of the policy: %v\n%s", err, out)
	}
	p.same(t, "under the policy", plain, p.run(t, "work", "run", "--report", p.policy, "--"))

	other := p.run(t, "other", "run", "--report", p.policy, "--")
	refused := p.ask(t, "echo $refused")
	if !regexp.MustCompile(`(?m)^denied: (\w+: )?` + refused + `\(`).MatchString(other.stderr) {
		t.Errorf("%s is not refused: status %d\n%s", refused, other.status, other.stderr)
	}
	if other.status == 0 {
		t.Errorf("what is refused ends with 0")
	}
}

func (p *program) same(t *testing.T, where string, plain, now result) {
	t.Helper()
	if now.stdout != plain.stdout || now.status != plain.status {
		text, _ := os.ReadFile(p.policy)
		t.Errorf("%s: %q, status %d; plain %q, status %d\n%s\n%s", where, now.stdout, now.status,
			plain.stdout, plain.status, now.stderr, text)
	}
}

// run runs a function of the program in a directory of its own, by a command of seccompc's or
// plainly.
func (p *program) run(t *testing.T, function string, command ...string) result {
	t.Helper()
	const script = `set -u; . "$0"; "$1"`
	dir := openDir(t)
	prepare := exec.Command("bash", "-c",
		`set -eu; . "$0"; ! type prepare >/dev/null 2>&1 || prepare`,
		p.file)
	prepare.Dir = dir
	if out, err := prepare.CombinedOutput(); err != nil {
		t.Fatalf("prepare: %v\n%s", err, out)
	}
	if len(command) > 0 {
		command = append([]string{seccompc}, command...)
	}
	command = append(command, "bash", "-c", script, p.file, function)
	cmd := exec.Command("timeout", append([]string{"-k", "5", "150"}, command...)...)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// openDir is a directory into which other users come too.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "program")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (p *program) ask(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.Command("bash", "-c", `. "$0"; `+script, p.file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
