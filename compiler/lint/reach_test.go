package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

// find returns all findings about a policy, errors first.
func find(t *testing.T, text string, opts resolve.Options) diag.List {
	t.Helper()
	r, diags := resolve.Text("test.scp", []byte(text), opts)
	if r == nil {
		t.Fatalf("%s%v", text, diags)
	}
	diags = append(diags, Find(r, diags)...)
	diags.Sort()
	return diags
}

// TestManyHiders: of the rules that hide one between them only some are named.
func TestManyHiders(t *testing.T) {
	text := "arch x86_64\ndefault deny\nallow exit_group\n"
	for i := range 16 {
		text += fmt.Sprintf("allow read if fd & 0xf == %d\n", i)
	}
	diags := find(t, text+"allow read\n", resolve.Options{})
	if len(diags) != 1 || diags[0].Code != codes.UnreachableRule ||
		len(diags[0].Notes) != maxHiders+1 ||
		diags[0].Notes[maxHiders].Text != "and 6 more" {
		t.Errorf("got %+v", diags)
	}
}

// tooHard is a condition on epoll_wait that is too much for the prover, which asks for all bits of
// one argument first.
func tooHard() string {
	var parts []string
	for i := range 31 {
		parts = append(parts, fmt.Sprintf("(epfd & %d || timeout & %d)", 1<<i, 1<<i))
	}
	return strings.Join(parts, " && ")
}

// TestJudgedElsewhere: what the prover says of rules of one ABI counts, although a rule of another
// one above them is too much for it.
func TestJudgedElsewhere(t *testing.T) {
	text := "arch x86_64, aarch64\ndefault allow\nwhen arch == x86_64 {\ndeny read\ndeny write\n" +
		"deny epoll_wait if " + tooHard() + "\ndeny open\n}\n" +
		"when arch == aarch64 {\ndeny close\nkill close\n}\n"
	diags := find(t, text, resolve.Options{})
	var got []string
	for _, d := range diags {
		if d.Code == codes.UnreachableRule {
			got = append(got, fmt.Sprintf("%d: %s", d.Span.Pos().Line, d.Message))
		}
	}
	want := []string{
		"11: the rule can never decide a call: deny close does, and is less strict",
		"6: it is not known whether this rule and 1 more can decide a call",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReachOrder: of the rules that hide one, the message names the last of the last ABI, however
// many rules come before it on each.
func TestReachOrder(t *testing.T) {
	const text = `arch x86_64, aarch64
default allow
when arch == x86_64 {
	deny(ENOSYS) ptrace
	deny(ENOSYS) bpf
	log read
} else {
	allow read
}
kill read
`
	diags := find(t, text, resolve.Options{})
	for _, d := range diags {
		if d.Code == codes.UnreachableRule && !strings.Contains(d.Message, "allow read does") {
			t.Errorf("%s", d.Message)
		}
	}
	if !diags.HasErrors() {
		t.Error("the rule that is hidden is no error")
	}
}

func TestReach(t *testing.T) {
	for _, c := range []struct {
		name, text, code string
		severity         diag.Severity
	}{
		{"hidden and stricter",
			"default allow\nallow socket if family == AF_INET\ndeny socket if family == AF_INET\n",
			"unreachable-rule", diag.Error},
		{"hidden by two",
			"default allow\nlog socket if family < 5\nlog socket if family >= 5\nallow socket\n",
			"unreachable-rule", diag.Warning},
		{"said twice", "default allow\ndeny ptrace\ndeny ptrace\n", "unreachable-rule",
			diag.Warning},
		{"never", "default allow\ndeny unshare if arg0 & 1 && arg0 only 2\n", "constant-condition",
			diag.Error},
		{"always", "default allow\ndeny bpf if cmd < 5 || cmd >= 5\n", "constant-condition",
			diag.Error},
		{"fine", "default allow\ndeny bpf if cmd < 5\nlog bpf\n", "", diag.Off},
	} {
		diags := find(t, c.text, resolve.Options{ABIs: []string{"x86_64"}})
		var found diag.List
		for _, d := range diags {
			if d.Code == "unreachable-rule" || d.Code == "constant-condition" {
				found = append(found, d)
			}
		}
		switch {
		case c.code == "" && len(found) > 0, c.code != "" && len(found) != 1:
			t.Errorf("%s: %v", c.name, found)
		case c.code != "" && (found[0].Code != c.code || found[0].Severity != c.severity):
			t.Errorf("%s: %v, want %v [%s]", c.name, found[0], c.severity, c.code)
		}
	}
}
