package lsp

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var neovim = flag.Bool("nvim", false, "drive Neovim, with what is in the directory editors")

// editorPolicy has an error in line 7, at column 6.
const editorPolicy = `# lint: allow bypass 𝄞 it is a test
arch x86_64
default allow
set @mine = ptrace, bpf
deny kill, @mine
deny socket if family == AF_INET
deny pidfd_getfdd
test "x" {
    ptrace => deny
    bpf => deny
}
`

type reported struct {
	Line, Column int
	Type         string
	Text         string
	Message      string
	Code         string
}

// seen is what the editor has seen: see testdata/editor.lua.
type seen struct {
	Failed         string
	Filetype       string
	Colours        map[string]string
	Make, Findings []reported
	Action, Mended string
	Hover, Lens    string
	Completion     []string
	Definition     int
	References     int
	Renamed        []string
	Formatted      string
}

// TestNeovim edits a policy in Neovim, as who has copied editors/vim and editors/nvim does.
func TestNeovim(t *testing.T) {
	if !*neovim {
		t.Skip("make test-editor drives Neovim")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "seccompc"), "../../cmd/seccompc")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	policy := filepath.Join(dir, "policy.scp")
	if err := os.WriteFile(policy, []byte(editorPolicy), 0o644); err != nil {
		t.Fatal(err)
	}
	editors, err := filepath.Abs("../../editors")
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/editor.lua")
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "report.json")
	cmd := exec.Command("nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n",
		"--cmd", "set runtimepath^="+editors+"/vim,"+editors+"/nvim",
		"--cmd", "filetype plugin on | syntax on", policy, "-c", "luafile "+script)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "REPORT="+report, "HOME="+dir)
	timer := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	out, runErr := cmd.CombinedOutput()
	timer.Stop()
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("Neovim: %v\n%s", runErr, out)
	}
	var got seen
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", text, out)
	if got.Failed != "" {
		t.Fatalf("Neovim waits in vain for %s", got.Failed)
	}
	checkSeen(t, &got)
	if now, err := os.ReadFile(policy); err != nil || string(now) != editorPolicy {
		t.Error("the file has been written")
	}
}

func checkSeen(t *testing.T, got *seen) {
	t.Helper()
	same := func(what string, want, got any) {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	same("filetype", "scp", got.Filetype)
	same("colours", map[string]string{
		"comment": "scpComment", "statement": "scpStatement", "abi": "scpABI",
		"fallback": "scpStatement", "action": "scpAction", "set": "scpSet", "call": "",
		"rule": "scpAction", "constant": "scpConstant", "word": "scpOperatorWord", "argument": "",
		"string": "scpString", "claim": "scpAction",
	}, got.Colours)
	isPlanted := func(r reported) bool { return r.Line == 7 && r.Column == 6 }
	if len(got.Make) == 0 || !isPlanted(got.Make[0]) || got.Make[0].Type != "e" {
		t.Errorf(":make lists %+v", got.Make)
	}
	if len(got.Findings) != 1 || !isPlanted(got.Findings[0]) ||
		!strings.Contains(got.Findings[0].Message, `unknown system call "pidfd_getfdd"`) {
		t.Errorf("shown is %+v", got.Findings)
	}
	same("quick fix", "write pidfd_getfd", got.Action)
	same("mended", "deny pidfd_getfd", got.Mended)
	if !strings.Contains(got.Hover, "socket(int family|domain:32") {
		t.Errorf("hover shows %s", got.Hover)
	}
	if !slices.Contains(got.Completion, "AF_INET6") || slices.Contains(got.Completion, "socket") {
		t.Errorf("offered are %q", got.Completion)
	}
	same("definition", 4, got.Definition)
	same("references", 2, got.References)
	same("renamed", []string{"set @yours = ptrace, bpf", "deny kill, @yours"}, got.Renamed)
	same("formatted", "    bpf    => deny", got.Formatted)
	same("lens", "2 claims proved", got.Lens)
}
