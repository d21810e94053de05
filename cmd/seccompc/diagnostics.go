package main

import (
	"cmp"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/internal/lazy"
)

// maxDiagnostics are printed for one policy: the first errors tell the most.
const maxDiagnostics = 20

// printDiagnostics prints findings about a policy for people, to standard error.
func printDiagnostics(cmd *cobra.Command, diags diag.List) error {
	return printFirst(cmd, diags, maxDiagnostics)
}

// printAllDiagnostics is printDiagnostics for who wants to see all of them.
func printAllDiagnostics(cmd *cobra.Command, diags diag.List) error {
	return printFirst(cmd, diags, 0)
}

func printFirst(cmd *cobra.Command, diags diag.List, most int) error {
	p := diag.Printer{Max: most, Rest: "; seccompc check --all prints all"}
	if colored(cmd) {
		p.Style = style
	}
	return p.Print(cmd.ErrOrStderr(), diags)
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

// coloredOutput reports whether what is printed on standard output is to be coloured.
func coloredOutput(cmd *cobra.Command) bool {
	switch cmd.Flag("color").Value.String() {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && onTerminal(cmd)
}

// onTerminal reports whether people see what is printed on standard output as it is printed.
func onTerminal(cmd *cobra.Command) bool {
	out, ok := cmd.OutOrStdout().(buffered)
	return ok && out.to == os.Stdout && isTerminal(os.Stdout)
}

// outputWidth returns in how many columns to print on standard output: what COLUMNS says, or the
// terminal itself. Where it is neither there is no limit, 0: what is printed is for other programs.
func outputWidth(cmd *cobra.Command) int {
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if !onTerminal(cmd) {
		return 0
	}
	return cmp.Or(terminalWidth(os.Stdout), 80)
}

// actionWord is an action at the start of a line, or behind the callers that it is for.
var actionWord = lazy.Regexp(
	`(?m)^(\s*|\S[^:\n]*: )(allow|log|deny|kill_thread|kill|trap|trace|notify)\b(\([^)]*\))?`)

// colorActions colours the actions in what is printed by how strict they are.
func colorActions(cmd *cobra.Command, text string) string {
	if !coloredOutput(cmd) {
		return text
	}
	return actionWord().ReplaceAllStringFunc(text, func(found string) string {
		m := actionWord().FindStringSubmatch(found)
		return m[1] + style(actionColors[m[2]], m[2]+m[3])
	})
}

// actionColors are the parts that style colours.
var actionColors = map[string]string{
	"allow": "allowed", "log": "allowed", "deny": "denied", "kill_thread": "killed",
	"kill": "killed",
	"trap": "killed", "trace": "handed over", "notify": "handed over",
}

// style adds the colours of a part of a diagnostic (ECMA-48, SGR).
func style(part, text string) string {
	color, ok := map[string]string{
		"error": "1;31", "warning": "1;35", "caret": "1;32", "note": "1;36", "help": "1;36",
		"allowed": "32", "denied": "33", "killed": "31", "handed over": "35",
	}[part]
	if !ok {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
