package dsl

import (
	"strings"
	"unicode"

	"github.com/seccompc/seccompc/internal/lazy"
)

// textEdit replaces the bytes of a text from one offset up to another.
type textEdit struct {
	from, to int
	text     string
}

// strayHabit returns how much of a text belongs to a character that no word of the language begins
// with, and how to mend it.
func (s *scanner) strayHabit(rest string, r rune, size int) (n int, help string, edits []textEdit) {
	line := s.before()
	if first, _, _ := strings.Cut(line, " "); first == "include" || first == "@include" {
		return s.barePath(rest, len(line)-len(first)-1)
	}
	isCondition := strings.Contains(line, " if ")
	switch r {
	case ';':
		return s.semicolon(rest, line)
	case '\'':
		return s.singleQuote(rest, line)
	case '/':
		return s.slash(rest, line)
	case '[':
		return s.bracket(rest, line)
	case ']':
		return size, "a list stands in braces: in {A, B}", nil
	case '.':
		return s.dot(rest, line)
	case '?':
		if isCondition {
			return size, "there is no A ? B : C: write two rules, the first that holds decides", nil
		}
		return size, noPatterns, nil
	case '$', '%':
		return s.variable(rest, line)
	case '\\':
		return s.backslash(rest, line)
	case '`':
		return size, "write names without quotes", []textEdit{{s.at, s.at + 1, ""}}
	}
	if unicode.IsLetter(r) {
		return size, "names have the letters a to z and A to Z, digits and _", nil
	}
	return size, "remove it; text for people stands behind #", nil
}

// singleQuote is about text in single quotes.
func (s *scanner) singleQuote(rest, line string) (n int, help string, edits []textEdit) {
	end := strings.IndexByte(firstLine(rest)[1:], '\'')
	if end < 0 {
		return 1, "strings stand in double quotes", nil
	}
	text := rest[1 : end+1]
	edit := func(to string) []textEdit { return []textEdit{{s.at, s.at + end + 2, to}} }
	switch {
	case line == "test ":
		return end + 2, "write \"" + text + "\"", edit("\"" + text + "\"")
	case isName(text) && len(text) > 1:
		return end + 2, "write " + text + ", without quotes", edit(text)
	case strings.Contains(line, " if ") && (strings.Contains(line, "]") || len(text) != 1):
		return end + 2, noMemory, nil
	case strings.Contains(line, " if "):
		return end + 2, "a condition compares numbers: write the character's number", nil
	}
	return end + 2, "write names without quotes, and strings in double quotes", nil
}

// slash is about comments of other languages, paths, and a slash between names.
func (s *scanner) slash(rest, line string) (n int, help string, edits []textEdit) {
	switch {
	case strings.HasPrefix(rest, "//"):
		return 2, "comments begin with #", []textEdit{{s.at, s.at + 2, "#"}}
	case strings.HasPrefix(rest, "/*"):
		return len(firstLine(rest)), "comments begin with # and end with the line", nil
	case strings.HasPrefix(rest, "/ ") && strings.Contains(line, "@"):
		return 1, "write - for a difference, or a comma", nil
	case strings.HasPrefix(rest, "/ ") && !strings.Contains(line, " if ") &&
		!strings.Contains(line, "="):
		return 1, "write a comma between two names", []textEdit{{s.at, s.at + 1, ","}}
	case len(rest) < 2 || !isLetter(rest[1]):
		return 1, "there is no division; comments begin with #", nil
	case vocabulary().Begins(line):
		return 1, "write a blank", []textEdit{{s.at, s.at + 1, " "}}
	case strings.Contains(line, "@"):
		return 1, "write - for a difference, or a comma", nil
	case line != "" && isWord(line[len(line)-1]):
		return 1, "write a comma between two names", []textEdit{{s.at, s.at + 1, ", "}}
	}
	path, _, _ := strings.Cut(firstLine(rest), " ")
	return len(path), "a filter sees no paths: name it in the mount namespace or with Landlock", nil
}

