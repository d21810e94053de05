package play

import (
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/blob"
)

const text = `arch x86_64, i386
default allow
deny socket if family == AF_NETLINK  # no netlink
deny mkdir, mkdirat
test "closed" {
    mkdir => deny
}
`

// TestCompile: findings stand at UTF-16 places; the summary says what is proved.
func TestCompile(t *testing.T) {
	p := Compile(text)
	if !p.Compiled || !strings.HasSuffix(p.Summary, "; 1 claim proved") {
		t.Errorf("compiled %v: %s %v", p.Compiled, p.Summary, p.Findings)
	}
	p = Compile("arch x86_64\ndefault allow\n# 🦀\ndeny mkdirr\n")
	want := Finding{From: 36, To: 42, Line: 4, Column: 6, Severity: "error"}
	if len(p.Findings) != 1 || p.Compiled {
		t.Fatalf("findings %v", p.Findings)
	}
	got := p.Findings[0]
	got.Message = ""
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	p = Compile(strings.Replace(text, "mkdir => deny", "mkdir => allow", 1))
	if !p.Compiled || !strings.HasSuffix(p.Summary, "; a claim does not hold") {
		t.Errorf("%s", p.Summary)
	}
	p = Compile("arch x86_64\ndefault allow\n" + strings.Repeat("deny mkdirr\n", 2*maxFindings))
	if len(p.Findings) != maxFindings ||
		!strings.HasPrefix(p.Summary, "200 findings, no filter; ") {
		t.Errorf("%d findings, %s", len(p.Findings), p.Summary)
	}
	if p = Compile("include \"/etc/passwd\"\ndefault allow\n"); p.Compiled {
		t.Error("a file was read")
	}
}

// TestAnswers: each question has an answer, and without a filter an error.
func TestAnswers(t *testing.T) {
	ask := map[string]func(*Policy) (string, error){
		"<h2>i386</h2>":          (*Policy).Table,
		"ld   arch":              (*Policy).Listing,
		"family == AF_NETLINK":   (*Policy).Explain,
		"deny mkdir, mkdirat":    (*Policy).Trace,
		"=> deny(EPERM), by":     simulating("socket(AF_NETLINK)"),
		"i386: socketcall(SYS_S": simulating("i386: socket"),
		"for every call":         comparing(text),
		"different, such as":     comparing(strings.Replace(text, "mkdir, ", "", 1)),
	}
	for want, question := range ask {
		got, err := question(Compile(text))
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%v, %q is wanted in\n%s", err, want, got)
		}
		if got, err = question(Compile("nonsense")); err == nil {
			t.Errorf("an answer about nothing: %s", got)
		}
	}
}

func simulating(call string) func(*Policy) (string, error) {
	return func(p *Policy) (string, error) { return p.Simulate(call) }
}

func comparing(other string) func(*Policy) (string, error) {
	return func(p *Policy) (string, error) { return p.Diff(other) }
}

// TestDiffForms: what Filter writes, Diff reads.
func TestDiffForms(t *testing.T) {
	p := Compile(text)
	for _, format := range blob.Formats() {
		if format == "raw" {
			continue // no text
		}
		other, err := p.Filter(format)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Diff(other); err != nil ||
			got != "no difference: proved for every call\n" {
			t.Errorf("%s: %v %s", format, err, got)
		}
	}
}

// TestRefused: questions without an answer are errors that say why.
func TestRefused(t *testing.T) {
	p := Compile(text)
	for call, want := range map[string]string{
		"": "", "mkdirr": "unknown system call", "s390x: mkdir": "no ABI of a machine",
		"mkdir if mode == 1": "stands for many calls", "vax: mkdir": "vax",
	} {
		if got, err := p.Simulate(call); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %q is wanted\n%s", call, err, want, got)
		}
	}
	for other, want := range map[string]string{
		"": "nothing to compare with", "arch s390x\ndefault allow\n": "byte orders", "nonsense": "",
		"06000000": "",
	} {
		if got, err := p.Diff(other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %q is wanted\n%s", other, err, want, got)
		}
	}
}

// TestExamples: what the page offers compiles, without findings.
func TestExamples(t *testing.T) {
	first, err := os.ReadFile("../web/first.scp")
	if err != nil {
		t.Fatal(err)
	}
	if p := Compile(string(first)); !p.Compiled || len(p.Findings) > 0 {
		t.Errorf("first.scp: %v", p.Findings)
	}
}
