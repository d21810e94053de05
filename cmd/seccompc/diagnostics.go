package main

import (
	"maps"
	"os"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/compiler"
	"github.com/seccompc/seccompc/dsl"
)

// maxDiagnostics are printed for one policy: the first errors tell the most.
const maxDiagnostics = 20

// printDiagnostics prints findings about a policy for people, to standard error. The result may be
// nil.
func printDiagnostics(
	cmd *cobra.Command, in input, res *compiler.Result, diags dsl.Diagnostics,
) error {
	p := dsl.Printer{Sources: sources(cmd, in, res, diags), Max: maxDiagnostics}
	if colored(cmd) {
		p.Style = style
	}
	return p.Print(cmd.ErrOrStderr(), diags)
}

// sources returns the texts that findings are about: what the compiler has read, or, where it gave
// up, what can be read now.
func sources(
	cmd *cobra.Command, in input, res *compiler.Result, diags dsl.Diagnostics,
) map[string][]byte {
	texts := map[string][]byte{in.name: in.data}
	if res != nil {
		maps.Copy(texts, res.Sources)
		return texts
	}
	for _, d := range diags {
		name := d.Span.Pos.Filename
		if _, ok := texts[name]; ok {
			continue
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			if included, err := readInput(cmd, name); err == nil {
				texts[name] = included.data
			}
		}
	}
	return texts
}

// colored reports whether messages on standard error are to be coloured.
func colored(cmd *cobra.Command) bool {
	switch cmd.Flag("color").Value.String() {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(os.Stderr)
}

// style adds the colours of a part of a diagnostic (ECMA-48, SGR).
func style(part, text string) string {
	color, ok := map[string]string{
		"error": "1;31", "warning": "1;35", "caret": "1;32", "note": "1;36", "help": "1;36",
	}[part]
	if !ok {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
