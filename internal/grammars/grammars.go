// Package grammars writes the files by which editors colour policies. The words are the language's
// own ([dsl.Words]) and the tables' ABIs: what is added there is in every file that is written
// anew.
//
// An action or a statement is one at the start of a statement only: kill is a system call too, and
// param an argument.
package grammars

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/dsl"
	"github.com/seccompc/seccompc/linux"
)

// Note stands at the top of every file.
const Note = "Written by go test ./internal/grammars -update, from the language's own words."

// Files returns the files by their paths below the directory editors.
func Files() map[string]string {
	return map[string]string{
		"vscode/syntaxes/scp.tmLanguage.json": TextMate(),
		"bat/scp.sublime-syntax":              Sublime(),
		"vim/syntax/scp.vim":                  Vim(),
		"emacs/scp-mode.el":                   Emacs(),
	}
}

// words are the language's by what colours them.
type words struct {
	statements, actions, keywords, fallbacks, names, abis []string
}

func language() words {
	w := dsl.Words()
	out := words{statements: w.Statements, actions: w.Actions, names: w.Names}
	for _, k := range w.Keywords {
		if k != "_" {
			out.keywords = append(out.keywords, k)
		}
	}
	for _, s := range w.Statements { // those that have no action of their own, but begin with one
		if strings.Contains(fallback(), `"`+s+`"`) {
			out.fallbacks = append(out.fallbacks, s)
		}
	}
	for _, abi := range linux.ABIs() {
		out.abis = append(out.abis, abi.Name)
	}
	return out
}

// fallback returns the production of the statements that consist of a word and an action.
func fallback() string {
	for line := range strings.Lines(dsl.Grammar()) {
		if strings.HasPrefix(line, "Fallback = ") {
			return line
		}
	}
	return ""
}

// Rule gives names to what a regular expression matches: to each of its groups, or to the whole
// where it has none. The expressions are of the syntax that Go and Oniguruma share. Of rules that
// match at one place the first counts.
type Rule struct {
	Match  string
	Scopes []string // as TextMate's grammars call them
}

const (
	actionScope    = "keyword.control.action.scp"
	statementScope = "keyword.other.statement.scp"
	wordScope      = "keyword.operator.word.scp"
)

// The forms of words.
const (
	setName  = `@[a-z0-9_-]*[a-z0-9_]`
	number   = `\b(?:0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(?:\.[0-9]+)*)\b`
	constant = `\b[A-Z][A-Z0-9]*_?[A-Za-z0-9_]*\b`
)

// Rules returns what is coloured in a line, but for strings and comments.
func Rules() []Rule {
	w := language()
	const begin = `(?:^|[{}])\s*`
	or := func(list []string) string { return `\b(` + strings.Join(list, "|") + `)\b` }
	any := func(list []string) string { return `\b(?:` + strings.Join(list, "|") + `)\b` }
	statement := []string{statementScope}
	action := []string{actionScope}
	return []Rule{
		{begin + or(w.fallbacks) + `\s+` + or(w.actions), []string{statementScope, actionScope}},
		{begin + or(w.actions) + `(?:\(|[ \t]+)`, action}, // not "kill," of a list in several lines
		{`=>\s*` + or(w.actions), action},
		{begin + or(w.statements), statement},
		{`\b(else)\s+` + or(w.statements), []string{wordScope, statementScope}},
		{any(w.keywords), []string{wordScope}},
		{setName, []string{"variable.other.set.scp"}},
		{number, []string{"constant.numeric.scp"}},
		{any(w.names), []string{"variable.language.scp"}},
		{any(w.abis), []string{"support.type.abi.scp"}},
		{constant, []string{"support.constant.scp"}},
		{signs(), []string{"keyword.operator.scp"}},
	}
}

// groups reports whether the names are those of groups.
func (r Rule) groups() bool { return regexp.MustCompile(r.Match).NumSubexp() > 0 }

// signs matches the operators that are signs, longer ones first, without brackets and separators.
func signs() string {
	var out []string
	for _, sign := range dsl.Words().Operators {
		if !slices.Contains([]string{"(", ")", "{", "}", ","}, sign) {
			out = append(out, regexp.QuoteMeta(sign))
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return strings.Join(out, "|")
}
