package compiler

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/asm"
	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata/policies")

const policyDir = "../testdata/policies"

// Each policy compiles without a finding, and to the program in its golden file: the one for all of
// its ABIs, and the one for each alone. A golden file shows what a change of the compiler does;
// what a program must do stands in the policy's test blocks, which nothing rewrites.
func TestGolden(t *testing.T) {
	for _, file := range policyFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".scp")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, filepath.Join(policyDir, name+".txtar"), golden(t, file))
		})
	}
}

func policyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(policyDir + "/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies in %s: %v", policyDir, err)
	}
	return files
}

func TestPoliciesAreFormatted(t *testing.T) {
	for _, file := range policyFiles(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		formatted, diags := dsl.Format(file, src)
		if len(diags) > 0 || string(formatted) != string(src) {
			t.Errorf("%s is not as Format writes it; run seccompc fmt -w\n%v", file, diags)
		}
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-file +now); go test ./compiler -run Golden -update rewrites it\n%s", file, d)
	}
}

// golden returns the text of a policy's golden file: a txtar archive with statistics and a listing
// for all ABIs together and for each.
func golden(t *testing.T, file string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := compileClean(t, file, src, nil)
	var b strings.Builder
	section(&b, "all", all)
	for _, abi := range all.ABIs {
		section(&b, abi.Name, compileClean(t, file, src, []string{abi.Name}))
	}
	return b.String()
}

func compileClean(t *testing.T, file string, src []byte, abis []string) *Result {
	t.Helper()
	res, diags := Compile(file, src, Options{ABIs: abis})
	for _, d := range diags {
		t.Error(d)
	}
	if res == nil {
		t.FailNow()
	}
	return res
}

func section(b *strings.Builder, name string, res *Result) {
	fmt.Fprintf(b, "-- %s.stats --\n", name)
	fmt.Fprintf(b, "instructions %d\n", len(res.Program))
	fmt.Fprintf(b, "kernel's length %d\n", res.Program.KernelLen())
	fmt.Fprintf(b, "longest path %d\n", longestPath(res.Program))
	for _, abi := range res.ABIs {
		fmt.Fprintf(b, "%s calls in the kernel's cache %d of %d\n", abi.Name,
			cachedCalls(res.Program, abi), len(abi.Syscalls()))
	}
	fmt.Fprintf(b, "-- %s.asm --\n%s", name, res.Program)
}

// longestPath returns how many instructions the kernel executes at most.
func longestPath(p asm.Program) int {
	longest := make([]int, len(p))
	for pc := len(p) - 1; pc >= 0; pc-- {
		longest[pc] = 1
		if holds, fails := p.Next(pc); holds != pc {
			longest[pc] += max(longest[holds], longest[fails])
		}
	}
	return longest[0]
}

// cachedCalls counts the calls for which the kernel does not run the program.
func cachedCalls(p asm.Program, abi *linux.ABI) int {
	n := 0
	for _, s := range abi.Syscalls() {
		if abi.IsCached(s.Nr) && p.ConstantAllow(abi.Arch, s.Nr) {
			n++
		}
	}
	return n
}
