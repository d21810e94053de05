package minijail

import (
	"errors"
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
func split(text string, dialect Dialect) ([]statement, error) {
	r := splitter{dialect: dialect}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		goesOn := strings.HasSuffix(line, `\`) // of a comment, too
		if err := r.line(line, i+1, goesOn); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		switch {
		case goesOn:
		case len(r.s.tokens) > 0:
			r.s.reason = r.comment
			r.out = append(r.out, r.s)
			r.s, r.comment = statement{}, ""
		case strings.TrimSpace(line) == "":
			r.comment = ""
		}
		r.hidden = r.hidden && goesOn
	}
	if len(r.s.tokens) > 0 {
		return nil, fmt.Errorf("line %d: the text ends within a statement", r.s.tokens[0].line)
	}
	return r.out, nil
}

// splitter is the state of split.
type splitter struct {
	dialect Dialect
	out     []statement
	s       statement // that is read
	comment string    // before and in it
	hidden  bool      // a comment goes on in the next line
}

// line reads the tokens of a line.
func (r *splitter) line(line string, at int, goesOn bool) error {
	if r.hidden {
		return nil
	}
	for rest := line; rest != ""; {
		t, behind, err := next(rest, at)
		if err != nil {
			return err
		}
		rest = behind
		switch t.kind {
		case "space", "continuation":
		case "comment":
			if err := r.remark(t, goesOn); err != nil {
				return err
			}
		default:
			r.s.tokens = append(r.s.tokens, t)
		}
	}
	return nil
}

// remark reads a comment. A backslash at its end is nothing to the compiler in Python, which reads
// the next line as usual; the one in C joins lines before it looks for comments (getmultiline of
// util.c), and knows no comment behind a statement (compile_file of syscall_filter.c).
func (r *splitter) remark(t token, goesOn bool) error {
	switch {
	case r.dialect == C && len(r.s.tokens) > 0:
		return errors.New("the dialect of C has no comment behind a statement")
	case r.dialect == C:
		r.hidden = goesOn
	case r.dialect == "" && goesOn:
		return errors.New("the next line belongs to the comment for the compiler in C, and not " +
			"for the one in Python: choose --dialect py or c")
	}
	words := strings.TrimSpace(strings.TrimLeft(t.text, "#"))
	r.comment = strings.TrimSpace(r.comment + " " + words)
	return nil
}
