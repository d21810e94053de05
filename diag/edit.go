package diag

import (
	"cmp"
	"slices"
	"strings"
)

// Edit replaces the text of Span.
type Edit struct {
	Span Span
	New  string
}

// Fixes reports whether the finding has edits that a tool may make: all in the text itself, and
// none a guess.
func (f Finding) Fixes(s *Source) bool {
	return len(f.Edits) > 0 && !f.Guess && !slices.ContainsFunc(f.Edits, func(e Edit) bool {
		return e.Span.source == nil || e.Span.source.Name != s.Name || e.Span.source.Text != s.Text
	})
}

// Exactly gives a finding about a name the help to write another one, and the edit, if the name
// stands at the place.
func (f Finding) Exactly(at Span, name, other string) Finding {
	f = f.WithHelp("write %s", other)
	if at.Text() == name {
		f.Edits = []Edit{{at, other}}
	}
	return f
}

// Edited returns a text with edits of it made, and false where two of them touch each other.
func Edited(text string, edits []Edit) (string, bool) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int {
		return cmp.Compare(a.Span.start, b.Span.start)
	})
	var out []byte
	at := 0
	for i, e := range edits {
		start, end := e.Span.Offsets()
		if start < at || i > 0 && start == at && edits[i-1].Span.start == e.Span.start {
			return "", false
		}
		out = append(append(out, text[at:start]...), e.New...)
		at = end
	}
	return string(append(out, text[at:]...)), true
}

// EditedBy returns a text with the edits made that the findings bring along, as many as can be made
// at once, and how many findings that are. Of two findings of which one is about a part of what the
// other is about, the narrower counts: the other may be gone then. No line is put in twice.
func EditedBy(text string, found List) (string, int) {
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Compare(a.Span.end-a.Span.start, b.Span.end-b.Span.start)
	})
	var edits []Edit
	var done []Span
	out := text
	for _, f := range found {
		all := slices.Concat(edits, onceOnly(f.Edits, edits))
		next, ok := Edited(text, all)
		if !ok || slices.ContainsFunc(done, f.Span.Contains) {
			continue
		}
		out, edits, done = next, all, append(done, f.Span)
	}
	return out, len(done)
}

// onceOnly returns edits without the lines that others put in already. What stands in braces is
// left alone.
func onceOnly(edits, others []Edit) []Edit {
	put := map[string]bool{}
	for _, e := range others {
		if e.Span.start == e.Span.end {
			for line := range strings.Lines(e.New) {
				put[strings.TrimSpace(line)] = true
			}
		}
	}
	var out []Edit
	for _, e := range edits {
		if e.Span.start == e.Span.end && !strings.Contains(e.New, "{\n") {
			var kept strings.Builder
			for line := range strings.Lines(e.New) {
				if text := strings.TrimSpace(line); text == "" || !put[text] {
					kept.WriteString(line)
				}
			}
			e.New = kept.String()
		}
		out = append(out, e)
	}
	return out
}
