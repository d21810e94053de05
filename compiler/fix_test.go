package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/lint"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
	"github.com/seccompc/seccompc/internal/short"
)

func TestFix(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"default errno(EPERM)\nkill_process ptrace\nallow exit_group", ""},
		{"default allow\ndeny socket if family = AF_PACKET\n", "default allow\n" +
			"deny socket if family == AF_INET && type & 0xf == SOCK_PACKET\ndeny io_uring_setup\n" +
			"deny socket if family == AF_PACKET\n"},
		{"default allow\ndeny pivot_rot\n", "default allow\ndeny pivot_root\n"},
		{"default deny\nallow exit_group, pivot_rot\n",
			"default deny\nallow exit_group, pivot_rot\n"},
		{"default deny\nallow fstatat, statx, exit_group\n",
			"default deny\nallow newfstatat, statx, exit_group\n"},
		{"default allow\nDeny pivot_root\n", "default allow\ndeny pivot_root\n"},
		{"default deny\nAllow exit_group\n", "default deny\nallow exit_group\n"},
		{"default deny\nalow exit_group\n", "default deny\nalow exit_group\n"},
		{"default allow\ndeny ioctl if u64(cmd) == TIOCSTI\n", "default allow\n" +
			"deny ioctl if cmd == TIOCLINUX\ndeny ioctl if cmd == TIOCSTI\n"},
		{"default allow\ndeny socketpair if type == SOCK_RAW || # raw\n    family == AF_VSOCK\n",
			"default allow\ndeny socketpair if type & 0xf == SOCK_RAW || # raw\n" +
				"    family == AF_VSOCK\n"},
		{"const raw = SOCK_RAW\ndefault allow\n" +
			"deny socketpair if !(type != raw) || type in {raw, 20..21}\n",
			"const raw = SOCK_RAW\ndefault allow\n" +
				"deny socketpair if !(type & 0xf != raw) || " +
				"(type & 0xf == raw || type in {20..21})\n"},
		{"default allow\r\n# why\r\ndeny execve\r\n",
			"default allow\r\ndeny execveat\r\n# why\r\ndeny execve\r\n"},
		// Who refuses the newest of several calls alone wants its callers to take another.
		{"default allow\ndeny fchmodat2, renameat2\n",
			"default allow\ndeny(ENOSYS) fchmodat2, renameat2\n"},
		{"default allow\ndeny fchmodat2, fchmod, fchmodat\n", "default allow\n" +
			"deny chmod\ndeny fchmodat2, fchmod, fchmodat\n"},
		{"default allow\ndeny setns if nstype == CLONE_NEWNET\ndeny clone\n", "default allow\n" +
			"deny setns if nstype == 0\ndeny setns if nstype & CLONE_NEWNET\n" +
			"deny unshare if arg0 any CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | " +
			"CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP\n" +
			"deny(ENOSYS) clone3\ndeny fork, vfork\ndeny clone\n"},
		{"default allow\ndeny mprotect if prot & (PROT_WRITE || PROT_EXEC)\n", "default allow\n" +
			"deny shmat if shmflg & SHM_EXEC\n" +
			"deny personality if persona & READ_IMPLIES_EXEC && persona != 0xffffffff\n" +
			"deny mmap if prot all PROT_WRITE | PROT_EXEC\n" +
			"deny pkey_mprotect if prot any PROT_WRITE | PROT_EXEC\n" +
			"deny mprotect if prot any PROT_WRITE | PROT_EXEC\n"},
		// What no ABI has is replaced where that stops more, and else goes where it says nothing.
		{"default allow\ndeny chroot - acct, swapon\ndeny waitpid, swapoff, spu_run\n",
			"default allow\ndeny chroot\ndeny wait4, swapoff\n"},
		{"default deny\nallow waitpid, exit_group\n", "default deny\nallow waitpid, exit_group\n"},
		// A rule in vain goes, unless it has a comment; so does a call that is given twice.
		{"default deny\nallow read, exit_group, read\nallow exit_group\nallow read # why\n",
			"default deny\nallow read, exit_group\nallow read # why\n"},
		{"default deny\nparam n = 2\nallow exit_group\nallow close if fd > n\n" +
			"deny(ENOSYS) close_range\nallow close if fd == 3\n", "default deny\nparam n = 2\n" +
			"allow exit_group\nallow close if fd > n\ndeny(ENOSYS) close_range\n" +
			"allow close if fd == 3\n"},
		// In one configuration the rule is all that denies.
		{"default deny\nparam open = false\nallow exit_group\nwhen open {\n    allow socket\n}\n" +
			"allow socket if u64(family) != AF_UNIX\n", ""},
	} {
		const arch = "arch x86_64\n"
		got, made := Fix("t.scp", []byte(arch+c.text), Options{})
		if want := arch + c.want; c.want != "" && string(got) != want {
			t.Errorf("%s: got\n%swant\n%s", c.text, got, want)
		}
		if (made == 0) != (string(got) == arch+c.text) {
			t.Errorf("%s: %d findings fixed: %s", c.text, made, got)
		}
		checkFixed(t, arch+c.text, string(got))
	}
}

