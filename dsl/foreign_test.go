package dsl_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seccompc/seccompc/dsl"
)

// TestEncodings: a text that is no UTF-8 is told by the byte and its place, and one of two bytes
// for a character as a whole.
func TestEncodings(t *testing.T) {
	const text = "default allow\n# caf\u00e9\ndeny mount\n"
	var little, big []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	for _, c := range []struct{ name, text, want string }{
		{"UTF-16LE", string(little), "p.scp:1:1: error: the text has two bytes for each character"},
		{"UTF-16BE", string(big), "p.scp:1:1: error: the text has two bytes for each character"},
		{"UTF-16 without a mark", string(little[2:]), "two bytes for each character"},
		{"Latin-1 in a rule", "default allow\ndeny caf\xe9\n",
			"p.scp:2:9: error: invalid UTF-8: byte 0xe9"},
	} {
		_, diags := dsl.Parse("p.scp", []byte(c.text))
		if len(diags) == 0 || !strings.Contains(diags[0].String(), c.want) ||
			diags[0].Help == "" {
			t.Errorf("%s: %v", c.name, diags)
		}
	}
	for _, good := range []string{text, "\ufeff" + text, strings.ReplaceAll(text, "\n", "\r\n")} {
		if _, diags := dsl.Parse("p.scp", []byte(good)); len(diags) > 0 {
			t.Errorf("%q: %v", good, diags)
		}
	}
	if _, diags := dsl.Parse("p.scp", []byte("default allow\n# caf\xe9\n")); !diags.HasErrors() ||
		!strings.HasPrefix(diags[0].String(), "p.scp:2:6: ") {
		t.Errorf("Latin-1 in a comment: %v", diags)
	}
}

// TestForeignFormats: the policy of another tool is named once, with the command that imports it.
func TestForeignFormats(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}`, "seccompc import oci"},
		{`{"main": {"default_action": "trap", "filter_action": "allow", "filter": []}}`,
			"seccompc import seccompiler"},
		{"[Service]\nSystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\n",
			"seccompc import systemd"},
		{"read: 1\nioctl: arg1 == TCGETS\n", "seccompc import minijail"},
		{"2\ndenylist\n[all]\nkexec_load errno 1\n", "seccompc import lxc"},
		{"int main(void) {\n\tseccomp_init(SCMP_ACT_ALLOW);\n}\n", "seccompc decompile"},
		{"profile x {\n  capability sys_admin,\n}\n", "sees neither paths"},
		{"import seccomp\nf = seccomp.SyscallFilter(seccomp.ALLOW)\n", "seccompc decompile"},
		{"let f = SeccompFilter::new(rules, deny, allow, arch)?;\n", "seccompc decompile"},
		{"var f = seccomp.Filter{NoNewPrivs: true}\n", "seccompc decompile"},
		{"mode: ONCE\nseccomp_string: \"ALLOW { read } DEFAULT KILL\"\n",
			"seccompc import kafel"},
		{"policy a {\n  allow { read }\n}\n", "seccompc import kafel"},
		{"POLICY a {\n  ALLOW { read }\n}\nUSE a DEFAULT KILL\n", "kafel"},
	} {
		_, diags := dsl.Parse("p.scp", []byte(c.text))
		notes := 0
		for _, d := range diags {
			for _, n := range d.Notes {
				if strings.Contains(n.Text, c.want) {
					notes++
				}
			}
		}
		if notes != 1 {
			t.Errorf("%s: %d notes: %v", c.text, notes, diags)
		}
	}
	for _, own := range []string{"default: allow\n", "deny mount if\n", "# SystemCallFilter\nx\n"} {
		_, diags := dsl.Parse("p.scp", []byte(own))
		if len(diags) == 0 || len(diags[0].Notes) > 0 {
			t.Errorf("%s: %v", own, diags)
		}
	}
}
