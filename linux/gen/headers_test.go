package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/linux"
)

var (
	headers = flag.String("headers", "", "compile the kernel's user headers that lie in `DIR`, "+
		"or are fetched into it, with clang")
	update = flag.Bool("update", false, "rewrite ../testdata/digests.tsv from what clang says")
)

// clangTargets are the targets that lay out types as an ABI does. clang has no 31-bit s390 and no
// PA-RISC, and may have no LoongArch: another target with the same basic types stands in, with
// other macros. For SuperH and m68k there is a gcc.
var clangTargets = map[string]string{
	"x86_64": "x86_64-linux-gnu", "i386": "i386-linux-gnu", "x32": "x86_64-linux-gnux32",
	"aarch64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu",
	"loongarch64": "riscv64-linux-gnu -U__riscv -U__riscv_xlen -D__loongarch__ -D__loongarch64",
	"ppc64":       "powerpc64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu",
	"s390x": "s390x-linux-gnu",
	"s390":  "powerpc-linux-gnu -U__powerpc__ -U__PPC__ -U__powerpc -U__PPC -D__s390__",
	"mips":  "mips-linux-gnu", "mipsel": "mipsel-linux-gnu",
	"mips64": "mips64-linux-gnuabi64", "mips64el": "mips64el-linux-gnuabi64",
	"mips64n32": "mips64-linux-gnuabin32", "mipsel64n32": "mips64el-linux-gnuabin32",
	"ppc":      "powerpc-linux-gnu",
	"parisc":   "powerpc-linux-gnu -U__powerpc__ -U__PPC__ -U__powerpc -U__PPC -D__hppa__",
	"parisc64": "s390x-linux-gnu -U__s390__ -U__s390x__ -D__hppa__ -D__LP64__",
}

// crossCompilers are the compilers for the ABIs that clangTargets do not have.
var crossCompilers = map[string]string{
	"m68k": "m68k-linux-gnu-gcc", "sh": "sh4-linux-gnu-gcc", "sheb": "sh4-linux-gnu-gcc -mb",
}

// TestConstantsAgreeWithHeaders compiles a C file for each ABI, with another compiler than the
// tables were made with and the ABI's own layout of types, and compares every constant.
func TestConstantsAgreeWithHeaders(t *testing.T) {
	if *headers == "" {
		t.Skip("make test-oracles runs this: it needs clang and the kernel's headers")
	}
	dir, err := filepath.Abs(*headers)
	if err != nil {
		t.Fatal(err)
	}
	fetchHeaders(t, dir)
	theirs := map[string]map[string]string{}
	for i := range targets {
		theirs[targets[i].abi] = clangValues(t, &targets[i], dir)
	}
	compared, missing, differences := compareConstants(t, theirs)
	t.Logf("%d constants of %d ABIs compared: %d differences, %d more are explained; %d are in "+
		"no header",
		compared, len(theirs), differences, len(headerDifferences), missing)
	if compared < 150_000 {
		t.Error("that is too few")
	}
	if *update && !t.Failed() {
		writeDigests(t, theirs)
	}
}

