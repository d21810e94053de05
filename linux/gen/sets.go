package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	return writeTable("sets.txt", "# systemd's sets of system calls: name, then members",
		setLines(out, known))
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
	lib := filepath.Join(root, "usr/lib/x86_64-linux-gnu")
	loader := filepath.Join(lib, "ld-linux-x86-64.so.2")
	if _, err := os.Stat(loader); err != nil {
		return "", err
	}
	cmd := exec.Command(loader, "--library-path", lib+":"+filepath.Join(lib, "systemd"),
		filepath.Join(root, "usr/bin/systemd-analyze"), "--no-pager", "syscall-filter")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("systemd-analyze: %w", err)
	}
	return string(out), nil
}
