package lint

import (
	"strings"
	"testing"

	"github.com/seccompc/seccompc/compiler/resolve"
	"github.com/seccompc/seccompc/diag"
)

// TestEdits: an edit stands where it allows no further call, and what it is made for is gone then.
func TestEdits(t *testing.T) {
	for _, c := range []struct{ text, code, want string }{
		{"default allow\ndeny clone3\n", "no-fallback", "default allow\ndeny(ENOSYS) clone3\n"},
		{"default allow\n# why\n" +
			"deny statx, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd\n", "no-fallback",
			"default allow\ndeny(ENOSYS) statx\n# why\n" +
				"deny statx, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd\n"},
		{"default deny\nallow clone, exit_group\n", "no-fallback",
			"default deny\nallow clone, exit_group\n\ndeny(ENOSYS) clone3\n"},
		{"default deny\nmismatch allow\nallow exit_group\n", "abi-door",
			"default deny\nmismatch kill\nallow exit_group\n"},
		{"default allow\ndeny socket if u64(family) == AF_PACKET\n", "wide-compare",
			"default allow\ndeny socket if family == AF_PACKET\n"},
		{"default allow\ndeny socket if u64(family) != AF_PACKET\n", "wide-compare", ""},
		{"default deny\nallow exit_group\nallow socket if type & SOCK_STREAM\n", "enum-as-flags",
			"default deny\nallow exit_group\nallow socket if type & 0xf == SOCK_STREAM\n"},
		{"default allow\ndeny socket if type & SOCK_STREAM\n", "enum-as-flags", ""},
		{"default allow\nwhen true {\n    # why\n    kill execve\n}\n", "bypass",
			"default allow\nwhen true {\n    kill execveat\n    # why\n    kill execve\n}\n"},
		{"default allow\nallow execveat\nkill execve\n", "bypass", ""},
		{"default deny\nallow open, exit_group\n", "sibling", ""},
	} {
		text := "arch x86_64\n" + c.text
		r, diags := resolve.Text("t", []byte(text), resolve.Options{})
		if r == nil {
			t.Fatal(text, diags)
		}
		diags = append(diags, FindEdits(r, diags)...)
		f := only(t, text, diags, c.code)
		if c.want == "" {
			if len(f.Edits) > 0 {
				t.Errorf("%s: %s: %v", text, c.code, f.Edits)
			}
			continue
		}
		text, ok := diag.Edited(r.Sources[0].Text, f.Edits)
		edited, legal := r.Reread(text, nil)
		if !ok || !legal || len(f.Edits) == 0 {
			t.Errorf("%s: %s: no edit, or none that can be made: %v", text, c.code, f.Edits)
			continue
		}
		if got := strings.TrimPrefix(edited.Sources[0].Text, "arch x86_64\n"); got != c.want {
			t.Errorf("%s: %s: got\n%s", text, c.code, got)
		}
		for _, d := range Find(edited, nil) {
			if d.Code == c.code {
				t.Errorf("%s: still %v", edited.Sources[0].Text, d)
			}
		}
	}
}

// only returns the finding with a code.
func only(t *testing.T, text string, diags diag.List, code string) diag.Finding {
	t.Helper()
	for _, d := range diags {
		if d.Code == code {
			return d
		}
	}
	t.Fatalf("%s: no %s: %v", text, code, diags)
	return diag.Finding{}
}