// fetchHeaders unpacks the package that holds the headers of every architecture, and below old the
// same of the kernel that has 31-bit s390 still.
func fetchHeaders(t *testing.T, dir string) {
	t.Helper()
	done := filepath.Join(dir, "complete")
	if _, err := os.Stat(done); err == nil {
		return
	}
	debs := filepath.Join(dir, "debs")
	if err := download(dir, debs, []string{"linux-libc-dev", "linux-libc-dev/" +
		suites[1]}); err != nil {
		t.Fatal(err)
	}
	for version, tree := range map[string]string{linux.KernelVersion: dir,
		oldKernel: oldHeaders(dir)} {
		file, err := deb(debs, "linux-libc-dev_"+version)
		if err == nil {
			err = run(debs, "", "dpkg-deb", "--extract", file, tree)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

func oldHeaders(dir string) string { return filepath.Join(dir, "old") }

// clangValues returns the values that clang gives to the ABI's constants, but for those that the
// headers do not define.
func clangValues(t *testing.T, target *target, dir string) map[string]string {
	t.Helper()
	work := t.TempDir()
	text := clangHeaders(t, target, dir, work)
	args := append(clangOptions(target, dir), "-isystem", filepath.Join(work, "library"))
	return clangNumbers(t, args, work, fmt.Sprintf("#include %q\n", text), "",
		target.facts().ConstantNames(""))
}

// clangOptions have a compiler, the first of them, read the kernel's headers in a directory as the
// target does.
func clangOptions(target *target, dir string) []string {
	args := strings.Fields("clang -ferror-limit=0 --target=" + clangTargets[target.abi])
	if cross, ok := crossCompilers[target.abi]; ok {
		args = append(strings.Fields(cross), "-fmax-errors=0")
	}
	return append(args, "-w", "-O0", "-nostdinc",
		"-isystem", filepath.Join(dir, "usr/lib/linux/uapi", target.headers),
		"-isystem", filepath.Join(dir, "usr/include"))
}

// clangNumbers compiles a line of head and the value of each name, which the headers have under a
// prefix, and returns the values that clang finds.
func clangNumbers(t *testing.T, args []string, work, head, prefix string,
	names []string) map[string]string {
	t.Helper()
	source, object := filepath.Join(work, "values.c"), filepath.Join(work, "values.o")
	refused := regexp.MustCompile(regexp.QuoteMeta(source) + `:(\d+):\d+: error`)
	for range 10 {
		var c bytes.Buffer
		c.WriteString(head)
		for _, n := range names {
			fmt.Fprintf(&c, "const struct { unsigned long long bits; int negative; } value_%s = "+
				"{ (unsigned long long)(%[2]s%[1]s), (%[2]s%[1]s) < 0 };\n", n, prefix)
		}
		if err := os.WriteFile(source, c.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(args[0],
			append(slices.Clone(args[1:]), "-c", "-o", object, source)...).CombinedOutput()
		if err == nil {
			values, err := readValues(object)
			if err != nil {
				t.Fatal(err)
			}
			return values
		}
		bad := map[int]bool{}
		for _, m := range refused.FindAllStringSubmatch(string(out), -1) {
			line, _ := strconv.Atoi(m[1])
			bad[line] = true
		}
		if len(bad) == 0 {
			t.Fatalf("%v: clang: %v\n%.3000s", args, err, out)
		}
		for _, line := range slices.Backward(slices.Sorted(maps.Keys(bad))) {
			names = slices.Delete(names, line-2, line-1) // line 1 is the include
		}
	}
	t.Fatalf("%v: clang refuses ever more constants", args)
	return nil
}

// clangHeaders writes a file that includes the headers, and empty ones of a C library.
func clangHeaders(t *testing.T, target *target, dir, work string) string {
	t.Helper()
	for _, h := range libraryHeaders {
		file := filepath.Join(work, "library", h)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755),
			os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := filepath.Glob(filepath.Join(dir, "usr/include/linux/*.h"))
	if err != nil || len(list) < 300 {
		t.Fatalf("%d headers in %s: %v", len(list), dir, err)
	}
	text := prelude
	for _, h := range list {
		if !skippedHeaders.MatchString(h) {
			text += include("linux/" + filepath.Base(h))
		}
	}
	for _, h := range moreHeaders {
		text += include(h)
	}
	file := filepath.Join(work, "headers.h")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// headerDifferences are constants of which the headers have another value than our tables.
var headerDifferences = map[string]string{
	"SIG_ERR":           "a pointer made of -1: gcc extends its sign, clang does not",
	"TIPC_WAIT_FOREVER": "(~0): an int in the header, unsigned in x/sys",
}

// compareConstants reports where a table of ours is not what clang says.
func compareConstants(
	t *testing.T, theirs map[string]map[string]string,
) (compared, missing, differences int) {
	t.Helper()
	explained := map[string]bool{}
	for abi, values := range theirs {
		a, _ := linux.Lookup(abi)
		for _, name := range a.ConstantNames("") {
			v, _ := a.Constant(name)
			want, ok := values[name]
			if !ok {
				missing++
				continue
			}
			compared++
			if got := tableNumber(v.ExactString()); got != want {
				if headerDifferences[name] == "" {
					differences++
					t.Errorf("%s: %s is %s, the headers say %s", abi, name, got, want)
				}
				explained[name] = true
			}
		}
	}
	for name, why := range headerDifferences {
		if !explained[name] {
			t.Errorf("%s is explained (%s) but does not differ", name, why)
		}
	}
	return compared, missing, differences
}

// tableNumber writes a decimal as constants.txt does.
func tableNumber(decimal string) string {
	digits, negative := strings.CutPrefix(decimal, "-")
	v, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return decimal
	}
	if negative {
		v = -v
	}
	return number(v, negative)
}

// writeDigests writes what ../digests_test.go holds our own tables against: a digest of the
// constants with a prefix, and the constants that no header has, with their ABIs.
func writeDigests(t *testing.T, theirs map[string]map[string]string) {
	t.Helper()
	groups, absent := map[string][]string{}, map[string][]string{}
	for _, a := range linux.ABIs() {
		for _, name := range a.ConstantNames("") {
			v, ok := theirs[a.Name][name]
			if !ok || headerDifferences[name] != "" {
				absent[name] = append(absent[name], a.Name)
				continue
			}
			prefix, _, _ := strings.Cut(name, "_")
			groups[prefix] = append(groups[prefix], name+" "+a.Name+" "+v)
		}
	}
	text := "#name\tvalue\n"
	for _, prefix := range slices.Sorted(maps.Keys(groups)) {
		slices.Sort(groups[prefix])
		h := fnv.New64a()
		h.Write([]byte(strings.Join(groups[prefix], "\n")))
		text += fmt.Sprintf("%s*\t%016x\n", prefix, h.Sum64())
	}
	for _, name := range slices.Sorted(maps.Keys(absent)) {
		abis := strings.Join(absent[name], ",")
		if len(absent[name]) == len(targets) {
			abis = "*"
		}
		text += name + "\t" + abis + "\n"
	}
	if err := os.WriteFile("../testdata/digests.tsv", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