// bracket is about lists in brackets, and arguments by their index.
func (s *scanner) bracket(rest, line string) (n int, help string, edits []textEdit) {
	at := s.at
	word := line[strings.LastIndexAny(line, " (!")+1:]
	end := strings.IndexByte(firstLine(rest), ']')
	if (word == "args" || word == "arg" || word == "a") && end == 2 && isDigit(rest[1]) {
		return 3, "write arg" + rest[1:2], []textEdit{{at - len(word), at + 3, "arg" + rest[1:2]}}
	}
	if end >= 0 && strings.Contains(line, " if ") && word != "" {
		return end + 1, noMemory, nil
	}
	if end < 0 {
		return 1, "a list stands in braces: in {A, B}", nil
	}
	if at > 0 && isWord(s.Text[at-1]) && !isErrno(rest[1:end]) {
		return end + 1, noPatterns, nil
	}
	inner := strings.ReplaceAll(rest[1:end], `"`, "")
	braces := []textEdit{{at, at + 1, "{"}, {at + end, at + end + 1, "}"}}
	switch last := strings.TrimRight(line, " "); {
	case strings.HasSuffix(last, " in"):
		return end + 1, "a list stands in braces: in {" + inner + "}", braces
	case strings.HasSuffix(last, "=="):
		return end + 1, "a list stands in braces: in {" + inner + "}",
			append([]textEdit{{at - len(line) + len(last) - 2, at, "in "}}, braces...)
	case strings.HasPrefix(line, "param "):
		return end + 1, "a list stands in braces: {" + inner + "}", braces
	case strings.ContainsAny(inner, "=<>"):
		return end + 1, "write the condition behind if, without brackets: if " + inner, nil
	case line == "":
		return end + 1, "there are no sections: a block begins with when", nil
	case isErrno(inner):
		return end + 1, "write the errno in parentheses: deny(" + inner + ")",
			[]textEdit{{at, at + 1, "("}, {at + end, at + end + 1, ")"}}
	}
	return end + 1, "write the list without brackets: " + inner,
		[]textEdit{{at, at + 1, ""}, {at + end, at + end + 1, ""}}
}

// dot is about a dot that is in no number and no range.
func (s *scanner) dot(rest, line string) (n int, help string, edits []textEdit) {
	remove := []textEdit{{s.at, s.at + 1, ""}}
	behind := rest[1:]
	switch {
	case strings.HasSuffix(line, ".."):
		from, to := line[:len(line)-2], strings.TrimLeft(behind, ".")
		from, to = from[strings.LastIndexAny(from, " {,")+1:], to[:wordLength(to)]
		if to == "" {
			to = "LAST"
		}
		return 1, "a range has two dots: write " + from + ".." + to, remove
	case strings.HasPrefix(rest, ".*"):
		return 2, noPatterns, nil
	case isName(line) && strings.HasPrefix(behind[wordLength(behind):], "("):
		return 1, "there are no functions: a rule is an action and calls: deny mount", nil
	case strings.TrimSpace(firstLine(behind)) == "":
		return 1, "remove it", remove
	case release().MatchString(line + firstLine(rest)):
		return s.release(rest, line)
	case strings.Contains(line, " if "):
		return 1, "no name has a dot: write the argument alone, family or arg0", nil
	}
	return 1, "no name has a dot; a rule for one ABI stands in a block: when arch == i386 { … }",
		nil
}

// release is a line with a release of Linux that has letters before it.
var release = lazy.Regexp(`(?i)^as[ _-]*of\b.*?([0-9]+)\.([0-9]+)`)

// release is about the dot of such a release: v6.6, linux6.6.
func (s *scanner) release(rest, line string) (n int, help string, edits []textEdit) {
	m := release().FindStringSubmatchIndex(line + firstLine(rest))
	all := line + firstLine(rest)
	text := "as of linux " + all[m[2]:m[3]] + "." + all[m[4]:m[5]]
	begin := s.at - len(line)
	return m[1] - len(line), "write " + text, []textEdit{{begin, begin + m[1], text}}
}

