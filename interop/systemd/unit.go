package systemd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seccompc/seccompc/diag"
	"github.com/seccompc/seccompc/interop/tree"
)

// Source is a unit, or a drop-in of one.
type Source struct {
	Name string
	Text []byte
}

// List is a source for lists alone, each the value of one SystemCallFilter, such as
// "@system-service" and "~@privileged @resources".
func List(lists ...string) Source {
	out := "[Service]"
	for _, l := range lists {
		out += "\nSystemCallFilter=" + strings.Join(strings.Fields(l), " ")
	}
	return Source{"the list", []byte(out + "\n")}
}

// place is a line of a source.
type place struct {
	source int
	line   int
}

// setting is an assignment of a unit, in the order in which they count.
type setting struct {
	place
	key, value string
	words      []located // of the value
	comment    string    // of the lines directly above
	stray      bool      // it stands in no section of those that are read
}

// located is a word of a value, which may go on for several lines.
type located struct {
	place
	text string
}

// Bounds of what is read.
const (
	maxWords = 5000
	maxLine  = 1 << 16
)

// sections are those whose settings are about the programs that a unit starts.
var sections = []string{"Service", "Socket", "Mount", "Swap"}

// read returns the settings of a unit and its drop-ins.
func read(sources []Source) (out []setting, err error) {
	size, words := 0, 0
	for i, s := range sources {
		if size += len(s.Text); size > tree.MaxSize {
			return nil, fmt.Errorf("there are more than %d bytes", tree.MaxSize)
		}
		if strings.ContainsRune(string(s.Text), 0) {
			line := 1 + strings.Count(string(s.Text[:strings.IndexByte(string(s.Text), 0)]), "\n")
			return nil, errorAt(sources, place{i, line}, "there is a NUL byte: this is no unit")
		}
		list, err := readSource(i, sources)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	for _, s := range out {
		if words += len(strings.Fields(s.value)); words > maxWords {
			return nil, errorAt(sources, s.place, "there are more than %d words", maxWords)
		}
	}
	return out, nil
}

// readSource reads lines as systemd does (config_parse of src/shared/conf-parser.c): a backslash at
// the end joins the next line, with comments between them left out.
func readSource(at int, sources []Source) (out []setting, err error) {
	s := sources[at]
	section, comment, joined := "", "", ""
	start := 0
	lines := strings.Split(strings.TrimPrefix(string(s.Text), "\ufeff"), "\n")
	for i, raw := range lines {
		raw = strings.TrimSuffix(raw, "\r")
		line := strings.TrimSpace(raw)
		if line != "" && (line[0] == '#' || line[0] == ';') {
			if start == 0 {
				comment = strings.TrimSpace(comment + " " + strings.TrimLeft(line, "#; "))
			} else {
				joined += "\n"
			}
			continue
		}
		if start == 0 {
			start = i + 1
		}
		if joined += raw; len(joined) > maxLine {
			return nil,
				errorAt(sources, place{at, start}, "the line has more than %d bytes", maxLine)
		}
		if continues(joined) && i < len(lines)-1 {
			joined = joined[:len(joined)-1] + "\n"
			continue
		}
		joined = strings.TrimSuffix(joined, "\\")
		text := strings.TrimSpace(joined)
		switch {
		case text == "":
			comment = ""
		case text[0] == '[':
			if text[len(text)-1] != ']' {
				return nil, errorAt(sources, place{at, start}, "the section's name has no ]")
			}
			section, comment = text[1:len(text)-1], ""
		default:
			if before, value, ok := strings.Cut(joined, "="); ok {
				first := place{at, start + strings.Count(before, "\n")}
				out = append(out, setting{place{at, start}, strings.TrimSpace(before),
					strings.TrimSpace(strings.ReplaceAll(value, "\n", " ")), words(first, value),
					comment, !slices.Contains(sections, section)})
			}
			comment = ""
		}
		joined, start = "", 0
	}
	return out, nil
}

// errorAt is an error of a line: of the unit, or of a drop-in, which it names.
func errorAt(sources []Source, p place, format string, args ...any) error {
	text := fmt.Sprintf("line %d: %s", p.line, fmt.Sprintf(format, args...))
	if p.source > 0 {
		text = diag.Printable(sources[p.source].Name) + ": " + text
	}
	return errors.New(text)
}

// unquoted puts words together that stand within one pair of quotes, and takes the quotes off, as
// systemd does where it unquotes (extract_first_word of src/basic/extract-word.c).
func unquoted(words []located) (out []located) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if quote := w.text[:1]; quote == `"` || quote == "'" {
			for ; len(w.text) == 1 || !strings.HasSuffix(w.text, quote); i++ {
				if i+1 == len(words) {
					break
				}
				w.text += " " + words[i+1].text
			}
		}
		w.text = strings.Trim(w.text, `"'`)
		out = append(out, w)
	}
	return out
}

// words returns the words of a value that begins in a line, without a ~ before them.
func words(first place, value string) (out []located) {
	for i, line := range strings.Split(value, "\n") {
		for _, w := range strings.Fields(line) {
			if len(out) == 0 {
				w = strings.TrimPrefix(w, "~")
			}
			if w != "" {
				out = append(out, located{place{first.source, first.line + i}, w})
			}
		}
	}
	return out
}

// continues reports whether a line ends with a backslash that no other one escapes.
func continues(line string) bool {
	n := len(line) - len(strings.TrimRight(line, "\\"))
	return n%2 == 1
}

// boolean reads systemd's booleans.
func boolean(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}
