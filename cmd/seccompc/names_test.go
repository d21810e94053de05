package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// evil is a name that would recolour a terminal, turn letters round, forge a line, leave a table's
// cell and a comment.
const evil = "a\x1b[31m\u202eb|`<i>\nforged: */ c"

// Whatever files are called, no command writes what a terminal obeys.
func TestHostileNames(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	dir := strings.ReplaceAll(evil, "/", "")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	file, other, bad, blob := in("p.scp"), in("q.scp"), in("bad"), in("p.bpf")
	profile, program := in("profile"), in("program")
	const claims = "test \"t\" {\n    ptrace => kill\n}\n"
	write(file, "arch x86_64\ndefault   allow\nkill ptrace\ndeny open\n"+claims)
	write(other, "arch x86_64\ndefault allow\nkill ptrace\ninclude \"bad\"\n"+claims)
	write(bad, "kill\n")
	write(profile, "nosuchcall 7\n")
	write(program, "no program\n")
	claimed, container := in("claimed"), in("container")
	write(claimed, "arch x86_64\ndefault allow\ntest \"t\" { getpid => allow }\n")
	write(container, `{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_SH"]}`)
	if code, _, text := command(t, file, "-o", blob); code != statusOK {
		t.Fatal(text)
	}
	name := dir + "x"
	for _, args := range [][]string{
		{file, "--format", "asm"}, {other, "--format", "hex"}, {blob}, {name}, {file, "-o", file},
		{file, "-o", name + "/y"}, {file, "-o", dir},
		{file, "--format", "c"}, {file, "--format", "go"}, {file, "--format", "rust"},
		{file, "--format", "json"}, {file, "--format", "hex", "--trace", "-"},
		{file, "--format", "hex", "--profile", profile}, {file, "--profile", file},
		{file, "-D", name}, {file, "-D", name + "=1"}, {file, "-W", name}, {file, "--arch", name},
		{file, "--format", name}, {file, "--color", name}, {file, "--" + name}, {file, name},
		{"check", file}, {"check", "--json", file, other}, {"check", "--sarif", file, other},
		{"check", name},
		{"test", file}, {"test", "--coverage", file}, {"test", "--json", file}, {"test", other},
		{"fmt", file}, {"fmt", "-l", file}, {"fmt", "-d", file}, {"fmt", other}, {"fmt", bad},
		{"disasm", blob}, {"disasm", file}, {"asm", file}, {"asm", blob}, {"decompile", blob},
		{"decompile", file}, {"sim", file, "ptrace"}, {"sim", file, name}, {"explain", file},
		{"explain", file, "ptrace"}, {"explain", "--json", file, "ptrace"}, {"explain", name},
		{"diff", file, other}, {"diff", file, blob}, {"diff", blob, bad}, {"diff", name, name},
		{"diff", file, "plain.scp"},
		{"diff", "--markdown", file, "plain.scp"}, {"diff", "--json", file, "plain.scp"},
		{"prove", file, blob}, {"prove", "plain.scp", blob}, {"prove", "--json", file, blob},
		{"prove", file, file}, {"dump", name}, {"syscalls", name}, {"sets", name},
		{"constants", name},
		{"man", name}, {"man", file}, {"doc", file}, {"doc", "--format", "html", file},
		{"export", "oci", "--arch", "x86_64", blob},
		{"export", "systemd", "--arch", "x86_64", blob},
		{"export", "oci", "--arch", "x86_64", "--for", "k8s", "--name", name, blob},
		{"merge", blob, file}, {"audit", file}, {"audit", "--sarif", blob},
		{"graph", file, "ptrace"},
		{"sim", blob + "+" + blob, "ptrace"}, {"explain", blob + "+" + blob, "ptrace"},
		{"test", claimed}, {"sim", container, "ptrace"}, {"import", "oci", container},
		{"import", "systemd", file}, {"import", "minijail", file},
		{"run", file, "--", name}, {"run", file, "--", program}, {"run", name, "--", "true"},
		{"run", "--log-denied", file, "--", name},
		{"run", "--log-denied", "plain.scp", "--", program},
		{"run", "--log-denied", in("deny.scp"), "--", "true"},
	} {
		write("plain.scp", "arch x86_64\ndefault allow\ndeny mount\n")
		write(in("deny.scp"), "arch x86_64\ndefault deny\n")
		cmd := exec.Command("seccompc", args...)
		out, _ := cmd.CombinedOutput() // most of them fail
		if len(out) == 0 && args[0] != "decompile" {
			t.Errorf("%q prints nothing", args)
		}
		for _, r := range string(out) {
			if r != '\n' && r != '\t' && (!unicode.IsPrint(r) || r == unicode.ReplacementChar) {
				t.Errorf("%q prints %q:\n%q", args, r, out)
				break
			}
		}
		if bytes.HasPrefix(out, []byte("forged:")) || bytes.Contains(out, []byte("\nforged:")) {
			t.Errorf("%q prints a line that is none of its own:\n%s", args, out)
		}
	}
}

// In a table a name is one cell, and no markup.
func TestMarkdownNames(t *testing.T) {
	t.Chdir(t.TempDir())
	name := "a|b`c<img src=x>"
	for file, text := range map[string]string{name: "kill ptrace\n", "plain": "kill mount\n"} {
		if err := os.WriteFile(file, []byte("arch x86_64\ndefault allow\n"+text),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, out, _ := command(t, "diff", "--markdown", name, "plain")
	const want = "\n| ABI | calls | condition | `a\\|b'c<img src=x>` | `plain` | such as |\n"
	if !strings.Contains(out, want) {
		t.Errorf("%s\nhas no heading %s", out, want)
	}
}

// What is escaped in JSON is the same text for who reads it.
func TestJSONKeepsNames(t *testing.T) {
	const text = "a\u202eb\U000e0001c\u00e9\u65e5\x1b"
	out := toJSON(map[string]string{"name": text})
	for _, r := range string(out) {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%q is in %s", r, out)
		}
	}
	var back map[string]string
	if err := json.Unmarshal(out, &back); err != nil || back["name"] != text {
		t.Errorf("%s reads back as %q, %v", out, back, err)
	}
}
