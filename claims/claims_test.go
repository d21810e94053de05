package claims

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/compiler"
)

func compile(t *testing.T, text string) *compiler.Result {
	t.Helper()
	res, diags := compiler.Compile("p.scp", []byte(text), compiler.Options{})
	if res == nil {
		t.Fatal(diags)
	}
	return res
}

// check returns what is wrong with a policy's claims.
func check(t *testing.T, r, on *compiler.Result) []string {
	t.Helper()
	c, err := New(r.Resolved, on.Program, on.Order)
	if err != nil {
		t.Fatal(err)
	}
	failed, err := c.Check()
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, d := range Diagnostics(r.Resolved, failed) {
		text := d.Span.Pos().String() + ": " + d.Message
		for _, n := range d.Notes {
			text += "; " + n.Text
		}
		out = append(out, text)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	res := compile(t, `arch x86_64, i386
default allow
# nobody traces
deny ptrace
deny socket if family == AF_PACKET
test "kept" {
    ptrace => deny(EPERM)
    ptrace(PTRACE_TRACEME) => deny(EPERM)
    socket(AF_INET) => allow
    i386: getuid => allow
}
test "broken" {
    ptrace => allow
    x86_64: socket => allow
    i386: getuid => kill
}
`)
	const in = `; of the test "broken"`
	want := []string{
		"p.scp:13:5: on x86_64 a call that fits gets deny(EPERM); " +
			"one such call: x86_64: ptrace(PTRACE_TRACEME, 0, 0, 0); " +
			"this rule decides it: nobody traces" + in,
		"p.scp:13:5: on i386 a call that fits gets deny(EPERM); " +
			"one such call: i386: ptrace(PTRACE_TRACEME, 0, 0, 0); " +
			"this rule decides it: nobody traces" + in,
		"p.scp:14:5: on x86_64 a call that fits gets deny(EPERM); " +
			"one such call: x86_64: socket(AF_PACKET, 0, 0); this rule decides it" + in,
		"p.scp:15:5: on i386 a call that fits gets allow; one such call: i386: getuid; " +
			"no rule decides it: default" + in,
	}
	if d := cmp.Diff(want, check(t, res, res)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if n := Lines(res.Claims); n != 7 {
		t.Errorf("%d lines with claims, want 7", n)
	}
}

// The kernel lets some calls pass without asking: whatever the filter says, only "allow" can be
// claimed.
func TestClaimsAboutExemptCalls(t *testing.T) {
	t.Parallel()
	res := compile(t, `arch x86_64, i386
default allow
kill 335, uprobe
test "exempt" {
    uretprobe => kill
    uprobe(1) => kill
    x86_64: 335 if arg0 == 5 => kill
    x86_64: 336 => allow
    i386: 335 => kill
}
test "not exempt" {
    x86_64: 337 => allow
}
`)
	const in = `; of the test "exempt"`
	why := "the kernel lets it pass without asking the filter (kernel/seccomp.c, " +
		"seccomp_uprobe_exception)"
	want := []string{
		"p.scp:5:5: on x86_64 a call that fits gets allow; one such call: x86_64: uretprobe; " +
			why + in,
		"p.scp:6:5: on x86_64 a call that fits gets allow; one such call: x86_64: uprobe(1); " +
			why + in,
		"p.scp:7:5: on x86_64 a call that fits gets allow; one such call: x86_64: uretprobe(5); " +
			why + in,
		"p.scp:8:5: on x86_64 a call that fits gets kill; one such call: x86_64: uprobe; " +
			"this rule decides it" + in,
	}
	if d := cmp.Diff(want, check(t, res, res)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Claims are decided on the program, whatever the policy says.
func TestCheckProgram(t *testing.T) {
	t.Parallel()
	const claims = "test \"t\" {\n    ptrace => deny(EPERM)\n}\n"
	policy := compile(t, "arch x86_64\ndefault allow\ndeny ptrace\n"+claims)
	other := compile(t, "arch x86_64\ndefault allow\ndeny ptrace if request == PTRACE_TRACEME\n")
	if got := check(t, policy, policy); len(got) > 0 {
		t.Errorf("its own program: %q", got)
	}
	if got := check(t, policy, other); len(got) != 1 || !strings.Contains(got[0], "gets allow") {
		t.Errorf("another program: %q", got)
	}
}

// A rule that decides only by the second door of a call is covered by a claim about the call.
func TestCoverByAnyDoor(t *testing.T) {
	t.Parallel()
	res := compile(t, `arch i386
default allow
deny socketcall if call == 2
deny socketcall if call == 3
test "t" {
    bind => deny(EPERM)
}
`)
	cover, err := Cover(res.Resolved)
	if err != nil {
		t.Fatal(err)
	}
	if len(cover.Without) != 1 || cover.Without[0].Text != "deny socketcall if call == 3" {
		t.Errorf("without a claim: %v", cover.Without)
	}
}

func TestCover(t *testing.T) {
	t.Parallel()
	res := compile(t, `arch x86_64, i386
default allow
deny ptrace
deny socket if family == AF_PACKET
deny socket if family == AF_NETLINK
kill reboot
test "t" {
    ptrace(PTRACE_TRACEME) => deny(EPERM)
    i386: socket(AF_PACKET, _, _) => deny(EPERM)
    getuid => allow
}
`)
	cover, err := Cover(res.Resolved)
	if err != nil {
		t.Fatal(err)
	}
	var without []string
	for _, r := range cover.Without {
		without = append(without, r.Text)
	}
	want := []string{"deny socket if family == AF_NETLINK", "kill reboot"}
	if d := cmp.Diff(want, without); d != "" || cover.Rules != 4 {
		t.Errorf("%d rules; (-want +got)\n%s", cover.Rules, d)
	}
}

// What the authors of the project's policies claim in test blocks is proved on the emitted code.
func TestPoliciesKeepTheirClaims(t *testing.T) {
	files, err := filepath.Glob("../testdata/policies/*.scp")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			res, diags := compiler.Compile(file, src, compiler.Options{})
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if len(res.Claims) == 0 {
				t.Fatal("the policy claims nothing")
			}
			for _, text := range check(t, res, res) {
				t.Error(text)
			}
		})
	}
}
