package dsl

import (
	"strings"
)

// textEdit replaces the bytes of a text from one offset up to another.
type textEdit struct {
	from, to int
	text     string
}

// strayHabit returns how much of a text belongs to a character that no word of the language begins
// with, and how to mend it.
func (s *scanner) strayHabit(rest string, r rune, size int) (n int, help string, edits []textEdit) {
	at := s.at
	with := func(n int, text string) (int, string, []textEdit) {
		return n, "write " + text, []textEdit{{at, at + n, text}}
	}
	line := s.before()
	if first, _, _ := strings.Cut(line, " "); first == "include" {
		return s.barePath(rest, len(line)-len(first)-1)
	}
	switch r {
	case ';':
		return s.semicolon(rest, line)
	case '\'':
		if end := strings.IndexByte(firstLine(rest)[1:], '\''); end >= 0 {
			return end + 2, "write names without quotes, and strings in double quotes", nil
		}
		return size, "strings stand in double quotes", nil
	case '/':
		switch {
		case strings.HasPrefix(rest, "//"):
			return 2, "comments begin with #", []textEdit{{at, at + 2, "#"}}
		case strings.HasPrefix(rest, "/*"):
			return len(firstLine(rest)), "comments begin with # and end with the line", nil
		case len(rest) > 1 && isLetter(rest[1]):
			path, _, _ := strings.Cut(firstLine(rest), " ")
			return len(path), "a filter sees no paths: name it in the mount namespace or with Landlock",
				nil
		}
		return size, "comments begin with #", nil
	case '[':
		word := line[strings.LastIndexAny(line, " (!")+1:]
		end := strings.IndexByte(firstLine(rest), ']')
		if (word == "args" || word == "arg" || word == "a") && end == 2 && isDigit(rest[1]) {
			return 3, "write arg" + rest[1:2], []textEdit{{at - len(word), at + 3, "arg" + rest[1:2]}}
		}
		if end > 0 && strings.HasSuffix(line, " in ") {
			return end + 1, "a list stands in braces: in {A, B}",
				[]textEdit{{at, at + 1, "{"}, {at + end, at + end + 1, "}"}}
		}
		if end > 0 {
			return end + 1, "write the list without brackets: A, B",
				[]textEdit{{at, at + 1, ""}, {at + end, at + end + 1, ""}}
		}
		return size, "a list stands in braces: in {A, B}", nil
	case ']':
		return size, "a list stands in braces: in {A, B}", nil
	case '.':
		if strings.HasSuffix(line, "..") {
			return size, "a range has two dots: 1..5", []textEdit{{at, at + 1, ""}}
		}
		if strings.HasPrefix(rest, ".*") {
			return 2, noPatterns, nil
		}
		return size, "no name has a dot; what is for one ABI stands in a block: " +
			"when arch == i386 { … }", nil
	case '?':
		return size, noPatterns, nil
	case '$':
		return size, "arguments are arg0 to arg5 or have names, and constants stand by their names", nil
	case '%':
		if strings.Contains(line, " if ") {
			return size, "of an argument nothing is computed: mask it by &, and compare", nil
		}
		return size, "a set begins with @: @file-system; seccompc sets lists them", nil
	case '\\':
		return with(size, "-")
	case '`':
		return size, "write names without quotes", nil
	}
	return size, "", nil
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
	const ends = "a statement ends at the end of its line"
	open := strings.LastIndexByte(line, '{') > strings.LastIndexByte(line, '}')
	switch {
	case line == "":
		return 1, "comments begin with #", []textEdit{{s.at, s.at + 1, "#"}}
	case open && strings.Contains(line, " in "):
		return 1, "write a comma", []textEdit{{s.at, s.at + 1, ","}}
	}
	behind := strings.TrimLeft(firstLine(rest)[1:], " \t")
	if behind == "" || behind[0] == '#' {
		return 1, ends, []textEdit{{s.at, s.at + 1, ""}}
	}
	skip := len(firstLine(rest)) - len(behind)
	return 1, ends, []textEdit{{s.at, s.at + skip, "\n"}}
}
