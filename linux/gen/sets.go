package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// writeSets writes sets.txt from what systemd prints of its own sets. A member may be a set again;
// calls that none of the tables holds, of architectures that package linux does not know, are left
// out.
func writeSets(s *sources) error {
	known := map[string]bool{}
	for i := range targets {
		calls, err := readCalls(s, &targets[i])
		if err != nil {
			return err
		}
		for _, c := range calls {
			known[c.name] = true
		}
	}
	out, err := systemdSets(s.systemd)
	if err != nil {
		return err
	}
	newer := setLines(out, known)
	lines := slices.Clone(newer)
	for _, d := range debians {
		out, err := systemdSets(d.root(s.cache))
		if err != nil {
			return err
		}
		older := setLines(out, known)
		lines = append(lines, changes(d.Linux.String(), older, newer)...)
		newer = older
	}
	return writeTable("sets.txt", "# systemd's sets of system calls: name, then members; and "+
		"RELEASE "+
		"name, then what the older set has (+) and lacks (-)", lines)
}

// changes returns for each set that differs how it becomes the older one. A lone "-" is a set that
// the older release does not have.
func changes(release string, older, newer []string) []string {
	members := func(lines []string) map[string][]string {
		out := map[string][]string{}
		for _, line := range lines {
			name, list, _ := strings.Cut(line, "\t")
			out[name] = strings.Fields(list)
		}
		return out
	}
	was, is := members(older), members(newer)
	var lines []string
	for name := range was {
		if is[name] == nil {
			panic("gen: systemd has dropped the set " + name)
		}
	}
	for name := range is {
		var words []string
		for _, m := range is[name] {
			if !slices.Contains(was[name], m) {
				words = append(words, "-"+m)
			}
		}
		for _, m := range was[name] {
			if !slices.Contains(is[name], m) {
				words = append(words, "+"+m)
			}
		}
		switch {
		case was[name] == nil:
			lines = append(lines, release+" "+name+"\t-")
		case len(words) > 0:
			lines = append(lines, release+" "+name+"\t"+strings.Join(words, " "))
		}
	}
	return lines
}

// setLines reads "@set" at the start of a line, and below it a comment and the members, indented.
// @known, the last, is not systemd's to say.
func setLines(out string, known map[string]bool) []string {
	out, _, _ = strings.Cut(out, "\n@known\n")
	var lines []string
	for line := range strings.Lines(out) {
		word := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "@"):
			lines = append(lines, word+"\t")
		case strings.HasPrefix(word, "@"), known[word]:
			last := &lines[len(lines)-1]
			if !strings.HasSuffix(*last, "\t") {
				*last += " "
			}
			*last += word
		}
	}
	return lines
}

// systemdSets runs systemd-analyze with the libraries it was packaged with.
func systemdSets(root string) (string, error) {
	loader := filepath.Join(root, "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
	if _, err := os.Stat(loader); err != nil { // where it lay up to Debian 12
		loader = filepath.Join(root, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
	}
	var path []string
	for _, dir := range []string{
		"usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/systemd", "lib/x86_64-linux-gnu",
		"lib/systemd",
	} {
		path = append(path, filepath.Join(root, dir))
	}
	cmd := exec.Command(loader, "--inhibit-cache", "--library-path", strings.Join(path, ":"),
		filepath.Join(root, "usr/bin/systemd-analyze"), "--no-pager", "syscall-filter")
	cmd.Env = append(os.Environ(), "SYSTEMD_COLORS=0")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("systemd-analyze: %w", err)
	}
	return string(out), nil
}
