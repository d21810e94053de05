package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numberMacro is a call's number in the kernel's headers. MIPS's and ARM's bases, and numbers that
// are kept from being given away, are none.
var (
	numberMacro = regexp.MustCompile(`(?m)^#define (__NR_|__ARM_NR_)(\w+) `)
	noNumber    = regexp.MustCompile(
		`(?i)^(\w*linux\w*|\w*syscall_base|base|(unused|reserved)\d+|` +
			`arch_specific_syscall|syscalls|syscall_mask)$`)
)

// unistdDifferences are calls of which our tables and the headers do not have the same.
var unistdDifferences = map[string]string{
	"mips oldolduname":   "a name of other tables; o32's calls the number unused59",
	"mipsel oldolduname": "likewise",
	"mips olduname":      "a name of other tables; o32's calls the number unused109",
	"mipsel olduname":    "likewise",
}

// TestNumbersAgreeWithHeaders compares every number of every ABI with what clang makes of the ABI's
// asm/unistd.h, which the kernel's own scripts wrote.
func TestNumbersAgreeWithHeaders(t *testing.T) {
	if *headers == "" {
		t.Skip("make test-headers runs this: it needs clang and the kernel's headers")
	}
	dir, err := filepath.Abs(*headers)
	if err != nil {
		t.Fatal(err)
	}
	fetchHeaders(t, dir)
	compared, found := 0, map[string]string{}
	for i := range targets {
		tree, target := dir, &targets[i]
		if target.old {
			tree = oldHeaders(dir)
		}
		theirs := clangCalls(t, target, tree)
		for _, call := range target.facts().Syscalls() {
			if theirs[call.Name] == "" {
				found[target.abi+" "+call.Name] = "is in no header"
			}
		}
		for name, want := range theirs {
			nr, ok := target.facts().Number(name)
			if got := number(uint64(nr), false); !ok || got != want {
				found[target.abi+" "+name] = fmt.Sprintf("is %s (%v), %s in the headers", got, ok,
					want)
			}
			compared++
		}
	}
	differences := 0
	for key, what := range found {
		if unistdDifferences[key] == "" {
			differences++
			t.Errorf("%s %s", key, what)
		}
	}
	for key, why := range unistdDifferences {
		if found[key] == "" {
			t.Errorf("%s is explained (%s) but does not differ", key, why)
		}
	}
	t.Logf("%d numbers of %d ABIs compared: %d differences, %d more are explained", compared,
		len(targets),
		differences, len(found)-differences)
	if compared < 5000 {
		t.Error("that is too few")
	}
}

// clangCalls returns the numbers that the headers give to calls, by name.
func clangCalls(t *testing.T, target *target, dir string) map[string]string {
	t.Helper()
	const head = "#include <asm/unistd.h>\n"
	args := clangOptions(target, dir)
	cmd := exec.Command(args[0], append(slices.Clone(args[1:]), "-E", "-dM", "-x", "c", "-")...)
	cmd.Stdin = strings.NewReader(head)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: clang: %v\n%.3000s", target.abi, err, out)
	}
	names := map[string][]string{}
	for _, m := range numberMacro.FindAllStringSubmatch(string(out), -1) {
		if !noNumber.MatchString(m[2]) {
			names[m[1]] = append(names[m[1]], m[2])
		}
	}
	values := map[string]string{}
	for prefix, list := range names {
		for name, v := range clangNumbers(t, args, t.TempDir(), head, prefix, list) {
			values[name] = v
		}
	}
	return values
}
