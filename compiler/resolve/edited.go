package resolve

import (
	"cmp"
	"slices"

	"github.com/seccompc/seccompc/diag"
)

// Edited returns what the policy would be with edits made in its own text, and false where one is in
// another file, or the new text has errors.
func (r *Resolved) Edited(edits []diag.Edit) (*Resolved, bool) {
	src := r.Sources[0]
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b diag.Edit) int {
		from, _ := a.Span.Offsets()
		to, _ := b.Span.Offsets()
		return cmp.Compare(from, to)
	})
	var text []byte
	at := 0
	for _, e := range edits {
		from, to := e.Span.Offsets()
		if e.Span.Source() != src || from < at {
			return nil, false
		}
		text = append(append(text, src.Text[at:from]...), e.New...)
		at = to
	}
	text = append(text, src.Text[at:]...)
	out, _ := Text(src.Name, text, r.opts)
	return out, out != nil
}
