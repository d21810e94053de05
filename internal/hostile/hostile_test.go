package hostile

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
)

var measure = flag.Bool("measure", false, "run the command on each kind and print what it costs")

// No input may take more than this.
const (
	maxCPU    = 2 * time.Second
	maxMemory = 300 << 10 // KiB
)

// TestCost runs the command on each kind of hostile input, and on random ones of its kind.
func TestCost(t *testing.T) {
	if !*measure {
		t.Skip("make test-hostile runs this: it measures CPU time, which other work disturbs")
	}
	command := filepath.Join(t.TempDir(), "seccompc")
	if out, err := exec.Command("go", "build", "-o", command,
		"../../cmd/seccompc").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, k := range Policies() {
		cost(t, command, k.Name, "check main.scp", func(seed uint64) map[string]string {
			return map[string]string{"main.scp": k.Make(k.Size, seed)}
		})
	}
	for _, k := range Trees() {
		cost(t, command, k.Name, "check main.scp",
			func(uint64) map[string]string { return k.Make(k.Size) })
	}
	const policy = "arch x86_64\ndefault allow\ndeny close\n"
	for _, k := range Programs() {
		blobs := func(seed uint64) map[string]string {
			return map[string]string{
				"a.bpf":    string(k.Make(seed).Encode(binary.LittleEndian)),
				"b.bpf":    string(k.Make(seed + 100).Encode(binary.LittleEndian)),
				"main.scp": policy,
			}
		}
		for _, what := range []string{"decompile a.bpf", "disasm a.bpf", "explain a.bpf",
			"diff a.bpf b.bpf",
			"diff --subset a.bpf b.bpf", "prove main.scp a.bpf"} {
			cost(t, command, k.Name, what, blobs)
		}
	}
}

// cost runs a command on some inputs of a kind, files by name, and prints the most that one took.
func cost(
	t *testing.T, command, name, what string, input func(seed uint64) map[string]string,
) {
	t.Helper()
	var cpu time.Duration
	var memory int64
	var answer string
	for seed := range uint64(3) {
		dir := t.TempDir()
		for file, text := range input(seed) {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("timeout", append([]string{"60", command}, strings.Fields(what)...)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code > 4 {
			t.Errorf("%s of %s: exit %d\n%.2000s", what, name, code, out)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		took := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		cpu, memory = max(cpu, took), max(memory, int64(usage.Maxrss))
		answer, _, _ = strings.Cut(string(out), "\n")
	}
	t.Logf("%6.2f s %4d MiB  %s, %s: %.90s", cpu.Seconds(), memory>>10, what, name, answer)
	if cpu > maxCPU || memory > maxMemory {
		t.Errorf("%s of %s: more than %v or %d MiB", what, name, maxCPU, maxMemory>>10)
	}
}

// TestSpentBudget wants no finding about what was not read because the text multiplies to too much.
func TestSpentBudget(t *testing.T) {
	i := slices.IndexFunc(Policies(), func(k Kind) bool { return k.Name == "many ABIs" })
	k := Policies()[i]
	_, diags := compiler.Compile("p", []byte(k.Make(k.Size, 0)), compiler.Options{})
	codes := map[string]bool{}
	for _, d := range diags {
		codes[d.Code] = true
	}
	if !codes["too-large"] || codes["missing-default"] {
		t.Errorf("codes: %v", codes)
	}
}

// TestFindings compiles what is too much: each gets an error with its place and a remedy.
func TestFindings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	for name, want := range map[string]string{
		"conjunctions that interleave": "3 too-large", "wide sets": "3 too-large",
		"wide sets under masks": "3 too-large", "many rules of one number": "1 too-long",
	} {
		i := slices.IndexFunc(Policies(), func(k Kind) bool { return k.Name == name })
		k := Policies()[i]
		r, diags := compiler.Compile("p", []byte(k.Make(k.Size, 0)), compiler.Options{})
		found := slices.ContainsFunc(diags, func(d diag.Finding) bool {
			return fmt.Sprint(d.Span.Pos().Line, " ", d.Code) == want && d.Help != ""
		})
		if r != nil || !found {
			t.Errorf("%s: %v, want %s", name, diags, want)
		}
	}
}