// TestFixABIs: what one ABI lacks goes into one block, and with one ABI it needs none.
func TestFixABIs(t *testing.T) {
	const head = "arch x86_64, i386\ndefault allow\nwhen arch == x86_64 {\n" +
		"    deny acct\n    deny vhangup\n}\n"
	got, _ := Fix("t.scp", []byte(head), Options{})
	want := head + "\nwhen arch == i386 {\n    deny acct\n    deny vhangup\n}\n"
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
	const i386 = "arch i386\ndefault allow\ndeny mmap2 if prot & PROT_EXEC\n" +
		"deny mprotect, pkey_mprotect, shmat, personality\n"
	got, _ = Fix("t.scp", []byte(i386), Options{})
	if !strings.Contains(string(got), "\ndeny mmap\n") {
		t.Errorf("got\n%s", got)
	}
	checkFixed(t, i386, string(got))
}

// TestFixLarge: a large text with more mistakes than one compilation says the remedy of is fixed at
// once, too.
func TestFixLarge(t *testing.T) {
	text := "arch x86_64\ndefault allow\n"
	for i := range 300 {
		text += fmt.Sprintf("# one of the calls that nobody is to make: %d\n", i) +
			fmt.Sprintf("deny pivot_rot if arg0 == %d\n", i)
	}
	got, made := Fix("t.scp", []byte(text), Options{})
	if want := strings.ReplaceAll(text, "pivot_rot ", "pivot_root "); made != 300 ||
		len(text) <= largeText || string(got) != want {
		t.Errorf("%d findings fixed of %d bytes", made, len(text))
	}
}

// TestFixConfigurations: with other values of the parameters a fix must not allow more either.
func TestFixConfigurations(t *testing.T) {
	const text = "arch x86_64\ndefault allow\nparam strict = true\n" +
		"when strict {\n    deny socket\n}\n" +
		"deny socket if family & AF_INET == AF_INET\n"
	got, _ := Fix("t.scp", []byte(text), Options{})
	if !strings.Contains(string(got), "family & AF_INET == AF_INET") {
		t.Errorf("without strict more is allowed: %s", got)
	}
}

// TestEditsAreForWhoWantsThem: a plain compilation judges no edits, and has none.
func TestEditsAreForWhoWantsThem(t *testing.T) {
	const text = "arch x86_64\ndefault allow\ndeny clone3\ndeny execve, execve\n"
	for _, wanted := range []bool{false, true} {
		_, found := Compile("t.scp", []byte(text), Options{Edits: wanted})
		if len(found) != 3 {
			t.Error(found)
		}
		for _, d := range found {
			if (len(d.Edits) > 0) != wanted {
				t.Errorf("Edits: %v: %v has %d edits", wanted, d, len(d.Edits))
			}
		}
	}
}

// TestFixAll fixes the policies of all tests of findings: no edit is left, and nothing more is
// allowed.
func TestFixAll(t *testing.T) {
	for _, text := range short.Some(faultyTexts(t)) {
		got, _ := Fix("t.scp", []byte(text), Options{})
		checkFixed(t, text, string(got))
	}
}

// TestNoFindingTwice: of what is wrong at a place each finding says another thing, and each says
// what to do.
func TestNoFindingTwice(t *testing.T) {
	texts := faultyTexts(t)
	for _, file := range policyFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range short.Some(texts) {
		_, found := Compile("t.scp", []byte(text), Options{Levels: everyLint()})
		said := map[string]diag.Finding{}
		for _, d := range found {
			key := fmt.Sprint(d.Span.Offsets()) + d.Code + d.Help
			for _, n := range d.Notes {
				key += n.Text
			}
			if d.Help == "" {
				t.Errorf("%s: no remedy: %v", text, d)
			}
			if before, twice := said[key]; twice {
				t.Errorf("%s: twice:\n%v\n%v", text, before, d)
			}
			said[key] = d
		}
	}
}

