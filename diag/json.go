package diag

import "encoding/json"

// findingJSON is a finding for machines to read. Offsets count bytes from 0, lines and columns from
// 1, columns in characters; the end is behind the last one.
type findingJSON struct {
	Severity Severity   `json:"severity"`
	Code     string     `json:"code"`
	Message  string     `json:"message"`
	Place    placeJSON  `json:"place"`
	Notes    []noteJSON `json:"notes,omitempty"`
	Help     string     `json:"help,omitempty"`
	Call     string     `json:"call,omitempty"`
	Gets     string     `json:"gets,omitempty"`
	Edits    []editJSON `json:"edits,omitempty"`
	Guesses  []editJSON `json:"guesses,omitempty"` // edits that people choose, and no tool
}

type placeJSON struct {
	File  string  `json:"file"`
	Start posJSON `json:"start"`
	End   posJSON `json:"end"`
}

type posJSON struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

type noteJSON struct {
	Text  string     `json:"text"`
	Place *placeJSON `json:"place,omitempty"`
}

type editJSON struct {
	Place placeJSON `json:"place"`
	New   string    `json:"new"`
}

// MarshalJSON implements json.Marshaler. The list is an array, also where it is empty.
func (l List) MarshalJSON() ([]byte, error) {
	out := make([]findingJSON, 0, len(l))
	for _, f := range l {
		out = append(out, f.json())
	}
	return json.Marshal(out)
}

func (f Finding) json() findingJSON {
	out := findingJSON{
		Severity: f.Severity,
		Code:     f.Code,
		Message:  f.Message,
		Place:    f.Span.json(),
		Help:     f.Help,
		Call:     f.Call,
		Gets:     f.Gets,
	}
	for _, n := range f.Notes {
		note := noteJSON{Text: n.Text}
		if n.Span != nil {
			place := n.Span.json()
			note.Place = &place
		}
		out.Notes = append(out.Notes, note)
	}
	var edits []editJSON
	for _, e := range f.Edits {
		edits = append(edits, editJSON{e.Span.json(), e.New})
	}
	if f.Guess {
		out.Guesses = edits
	} else {
		out.Edits = edits
	}
	return out
}

func (s Span) json() placeJSON {
	pos := func(p Pos) posJSON { return posJSON{p.Offset, p.Line, p.Column} }
	return placeJSON{s.Pos().Filename, pos(s.Pos()), pos(s.EndPos())}
}
