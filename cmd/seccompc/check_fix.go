package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
)

// mend makes the edits that findings about a policy bring along, or prints what they would change.
// It returns how many findings it fixed.
func (flags *checkFlags) mend(cmd *cobra.Command, name string) (int, error) {
	switch {
	case name == "-":
		return 0, errors.New("--fix changes files, and standard input is none")
	case len(partsOf(name)) > 1:
		return 0, fmt.Errorf("%s: this is a stack; --fix changes one policy: name each alone",
			name)
	}
	in, err := readInput(cmd, name)
	if err != nil {
		return 0, err
	}
	if err := in.mustBePolicy(); err != nil {
		return 0, err
	}
	opts, err := flags.options()
	if err != nil {
		return 0, err
	}
	text, made := compiler.Fix(in.path, in.data, opts)
	if made == 0 || bytes.Equal(text, in.data) {
		return 0, nil
	}
	if flags.diff {
		_, err := cmd.OutOrStdout().Write(diff.Diff(in.name, in.data, in.name+" (fixed)", text))
		return 0, err
	}
	return made, writeFile(cmd, name, text)
}

// tally counts what check found, and what it fixed.
type tally struct{ errors, warnings, fixable, fixed int }

func (t *tally) add(found diag.List) {
	for _, d := range found {
		if d.Severity == diag.Error {
			t.errors++
		} else {
			t.warnings++
		}
		if src := d.Span.Source(); src != nil && d.Fixes(src) {
			t.fixable++
		}
	}
}

// String returns "1 error, 2 warnings; --fix can mend 1 of them", or "" where there is nothing to
// say.
func (t tally) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{t.errors, "error"}, {t.warnings, "warning"}} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.what))
		}
	}
	text := strings.Join(parts, ", ")
	if t.fixable > 0 {
		text += fmt.Sprintf("; --fix can mend %d of them", t.fixable)
	}
	if t.fixed > 0 {
		if text == "" {
			text = "nothing is left"
		}
		text = counted(t.fixed, "finding") + " fixed; " + text
	}
	return text
}

// counted returns a number with a noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
