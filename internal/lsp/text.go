package lsp

import (
	"cmp"
	"net/url"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/seccompc/seccompc/diag"
)

// text is the content of a file, with the places of its characters as the protocol counts them: in
// UTF-16 units, lines ending with LF, CR LF or CR.
type text struct {
	string
	marks []mark // the starts of lines, and places in long ones
}

type mark struct {
	offset int // bytes
	position
}

// markDistance bounds the bytes from a mark to a place.
const markDistance = 1 << 10

func newText(s string) *text {
	t := &text{string: s, marks: []mark{{}}}
	at := mark{}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		at.offset = i
		switch {
		case r == '\n', r == '\r' && !strings.HasPrefix(s[i:], "\n"):
			at.position = position{at.Line + 1, 0}
			t.marks = append(t.marks, at)
			continue
		case i-t.marks[len(t.marks)-1].offset >= markDistance:
			at.Character += units(r)
			t.marks = append(t.marks, at)
			continue
		}
		at.Character += units(r)
	}
	return t
}

// units returns how many 16-bit units UTF-16 has for a character.
func units(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// position returns the place behind some bytes.
func (t *text) position(offset int) position {
	offset = max(0, min(offset, len(t.string)))
	i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].offset > offset }) - 1
	p := t.marks[i].position
	for _, r := range t.string[t.marks[i].offset:offset] {
		p.Character += units(r)
	}
	return p
}

// offset returns the bytes before a place. A place that there is not means the last one before it.
func (t *text) offset(p position) int {
	if p.Line < 0 {
		return 0
	}
	p.Character = max(0, p.Character)
	i := sort.Search(len(t.marks), func(i int) bool {
		m := t.marks[i].position
		return cmp.Or(cmp.Compare(m.Line, p.Line), cmp.Compare(m.Character, p.Character)) > 0
	}) - 1
	at := t.marks[i]
	if at.Line < p.Line {
		p = position{at.Line, int(^uint(0) >> 1)}
	}
	for offset, r := range t.string[at.offset:] {
		if r == '\n' || r == '\r' || at.Character+units(r) > p.Character {
			return at.offset + offset
		}
		at.Character += units(r)
	}
	return len(t.string)
}

// span returns a stretch between two offsets.
func (t *text) span(start, end int) span { return span{t.position(start), t.position(end)} }

// spanOf returns the place of a finding or a node in its own text.
func (t *text) spanOf(s diag.Span) span { return t.span(s.Offsets()) }

// pathOf returns the file that a URI names, and false where it names none.
func pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return uri, false
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/") // of /C:/policies
	}
	return filepath.Clean(filepath.FromSlash(path)), true
}

// uriOf returns the URI of a file.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