// variable is about $name and %name.
func (s *scanner) variable(rest, line string) (n int, help string, edits []textEdit) {
	name := rest[1 : 1+wordLength(rest[1:])]
	isCondition := strings.Contains(line, " if ")
	switch {
	case isCondition && len(name) == 1 && isDigit(name[0]):
		return 2, "write arg" + name, []textEdit{{s.at, s.at + 2, "arg" + name}}
	case line == "":
		return 1 + len(name),
			"there is no preprocessor: when, const, param and include are statements",
			nil
	case name != "" && isLetter(name[0]) && rest[0] == '$':
		return 1, "write " + name + ", without $", []textEdit{{s.at, s.at + 1, ""}}
	case isCondition && name != "":
		return 1, "write the argument's name, or arg0 to arg5", nil
	case isCondition:
		return 1, noFormula, nil
	case rest[0] == '$':
		return 1, "remove it: names stand alone", nil
	}
	return 1, "a set begins with @: @file-system; seccompc sets lists them", nil
}

// backslash is about a backslash at the end of a line, and one between sets.
func (s *scanner) backslash(rest, line string) (n int, help string, edits []textEdit) {
	if strings.TrimSpace(firstLine(rest)[1:]) == "" {
		return 1, "remove it: a line goes on behind a comma, = or an operator",
			[]textEdit{{s.at, s.at + 1, ""}}
	}
	if strings.HasSuffix(line, " ") {
		return 1, "write -", []textEdit{{s.at, s.at + 1, "-"}}
	}
	return 1, "write a comma", []textEdit{{s.at, s.at + 1, ", "}}
}

// before returns what stands before the place on its line.
func (s *scanner) before() string {
	return strings.TrimLeft(s.Text[strings.LastIndexByte(s.Text[:s.at], '\n')+1:s.at], " \t")
}

// barePath is about a path behind include that is not in double quotes, back bytes of which have
// been read already.
func (s *scanner) barePath(rest string, back int) (n int, help string, edits []textEdit) {
	line, _, _ := strings.Cut(firstLine(rest), " #")
	line = strings.TrimRight(line, " \t")
	path := strings.TrimSpace(s.Text[s.at-max(back, 0):s.at] + line)
	path = strings.Trim(path, "'\"<> ")
	start := s.at - max(back, 0)
	for start < s.at && s.Text[start] == ' ' {
		start++
	}
	if path == "" || strings.ContainsAny(path, "'\"<>") {
		return len(line), "put the path in double quotes: include \"FILE\"", nil
	}
	quoted := "\"" + path + "\""
	return len(line), "put the path in double quotes: include " + quoted,
		[]textEdit{{start, s.at + len(line), quoted}}
}

// semicolon is about a semicolon: at the end of a statement, in a list, before a comment.
func (s *scanner) semicolon(rest, line string) (n int, help string, edits []textEdit) {
	remove := []textEdit{{s.at, s.at + 1, ""}}
	open := strings.LastIndexByte(line, '{') > strings.LastIndexByte(line, '}')
	if line == "" {
		return 1, "comments begin with #", []textEdit{{s.at, s.at + 1, "#"}}
	}
	behind := strings.TrimLeft(firstLine(rest)[1:], " \t")
	word := behind[:wordLength(behind)]
	switch {
	case behind == "" || behind[0] == '#' || behind[0] == '}':
		return 1, "remove it: a statement ends with its line", remove
	case open && strings.Contains(line, " in "):
		return 1, "write a comma", []textEdit{{s.at, s.at + 1, ","}}
	case word == "if":
		return 1, "remove it: if stands on the rule's line", remove
	case word != "" && !vocabulary().Begins(word) && !strings.Contains(line, "=>"):
		return 1, "write a comma", []textEdit{{s.at, s.at + 1, ","}}
	}
	skip := len(firstLine(rest)) - len(behind)
	return 1, "remove it, and write the next statement on a line of its own",
		[]textEdit{{s.at, s.at + skip, "\n"}}
}
