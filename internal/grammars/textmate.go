package grammars

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// tmRule is a rule of a TextMate grammar.
type tmRule struct {
	Comment  string            `json:"comment,omitempty"`
	Name     string            `json:"name,omitempty"`
	Match    string            `json:"match,omitempty"`
	Begin    string            `json:"begin,omitempty"`
	End      string            `json:"end,omitempty"`
	Captures map[string]tmRule `json:"captures,omitempty"`

	Patterns []tmRule `json:"patterns,omitempty"`
}

const (
	commentScope = "comment.line.number-sign.scp"
	lintScope    = "keyword.other.lint.scp"
	stringScope  = "string.quoted.double.scp"
	lint         = `\blint:\s+allow\s+[a-z-]+`
)

// TextMate returns the grammar of VS Code and of GitHub.
func TextMate() string {
	lints := []tmRule{{Name: lintScope, Match: lint}}
	patterns := []tmRule{
		{Name: commentScope, Begin: "#", End: "$", Patterns: lints},
		{Name: stringScope, Match: `"[^"]*"?`},
	}
	for _, r := range Rules() {
		rule := tmRule{Match: r.Match}
		if r.groups() {
			rule.Captures = map[string]tmRule{}
			for i, scope := range r.Scopes {
				rule.Captures[strconv.Itoa(i+1)] = tmRule{Name: scope}
			}
		} else {
			rule.Name = r.Scopes[0]
		}
		patterns = append(patterns, rule)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(map[string]any{
		"comment": Note, "name": "seccompc policy", "scopeName": "source.scp",
		"fileTypes": []string{"scp"}, "patterns": patterns,
	})
	if err != nil {
		panic("grammars: " + err.Error())
	}
	return out.String()
}

// Sublime returns the grammar of bat and of Sublime Text.
func Sublime() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%%YAML 1.2\n---\n# %s\nname: seccompc policy\nfile_extensions: [scp]\n"+
		"scope: source.scp\ncontexts:\n  main:\n", Note)
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	fmt.Fprintf(&b, "    - match: '#'\n      scope: %s\n      push: comment\n", commentScope)
	fmt.Fprintf(&b, "    - match: %s\n      scope: %s\n", quote(`"[^"]*"?`), stringScope)
	for _, r := range Rules() {
		fmt.Fprintf(&b, "    - match: %s\n", quote(r.Match))
		if !r.groups() {
			fmt.Fprintf(&b, "      scope: %s\n", r.Scopes[0])
			continue
		}
		fmt.Fprintf(&b, "      captures:\n")
		for i, scope := range r.Scopes {
			fmt.Fprintf(&b, "        %d: %s\n", i+1, scope)
		}
	}
	fmt.Fprintf(&b, "  comment:\n    - meta_scope: %s\n    - match: %s\n      scope: %s\n"+
		"    - match: '$'\n      pop: true\n", commentScope, quote(lint), lintScope)
	return b.String()
}