// everyLint are levels by which no lint is off.
func everyLint() map[string]diag.Severity {
	out := map[string]diag.Severity{}
	for _, c := range codes.All() {
		if c.Lint {
			out[c.Name] = diag.Warning
		}
	}
	return out
}

// faultyTexts returns the policies of all tests of findings.
func faultyTexts(t *testing.T) (texts []string) {
	t.Helper()
	for _, c := range codes.All() {
		texts = append(texts, c.Example)
	}
	files, err := filepath.Glob("lint/testdata/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range append(files, "resolve/testdata/lints.scp") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.Split(string(text), "\n---\n")...)
	}
	mistakes, err := os.ReadFile("resolve/testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mistakes)) {
		texts = append(texts, "arch x86_64\ndefault allow\n"+line,
			"arch i386\ndefault allow\n"+line)
	}
	return texts
}

// TestHelpsAgree: of no two findings about a rule of the tables does each end the other, so that
// who follows one does the opposite of what the other says. What all of them say together leaves
// nothing to mend.
func TestHelpsAgree(t *testing.T) {
	texts := guardedCalls(t)
	if testing.Short() {
		texts = texts[:len(texts)/10]
	}
	for i, call := range texts {
		abi := []string{"x86_64", "i386", "x86_64, i386"}[i%3]
		text := "arch " + abi + "\ndefault allow\ndeny " + call + "\n"
		if res, _ := Compile("t.scp", []byte(text), Options{}); res == nil {
			continue // it is another ABI's
		}
		fixed, _ := Fix("t.scp", []byte(text), Options{})
		checkFixed(t, text, string(fixed))
		_, found := Compile("t.scp", []byte(text), Options{Edits: true})
		found = slices.DeleteFunc(found, func(d diag.Finding) bool { return len(d.Edits) == 0 })
		for i, a := range found {
			for _, b := range found[:i] {
				afterA, afterB := followed(text, a), followed(text, b)
				if afterA != afterB && !finds(afterA, b.Code) && !finds(afterB, a.Code) {
					t.Errorf("%s: either\n%s\nor\n%s", text, afterA, afterB)
				}
			}
		}
	}
}

// guardedCalls returns the calls of which the tables say what does the same.
func guardedCalls(t *testing.T) (out []string) {
	for _, file := range []string{"lint/bypass.txt", "lint/relations.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			body, _, isLine := strings.Cut(line, " # ")
			if !isLine || strings.HasPrefix(line, "#") {
				continue
			}
			body = strings.TrimPrefix(strings.TrimPrefix(body, "some "), "if ")
			for _, sign := range []string{" = ", " <= ", " <+ ", " <~ ", " <? ", " <- "} {
				body = strings.ReplaceAll(body, sign, ", ")
			}
			body, _, _ = strings.Cut(body, " => ")
			out = append(out, strings.Split(body, ", ")...)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) < 250 {
		t.Fatalf("%d calls", len(out))
	}
	return out
}

func followed(text string, d diag.Finding) string {
	out, _ := diag.EditedBy(text, diag.List{d})
	return out
}

func finds(text, code string) bool {
	_, found := Compile("t.scp", []byte(text), Options{})
	return slices.ContainsFunc(found, func(d diag.Finding) bool { return d.Code == code })
}

// checkFixed holds a policy against what a fix made of it, of which another fix makes nothing else.
func checkFixed(t *testing.T, text, fixed string) {
	t.Helper()
	res, _ := Compile("t.scp", []byte(text), Options{})
	then, diags := Compile("t.scp", []byte(fixed), Options{Edits: true})
	for _, d := range diags {
		if d.Fixes(&diag.Source{Name: "t.scp", Text: fixed}) {
			t.Errorf("%s: fixed:\n%s\nstill there: %v\n%v", text, fixed, d, d.Edits)
		}
	}
	if again, made := Fix("t.scp", []byte(fixed), Options{}); made > 0 {
		t.Errorf("%s: fixed:\n%s\nand fixed again:\n%s", text, fixed, again)
	}
	if res != nil && (then == nil || !lint.AllowsNoMore(res.Resolved, fixed)) {
		t.Errorf("%s: allows more:\n%s", text, fixed)
	}
}
