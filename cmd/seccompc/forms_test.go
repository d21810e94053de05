package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seccompc/seccompc/proof"
)

// TestForms: every command that is about a filter takes it in every form, and says what is wrong
// with a file that is empty, cut off or something else.
func TestForms(t *testing.T) {
	t.Chdir(t.TempDir())
	const text = "arch x86_64\nmismatch kill_thread\ndefault allow\ndeny mkdir, mkdirat\n"
	files := map[string]string{"policy": text}
	write := func(name, text string) {
		files[name] = text
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("policy", text)
	for _, format := range []string{"raw", "hex", "base64", "c", "go", "rust", "asm", "json"} {
		_, out, errs := command(t, "policy", "--format", format, "-o", "-")
		if write(format, out); errs != "" {
			t.Fatal(errs)
		}
	}
	_, profile, _ := command(t, "export", "oci", "policy", "--for", "crun", "--arch", "x86_64")
	write("profile", profile)
	write("config", `{"ociVersion": "1.0", "linux": {"seccomp": `+profile+`}}`)
	forms := []string{"policy+raw"}
	for name := range files {
		forms = append(forms, name)
	}
	commands := [][]string{{"explain"}, {"explain", "", "mkdir"}, {"sim", "", "mkdir"},
		{"decompile"}, {"audit", "--fail-on", "never"}, {"check", "--json"}, {"doc"},
		{"doc", "--format", "html"}, {"diff", "policy"}, {"diff", "--subset", "policy"},
		{"merge", "--and", "policy"}, {"merge", "--or", "policy"}, {"prove", "policy"},
		{"export", "oci", "--arch", "x86_64"}, {"export", "systemd"}}
	of := func(words []string, name string) []string {
		out := append([]string{words[0]}, words[1:]...)
		for i, w := range out {
			if w == "" {
				out[i] = name
				return out
			}
		}
		return append(out, name)
	}
	for _, c := range commands {
		for _, name := range forms {
			if code, out, errs := command(t, of(c, name)...); code != statusOK || out == "" {
				t.Errorf("%q: %d: %s%s", of(c, name), code, out, errs)
			}
		}
	}
	write("empty", "")
	write("blank", " \n\n")
	write("odd", files["raw"][:13])
	write("open", files["json"][:60])
	write("half", files["profile"][:60])
	write("other", "\x1f\x8b\x08\x00compressed")
	for _, c := range commands {
		for _, name := range []string{"empty", "blank", "odd", "open", "half", "other", "missing"} {
			code, out, errs := command(t, of(c, name)...)
			listed := c[0] == "check" // with --json what was found until then is a document
			if code == statusOK || out != "" && !listed || !strings.Contains(errs+out, name) ||
				strings.Contains(errs, "policy:") {
				t.Errorf("%q: %d: %q, %q", of(c, name), code, out, errs)
			}
		}
	}
}

// TestFormsOfOthers: what is no profile and no policy, though it is JSON or YAML, is told by what
// it looks like.
func TestFormsOfOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, want := range map[string]string{
		`{"main": {"mismatch_action": "trap", "filter": []}}`: "seccompc import seccompiler",
		`{"default": "deny", "allow": ["read"]}`:              "this looks like JSON: a policy is lines of text",
		"arch x86_64\ndefaultAction: SCMP_ACT_KILL":           "write default kill_thread",
		`{"defaultAction": "SCMP_ACT_NONE"}`:                  "SCMP_ACT_NONE",
		"defaultAction: SCMP_ACT_NONE\n":                      "SCMP_ACT_NONE",
		"seccomp mount,umount2\n":                             "write deny mount,umount2",
	} {
		if err := os.WriteFile("other", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := command(t, "check", "other"); code == statusOK ||
			!strings.Contains(errs, want) {
			t.Errorf("%s: %d: %s", text, code, errs)
		}
	}
}

// TestCannotRead: a filter whose meaning is too much to be worked out is named, with what is left.
func TestCannotRead(t *testing.T) {
	err := cannotRead("a.bpf", fmt.Errorf("rows: %w", proof.ErrTooComplex))
	var status *statusError
	const want = "a.bpf: what it does for all calls is not known: rows: too complex to decide; " +
		"sim answers for one call"
	if !errors.As(err, &status) || status.code != statusUnknown || err.Error() != want {
		t.Errorf("%v, want %q and status %d", err, want, statusUnknown)
	}
}
