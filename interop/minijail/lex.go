package minijail

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// token is a word or sign of a policy.
type token struct {
	kind, text string
	line       int
}

// kinds are the tokens of tools/parser.py, in its order.
var kinds = []struct{ kind, pattern string }{
	{"comment", `#.*`}, {"space", `\s+`}, {"continuation", `\\$`}, {"@default", `@default\b`},
	{"@include", `@include\b`}, {"@frequency", `@frequency\b`}, {"@denylist", `@denylist\s*$`},
	{"path", `\.?/\S+`}, {"number", `-?0[xX][0-9a-fA-F]+|-?[0-9]+`}, {":", `:`}, {";", `;`}, {",",
		`,`},
	{"~", `~`}, {"(", `\(`}, {")", `\)`}, {"{", `\{`}, {"}", `\}`}, {"]", `\]`}, {"[", `\[`},
	{"||", `\|\|`},
	{"&&", `&&`}, {"|", `\|`}, {"op", `&|\bin\b|==|!=|<=|<|>=|>`}, {"=", `=`}, {"arg",
		`\barg[0-9]+\b`},
	{"return", `\breturn\b`},
	{"action", `\b(?:allow|kill-process|kill-thread|kill|trap|trace|log|user-notify)\b`},
	{"name", `[a-zA-Z_][a-zA-Z_0-9@-]*`},
}

var lexer = sync.OnceValue(func() *regexp.Regexp {
	var parts []string
	for _, k := range kinds {
		parts = append(parts, "("+k.pattern+")")
	}
	return regexp.MustCompile("^(?:" + strings.Join(parts, "|") + ")")
})

// next splits the first token off a line.
func next(line string, at int) (t token, rest string, err error) {
	m := lexer().FindStringSubmatchIndex(line)
	if m == nil {
		return t, "", fmt.Errorf("%.20q is no word of a policy", line)
	}
	for i, k := range kinds {
		if m[2*i+2] == 0 {
			return token{k.kind, line[:m[1]], at}, line[m[1]:], nil
		}
	}
	panic("one of the kinds has matched")
}

// statement is a line with those that it continues on.
type statement struct {
	tokens []token
	reason string // what the comments above it and behind it say
}

// split makes statements of a text.
func split(text string) (out []statement, err error) {
	var s statement
	comment := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		rest, goesOn := line, strings.HasSuffix(line, `\`) // of a comment, too
		for rest != "" {
			var t token
			if t, rest, err = next(rest, i+1); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			switch t.kind {
			case "space", "continuation":
			case "comment":
				words := strings.TrimSpace(strings.TrimLeft(t.text, "#"))
				comment = strings.TrimSpace(comment + " " + words)
			default:
				s.tokens = append(s.tokens, t)
			}
		}
		switch {
		case goesOn:
		case len(s.tokens) > 0:
			s.reason = comment
			out = append(out, s)
			s, comment = statement{}, ""
		case strings.TrimSpace(line) == "":
			comment = ""
		}
	}
	if len(s.tokens) > 0 {
		return nil, fmt.Errorf("line %d: the text ends within a statement", s.tokens[0].line)
	}
	return out, nil
}
