package docs

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/diag/codes"
)

// TestErrors compares docs/errors.md with the codes of the compiler; -update rewrites it.
func TestErrors(t *testing.T) {
	const file = "errors.md"
	got := errorsPage()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("docs/errors.md (-file +now); go test ./docs -update rewrites it\n%s", d)
	}
}

const errorsHead = `# Diagnostics

Written by ` + "`go test ./docs -update`" + ` from the table in diag/codes/catalogue.go;
` + "`seccompc explain CODE`" + ` prints the same.

A message stands at a place, ends with its code in brackets, and may have notes (facts) and help (what
to change). The codes are stable. The level of a lint is set by ` + "`-W CODE=off|warning|error`" + `, and the
comment ` + "`# lint: allow CODE REASON`" + ` above a statement, or behind it, silences the lint there. Errors of
meaning have no level.
`

// errorsPage returns docs/errors.md.
func errorsPage() string {
	var b strings.Builder
	b.WriteString(errorsHead)
	for _, lint := range []bool{false, true} {
		b.WriteString(map[bool]string{false: "\n## Errors of meaning\n",
			true: "\n## Lints\n"}[lint])
		for _, c := range codes.All() {
			if c.Lint == lint {
				writeCode(&b, c)
			}
		}
	}
	return b.String()
}

func writeCode(b *strings.Builder, c codes.Code) {
	fmt.Fprintf(b, "\n### %s\n\n", c.Name)
	for _, line := range wrap(c.Doc, 100) {
		if strings.HasPrefix(line, "#") {
			b.WriteByte('\\') // else it would be a heading
		}
		fmt.Fprintln(b, line)
	}
	if c.Example == "" {
		return
	}
	fmt.Fprintf(b, "\n```\n%s```\n", c.Example)
	if options := optionTexts(c); len(options) > 0 {
		fmt.Fprintf(b, "\nWith `%s`:\n", strings.Join(options, " "))
	}
	if said := messageOf(c); said != "" {
		fmt.Fprintf(b, "\n```\n%s```\n", said)
	}
	fixed, made := compiler.Fix("policy.scp", []byte(c.Example), optionsOf(c))
	switch {
	case c.Fixed != "":
		fmt.Fprintf(b, "\nCorrected:\n\n```\n%s```\n", c.Fixed)
	case made > 0:
		fmt.Fprintf(b, "\nCorrected, as `check --fix` does:\n\n```\n%s```\n", fixed)
	}
}

// optionsOf returns the options of an example.
func optionsOf(c codes.Code) compiler.Options {
	opts := compiler.Options{Params: c.Params, Disable: c.Disable}
	if c.Off {
		opts.Levels = map[string]diag.Severity{c.Name: diag.Warning}
	}
	return opts
}

// optionTexts returns the options of an example: as flags, or as Go where the command has none.
func optionTexts(c codes.Code) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		out = append(out, "-D "+name+"="+c.Params[name])
	}
	if c.Off {
		out = append(out, "-W "+c.Name+"=warning")
	}
	if len(c.Disable) > 0 {
		out = append(out, fmt.Sprintf("Options{Disable: %q}", c.Disable))
	}
	return out
}

// messageOf returns the first finding with its own code that an example of a code gives. The claims
// of tests are decided later than by the compiler; their example gives none here.
func messageOf(c codes.Code) string {
	_, diags := compiler.Compile("policy.scp", []byte(c.Example), optionsOf(c))
	i := slices.IndexFunc(diags, func(d diag.Finding) bool { return d.Code == c.Name })
	if i < 0 {
		return ""
	}
	var b bytes.Buffer
	if err := (diag.Printer{}).Print(&b, diags[i:i+1]); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.String()
}

// wrap breaks a paragraph into lines.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func TestWrap(t *testing.T) {
	got := wrap("a bb  ccc\ndddd", 6)
	if want := []string{"a bb", "ccc", "dddd"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
